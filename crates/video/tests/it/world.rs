//! A brigade with a circle, an agent and a camera.

use base::{CameraId, Clock as _, SignedDuration, Timestamp};
use people::role::BuiltIn;
use serde_json::{Value, json};
use store::Engine;
use testkit::{Answer, Brigade, Client, Method, TestApp, TestDb, Viewer, eventually};

use crate::agent::Agent;

/// A brigade with cameras.
pub(crate) struct Site {
    pub(crate) brigade: Brigade,
    /// The administrator, who founded the circle.
    pub(crate) admin: Viewer,
    pub(crate) agent: Agent,
    /// Armed, and of the brigade's unit.
    pub(crate) camera: CameraId,
}

impl Site {
    pub(crate) async fn new(app: &TestApp, name: &str) -> Self {
        let brigade = app.brigade(name).await;
        let admin = Viewer::new(app.sign_in(&brigade.admin).await).await;
        admin.found_circle(brigade.org).await;
        let (_, token) = admin.new_agent("Turm").await;
        let mut agent = Agent::new(app, &token);
        agent.join().await;
        let camera = agent.announce(&["hof"]).await[0];
        let change = json!({ "armed": true, "unit": brigade.unit });
        admin.change_camera(&camera.to_string(), change).await;
        Self {
            brigade,
            admin,
            agent,
            camera,
        }
    }

    /// Somebody who may look live and back.
    pub(crate) async fn officer(&self, app: &TestApp, name: &str) -> Viewer {
        let login = app.member(&self.brigade, name, BuiltIn::Officer).await;
        Viewer::new(app.sign_in(&login).await).await
    }

    pub(crate) async fn open(&self, who: &Client, from: Timestamp, to: Timestamp) -> Answer {
        let path = api(&format!("/video/cameras/{}/open", self.camera));
        let body = json!({ "from": from.to_string(), "to": to.to_string() });
        who.post(&path, body).await
    }

    pub(crate) async fn timeline(&self, from: Timestamp, to: Timestamp) -> Value {
        let path = api(&format!(
            "/video/cameras/{}/timeline?from={from}&to={to}",
            self.camera
        ));
        self.admin.client.get(&path).await.expect(200).json()
    }

    /// The actions in the organisation's log, the newest first.
    pub(crate) async fn log(&self, app: &TestApp) -> Vec<String> {
        eventually("all leaves to be numbered", async || {
            app.sequence().await;
            let waiting = "SELECT CAST(count(*) AS TEXT) FROM ledger_leaf WHERE idx IS NULL";
            first(app, waiting).await == "0"
        })
        .await;
        let path = api(&format!("/ledger/{}/entries?limit=100", self.brigade.org));
        let list = self.admin.client.get(&path).await.expect(200).json();
        let items = list["items"].as_array().unwrap();
        let action = |it: &Value| it["action"].as_str().unwrap().to_owned();
        items.iter().map(action).collect()
    }
}

pub(crate) fn api(path: &str) -> String {
    Client::api(path)
}

/// An instant so many seconds from another.
pub(crate) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// Runs a test on each database.
pub(crate) async fn each(test: impl AsyncFn(Engine)) {
    for engine in TestDb::engines() {
        test(engine).await;
    }
}

/// The server's time.
pub(crate) fn now(app: &TestApp) -> Timestamp {
    app.clock.now()
}

/// The first text of a query.
pub(crate) async fn first(app: &TestApp, sql: &str) -> String {
    let rows = app.running.parts.store.raw(sql).await.unwrap();
    rows[0].cols().text().unwrap()
}

/// Deletes all that is due.
pub(crate) async fn sweep(app: &TestApp) {
    let parts = &app.running.parts;
    parts.clocks.sweep(&parts.store).await.unwrap();
}

/// Deletes until something is so: the server sweeps as well, and whoever comes second sees the first at work.
pub(crate) async fn swept(app: &TestApp, what: &str, mut so: impl AsyncFnMut() -> bool) {
    testkit::eventually(what, async || {
        sweep(app).await;
        so().await
    })
    .await;
}

pub(crate) const PUT: Method = Method::PUT;
pub(crate) const PATCH: Method = Method::PATCH;

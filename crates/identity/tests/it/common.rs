//! A small world for each test, and a browser that keeps its cookies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::get;
use base::{Email, Lang, OrgId, SimClock, SystemRng, Text};
use http_body_util::BodyExt as _;
use identity::App;
use ledger::Ledger;
use people::organisation::{NewOrganisation, Zone};
use people::setup::{Founded, Founder};
use people::{Operator, People, PeopleError, person};
use serde_json::Value;
use store::Store;
use store::testing::TestDb;
use tower::ServiceExt as _;
use web::{Ctx, Settings};

pub(crate) const ORIGIN: &str = "http://localhost:8080";
pub(crate) const PASSWORD: &str = "blauer Regenschirm";
pub(crate) const ADMIN: &str = "anna.berg@example.org";
pub(crate) const API: &str = "/api/obhut/v1";
const OPERATOR: Operator = Operator::not_from_a_request();

/// A server without a port.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) people: People,
    pub(crate) identity: App,
    pub(crate) routes: Router,
}

/// Runs a test on each engine.
pub(crate) async fn each<F: AsyncFn(&World)>(test: F) {
    each_at(ORIGIN, test).await;
}

pub(crate) async fn each_at<F: AsyncFn(&World)>(origin: &str, test: F) {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let ledger = Ledger::open(store.clone(), "localhost");
        let people = People::open(store.clone(), ledger).await.unwrap();
        let ctx = Ctx::new(Settings::new(people.clone(), origin)).unwrap();
        let local = Some("http://127.0.0.1:8081".to_owned());
        let identity = App::new(ctx.clone(), people.clone(), local);
        let world = World {
            routes: routes(&ctx, &identity),
            store: store.clone(),
            clock,
            people,
            identity,
        };
        test(&world).await;
        store.close().await;
    }
}

/// The routes as the server puts them together.
fn routes(ctx: &Ctx, identity: &App) -> Router {
    let (api, _) = utoipa_axum::router::OpenApiRouter::new()
        .nest(API, identity::routes(identity))
        .split_for_parts();
    let all = api
        .merge(identity::pages(identity))
        .route("/", get(async || "the application"));
    web::frame(ctx, identity::setup_gate(identity, all))
}

impl World {
    /// Makes an organisation with an administrator.
    pub(crate) async fn found(&self, name: &str, admin: &str, familiar: bool) -> Founded {
        let store = &self.store;
        let email = Email::parse(admin).unwrap();
        let person = person::person_for(store, &email).await.unwrap();
        let org = OrgId::new(store.clock(), store.rng());
        let new = NewOrganisation {
            name: Text::parse(name).unwrap(),
            unit: Text::parse("Löschzug Mitte").unwrap(),
            zone: Zone::default(),
            language: Lang::De,
            familiar,
        };
        let founder = Founder {
            person,
            email,
            given_name: Text::parse("Anna").unwrap(),
            family_name: Text::parse("Berg").unwrap(),
            language: Lang::De,
            password_hash: seal::password::hash(PASSWORD, &SystemRng).unwrap(),
        };
        let pen = self.people.pen_for_founding(org, person).await.unwrap();
        store::act!(store, |tx| -> Result<_, PeopleError> {
            people::setup::create_organisation(tx, &pen, OPERATOR, org, &new, &founder).await
        })
        .unwrap()
    }

    /// The usual organisation.
    pub(crate) async fn brigade(&self) -> Founded {
        self.found("Feuerwehr Musterstadt", ADMIN, true).await
    }

    /// A browser that nobody used before.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            routes: self.routes.clone(),
            cookies: BTreeMap::new(),
            headers: vec![("accept-language", "de".to_owned())],
        }
    }

    /// A browser in which somebody signed in.
    pub(crate) async fn signed_in(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        let form = [("email", email), ("password", PASSWORD)];
        let answer = browser.submit("/sign-in", &form).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        browser
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The text of the newest mail that waits.
    pub(crate) async fn mail(&self) -> String {
        let sql = "SELECT body FROM mail_out ORDER BY id DESC LIMIT 1";
        let rows = self.store.raw(sql).await.unwrap();
        rows[0].cols().text().unwrap()
    }
}

/// The path of the link in a mail.
pub(crate) fn link_in(mail: &str) -> String {
    let start = mail.find(ORIGIN).unwrap() + ORIGIN.len();
    let rest = &mail[start..];
    rest[..rest.find(char::is_whitespace).unwrap()].to_owned()
}

/// What an invitation asks for.
pub(crate) fn invitation(founded: &Founded, role: &str, email: &str) -> Value {
    serde_json::json!({
        "email": email, "given_name": "Jörg", "family_name": "Özdemir",
        "unit_id": founded.unit.to_string(), "role_id": role, "group_ids": [],
    })
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The `Set-Cookie` with this name.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all("set-cookie");
        let all = all.iter().map(|it| it.to_str().unwrap().to_owned());
        all.into_iter()
            .find(|it| it.starts_with(&format!("{name}=")))
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.text.contains(text), "no {text:?} in {}", self.text);
    }
}

/// Keeps cookies and says where its requests come from, as browsers do.
#[derive(Clone)]
pub(crate) struct Browser {
    routes: Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Browser {
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        extra: &[(&str, &str)],
        body: String,
    ) -> Answer {
        let mut builder = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            builder = builder.header(*name, value);
        }
        for (name, value) in extra {
            builder = builder.header(*name, *value);
        }
        if !extra.iter().any(|(name, _)| *name == "sec-fetch-site") {
            builder = builder.header("sec-fetch-site", "same-origin");
        }
        let mut line = String::new();
        for (name, value) in &self.cookies {
            let _ = write!(line, "{name}={value}; ");
        }
        if !line.is_empty() {
            builder = builder.header("cookie", line.trim_end_matches("; "));
        }
        let request = builder.body(Body::from(body)).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        for cookie in parts.headers.get_all("set-cookie") {
            let text = cookie.to_str().unwrap();
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], String::new()).await
    }

    /// Sends a form.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.send("POST", path, &kind, form(fields)).await
    }

    /// Asks our own API.
    pub(crate) async fn api(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let path = format!("{API}{path}");
        if body.is_null() {
            return self.send(method, &path, &[], String::new()).await;
        }
        let kind = [("content-type", "application/json")];
        self.send(method, &path, &kind, body.to_string()).await
    }

    /// Reads from our own API.
    pub(crate) async fn read(&mut self, path: &str) -> Value {
        let answer = self.api("GET", path, Value::Null).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// The id of one of the roles that are made with an organisation.
    pub(crate) async fn role(&mut self, name: &str) -> String {
        let roles = self.read("/roles").await;
        let roles = roles["items"].as_array().unwrap();
        let role = roles.iter().find(|role| role["name"] == name).unwrap();
        role["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        let _ = write!(out, "{name}=");
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

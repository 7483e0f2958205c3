//! Live pictures go from the agent to those who look, while they may, and to nobody else.

use std::time::Duration;

use base::{CameraId, LiveSessionId};
use futures_util::{SinkExt as _, StreamExt as _};
use media::wire::{self, LiveKind};
use people::role::BuiltIn;
use serde_json::{Value, json};
use testkit::{Client, TestApp};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::agent::Agent;
use crate::world::{Site, api, each};

pub(crate) type Socket = WebSocketStream<TcpStream>;

async fn connect(
    app: &TestApp,
    path: &str,
    headers: &[(&'static str, String)],
) -> Result<Socket, Error> {
    let address = app.running.address;
    let mut request = format!("ws://{address}{path}")
        .into_client_request()
        .unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    client_async(request, stream).await.map(|it| it.0)
}

pub(crate) async fn channel(app: &TestApp, agent: &Agent) -> Socket {
    let bearer = format!("Bearer {}", agent.access);
    connect(app, wire::CHANNEL, &[("authorization", bearer)])
        .await
        .unwrap()
}

async fn look(app: &TestApp, site: &Site, who: &Client) -> Result<Socket, Error> {
    look_at(app, site.camera, who).await
}

pub(crate) async fn look_at(
    app: &TestApp,
    camera: CameraId,
    who: &Client,
) -> Result<Socket, Error> {
    let request = who.request(testkit::Method::GET, "/").build().unwrap();
    let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
    let origin = ("origin", "http://obhut.test".to_owned());
    let path = api(&format!("/video/cameras/{camera}/live"));
    connect(app, &path, &[("cookie", cookie), origin]).await
}

async fn next(socket: &mut Socket) -> Message {
    let next = tokio::time::timeout(Duration::from_secs(10), socket.next());
    next.await.expect("nothing came").unwrap().unwrap()
}

/// The next text of a kind, whatever else comes before.
pub(crate) async fn told(socket: &mut Socket, kind: &str) -> Value {
    loop {
        if let Message::Text(text) = next(socket).await {
            let value: Value = serde_json::from_str(&text).unwrap();
            if value["type"] == kind {
                return value;
            }
        }
    }
}

async fn picture(socket: &mut Socket) -> Vec<u8> {
    loop {
        if let Message::Binary(bytes) = next(socket).await {
            return bytes.to_vec();
        }
    }
}

async fn send(socket: &mut Socket, site: &Site, kind: LiveKind, payload: &[u8]) {
    let message = wire::live_message(kind, site.camera, payload);
    socket.send(Message::Binary(message.into())).await.unwrap();
}

fn state(site: &Site, word: &str) -> Message {
    let state = json!({
        "type": "state",
        "spool": { "bytes": 5, "free": 10, "waiting": 0, "oldest": null, "refused": 2,
            "refused_bytes": 3, "refused_since": "2026-11-20T10:00:00Z" },
        "cameras": [{ "id": site.camera, "state": word, "cause": null, "codec": "avc1.4d401f",
            "width": 1280, "height": 720, "fps": 25.0, "kbit": 4000, "last_picture": null }],
        "run": site.agent.run, "list": 1, "refused_list": null,
    });
    Message::text(state.to_string())
}

#[tokio::test]
async fn pictures_reach_who_may_look() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let mut agent = channel(&app, &site.agent).await;
        let setup = told(&mut agent, "setup").await;
        assert_eq!(setup["cameras"][0]["armed"], true);
        agent.send(state(&site, "recording")).await.unwrap();
        testkit::eventually("the camera to be online", async || {
            site.admin.cameras().await[0]["state"] == "recording"
        })
        .await;
        let seen = site.admin.cameras().await.remove(0);
        assert_eq!((&seen["kbit"], &seen["fps"]), (&json!(4000), &json!(25.0)));
        let agents = site.admin.client.get(&api("/video/agents")).await;
        assert_eq!(
            agents.expect(200).json()["items"][0]["spool"]["aside"],
            json!({ "segments": 2, "bytes": 3, "since": "2026-11-20T10:00:00Z" })
        );

        let crew = app.crew(&site.brigade, "Jonas").await;
        let crew = app.sign_in(&crew).await;
        assert!(
            matches!(look(&app, &site, &crew).await, Err(Error::Http(it)) if it.status() == 403)
        );
        let mut first = look(&app, &site, &site.admin.client).await.unwrap();
        assert_eq!(told(&mut first, "state").await["state"], "recording");
        assert_eq!(told(&mut agent, "watch").await["on"], true);
        let session = LiveSessionId::from_bytes([7; 16]).to_string();
        send(&mut agent, &site, LiveKind::Session, session.as_bytes()).await;
        send(&mut agent, &site, LiveKind::Picture, b"\x01key").await;
        send(&mut agent, &site, LiveKind::Picture, b"\0next").await;
        let head = [b"\0", session.as_bytes()].concat();
        let all = [head.as_slice(), b"\x01\x01key", b"\x01\0next"];
        for want in all {
            assert_eq!(picture(&mut first).await, want);
        }
        let vera = app.member(&site.brigade, "Vera", BuiltIn::Officer).await;
        let client = app.sign_in(&vera).await;
        let mut second = look(&app, &site, &client).await.unwrap();
        for want in all {
            assert_eq!(picture(&mut second).await, want, "from the key frame on");
        }
        let looks = site.log(&app).await;
        assert_eq!(
            looks.iter().filter(|it| *it == "video.live_opened").count(),
            2
        );

        // Who loses the right sees nothing more, and holds nothing more; who leaves neither.
        let otto = app.member(&site.brigade, "Otto", BuiltIn::Officer).await;
        let otto_client = app.sign_in(&otto).await;
        let mut third = look(&app, &site, &otto_client).await.unwrap();
        told(&mut third, "state").await;
        let roles = site
            .admin
            .client
            .get(&api("/roles"))
            .await
            .expect(200)
            .json();
        let role = roles["items"].as_array().unwrap().iter();
        let role = role
            .clone()
            .find(|it| it["name"] == "Einsatzkraft")
            .unwrap();
        let path = api(&format!("/people/{}", otto.membership));
        let change = json!({ "role_ids": [role["id"]] });
        site.admin
            .client
            .json(testkit::Method::PATCH, &path, change)
            .await
            .expect(204);
        assert_eq!(told(&mut third, "end").await["why"], "denied");
        otto_client.get(&api("/video/circle")).await.expect(403);
        let path = api(&format!("/people/{}", vera.membership));
        site.admin.client.delete(&path).await.expect(204);
        assert_eq!(told(&mut second, "end").await["why"], "session_ended");
        drop(first);
        assert_eq!(told(&mut agent, "watch").await["on"], false);
        agent.close(None).await.unwrap();
        testkit::eventually("the camera to be offline", async || {
            site.admin.cameras().await[0]["state"] == "offline"
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_channel_is_told_what_changes_and_ends_with_the_agent() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let mut old = channel(&app, &site.agent).await;
        told(&mut old, "setup").await;
        let mut agent = channel(&app, &site.agent).await;
        told(&mut agent, "setup").await;
        assert_eq!(told(&mut old, "bye").await["why"], "second_connection");
        let camera = site.camera.to_string();
        site.admin
            .change_camera(&camera, json!({ "armed": false }))
            .await;
        assert_eq!(
            told(&mut agent, "setup").await["cameras"][0]["armed"],
            false
        );
        site.admin.rotate("live").await;
        assert_eq!(told(&mut agent, "setup").await["type"], "setup");
        agent.send(Message::text("nonsense")).await.unwrap();
        agent
            .send(Message::Binary(vec![1, 2, 3].into()))
            .await
            .unwrap();
        let path = api(&format!("/video/agents/{}", site.agent.id));
        site.admin.client.delete(&path).await.expect(204);
        assert_eq!(told(&mut agent, "bye").await["why"], "revoked");
        let bearer = format!("Bearer {}", site.agent.access);
        let refused = connect(&app, wire::CHANNEL, &[("authorization", bearer)]).await;
        assert!(matches!(refused, Err(Error::Http(it)) if it.status() == 401));
    })
    .await;
}

#[tokio::test]
async fn foreign_pages_see_nothing() {
    let app = TestApp::start(store::Engine::Sqlite).await;
    let site = Site::new(&app, "tann").await;
    let request = site
        .admin
        .client
        .request(testkit::Method::GET, "/")
        .build()
        .unwrap();
    let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
    let path = api(&format!("/video/cameras/{}/live", site.camera));
    for origin in ["http://elsewhere.example", "null"] {
        let headers = [("cookie", cookie.clone()), ("origin", origin.to_owned())];
        let refused = connect(&app, &path, &headers).await;
        assert!(matches!(refused, Err(Error::Http(it)) if it.status() == 403));
    }
}

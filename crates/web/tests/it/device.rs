//! Requests that a device signs; the signatures were made by a browser's own library.

use axum::Router;
use axum::routing::{get, post};
use base::{DeviceId, ShortText};
use people::device::{self, NewDevice, PublicKey};
use people::{PeopleError, oneself};
use serde_json::{Value, json};
use web::{Ctx, Failure, Json, SignedByDevice};

use crate::common::{App, World};

const KEY: &str =
    "BJhU7fyQmmsfY1xZN9HXLMu79XUZM8dPg3gBNhOYZe_U1AEZddaJSTKnxEXWZSPyBoIjZJ2OBKPM39oJFgRlU20";
/// 2026-11-22T12:00:00Z, where every test begins.
const TIME: &str = "1795348800000";
const BODY: &str = r#"{"kind":"shown"}"#;
const POSTED: &str =
    "HJ8PJwlg9A5IlB-hWZIMVzWimLlymJh7iQrpbUZrbC91wpp-vieQGtTypa1PkBCNLfco0J02cYHmdeGGOSXUXg";
const GOTTEN: &str =
    "3ZLjpq1eCNz7KzjcbSYpFiZYukoC6eaIlSy7kqoHtzhunzDZnhYn2mKiCJtjlRYAQBc5re2ZDtJIzstC3odjmw";

async fn echo(signed: SignedByDevice) -> Result<Json<Value>, Failure> {
    let body: Value = signed.json()?;
    Ok(Json(json!({ "org": signed.actor.org(), "body": body })))
}

async fn look(signed: SignedByDevice) -> Json<Value> {
    Json(json!({ "org": signed.actor.org() }))
}

async fn world() -> (World, App, DeviceId) {
    let world = World::new().await;
    // Mounted below a prefix, as the server does: the whole path is signed.
    let inner = Router::new()
        .route("/device/echo", post(echo))
        .route("/device/other", post(echo))
        .route("/device/look", get(look));
    let app = world.app(Router::<Ctx>::new().nest("/api/obhut/v1", inner));
    let actor = world.sign_in().await.actor;
    let grant = oneself(&actor).unwrap();
    let pen = world.ctx.people().pen(&grant, None).await.unwrap();
    let new = NewDevice {
        name: ShortText::parse("Handy").unwrap(),
        platform: base::Text::parse("Android").unwrap(),
        public_key: PublicKey::parse(KEY).unwrap(),
        push: None,
    };
    let id = store::act!(world.ctx.store(), |tx| -> Result<_, PeopleError> {
        device::enrol(tx, &pen, &grant, &new).await
    });
    (world, app, id.unwrap())
}

async fn report(app: &App, path: &str, headers: [(&str, &str); 3], body: &str) -> (u16, Value) {
    let answer = app.post(path, &headers, body).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_signature_fits_its_request_alone() {
    let (world, app, id) = world().await;
    let id = id.to_string();
    let echo = "/api/obhut/v1/device/echo";
    let signed = |signature| {
        [
            ("obhut-device", id.as_str()),
            ("obhut-time", TIME),
            ("obhut-signature", signature),
        ]
    };
    let (status, body) = report(&app, echo, signed(POSTED), BODY).await;
    assert_eq!(
        (status, &body["body"]["kind"]),
        (200, &json!("shown")),
        "{body}"
    );
    assert_eq!(body["org"], world.founded.org.to_string());
    let answer = app.get("/api/obhut/v1/device/look", &signed(GOTTEN)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let other = DeviceId::from_bytes([9; 16]).to_string();
    let refused = [
        report(&app, echo, signed(POSTED), r#"{"kind":"opened"}"#).await,
        report(&app, "/api/obhut/v1/device/other", signed(POSTED), BODY).await,
        report(&app, echo, signed(GOTTEN), BODY).await,
        report(
            &app,
            echo,
            [
                signed(POSTED)[0],
                ("obhut-time", "1795348800001"),
                signed(POSTED)[2],
            ],
            BODY,
        )
        .await,
        report(
            &app,
            echo,
            [
                ("obhut-device", &other),
                signed(POSTED)[1],
                signed(POSTED)[2],
            ],
            BODY,
        )
        .await,
        report(&app, echo, [("x-a", "b"), ("x-c", "d"), ("x-e", "f")], BODY).await,
    ];
    for (n, (status, body)) in refused.iter().enumerate() {
        assert_eq!(
            (*status, &body["code"]),
            (401, &json!("unknown_device")),
            "{n}: {body}"
        );
    }
    let large = "x".repeat(5000);
    assert_eq!(report(&app, echo, signed(POSTED), &large).await.0, 413);
}

#[tokio::test]
async fn a_signature_holds_ten_minutes() {
    let (world, app, id) = world().await;
    let id = id.to_string();
    let headers = [
        ("obhut-device", id.as_str()),
        ("obhut-time", TIME),
        ("obhut-signature", POSTED),
    ];
    world.pass(600);
    assert_eq!(
        report(&app, "/api/obhut/v1/device/echo", headers, BODY)
            .await
            .0,
        200
    );
    world.pass(1);
    let (status, body) = report(&app, "/api/obhut/v1/device/echo", headers, BODY).await;
    assert_eq!((status, &body["code"]), (401, &json!("clock_differs")));
}

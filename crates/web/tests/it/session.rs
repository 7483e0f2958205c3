//! Who is asking: people, monitors, nobody.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::ShortText;
use http::header::SET_COOKIE;
use people::machine::{self, NewKey};
use people::{MachineKind, PeopleError};
use serde_json::json;
use web::{Ctx, Json, Signed, Visitor, cookie};

use crate::common::{App, OPERATOR, World};

fn routes() -> Router<Ctx> {
    Router::new()
        .route(
            "/api/obhut/v1/me",
            get(async |Signed(actor): Signed| Json(json!({ "me": actor.ledger_name() }))),
        )
        .route("/hello", get(hello))
        .route("/sign-out", post(sign_out))
}

async fn hello(visitor: Visitor) -> Response {
    match visitor.or_sign_in() {
        Ok(actor) => format!("{} {}", visitor.lang.code(), actor.ledger_name()).into_response(),
        Err(redirect) => redirect,
    }
}

async fn sign_out(axum::extract::State(ctx): axum::extract::State<Ctx>, _: Signed) -> Response {
    ([(SET_COOKIE, cookie::clear_session(&ctx).unwrap())], "bye").into_response()
}

async fn me(app: &App, token: &str) -> u16 {
    let cookie = format!("obhut_session={token}");
    app.get("/api/obhut/v1/me", &[("cookie", &cookie)])
        .await
        .status
}

#[tokio::test]
async fn a_session_opens_and_nothing_else_does() {
    let world = World::new().await;
    let app = world.app(routes());
    let answer = app.get("/api/obhut/v1/me", &[]).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "not_signed_in")
    );
    assert_eq!(answer.header("www-authenticate"), "Obhut");
    let signed_in = world.sign_in().await;
    assert_eq!(me(&app, &signed_in.session.token).await, 200);
    assert_eq!(me(&app, "wrong").await, 401);
    assert_eq!(
        me(&app, &format!("m.{}", signed_in.session.token)).await,
        401
    );
    let header = cookie::set_session(&world.ctx, &signed_in.session).unwrap();
    let text = header.to_str().unwrap();
    let token = &signed_in.session.token;
    assert_eq!(
        text,
        format!("obhut_session={token}; Path=/; HttpOnly; SameSite=Lax")
    );
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let world = World::at("https://alarm.example.org").await;
    let token = world.sign_in().await.session;
    let header = cookie::set_session(&world.ctx, &token).unwrap();
    let text = header.to_str().unwrap();
    assert!(
        text.starts_with("__Host-obhut=") && text.ends_with("; Secure"),
        "{text}"
    );
    let cookie = format!("__Host-obhut={}", token.token);
    let app = world.app(routes());
    assert_eq!(app.get("/hello", &[("cookie", &cookie)]).await.status, 200);
    let cookie = format!("obhut_session={}", token.token);
    assert_eq!(app.get("/hello", &[("cookie", &cookie)]).await.status, 303);
}

#[tokio::test]
async fn an_old_token_is_replaced_on_the_way() {
    let world = World::new().await;
    let app = world.app(routes());
    let cookie = format!("obhut_session={}", world.sign_in().await.session.token);
    let own = ("sec-fetch-site", "same-origin");
    let answer = app.get("/hello", &[("cookie", &cookie)]).await;
    assert_eq!(answer.cookies(), [""; 0]);
    world.pass(3601);
    let answer = app.get("/hello", &[("cookie", &cookie)]).await;
    let cookies = answer.cookies();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let renewed = cookies[0].split(';').next().unwrap();
    assert_ne!(renewed, cookie);
    assert_eq!(app.get("/hello", &[("cookie", renewed)]).await.status, 200);
    // Signing out with a token that is due wins over its replacement.
    world.pass(3601);
    let answer = app.post("/sign-out", &[("cookie", renewed), own], "").await;
    assert_eq!(answer.status, 200);
    let cleared = "obhut_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
    assert_eq!(answer.cookies(), [cleared]);
}

#[tokio::test]
async fn visitors_are_sent_to_sign_in_and_spoken_to_in_their_language() {
    let world = World::new().await;
    let app = world.app(routes());
    let answer = app.get("/hello?a=1&lang=en", &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/sign-in?next=%2Fhello%3Fa%3D1");
    let cookie = format!("obhut_session={}", world.sign_in().await.session.token);
    let english = ("accept-language", "en");
    let answer = app.get("/hello", &[("cookie", &cookie), english]).await;
    assert!(
        answer.text.starts_with("de per_"),
        "the person's own: {}",
        answer.text
    );
    let both = format!("{cookie}; obhut_lang=en");
    let answer = app.get("/hello", &[("cookie", &both)]).await;
    assert!(
        answer.text.starts_with("en per_"),
        "chosen here: {}",
        answer.text
    );
}

#[tokio::test]
async fn a_monitor_stays_until_its_key_is_revoked() {
    let world = World::new().await;
    let app = world.app(routes());
    let mut keys = Vec::new();
    for kind in [MachineKind::Monitor, MachineKind::Intake] {
        let grant = OPERATOR.grant(world.founded.org);
        let pen = world.ctx.people().pen(&grant, None).await.unwrap();
        let new = NewKey {
            name: ShortText::parse("Wache").unwrap(),
            kind,
            unit: world.founded.unit,
        };
        let key = store::act!(world.ctx.store(), |tx| -> Result<_, PeopleError> {
            machine::create(tx, &pen, &grant, &new).await
        });
        keys.push(key.unwrap());
    }
    let cookie = |n: usize| {
        let header = cookie::set_monitor(&world.ctx, &keys[n].key).unwrap();
        let text = header.to_str().unwrap();
        text.split(';').next().unwrap().to_owned()
    };
    let answer = app.get("/api/obhut/v1/me", &[("cookie", &cookie(0))]).await;
    assert_eq!(answer.json()["me"], keys[0].id.to_string());
    let answer = app.get("/api/obhut/v1/me", &[("cookie", &cookie(1))]).await;
    assert_eq!(answer.status, 401, "an intake key opens no session");
    let grant = OPERATOR.grant(world.founded.org);
    let pen = world.ctx.people().pen(&grant, None).await.unwrap();
    store::act!(world.ctx.store(), |tx| -> Result<_, PeopleError> {
        machine::revoke(tx, &pen, &grant, keys[0].id).await
    })
    .unwrap();
    let answer = app.get("/api/obhut/v1/me", &[("cookie", &cookie(0))]).await;
    assert_eq!(answer.status, 401);
}

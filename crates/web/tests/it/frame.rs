//! What stands around every route.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use serde_json::json;
use web::{Class, Failure, Json, limit};

use crate::common::{App, ORIGIN, World, request};

fn routes() -> Router<web::Ctx> {
    Router::new()
        .route(
            "/api/obhut/v1/me",
            get(async || Json(json!({ "text": "x".repeat(200) }))),
        )
        .route(
            "/api/obhut/v1/broken",
            get(async || -> &'static str { panic!("a secret") }),
        )
        .route(
            "/api/obhut/v1/slow",
            get(async || std::future::pending::<&'static str>().await),
        )
        .route(
            "/api/obhut/v1/echo",
            post(async |Json(body): Json<serde_json::Value>| Json(body)),
        )
        .route(
            "/api/alarm",
            post(async || Json(json!({ "success": true }))),
        )
        .route("/page", get(async || "a page").post(async || "done"))
        .route(
            "/page/denied",
            get(async || Failure::new(base::Kind::Denied, "denied", "no")),
        )
}

fn app(world: &World) -> App {
    world.app(routes())
}

#[tokio::test]
async fn every_answer_has_strict_headers() {
    for (origin, hsts) in [
        (ORIGIN, ""),
        ("https://alarm.example.org", "max-age=31536000"),
    ] {
        let world = World::at(origin).await;
        let app = app(&world);
        for path in [
            "/api/obhut/v1/me",
            "/page",
            "/nowhere",
            "/api/obhut/v1/broken",
        ] {
            let answer = app.get(path, &[]).await;
            for (name, want) in [
                ("content-security-policy", web::CONTENT_SECURITY),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cache-control", "no-store"),
                ("strict-transport-security", hsts),
            ] {
                assert_eq!(answer.header(name), want, "{path} {name}");
            }
            assert!(answer.header("permissions-policy").contains("camera=()"));
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_callers_shape() {
    let world = World::new().await;
    let app = app(&world);
    let own = app.get("/api/obhut/v1/nothing", &[]).await;
    assert_eq!((own.status, own.code().as_str()), (404, "not_found"));
    assert_eq!(own.header("content-type"), "application/problem+json");
    let instance = own.json()["instance"].as_str().unwrap().to_owned();
    assert!(instance.starts_with("urn:obhut:ref:") && instance.len() == 24);
    let compatible = app.get("/api/v2/nothing", &[]).await;
    assert_eq!(compatible.status, 404);
    assert_eq!(compatible.json()["success"], false);
    let page = app
        .get(
            "/nothing",
            &[("accept-language", "en"), ("accept", "text/html")],
        )
        .await;
    assert_eq!(page.status, 404);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text.contains("<html lang=\"en\">") && page.text.contains("nothing here"));
    let page = app.get("/page/denied", &[]).await;
    assert_eq!(page.status, 403);
    assert!(page.text.contains("<html lang=\"de\">"));
    let script = app.get("/assets/nothing.js", &[]).await;
    assert_eq!(
        (script.status, script.header("content-type")),
        (404, "application/problem+json")
    );
}

#[tokio::test]
async fn other_methods_are_told_which_are_known() {
    let world = World::new().await;
    let answer = app(&world).post("/api/obhut/v1/me", &[], "").await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (405, "method_not_allowed")
    );
    assert!(
        answer.header("allow").contains("GET"),
        "{:?}",
        answer.headers
    );
}

#[tokio::test]
async fn a_panic_is_a_500_that_tells_nothing() {
    let world = World::new().await;
    let app = app(&world);
    let answer = app.get("/api/obhut/v1/broken", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal"));
    assert!(!answer.text.contains("secret"));
    let reference = answer.json()["instance"].as_str().unwrap()[14..].to_owned();
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains(&reference)
    );
    assert_eq!(app.get("/api/obhut/v1/me", &[]).await.status, 200);
}

#[tokio::test]
async fn patience_ends_after_thirty_seconds() {
    let world = World::new().await;
    let app = app(&world);
    let waiting = tokio::spawn(async move { app.get("/api/obhut/v1/slow", &[]).await });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    world.pass(29);
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    world.pass(1);
    let answer = waiting.await.unwrap();
    assert_eq!((answer.status, answer.code().as_str()), (503, "timeout"));
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn bodies_are_bounded_and_checked() {
    let world = World::new().await;
    let app = app(&world);
    let json = ("content-type", "application/json");
    let post = async |headers: &[(&str, &str)], body: &str| {
        let answer = app.post("/api/obhut/v1/echo", headers, body).await;
        (answer.status, answer.code())
    };
    let large = format!("\"{}\"", "x".repeat(web::BODY_LIMIT));
    assert_eq!(post(&[json], &large).await, (413, "too_large".into()));
    let fits = format!("\"{}\"", "x".repeat(web::BODY_LIMIT - 2));
    assert_eq!(post(&[json], &fits).await.0, 200);
    assert_eq!(post(&[], "{}").await, (400, "wrong_content_type".into()));
    assert_eq!(
        post(&[json], "{\"a\":").await,
        (400, "malformed_json".into())
    );
    assert_eq!(
        post(&[json], "{\"a\":\"\u{0}\"}").await,
        (400, "malformed_json".into())
    );
}

/// Path, headers, and the status that follows.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

#[tokio::test]
async fn foreign_pages_change_nothing() {
    let world = World::new().await;
    let app = app(&world);
    let session = ("cookie", "obhut_session=abc");
    let cases: &[Case<'_>] = &[
        ("/page", &[session, ("sec-fetch-site", "same-origin")], 200),
        ("/page", &[session, ("sec-fetch-site", "none")], 200),
        ("/page", &[session, ("origin", ORIGIN)], 200),
        (
            "/page",
            &[
                session,
                ("origin", "http://127.0.0.1:9"),
                ("host", "127.0.0.1:9"),
            ],
            200,
        ),
        ("/page", &[session], 403),
        ("/page", &[session, ("sec-fetch-site", "cross-site")], 403),
        ("/page", &[session, ("sec-fetch-site", "same-site")], 403),
        (
            "/page",
            &[
                session,
                ("sec-fetch-site", "cross-site"),
                ("origin", ORIGIN),
            ],
            403,
        ),
        ("/page", &[session, ("origin", "null")], 403),
        (
            "/page",
            &[session, ("origin", "http://localhost:8081")],
            403,
        ),
        (
            "/page",
            &[
                session,
                ("origin", "https://localhost:8080"),
                ("host", "localhost:8080"),
            ],
            403,
        ),
        // Nobody is signed in: nothing can be done in somebody's name, but they could be signed in.
        ("/page", &[], 200),
        ("/page", &[("sec-fetch-site", "cross-site")], 403),
        ("/page", &[("origin", "https://evil.example")], 403),
        ("/api/alarm", &[("origin", "https://evil.example")], 200),
        (
            "/api/alarm",
            &[session, ("origin", "https://evil.example")],
            403,
        ),
    ];
    for (path, headers, want) in cases {
        let answer = app.post(path, headers, "").await;
        assert_eq!(answer.status, *want, "{path} {headers:?}");
    }
    let answer = app
        .get("/page", &[session, ("sec-fetch-site", "cross-site")])
        .await;
    assert_eq!(answer.status, 200, "links from elsewhere work");
    let answer = app.post("/api/alarm", &[session], "").await;
    assert_eq!(answer.json()["success"], false);
    assert_eq!(answer.code(), "foreign_origin");
}

#[tokio::test]
async fn text_is_compressed_for_who_wants_it() {
    let world = World::new().await;
    let app = app(&world);
    let answer = app
        .get("/api/obhut/v1/me", &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert!(answer.text.len() < 100);
    let answer = app
        .get("/api/obhut/v1/nothing", &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(
        (answer.header("content-encoding"), answer.code().as_str()),
        ("", "not_found")
    );
    let answer = app.get("/api/obhut/v1/me", &[]).await;
    assert_eq!(answer.header("content-encoding"), "");
}

#[tokio::test]
async fn what_is_asked_too_often_waits() {
    let world = World::new().await;
    let counted = Router::new()
        .route("/sign-in", get(async || "form"))
        .layer(limit(&world.ctx, Class::SignIn));
    let app = world.app(counted);
    let ask = async |address: [u8; 4]| {
        let mut request = request(
            "GET",
            "/sign-in",
            &[("accept", "application/json")],
            Body::empty(),
        );
        let from = std::net::SocketAddr::from((address, 4000));
        request
            .extensions_mut()
            .insert(axum::extract::ConnectInfo(from));
        app.send(request).await
    };
    for _ in 0..30 {
        assert_eq!(ask([192, 0, 2, 1]).await.status, 200);
    }
    let answer = ask([192, 0, 2, 200]).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "2"));
    assert_eq!(answer.code(), "too_often");
    assert_eq!(ask([192, 0, 3, 1]).await.status, 200);
    world.pass(2);
    assert_eq!(ask([192, 0, 2, 1]).await.status, 200);
}

#[tokio::test]
async fn callers_behind_a_trusted_proxy_are_counted_apart() {
    let world = World::new().await;
    let counted = Router::new()
        .route("/sign-in", get(async || "form"))
        .layer(limit(&world.ctx, Class::SignIn));
    let app = world.app(counted);
    let ask = async |peer: [u8; 4], caller: &str| {
        let headers = [("accept", "application/json"), ("x-forwarded-for", caller)];
        let mut request = request("GET", "/sign-in", &headers, Body::empty());
        let from = std::net::SocketAddr::from((peer, 4000));
        request
            .extensions_mut()
            .insert(axum::extract::ConnectInfo(from));
        app.send(request).await.status
    };
    for _ in 0..30 {
        assert_eq!(ask([10, 0, 0, 1], "203.0.113.1").await, 200);
    }
    assert_eq!(ask([10, 0, 0, 2], "203.0.113.2").await, 429, "same /24");
    let invented = "198.51.100.9, 203.0.113.1";
    assert_eq!(ask([10, 0, 0, 1], invented).await, 429, "the last hop");
    assert_eq!(ask([10, 0, 0, 1], "198.51.100.9").await, 200);
    // From elsewhere the header is worth nothing: one caller, whatever it says.
    for n in 0..30 {
        assert_eq!(ask([192, 0, 2, 1], &format!("198.51.{n}.1")).await, 200);
    }
    assert_eq!(ask([192, 0, 2, 1], "198.51.99.1").await, 429);
}

#[tokio::test]
async fn an_asked_language_is_kept() {
    let world = World::new().await;
    let app = app(&world);
    let answer = app
        .get("/nothing?lang=en", &[("accept-language", "de")])
        .await;
    assert_eq!(
        answer.cookies(),
        ["obhut_lang=en; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"]
    );
    assert!(answer.text.contains("<html lang=\"en\">"));
    let answer = app.get("/nothing", &[("cookie", "obhut_lang=en")]).await;
    assert!(answer.text.contains("<html lang=\"en\">"));
    assert_eq!(app.get("/page?lang=xx", &[]).await.cookies(), [""; 0]);
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_knows_routes_and_nothing_about_people() {
    let world = World::new().await;
    let thing = async |web::Path(id): web::Path<base::AlarmId>| -> Result<String, Failure> {
        if id.to_string().ends_with('1') {
            return Err(Failure::new(
                base::Kind::Invalid,
                "wrong",
                "about Anna Berg",
            ));
        }
        Ok(id.to_string())
    };
    let app = world.app(Router::new().route("/api/obhut/v1/alarms/{id}", get(thing)));
    let lines = Lines::default();
    let sink = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(move || sink.clone())
        .finish();
    let log = tracing::subscriber::set_default(subscriber);
    let fine = base::AlarmId::from_bytes([0; 16]).to_string();
    let wrong = format!("{}1", &fine[..fine.len() - 1]);
    for id in [&fine, &wrong, "nonsense"] {
        let path = format!("/api/obhut/v1/alarms/{id}?accesskey=verysecret");
        let mut request = request(
            "GET",
            &path,
            &[("cookie", "obhut_session=abc")],
            Body::empty(),
        );
        let from = std::net::SocketAddr::from(([192, 0, 2, 77], 4000));
        request
            .extensions_mut()
            .insert(axum::extract::ConnectInfo(from));
        app.send(request).await;
    }
    drop(log);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<&str> = text.lines().filter(|it| it.contains(" web::")).collect();
    assert_eq!(
        ours.iter().filter(|it| it.contains("Answered")).count(),
        3,
        "{text}"
    );
    assert!(
        ours[0].contains("http.route=\"/api/obhut/v1/alarms/{id}\" http.status=200"),
        "{text}"
    );
    assert!(ours[0].contains("response.bytes=30"), "{text}");
    for secret in [
        &fine[4..],
        "nonsense",
        "verysecret",
        "192.0.2",
        "abc",
        "Berg",
    ] {
        assert!(
            !ours.iter().any(|it| it.contains(secret)),
            "{secret}: {text}"
        );
    }
}

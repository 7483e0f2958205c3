//! Bad days: disks, databases, mail servers, clocks. Nothing accepted is lost, everything recovers by itself.

use std::time::Duration;

use serde_json::json;
use testkit::{Brigade, Client, Engine, TestApp, TestDb, eventually};

async fn raise(app: &TestApp, brigade: &Brigade, number: u32) -> testkit::Answer {
    let path = format!(
        "/api/alarm?accesskey={}&title=B3&number={number}",
        brigade.intake_key
    );
    app.client().get(&path).await
}

async fn count(app: &TestApp) -> i64 {
    let rows = app
        .running
        .parts
        .store
        .raw("SELECT count(*) FROM alarm")
        .await
        .unwrap();
    rows[0].cols().int().unwrap()
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let app = TestApp::start(Engine::Sqlite).await;
    let brigade = app.brigade("tann").await;
    raise(&app, &brigade, 1).await.expect(200);
    let store = &app.running.parts.store;
    let pages = store.raw("PRAGMA page_count").await.unwrap()[0]
        .cols()
        .int()
        .unwrap();
    // The database itself answers as it does when the disk gives no more space.
    store
        .raw(&format!("PRAGMA max_page_count = {pages}"))
        .await
        .unwrap();
    let mut refused = None;
    let mut accepted = 1;
    for number in 2..400 {
        let answer = raise(&app, &brigade, number).await;
        if answer.status == 503 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 200, "{}", answer.text);
        accepted += 1;
        app.clock.advance(Duration::from_secs(1));
    }
    let refused = refused.expect("the disk to be full");
    assert_eq!(refused.code(), "disk_full");
    assert_eq!(refused.json()["success"], false);
    assert_eq!(
        count(&app).await,
        accepted,
        "what was accepted is there, what was refused is not"
    );
    store.raw("PRAGMA max_page_count = 1000000").await.unwrap();
    app.clock.advance(Duration::from_mins(1));
    raise(&app, &brigade, 9999).await.expect(200);
    assert_eq!(count(&app).await, accepted + 1);
}

#[tokio::test]
async fn a_read_only_disk_refuses_and_recovers() {
    let app = TestApp::start(Engine::Sqlite).await;
    let brigade = app.brigade("tann").await;
    raise(&app, &brigade, 1).await.expect(200);
    let store = &app.running.parts.store;
    store.raw("PRAGMA query_only = ON").await.unwrap();
    assert_eq!(
        raise(&app, &brigade, 2).await.expect(503).code(),
        "disk_read_only"
    );
    // Looking still works, and says nothing wrong.
    let last = format!("/api/last-alarm?accesskey={}", brigade.intake_key);
    assert_eq!(
        app.client().get(&last).await.expect(200).json()["data"]["foreign_id"],
        "1"
    );
    store.raw("PRAGMA query_only = OFF").await.unwrap();
    raise(&app, &brigade, 2).await.expect(200);
    assert_eq!(count(&app).await, 2);
}

#[tokio::test]
async fn a_full_disk_under_postgres_refuses_and_recovers() {
    if !TestDb::engines().contains(&Engine::Postgres) {
        return;
    }
    let app = TestApp::start(Engine::Postgres).await;
    let brigade = app.brigade("tann").await;
    let crew = app.crew(&brigade, "Jonas").await;
    app.phone(&brigade, &crew).await;
    raise(&app, &brigade, 1).await.expect(200);
    eventually("the first push", async || app.push.taken() == 1).await;
    // The leaf is the last that an alarm writes: alarm, recipients and job are there already and must go.
    app.db.full(true).await;
    let refused = raise(&app, &brigade, 2).await.expect(503);
    assert_eq!(refused.code(), "disk_full");
    assert_eq!(refused.json()["success"], false);
    assert_eq!(count(&app).await, 1);
    let last = format!("/api/last-alarm?accesskey={}", brigade.intake_key);
    let last = app.client().get(&last).await.expect(200).json();
    assert_eq!(last["data"]["foreign_id"], "1");
    app.db.full(false).await;
    raise(&app, &brigade, 2).await.expect(200);
    assert_eq!(count(&app).await, 2);
    eventually("the second push", async || app.push.taken() == 2).await;
    app.sequence().await;
    let log = ledger::Log::Org(brigade.org);
    let report = app.running.parts.ledger.verify(log, None).await.unwrap();
    assert_eq!(report.waiting, 0);
}

#[tokio::test]
async fn a_read_only_postgres_refuses_and_recovers() {
    if !TestDb::engines().contains(&Engine::Postgres) {
        return;
    }
    let app = TestApp::start(Engine::Postgres).await;
    let brigade = app.brigade("tann").await;
    raise(&app, &brigade, 1).await.expect(200);
    app.db.read_only(true).await;
    let answer = eventually_answers(&app, &brigade, 503, "disk_read_only").await;
    assert_eq!(answer.json()["success"], false);
    let last = format!("/api/last-alarm?accesskey={}", brigade.intake_key);
    let last = app.client().get(&last).await.expect(200).json();
    assert_eq!(last["data"]["foreign_id"], "1");
    assert_eq!(count(&app).await, 1);
    app.db.read_only(false).await;
    eventually_answers(&app, &brigade, 200, "").await;
    assert_eq!(count(&app).await, 2);
}

/// Tries until the server's connections are those from after a change of the database.
async fn eventually_answers(
    app: &TestApp,
    brigade: &Brigade,
    status: u16,
    code: &str,
) -> testkit::Answer {
    let mut last = None;
    eventually(code, async || {
        let answer = raise(app, brigade, 2).await;
        let so = answer.status == status && answer.code() == code;
        // Nothing but the cut connections may stand between.
        assert!(so || answer.status == 503, "{}", answer.text);
        last = Some(answer);
        so
    })
    .await;
    last.unwrap()
}

#[tokio::test]
async fn a_database_that_goes_away_and_comes_back() {
    if !TestDb::engines().contains(&Engine::Postgres) {
        return;
    }
    let app = TestApp::start(Engine::Postgres).await;
    let brigade = app.brigade("tann").await;
    raise(&app, &brigade, 1).await.expect(200);
    app.db.cut_off(true).await;
    let refused = raise(&app, &brigade, 2).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.json()["success"], false);
    let ready = format!("http://{}/readyz", app.running.health);
    assert_eq!(reqwest::get(&ready).await.unwrap().status(), 503);
    app.db.cut_off(false).await;
    eventually("the database", async || {
        raise(&app, &brigade, 2).await.status == 200
    })
    .await;
    assert_eq!(count(&app).await, 2);
    assert_eq!(reqwest::get(&ready).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_mail_server_that_is_down_loses_no_invitation() {
    for engine in TestDb::engines() {
        let app = TestApp::start(engine).await;
        let brigade = app.brigade("tann").await;
        app.mail.refuse(Some("451 4.3.0 not now"));
        let officer = app.sign_in(&brigade.admin).await;
        let roles = officer.get(&Client::api("/roles")).await.expect(200).json();
        let body = json!({
            "email": "neu@tann.example", "given_name": "Neu", "family_name": "Hier",
            "unit_id": brigade.unit, "role_id": roles["items"][2]["id"], "group_ids": [],
        });
        officer
            .post(&Client::api("/people/invitations"), body)
            .await
            .expect(201);
        eventually("the first try", async || {
            app.advance(Duration::from_secs(1)).await;
            let state = officer.get(&Client::api("/state")).await.expect(200).json();
            state["items"]
                .as_array()
                .unwrap()
                .iter()
                .any(|part| part["part"] == "mail" && part["state"] != "ok")
        })
        .await;
        app.mail.refuse(None);
        eventually("the mail", async || {
            app.advance(Duration::from_mins(1)).await;
            app.mail.mails().len() == 1
        })
        .await;
        assert_eq!(app.mail.mails()[0].to, ["neu@tann.example"]);
    }
}

#[tokio::test]
async fn a_clock_that_steps_back_stops_nothing() {
    for engine in TestDb::engines() {
        let app = TestApp::start(engine).await;
        let brigade = app.brigade("tann").await;
        let crew = app.crew(&brigade, "Jonas").await;
        app.phone(&brigade, &crew).await;
        raise(&app, &brigade, 1).await.expect(200);
        eventually("the first push", async || app.push.taken() == 1).await;
        app.clock.step_to("2026-11-21T03:00:00Z".parse().unwrap());
        raise(&app, &brigade, 2).await.expect(200);
        eventually("the second push", async || app.push.taken() == 2).await;
        app.sign_in(&crew)
            .await
            .get(&Client::api("/alarms"))
            .await
            .expect(200);
        app.sequence().await;
        let log = ledger::Log::Org(brigade.org);
        assert_eq!(
            app.running
                .parts
                .ledger
                .verify(log, None)
                .await
                .unwrap()
                .waiting,
            0
        );
    }
}

#[tokio::test]
async fn oversized_and_broken_requests_get_a_problem() {
    let app = TestApp::start(Engine::Sqlite).await;
    let brigade = app.brigade("tann").await;
    let officer = app.sign_in(&brigade.admin).await;
    let path = Client::api("/alarms");
    let raw = async |kind: &str, body: Vec<u8>| {
        let request = officer
            .request("POST".parse().unwrap(), &path)
            .header("content-type", kind)
            .body(body);
        officer.send(request).await
    };
    let json = "application/json";
    for (kind, body, status) in [
        (json, b"{".to_vec(), 400),
        (json, b"\xff\xfe".to_vec(), 400),
        (
            json,
            b"{\"unit_id\":\"nonsense\",\"title\":\"x\"}".to_vec(),
            400,
        ),
        (json, b"{\"title\":\"x\",\"surprise\":1}".to_vec(), 400),
        ("text/plain", b"{}".to_vec(), 400),
        (json, vec![b' '; 100_000], 413),
    ] {
        let answer = raw(kind, body).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        let kind = answer.headers["content-type"].to_str().unwrap();
        assert!(kind.starts_with("application/problem+json"), "{kind}");
        assert!(!answer.code().is_empty());
    }
    let foreign = officer
        .request_from("cross-site", "POST".parse().unwrap(), &path)
        .header("origin", "https://evil.example")
        .json(&json!({ "unit_id": brigade.unit, "title": "B1" }));
    officer.send(foreign).await.expect(403);
}

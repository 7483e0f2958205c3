//! Push services that behave badly: nothing is lost, nothing is sent twice to who had it, gone phones go.

use std::sync::Arc;
use std::time::Duration;

use base::SimClock;
use serde_json::{Value, json};
use testkit::{Brigade, Client, Engine, Login, Manner, TestApp, TestDb, eventually};

async fn each(test: impl AsyncFn(TestApp)) {
    for engine in TestDb::engines() {
        test(TestApp::start(engine).await).await;
    }
}

async fn raise(app: &TestApp, brigade: &Brigade) {
    let path = format!("/api/alarm?accesskey={}&title=B3", brigade.intake_key);
    app.client().get(&path).await.expect(200);
}

async fn with_phone(app: &TestApp) -> (Brigade, Login, String) {
    let brigade = app.brigade("tann").await;
    let crew = app.crew(&brigade, "Jonas").await;
    let (_, _, token) = app.phone(&brigade, &crew).await;
    (brigade, crew, token)
}

async fn jobs(app: &TestApp) -> Vec<(String, bool, i64)> {
    app.running
        .parts
        .store
        .read()
        .await
        .unwrap()
        .count_jobs()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_service_that_asks_for_patience_gets_it() {
    each(async |app| {
        let (brigade, _, _) = with_phone(&app).await;
        app.push.behave(Manner::Status(429, Some(30)));
        raise(&app, &brigade).await;
        eventually("the refusal", async || {
            let rows = app
                .running
                .parts
                .store
                .raw("SELECT error_code FROM alarm_delivery")
                .await;
            rows.unwrap()
                .first()
                .is_some_and(|r| r.cols().opt_text().unwrap().is_some())
        })
        .await;
        app.push.behave(Manner::Well);
        app.advance(Duration::from_secs(20)).await;
        app.advance(Duration::from_secs(5)).await;
        assert_eq!(app.push.taken(), 0, "not before the time it asked for");
        eventually("the push", async || {
            app.advance(Duration::from_secs(2)).await;
            app.push.taken() == 1
        })
        .await;
        eventually("the end of the job", async || jobs(&app).await.is_empty()).await;
        app.advance(Duration::from_mins(1)).await;
        assert_eq!(app.push.taken(), 1, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn a_service_that_fails_is_tried_again() {
    for status in [500, 503] {
        let app = TestApp::start(Engine::Sqlite).await;
        let (brigade, _, _) = with_phone(&app).await;
        app.push.behave(Manner::Status(status, None));
        raise(&app, &brigade).await;
        for _ in 0..10 {
            app.advance(Duration::from_secs(3)).await;
        }
        app.push.behave(Manner::Well);
        eventually("the push", async || {
            app.advance(Duration::from_secs(5)).await;
            app.push.taken() == 1
        })
        .await;
    }
}

#[tokio::test]
async fn a_service_that_is_slow_or_down_is_tried_again() {
    let db = TestDb::new(Engine::Sqlite).await;
    let clock = Arc::new(SimClock::at("2026-11-22T11:00:00Z".parse().unwrap()));
    // A second service, where nobody listens.
    let down = |config: &mut server::config::Config| {
        config
            .push
            .own_services
            .push("h2c://127.0.0.1:9".to_owned());
    };
    let app = TestApp::start_on(db, clock, down).await;
    let (brigade, _, _) = with_phone(&app).await;
    app.push.behave(Manner::Slow(Duration::from_hours(1)));
    raise(&app, &brigade).await;
    // Whoever sends an alarm in is answered all the same, and the next one too.
    let path = format!("/api/alarm?accesskey={}&title=B4", brigade.intake_key);
    app.client().get(&path).await.expect(200);
    app.advance(Duration::from_secs(11)).await;
    app.push.behave(Manner::Well);
    eventually("both pushes", async || {
        app.advance(Duration::from_secs(2)).await;
        app.push.taken() == 2
    })
    .await;

    // Nobody listens at the other end.
    let crew = app.crew(&brigade, "Aylin").await;
    let (device, _, _) = app.phone(&brigade, &crew).await;
    let store = &app.running.parts.store;
    let sql = format!("SELECT push_endpoint FROM device WHERE id = '{device}'");
    let endpoint = store.raw(&sql).await.unwrap()[0].cols().text().unwrap();
    let move_to =
        |to: &str| format!("UPDATE device SET push_endpoint = '{to}' WHERE id = '{device}'");
    store.raw(&move_to("http://127.0.0.1:9/x")).await.unwrap();
    let path = format!("/api/alarm?accesskey={}&title=B5", brigade.intake_key);
    app.client().get(&path).await.expect(200);
    eventually("the other phone", async || app.push.taken() == 3).await;
    let sql = format!("SELECT error_code FROM alarm_delivery WHERE device = '{device}'");
    eventually("the trace of the failure", async || {
        let rows = app.running.parts.store.raw(&sql).await.unwrap();
        rows.first()
            .is_some_and(|row| row.cols().opt_text().unwrap().is_some())
    })
    .await;
    store.raw(&move_to(&endpoint)).await.unwrap();
    eventually("the push after all", async || {
        app.advance(Duration::from_secs(2)).await;
        app.push.taken() == 4
    })
    .await;
}

#[tokio::test]
async fn a_phone_that_is_gone_is_dropped_and_the_page_says_so() {
    each(async |app| {
        let (brigade, _, token) = with_phone(&app).await;
        app.push.forget(&token);
        raise(&app, &brigade).await;
        eventually("the end of the job", async || jobs(&app).await.is_empty()).await;
        let left = app
            .running
            .parts
            .store
            .raw("SELECT count(push_endpoint) FROM device")
            .await;
        assert_eq!(left.unwrap()[0].cols().int().unwrap(), 0);
        let officer = app.sign_in(&brigade.admin).await;
        let alarms = officer
            .get(&Client::api("/alarms"))
            .await
            .expect(200)
            .json();
        let id = alarms["items"][0]["id"].as_str().unwrap().to_owned();
        let trace = officer
            .get(&Client::api(&format!("/alarms/{id}/deliveries")))
            .await;
        let trace: Value = trace.expect(200).json();
        let rows = trace["items"].as_array().unwrap();
        let phone = rows.iter().find(|row| row["family"] == "push").unwrap();
        assert_eq!(
            (&phone["state"], &phone["problem"]),
            (&json!("failed"), &json!("push_gone"))
        );
        // The administrator was called too, and has nothing that could ring: that shows as well.
        assert!(rows.iter().any(|row| row["state"] == "unreachable"));
    })
    .await;
}

#[tokio::test]
async fn nothing_goes_to_a_service_that_is_switched_off() {
    each(async |app| {
        let (brigade, _, _) = with_phone(&app).await;
        let officer = app.sign_in(&brigade.admin).await;
        let switch = Client::api("/push/families/local");
        let off = json!({ "enabled": false });
        officer
            .json("PUT".parse().unwrap(), &switch, off)
            .await
            .expect(204);
        raise(&app, &brigade).await;
        app.advance(Duration::from_secs(2)).await;
        assert!(jobs(&app).await.is_empty());
        assert_eq!(app.push.taken(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_alarm_that_was_closed_wakes_nobody() {
    let app = TestApp::start(Engine::Sqlite).await;
    let (brigade, _, _) = with_phone(&app).await;
    app.push.behave(Manner::Status(503, None));
    raise(&app, &brigade).await;
    app.advance(Duration::from_secs(1)).await;
    let officer = app.sign_in(&brigade.admin).await;
    let alarms = officer
        .get(&Client::api("/alarms"))
        .await
        .expect(200)
        .json();
    let id = alarms["items"][0]["id"].as_str().unwrap().to_owned();
    officer
        .post(
            &Client::api(&format!("/alarms/{id}/actions/close")),
            json!({}),
        )
        .await
        .expect(200);
    app.push.behave(Manner::Well);
    eventually("the end of the job", async || {
        app.advance(Duration::from_secs(5)).await;
        jobs(&app).await.is_empty()
    })
    .await;
    assert_eq!(app.push.taken(), 0);
}

#[tokio::test]
async fn a_test_push_reaches_ones_own_phone_alone() {
    let app = TestApp::start(Engine::Sqlite).await;
    let brigade = app.brigade("tann").await;
    let crew = app.crew(&brigade, "Jonas").await;
    let (device, _, token) = app.phone(&brigade, &crew).await;
    let test = Client::api(&format!("/devices/{device}/actions/test"));
    let officer = app.sign_in(&brigade.admin).await;
    officer.post(&test, json!({})).await.expect(404);
    let member = app.sign_in(&crew).await;
    member.post(&test, json!({})).await.expect(202);
    eventually("the test", async || app.push.taken() == 1).await;
    let caught = app.push.caught().remove(0);
    assert_eq!(caught.token, token);
    assert!(caught.payload.contains("\"kind\":\"test\""));
}

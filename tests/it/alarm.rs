//! The main job from outside: an alarm comes in, phones are pushed to, people answer, it is deleted.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Client, Engine, TestApp, TestDb, eventually};

async fn each(test: impl AsyncFn(TestApp)) {
    for engine in TestDb::engines() {
        test(TestApp::start(engine).await).await;
    }
}

async fn only_alarm(client: &Client) -> Value {
    let list = client.get(&Client::api("/alarms")).await.expect(200).json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    list["items"][0].clone()
}

#[tokio::test]
async fn an_alarm_from_intake_to_deletion() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let crew = app.crew(&brigade, "Jonas").await;
        let (device, key, token) = app.phone(&brigade, &crew).await;
        let outside = app.client();
        let path = format!(
            "/api/alarm?accesskey={}&title=B3&text=Rauch&address=M%C3%BChlenweg+14&ric=4711\
             &vehicle=40-1&number=E-1",
            brigade.intake_key
        );
        let answer = outside.get(&path).await.expect(200).json();
        assert_eq!(answer["success"], true);
        assert_eq!(answer["data"]["count_recipients"], 1);

        // The push holds keyword and unit, nothing else, and can be read by the phone alone.
        eventually("the push", async || app.push.taken() == 1).await;
        let caught = app.push.caught().remove(0);
        assert_eq!(caught.token, token);
        assert_eq!(
            (caught.urgency.as_str(), caught.ttl.as_str()),
            ("high", "14400")
        );
        let payload: Value = serde_json::from_str(&caught.payload).unwrap();
        assert_eq!(payload["obhut"]["keyword"], "B3");
        assert!(!caught.payload.contains("Rauch") && !caught.payload.contains("Mühlenweg"));
        let alarm = payload["obhut"]["alarm"].as_str().unwrap().to_owned();

        // The phone fetches the rest with its own key, reports, and answers.
        let view = Client::api(&format!("/device/alarms/{alarm}"));
        let seen = device_request(&app, &device.to_string(), &key, "GET", &view, "").await;
        let seen: Value = serde_json::from_str(&seen.expect(200).text).unwrap();
        assert_eq!(seen["address"], "Mühlenweg 14");
        assert_eq!(seen["my"]["addressed"], true);
        let trace = format!("{view}/trace");
        let id = device.to_string();
        for kind in ["received", "shown", "opened"] {
            let body = json!({ "kind": kind }).to_string();
            device_request(&app, &id, &key, "POST", &trace, &body)
                .await
                .expect(204);
        }
        let coming = seen["answers"][0]["id"].clone();
        let body = json!({ "answer_id": coming }).to_string();
        device_request(&app, &id, &key, "POST", &format!("{view}/answer"), &body)
            .await
            .expect(200);

        // The officer sees who comes, and what reached whom.
        let officer = app.sign_in(&brigade.admin).await;
        let shown = only_alarm(&officer).await;
        assert_eq!(shown["counts"]["coming"], 1);
        assert_eq!(shown["counts"]["reached"], 1);
        assert_eq!(shown["people"][0]["name"], "Jonas Einsatz");
        assert_eq!(shown["strength"][0]["coming"], 1);
        assert_eq!(shown["strength"][0]["needed"], 2);
        let deliveries = Client::api(&format!("/alarms/{alarm}/deliveries"));
        let deliveries = officer.get(&deliveries).await.expect(200).json();
        let row = &deliveries["items"][0];
        assert_eq!(row["state"], "answered");
        for step in [
            "handed_at",
            "received_at",
            "shown_at",
            "opened_at",
            "answered_at",
        ] {
            assert!(row[step].is_string(), "{step} is missing in {row}");
        }

        // It closes after a day and goes after thirty more, one second apart from not yet.
        app.advance(Duration::from_secs(24 * 3600 - 1)).await;
        app.running
            .parts
            .alarm
            .alarms
            .close_expired()
            .await
            .unwrap();
        let officer = app.sign_in(&brigade.admin).await;
        assert_eq!(only_alarm(&officer).await["state"], "open");
        app.clock.advance(Duration::from_secs(2));
        app.running
            .parts
            .alarm
            .alarms
            .close_expired()
            .await
            .unwrap();
        let closed = officer
            .get(&Client::api("/alarms?state=closed"))
            .await
            .expect(200)
            .json();
        assert_eq!(closed["items"][0]["state"], "closed");
        // Closed on 23 November at noon in Berlin; 30 days later is 23 December, which ends at 23:00 UTC.
        assert_eq!(closed["items"][0]["delete_at"], "2026-12-23T23:00:00Z");
        let left = |to: &str| to.parse::<base::Timestamp>().unwrap();
        app.clock.step_to(left("2026-12-23T22:59:59Z"));
        app.running
            .parts
            .clocks
            .sweep(&app.running.parts.store)
            .await
            .unwrap();
        let count = async || {
            let rows = app
                .running
                .parts
                .store
                .raw("SELECT count(*) FROM alarm_delivery")
                .await;
            rows.unwrap()[0].cols().int().unwrap()
        };
        assert_eq!(count().await, 1);
        app.clock.step_to(left("2026-12-23T23:00:01Z"));
        app.running
            .parts
            .clocks
            .sweep(&app.running.parts.store)
            .await
            .unwrap();
        assert_eq!(count().await, 0, "the trace goes with the alarm");
        let officer = app.sign_in(&brigade.admin).await;
        let gone = officer.get(&Client::api(&format!("/alarms/{alarm}"))).await;
        assert_eq!(gone.status, 404);

        // All of it is in the log, and the log is whole.
        app.sequence().await;
        let log = ledger::Log::Org(brigade.org);
        let report = app.running.parts.ledger.verify(log, None).await.unwrap();
        assert!(report.size >= 5, "{} entries", report.size);
        assert_eq!(report.waiting, 0);
    })
    .await;
}

async fn device_request(
    app: &TestApp,
    device: &str,
    key: &seal::DeviceKey,
    method: &str,
    path: &str,
    body: &str,
) -> testkit::Answer {
    use base::Clock as _;
    let time = app.clock.now().as_millisecond();
    let signature = key
        .sign_request(method, path, time, body.as_bytes())
        .unwrap();
    let client = app.client();
    let mut request = client
        .request(method.parse().unwrap(), path)
        .header("obhut-device", device)
        .header("obhut-time", time.to_string())
        .header("obhut-signature", signature);
    if !body.is_empty() {
        request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
    }
    client.send(request).await
}

#[tokio::test]
async fn answers_from_the_page_and_who_may_not() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let crew = app.crew(&brigade, "Jonas").await;
        let officer = app.sign_in(&brigade.admin).await;
        let body = json!({ "unit_id": brigade.unit, "title": "H1", "group_ids": [brigade.group] });
        let made = officer
            .post(&Client::api("/alarms"), body.clone())
            .await
            .expect(201)
            .json();
        let id = made["id"].as_str().unwrap();
        assert_eq!(made["counts"]["addressed"], 1);

        // The officer was not called, so can't answer; crew can't raise or close.
        let answer = json!({ "answer_id": made["answers"][0]["id"] });
        let act = |verb: &str| Client::api(&format!("/alarms/{id}/actions/{verb}"));
        let refused = officer
            .post(&act("answer"), answer.clone())
            .await
            .expect(403);
        assert_eq!(refused.code(), "not_addressed");
        let member = app.sign_in(&crew).await;
        member.post(&Client::api("/alarms"), body).await.expect(403);
        member.post(&act("close"), json!({})).await.expect(403);

        member.post(&act("opened"), json!({})).await.expect(204);
        let view = member
            .post(&act("answer"), answer.clone())
            .await
            .expect(200)
            .json();
        assert_eq!(view["my"]["answer_id"], answer["answer_id"]);
        let other = json!({ "answer_id": made["answers"][2]["id"] });
        let view = member.post(&act("answer"), other).await.expect(200).json();
        assert_eq!(view["counts"]["coming"], 0, "the last answer counts");
        assert_eq!(view["counts"]["not_coming"], 1);
        let wrong = json!({ "answer_id": "ans_00000000000000000000000000" });
        assert_eq!(
            member.post(&act("answer"), wrong).await.expect(400).code(),
            "no_such_answer"
        );

        officer.post(&act("close"), json!({})).await.expect(200);
        assert_eq!(
            member.post(&act("answer"), answer).await.expect(409).code(),
            "alarm_closed"
        );
        officer.post(&act("close"), json!({})).await.expect(409);
    })
    .await;
}

#[tokio::test]
async fn a_key_reaches_the_groups_of_its_own_unit_alone() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let crew = app.crew(&brigade, "Jonas").await;
        app.phone(&brigade, &crew).await;
        let officer = app.sign_in(&brigade.admin).await;
        let unit = officer
            .post(&Client::api("/units"), json!({ "name": "Wache Nord" }))
            .await;
        let unit = unit.expect(201).json()["id"].as_str().unwrap().to_owned();
        let body = json!({ "name": "Nord", "kind": "intake", "unit_id": unit });
        let key = officer
            .post(&Client::api("/machine-keys"), body)
            .await
            .expect(201)
            .json();
        let key = key["key"].as_str().unwrap();
        // The group with this radio address belongs to the other unit, and so do its people.
        let path = format!("/api/alarm?accesskey={key}&title=B3&ric=4711");
        let answer = app.client().get(&path).await.expect(200).json();
        assert_eq!(answer["data"]["count_recipients"], 0);
        let body = json!({ "unit_id": unit, "title": "B3", "group_ids": [brigade.group] });
        let refused = officer.post(&Client::api("/alarms"), body).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "no_such_object".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn a_long_trace_is_paged_without_losing_a_device() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let crew = app.crew(&brigade, "Jonas").await;
        for _ in 0..5 {
            app.phone(&brigade, &crew).await;
        }
        let path = format!(
            "/api/alarm?accesskey={}&title=B3&ric=4711",
            brigade.intake_key
        );
        app.client().get(&path).await.expect(200);
        eventually("five pushes", async || app.push.taken() == 5).await;
        let officer = app.sign_in(&brigade.admin).await;
        let id = only_alarm(&officer).await["id"]
            .as_str()
            .unwrap()
            .to_owned();
        eventually("five traces", async || {
            let mut seen = std::collections::BTreeSet::new();
            let mut after = String::new();
            loop {
                let path = format!("/alarms/{id}/deliveries?limit=2{after}");
                let page = officer.get(&Client::api(&path)).await.expect(200).json();
                for row in page["items"].as_array().unwrap() {
                    seen.insert(row["device_id"].to_string());
                }
                match page["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break seen.len() == 5,
                }
            }
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_raises_one_alarm() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let officer = app.sign_in(&brigade.admin).await;
        let raise = async || {
            let request = officer
                .request("POST".parse().unwrap(), &Client::api("/alarms"))
                .header("idempotency-key", "abc")
                .json(&json!({ "unit_id": brigade.unit, "title": "B1" }));
            officer.send(request).await.expect(201).json()["id"].clone()
        };
        assert_eq!(raise().await, raise().await);
    })
    .await;
}

#[tokio::test]
async fn a_screen_signs_in_with_its_key_and_sees_its_unit() {
    let app = TestApp::start(Engine::Sqlite).await;
    let brigade = app.brigade("tann").await;
    let screen = app.client();
    let session = Client::api("/monitor/session");
    screen
        .post(&session, json!({ "key": "wrong" }))
        .await
        .expect(401);
    screen
        .post(&session, json!({ "key": brigade.intake_key }))
        .await
        .expect(401);
    screen
        .post(&session, json!({ "key": brigade.monitor_key }))
        .await
        .expect(204);
    let state = screen
        .get(&Client::api("/monitor/state"))
        .await
        .expect(200)
        .json();
    assert_eq!(state["unit"]["name"], "Löschzug");
    screen.get(&Client::api("/alarms")).await.expect(200);
    // It sees, and does nothing else.
    screen.get(&Client::api("/people")).await.expect(403);
    let body = json!({ "unit_id": brigade.unit, "title": "B1" });
    screen.post(&Client::api("/alarms"), body).await.expect(403);
}

//! Two organisations in one installation: whoever knows an id of the other gets 404, and leaves no trace.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::{Client, TestApp, TestDb};

/// One call for every route that takes an id; `{}` stands for the id of the other organisation.
fn calls(foreign: &Foreign) -> Vec<(&'static str, &'static str, String, Value)> {
    let any = |method, pattern, id: &str, body: Value| (method, pattern, id.to_owned(), body);
    let (alarm, unit) = (foreign.alarm.as_str(), foreign.unit.as_str());
    let answer = json!({ "answer_id": foreign.answer });
    vec![
        any("GET", "/alarms/{id}", alarm, Value::Null),
        any("POST", "/alarms/{id}/actions/close", alarm, json!({})),
        any("POST", "/alarms/{id}/actions/answer", alarm, answer),
        any("POST", "/alarms/{id}/actions/opened", alarm, json!({})),
        any("GET", "/alarms/{id}/deliveries", alarm, Value::Null),
        any(
            "POST",
            "/units/{id}/vehicles",
            unit,
            json!({ "name": "X", "call_sign": "Y" }),
        ),
        any("POST", "/units/{id}/groups", unit, json!({ "name": "X" })),
        any(
            "PUT",
            "/units/{id}/answers",
            unit,
            json!({ "answers": [{ "meaning": "coming", "label": "Ja" }] }),
        ),
        any("PUT", "/units/{id}/needs", unit, json!({ "needs": [] })),
        any("DELETE", "/vehicles/{id}", &foreign.vehicle, Value::Null),
        any("DELETE", "/groups/{id}", &foreign.group, Value::Null),
        any(
            "PATCH",
            "/people/{id}",
            &foreign.member,
            json!({ "group_ids": [] }),
        ),
        any("DELETE", "/people/{id}", &foreign.member, Value::Null),
        any(
            "POST",
            "/people/{id}/actions/invite-again",
            &foreign.member,
            json!({}),
        ),
        any("DELETE", "/machine-keys/{id}", &foreign.key, Value::Null),
        any(
            "POST",
            "/machine-keys/{id}/actions/rotate",
            &foreign.key,
            json!({}),
        ),
        any("GET", "/machine-keys/{id}/merge", &foreign.key, Value::Null),
        any(
            "PUT",
            "/machine-keys/{id}/merge",
            &foreign.key,
            json!({ "by_number": true, "window_seconds": 1 }),
        ),
        any("DELETE", "/sessions/{id}", &foreign.session, Value::Null),
        any(
            "PATCH",
            "/devices/{id}",
            &foreign.device,
            json!({ "name": "X" }),
        ),
        any("DELETE", "/devices/{id}", &foreign.device, Value::Null),
        any("DELETE", "/devices/{id}/push", &foreign.device, Value::Null),
        any(
            "POST",
            "/devices/{id}/actions/test",
            &foreign.device,
            json!({}),
        ),
        any("POST", "/jobs/{id}/actions/retry", &foreign.job, json!({})),
        any("DELETE", "/jobs/{id}", &foreign.job, Value::Null),
    ]
}

/// Routes with an id that are not of an organisation's table, or that need a device's signature; each with
/// the reason why it is not in the list above.
const OTHERS: &[(&str, &str)] = &[
    (
        "/device/alarms/{id}",
        "needs a device's signature; its actor is looked up by the device",
    ),
    ("/device/alarms/{id}/answer", "the same"),
    ("/device/alarms/{id}/trace", "the same"),
    (
        "/devices/{id}/push",
        "PUT is refused for its keys first; DELETE stands above",
    ),
    ("/push/families/{id}", "a word, not an id"),
    ("/privacy/deletion/{kind}", "a word, not an id"),
    (
        "/ledger/{log}/checkpoint",
        "tested with the foreign log below",
    ),
    ("/ledger/{log}/entries", "the same"),
    ("/ledger/{log}/entries/{index}/proof", "the same"),
    ("/ledger/{log}/tile/{path}", "the same"),
    ("/ledger/{log}/tile/{*path}", "the same"),
    ("/ledger/{log}/verify", "the same"),
    (
        "/video/agents/{id}",
        "tested with all of video's ids in crates/video/tests",
    ),
    ("/video/agents/{id}/token", "the same"),
    ("/video/cameras/{id}", "the same"),
    ("/video/cameras/{id}/live", "the same"),
    ("/video/cameras/{id}/open", "the same"),
    ("/video/cameras/{id}/timeline", "the same"),
    ("/video/groups/{id}", "the same"),
    ("/video/groups/{id}/rights", "the same"),
    ("/video/groups/{id}/rights/{id}", "the same"),
    ("/video/segments/{id}/bytes", "the same"),
];

#[derive(Debug)]
struct Foreign {
    alarm: String,
    answer: String,
    unit: String,
    vehicle: String,
    group: String,
    member: String,
    key: String,
    session: String,
    device: String,
    job: String,
}

async fn first(app: &TestApp, sql: &str) -> String {
    app.running.parts.store.raw(sql).await.unwrap()[0]
        .cols()
        .text()
        .unwrap()
}

#[tokio::test]
async fn the_other_organisation_is_not_there() {
    for engine in TestDb::engines() {
        let app = TestApp::start(engine).await;
        let theirs = app.brigade("eins").await;
        let crew = app.crew(&theirs, "Jonas").await;
        app.phone(&theirs, &crew).await;
        let officer = app.sign_in(&theirs.admin).await;
        let body = json!({ "unit_id": theirs.unit, "title": "B3" });
        let alarm = officer
            .post(&Client::api("/alarms"), body)
            .await
            .expect(201)
            .json();
        let org = theirs.org;
        let of = |table: &str| format!("SELECT id FROM {table} WHERE org_id = '{org}' LIMIT 1");
        let foreign = Foreign {
            alarm: alarm["id"].as_str().unwrap().to_owned(),
            answer: alarm["answers"][0]["id"].as_str().unwrap().to_owned(),
            unit: theirs.unit.to_string(),
            vehicle: first(&app, &of("vehicle")).await,
            group: theirs.group.to_string(),
            member: crew.membership.to_string(),
            key: first(&app, &of("machine_key")).await,
            session: first(&app, &of("session")).await,
            device: first(&app, &of("device")).await,
            job: first(&app, &of("job")).await,
        };
        let leaves = format!("SELECT CAST(count(*) AS TEXT) FROM {}", leaf_table());
        let mine = app.brigade("zwei").await;
        let me = app.sign_in(&mine.admin).await;
        let before = first(&app, &leaves).await;
        for (method, pattern, id, body) in calls(&foreign) {
            let path = Client::api(&pattern.replace("{id}", &id));
            let answer = if body.is_null() {
                me.send(me.request(method.parse().unwrap(), &path)).await
            } else {
                me.json(method.parse().unwrap(), &path, body).await
            };
            let hidden =
                answer.status == 404 || (answer.status == 400 && answer.code() == "no_such_unit");
            assert!(
                hidden,
                "{method} {pattern}: {} {}",
                answer.status, answer.text
            );
        }
        for path in ["checkpoint", "entries", "entries/0/proof", "tile/0/000.p/1"] {
            let answer = me.get(&Client::api(&format!("/ledger/{org}/{path}"))).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        }
        assert_eq!(
            first(&app, &leaves).await,
            before,
            "a refused call left a leaf"
        );

        let described = me.get("/api/obhut/openapi.json").await.json();
        let tried: BTreeSet<&str> = calls(&foreign).iter().map(|call| call.1).collect();
        for path in described["paths"].as_object().unwrap().keys() {
            let short = path.strip_prefix("/api/obhut/v1").unwrap();
            let short = &short.replace("{membership_id}", "{id}");
            let known = tried.contains(short.as_str()) || OTHERS.iter().any(|(p, _)| p == short);
            assert!(
                !short.contains('{') || known,
                "{short} is not tried with a foreign id"
            );
        }
    }
}

fn leaf_table() -> &'static str {
    "ledger_leaf"
}

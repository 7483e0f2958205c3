//! What is too much is refused and names its field; what calls can name by number says its number.

use serde_json::{Value, json};
use testkit::{Answer, Brigade, Client, TestApp, TestDb};

async fn each(test: impl AsyncFn(TestApp)) {
    for engine in TestDb::engines() {
        test(TestApp::start(engine).await).await;
    }
}

async fn put(client: &Client, path: &str, body: Value) -> Answer {
    let path = Client::api(path);
    client.json("PUT".parse().unwrap(), &path, body).await
}

#[track_caller]
fn names(answer: Answer, field: &str, code: &str) {
    let problem = answer.expect(422).json();
    assert_eq!(problem["code"], "invalid_fields");
    assert_eq!(problem["fields"][0]["field"], field, "{problem}");
    assert_eq!(problem["fields"][0]["code"], code, "{problem}");
}

async fn unit(client: &Client, brigade: &Brigade) -> Value {
    let units = client.get(&Client::api("/units")).await.expect(200).json();
    let items = units["items"].as_array().unwrap();
    let ours = |one: &&Value| one["id"] == brigade.unit.to_string();
    items.iter().find(ours).unwrap().clone()
}

#[tokio::test]
async fn a_merge_window_of_more_than_a_day_names_its_field() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let officer = app.sign_in(&brigade.admin).await;
        let keys = officer.get(&Client::api("/machine-keys")).await;
        let keys = keys.expect(200).json();
        let mut keys = keys["items"].as_array().unwrap().iter();
        let key = keys.find(|one| one["kind"] == "intake").unwrap();
        let path = format!("/machine-keys/{}/merge", key["id"].as_str().unwrap());
        let rule = |seconds: u32| json!({ "by_number": true, "window_seconds": seconds });
        put(&officer, &path, rule(86_400)).await.expect(204);
        let refused = put(&officer, &path, rule(86_401)).await;
        names(refused, "window_seconds", "too_large");
        let kept = officer.get(&Client::api(&path)).await.expect(200).json();
        assert_eq!(kept["window_seconds"], 86_400);
    })
    .await;
}

#[tokio::test]
async fn too_many_needs_and_minutes_are_refused_whole() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let officer = app.sign_in(&brigade.admin).await;
        let path = format!("/units/{}/needs", brigade.unit);
        let need = json!({ "qualification_id": brigade.skill, "needed": 3 });
        put(&officer, &path, json!({ "needs": [need] }))
            .await
            .expect(204);
        let many = json!({ "needs": vec![need; 21] });
        names(put(&officer, &path, many).await, "needs", "too_many");
        assert_eq!(unit(&officer, &brigade).await["needs"][0]["needed"], 3);

        let path = format!("/units/{}/answers", brigade.unit);
        let answers = |minutes: u32| {
            let one = json!({ "meaning": "later", "label": "Später", "minutes": minutes });
            json!({ "answers": [one] })
        };
        put(&officer, &path, answers(1440)).await.expect(204);
        for minutes in [1441, 65_536, u32::MAX] {
            let refused = put(&officer, &path, answers(minutes)).await;
            names(refused, "minutes", "too_large");
        }
        let kept = unit(&officer, &brigade).await;
        assert_eq!(kept["answers"][0]["minutes"], 1440);
        let none = put(&officer, &path, json!({ "answers": [] })).await;
        names(none, "answers", "wrong_count");
    })
    .await;
}

#[tokio::test]
async fn units_say_the_numbers_by_which_calls_name_groups_and_vehicles() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        app.crew(&brigade, "Jonas").await;
        let officer = app.sign_in(&brigade.admin).await;
        let unit = unit(&officer, &brigade).await;
        let group = unit["groups"][0]["number"].as_i64().unwrap();
        let vehicle = unit["vehicles"][0]["number"].as_i64().unwrap();
        assert_ne!(group, vehicle);
        let path = format!(
            "/api/alarm?accesskey={}&title=B3&group_ids={group}&vehicle_ids={vehicle}",
            brigade.intake_key
        );
        let answer = app.client().get(&path).await.expect(200).json();
        assert_eq!(answer["data"]["count_recipients"], 1);
        let list = officer.get(&Client::api("/alarms")).await.expect(200);
        let alarm = list.json()["items"][0].clone();
        assert_eq!(alarm["groups"][0]["id"], unit["groups"][0]["id"]);
        assert_eq!(alarm["vehicles"][0]["id"], unit["vehicles"][0]["id"]);
    })
    .await;
}

//! Who leaves an organisation is forgotten by it, also by its log, and the log stays whole.

use testkit::{Client, TestApp, TestDb, eventually};

#[tokio::test]
async fn who_leaves_is_forgotten_and_the_log_stays_whole() {
    for engine in TestDb::engines() {
        let app = TestApp::start(engine).await;
        let brigade = app.brigade("tann").await;
        let crew = app.crew(&brigade, "Jonas").await;
        app.phone(&brigade, &crew).await;
        let member = app.sign_in(&crew).await;
        let path = format!("/api/alarm?accesskey={}&title=B3", brigade.intake_key);
        app.client().get(&path).await.expect(200);
        let alarms = member.get(&Client::api("/alarms")).await.expect(200).json();
        let alarm = &alarms["items"][0];
        let answer = serde_json::json!({ "answer_id": alarm["answers"][0]["id"] });
        let path = format!("/alarms/{}/actions/answer", alarm["id"].as_str().unwrap());
        member.post(&Client::api(&path), answer).await.expect(200);
        app.sequence().await;
        let officer = app.sign_in(&brigade.admin).await;
        let entries = Client::api(&format!("/ledger/{}/entries?limit=100", brigade.org));
        let answered = async || {
            let list = officer.get(&entries).await.expect(200).json();
            let mut items = list["items"].as_array().unwrap().clone();
            items.retain(|entry| entry["action"] == "alarm.answered");
            assert_eq!(items.len(), 1);
            items.remove(0)
        };
        let before = answered().await;
        assert_eq!(before["details"]["answer"], "coming");
        assert!(before["actor"].to_string().contains("Jonas"), "{before}");

        let leave = Client::api(&format!("/people/{}", crew.membership));
        officer.delete(&leave).await.expect(204);
        member.get(&Client::api("/alarms")).await.expect(401);
        eventually("the log to forget", async || {
            answered().await["erased"] == true
        })
        .await;
        let after = answered().await;
        assert!(
            after["details"].is_null() && !after["actor"].to_string().contains("Jonas"),
            "{after}"
        );
        let store = &app.running.parts.store;
        for table in ["alarm_answer", "alarm_recipient", "device", "session"] {
            let sql = format!(
                "SELECT count(*) FROM {table} WHERE membership_id = '{}'",
                crew.membership
            );
            assert_eq!(
                store.raw(&sql).await.unwrap()[0].cols().int().unwrap(),
                0,
                "{table}"
            );
        }
        app.sequence().await;
        let log = ledger::Log::Org(brigade.org);
        app.running.parts.ledger.verify(log, None).await.unwrap();
    }
}

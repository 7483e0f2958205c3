//! The v1 interface as existing programs speak it, and what it says to everything else.

use serde_json::{Value, json};
use testkit::{Client, Engine, TestApp, TestDb};

async fn each(test: impl AsyncFn(TestApp)) {
    for engine in TestDb::engines() {
        test(TestApp::start(engine).await).await;
    }
}

#[tokio::test]
async fn form_json_query_and_header_all_work() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let client = app.client();
        let key = brigade.intake_key.as_str();
        let mut ids = Vec::new();
        let fields = [
            ("accesskey", key),
            ("type", "H1"),
            ("number", "1"),
            ("lon", "11.5"),
            ("lat", "48,1"),
        ];
        ids.push(client.form("/api/alarm", &fields).await.expect(200).json());
        app.clock.advance(std::time::Duration::from_millis(1));
        let body = json!({ "access_key": key, "title": "H2", "number": 2, "group_ids": [7] });
        ids.push(client.post("/api/alarm", body).await.expect(200).json());
        app.clock.advance(std::time::Duration::from_millis(1));
        let request = client
            .request("POST".parse().unwrap(), "/api/alarm?title=H3&number=3")
            .header("authorization", format!("Bearer {key}"));
        ids.push(client.send(request).await.expect(200).json());
        let numbers: Vec<i64> = ids
            .iter()
            .map(|a| a["data"]["id"].as_i64().unwrap())
            .collect();
        assert!(numbers.windows(2).all(|w| w[0] < w[1]), "{numbers:?}");
        let officer = app.sign_in(&brigade.admin).await;
        let list = officer
            .get(&Client::api("/alarms"))
            .await
            .expect(200)
            .json();
        let titles: Vec<&str> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["title"].as_str().unwrap())
            .collect();
        assert_eq!(titles, ["H3", "H2", "H1"]);
        assert_eq!(list["items"][2]["lat"], 48.1);
        // A group that nobody knows must not silence the alarm.
        assert_eq!(list["items"][1]["counts"]["addressed"], 1);
    })
    .await;
}

#[tokio::test]
async fn calls_merge_by_number_or_by_title_and_address() {
    each(async |app| {
        let brigade = app.brigade("tann").await;
        let key = brigade.intake_key.as_str();
        let client = app.client();
        let send = async |fields: &[(&str, &str)]| -> Value {
            let mut all = vec![("accesskey", key)];
            all.extend(fields);
            // Ids of one millisecond have no order.
            app.clock.advance(std::time::Duration::from_millis(1));
            client.form("/api/alarm", &all).await.expect(200).json()["data"].clone()
        };
        let first = send(&[("title", "B3"), ("number", "E1"), ("text", "Rauch")]).await;
        let second = send(&[("title", "B4"), ("number", "E1"), ("address", "Am Anger")]).await;
        assert_eq!(
            (&second["id"], &second["merged"]),
            (&first["id"], &json!(true))
        );
        let third = send(&[("title", "B4"), ("address", "Am Anger")]).await;
        assert_eq!(
            third["id"], first["id"],
            "no number: title and address decide"
        );
        assert_eq!(
            third["count_recipients"], 0,
            "what only adds wakes nobody new"
        );
        let fourth = send(&[("title", "B4"), ("address", "Am Bach")]).await;
        assert_ne!(fourth["id"], first["id"]);
        let last = client
            .get(&format!("/api/last-alarm?accesskey={key}"))
            .await
            .expect(200)
            .json();
        assert_eq!(last["success"], true);
        assert_eq!(last["data"]["id"], fourth["id"]);

        let officer = app.sign_in(&brigade.admin).await;
        let list = officer
            .get(&Client::api("/alarms"))
            .await
            .expect(200)
            .json();
        assert_eq!(list["items"][1]["title"], "B4");
        assert_eq!(list["items"][1]["text"], "Rauch", "what is left out stays");
        for alarm in list["items"].as_array().unwrap() {
            let close = format!("/alarms/{}/actions/close", alarm["id"].as_str().unwrap());
            officer
                .post(&Client::api(&close), json!({}))
                .await
                .expect(200);
        }
        let last = client
            .get(&format!("/api/last-alarm?accesskey={key}"))
            .await
            .expect(200)
            .json();
        assert_eq!(last, json!({ "success": false }));
        let fifth = send(&[("title", "B3"), ("number", "E1")]).await;
        assert_ne!(fifth["id"], first["id"], "a closed alarm takes nothing in");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_leaks() {
    let app = TestApp::start(Engine::Sqlite).await;
    let brigade = app.brigade("tann").await;
    let key = &brigade.intake_key;
    let client = app.client();
    let unknown = client
        .get("/api/alarm?accesskey=nonsense&title=B3")
        .await
        .expect(401);
    assert_eq!(unknown.json()["success"], false);
    assert_eq!(unknown.code(), "unknown_key");
    assert_eq!(
        client.get("/api/alarm?title=B3").await.expect(401).code(),
        "unknown_key"
    );
    let monitor = format!("/api/alarm?accesskey={}&title=B3", brigade.monitor_key);
    assert_eq!(client.get(&monitor).await.expect(403).code(), "denied");

    let path = format!("/api/alarm?accesskey={key}");
    let raw = async |kind: &str, body: Vec<u8>| {
        let request = client
            .request("POST".parse().unwrap(), &path)
            .header("content-type", kind)
            .body(body);
        client.send(request).await
    };
    let form = "application/x-www-form-urlencoded";
    for (kind, body, status, code) in [
        (form, b"title=%FF%FE".to_vec(), 400, "not_utf8"),
        (form, b"address=x".to_vec(), 400, "title_missing"),
        ("application/json", b"{\"title\":".to_vec(), 400, "bad_json"),
        ("application/json", b"[]".to_vec(), 400, "bad_json"),
        ("image/png", b"\x89PNG".to_vec(), 400, "bad_content_type"),
        (form, vec![b'a'; 300_000], 413, "too_large"),
        (form, b"title=x&news=1".to_vec(), 400, "news_not_supported"),
    ] {
        let answer = raw(kind, body).await;
        let seen = (
            answer.json()["code"].clone(),
            answer.json()["success"].clone(),
        );
        assert_eq!(seen, (json!(code), json!(false)), "{}", answer.text);
        assert!(
            answer.status == status || (status == 400 && answer.status == 422),
            "{code}"
        );
        assert!(!answer.text.contains(key.as_str()));
    }
    let officer = app.sign_in(&brigade.admin).await;
    let list = officer
        .get(&Client::api("/alarms"))
        .await
        .expect(200)
        .json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn guessing_keys_is_slowed_down() {
    let app = TestApp::start(Engine::Sqlite).await;
    app.brigade("tann").await;
    let client = app.client();
    let mut limited = None;
    for n in 0..100 {
        let answer = client
            .get(&format!("/api/alarm?accesskey=guess{n}&title=x"))
            .await;
        if answer.status == 429 {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("a limit");
    assert!(limited.headers.contains_key("retry-after"));
    assert_eq!(limited.json()["success"], false);
}

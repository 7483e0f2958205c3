//! Keys, devices and sessions.

use serde_json::{Value, json};

use crate::common::{ADMIN, ORIGIN, each};

#[tokio::test]
async fn nobody_without_a_session_learns_anything() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.browser();
        for path in [
            "/me",
            "/people",
            "/roles",
            "/qualifications",
            "/machine-keys",
            "/sessions",
            "/devices",
        ] {
            let answer = browser.api("GET", path, Value::Null).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "not_signed_in"),
                "{path}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn keys_are_shown_once() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let unit = founded.unit.to_string();
        let new = |kind| json!({ "name": "Leitstelle", "kind": kind, "unit_id": unit });
        let shown = admin.api("POST", "/machine-keys", new("intake")).await;
        assert_eq!(shown.status, 201);
        let shown = shown.json();
        let (id, key) = (
            shown["id"].as_str().unwrap(),
            shown["key"].as_str().unwrap(),
        );
        assert_eq!(shown["url"], format!("{ORIGIN}/api/alarm?accesskey={key}"));
        let list = admin.api("GET", "/machine-keys", Value::Null).await;
        assert!(!list.text.contains(key));
        let line = list.json()["items"][0].clone();
        assert_eq!((&line["id"], &line["kind"]), (&json!(id), &json!("intake")));
        assert!(key.ends_with(line["hint"].as_str().unwrap()));
        let rotated = admin
            .api(
                "POST",
                &format!("/machine-keys/{id}/actions/rotate"),
                json!({}),
            )
            .await;
        assert_eq!(rotated.status, 200);
        let fresh = rotated.json()["key"].as_str().unwrap().to_owned();
        assert_ne!(fresh, key);
        let known = async |key: &str| people::machine::recognise(&world.store, key).await.unwrap();
        assert!(known(key).await.is_none());
        assert!(known(&fresh).await.is_some());
        assert_eq!(
            admin
                .api("DELETE", &format!("/machine-keys/{id}"), Value::Null)
                .await
                .status,
            204
        );
        assert!(known(&fresh).await.is_none());
        let monitor = admin
            .api("POST", "/machine-keys", new("monitor"))
            .await
            .json();
        let key = monitor["key"].as_str().unwrap();
        assert_eq!(monitor["url"], format!("{ORIGIN}/monitor#key={key}"));
        let wrong = admin.api("POST", "/machine-keys", new("master")).await;
        assert_eq!(
            (wrong.status, wrong.json()["fields"][0]["field"].as_str()),
            (422, Some("kind"))
        );
        let mut blank = new("intake");
        blank["name"] = json!(" ");
        let wrong = admin.api("POST", "/machine-keys", blank).await;
        assert_eq!(wrong.json()["fields"][0]["field"], "name");
    })
    .await;
}

fn point() -> String {
    // The base point of P-256: on the curve, and nobody's.
    let hex = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
               4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let bytes: Vec<u8> = (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[i * 2..i * 2 + 2], 16).unwrap())
        .collect();
    seal::b64url_encode(&bytes)
}

#[tokio::test]
async fn devices_are_their_owners_own() {
    each(async |world| {
        world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let push = |endpoint: &str| {
            json!({
                "endpoint": endpoint, "p256dh": point(), "auth": seal::b64url_encode(&[7; 16]),
            })
        };
        let new = json!({
            "name": "Telefon", "platform": "Firefox auf Android", "public_key": point(),
            "push": push("https://updates.push.services.mozilla.com/wpush/v2/x"),
        });
        let answer = admin.api("POST", "/devices", new.clone()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let list = admin.read("/devices").await;
        assert_eq!(list["items"][0]["push"]["family"], "mozilla");
        assert_eq!(list["items"][0]["this"], false);
        let path = format!("/devices/{id}");
        assert_eq!(
            admin
                .api("PATCH", &path, json!({ "name": "Altes Telefon" }))
                .await
                .status,
            204
        );
        assert_eq!(
            admin
                .api("DELETE", &format!("{path}/push"), Value::Null)
                .await
                .status,
            204
        );
        let line = admin.read("/devices").await["items"][0].clone();
        assert_eq!(
            (&line["name"], &line["push"]),
            (&json!("Altes Telefon"), &Value::Null)
        );
        let local = push("http://127.0.0.1:8081/push/1");
        assert_eq!(
            admin
                .api("PUT", &format!("{path}/push"), local)
                .await
                .status,
            204
        );
        let wrong = admin
            .api(
                "PUT",
                &format!("{path}/push"),
                push("https://evil.example/x"),
            )
            .await;
        assert_eq!(
            (wrong.status, wrong.json()["fields"][0]["code"].as_str()),
            (422, Some("unknown_push_service"))
        );
        let mut bad = new;
        bad["public_key"] = json!("AAAA");
        let wrong = admin.api("POST", "/devices", bad).await;
        assert_eq!(wrong.json()["fields"][0]["field"], "public_key");
        assert_eq!(admin.api("DELETE", &path, Value::Null).await.status, 204);
        assert_eq!(admin.api("DELETE", &path, Value::Null).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_and_end() {
    each(async |world| {
        world.brigade().await;
        let mut one = world.signed_in(ADMIN).await;
        let mut two = world.signed_in(ADMIN).await;
        let list = one.read("/sessions").await;
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 2);
        let other = items.iter().find(|it| it["this"] == false).unwrap();
        let path = format!("/sessions/{}", other["id"].as_str().unwrap());
        assert_eq!(one.api("DELETE", &path, Value::Null).await.status, 204);
        assert_eq!(two.api("GET", "/me", Value::Null).await.status, 401);
        assert_eq!(one.api("DELETE", &path, Value::Null).await.status, 404);
        let this = one.read("/sessions").await["items"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(
            one.api("DELETE", &format!("/sessions/{this}"), Value::Null)
                .await
                .status,
            204
        );
        assert!(!one.cookies.contains_key("obhut_session"));
    })
    .await;
}

#[tokio::test]
async fn wrong_requests_say_what_is_wrong() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let role = admin.role("Einsatzkraft").await;
        let unit = founded.unit.to_string();
        let person = |email: &str, given: &str| {
            json!({ "email": email, "given_name": given, "family_name": "B", "unit_id": unit,
                    "role_id": role })
        };
        let mut french = person("a@b.de", "A");
        french["language"] = json!("fr");
        let mut extra = person("a@b.de", "A");
        extra["admin"] = json!(true);
        let group = format!("/units/{unit}/groups");
        let cases = [
            ("POST", "/people/invitations", person("no", "A"), "email"),
            (
                "POST",
                "/people/invitations",
                person("a@b.de", " "),
                "given_name",
            ),
            ("POST", "/people/invitations", french, "language"),
            ("POST", "/people/invitations", extra, ""),
            ("POST", "/people/invitations", json!({ "email": 1 }), ""),
            ("POST", group.as_str(), json!({ "name": "" }), "name"),
            (
                "POST",
                group.as_str(),
                json!({ "name": "G", "ric": "1".repeat(33) }),
                "ric",
            ),
            (
                "POST",
                "/qualifications",
                json!({ "short": "viel zu lang hier", "name": "x" }),
                "short",
            ),
            (
                "PATCH",
                "/organisation",
                json!({ "contact": "x".repeat(301) }),
                "contact",
            ),
            ("PATCH", "/me", json!({ "language": "fr" }), "language"),
        ];
        for (method, path, body, field) in cases {
            let answer = admin.api(method, path, body.clone()).await;
            let told = answer.json();
            if field.is_empty() {
                assert_eq!(
                    (answer.status, told["code"].as_str()),
                    (400, Some("wrong_shape")),
                    "{body}"
                );
            } else {
                assert_eq!(
                    (answer.status, told["code"].as_str()),
                    (422, Some("invalid_fields")),
                    "{body}"
                );
                assert_eq!(told["fields"][0]["field"], field, "{told}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn qualifications_are_named_once() {
    each(async |world| {
        world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let new = json!({ "short": "AGT", "name": "Atemschutz" });
        let answer = admin.api("POST", "/qualifications", new.clone()).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let made = answer.json();
        let answer = admin.api("POST", "/qualifications", new).await;
        assert_eq!((answer.status, answer.code().as_str()), (409, "name_taken"));
        assert_eq!(admin.read("/qualifications").await["items"], json!([made]));
        let own = admin.read("/me").await["membership"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let change = json!({ "qualification_ids": [made["id"]] });
        let answer = admin.api("PATCH", &format!("/people/{own}"), change).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        let people = admin.read("/people").await;
        assert_eq!(people["items"][0]["qualifications"], json!(["AGT"]));
    })
    .await;
}

#[tokio::test]
async fn a_json_request_from_a_foreign_page_does_nothing() {
    each(async |world| {
        world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let foreign = [
            ("content-type", "application/json"),
            ("sec-fetch-site", "cross-site"),
        ];
        let body = json!({ "language": "en" }).to_string();
        let answer = admin
            .send("PATCH", "/api/obhut/v1/me", &foreign, body)
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (403, "foreign_origin")
        );
        assert_eq!(admin.read("/me").await["person"]["language"], "de");
    })
    .await;
}

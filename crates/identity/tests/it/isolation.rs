//! A second organisation's ids lead nowhere; a member without rights reaches nothing.

use serde_json::{Value, json};

use crate::common::{ADMIN, Browser, each, invitation, link_in};

/// Everything that takes an id, with the ids of somebody's organisation.
async fn with_ids_of(owner: &mut Browser, unit: &str) -> Vec<(&'static str, String, Value)> {
    let role = owner.role("Einsatzkraft").await;
    let member = owner.read("/me").await["membership"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = owner.read("/sessions").await["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = |answer: crate::common::Answer| answer.json()["id"].as_str().unwrap().to_owned();
    let group = owner
        .api(
            "POST",
            &format!("/units/{unit}/groups"),
            json!({ "name": "G" }),
        )
        .await;
    let group = id(group);
    let new = json!({ "name": "K", "kind": "intake", "unit_id": unit });
    let key = id(owner.api("POST", "/machine-keys", new).await);
    let device = base::DeviceId::random(&base::SystemRng);
    let person = json!({
        "email": "x@example.org", "given_name": "X", "family_name": "Y",
        "unit_id": unit, "role_id": role, "group_ids": [],
    });
    vec![
        (
            "PATCH",
            format!("/people/{member}"),
            json!({ "role_ids": [role] }),
        ),
        ("DELETE", format!("/people/{member}"), Value::Null),
        (
            "POST",
            format!("/people/{member}/actions/invite-again"),
            json!({}),
        ),
        ("POST", "/people/invitations".to_owned(), person),
        (
            "POST",
            format!("/units/{unit}/groups"),
            json!({ "name": "H" }),
        ),
        ("DELETE", format!("/groups/{group}"), Value::Null),
        (
            "POST",
            "/machine-keys".to_owned(),
            json!({ "name": "K", "kind": "monitor", "unit_id": unit }),
        ),
        (
            "POST",
            format!("/machine-keys/{key}/actions/rotate"),
            json!({}),
        ),
        ("DELETE", format!("/machine-keys/{key}"), Value::Null),
        ("DELETE", format!("/sessions/{session}"), Value::Null),
        (
            "PATCH",
            format!("/devices/{device}"),
            json!({ "name": "D" }),
        ),
        ("DELETE", format!("/devices/{device}"), Value::Null),
        ("DELETE", format!("/devices/{device}/push"), Value::Null),
    ]
}

#[tokio::test]
async fn another_organisations_ids_are_not_there() {
    each(async |world| {
        let ours = world.brigade().await;
        world
            .found("Werkfeuerwehr", "chef@example.org", false)
            .await;
        let mut owner = world.signed_in(ADMIN).await;
        let mut stranger = world.signed_in("chef@example.org").await;
        let asked = with_ids_of(&mut owner, &ours.unit.to_string()).await;
        let leaves = async || {
            let sql = "SELECT CAST(count(*) AS BIGINT) FROM ledger_leaf";
            world.store.raw(sql).await.unwrap()[0].cols().int().unwrap()
        };
        let before = leaves().await;
        for (method, path, body) in asked {
            let answer = stranger.api(method, &path, body).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
            assert_eq!(answer.code(), "not_found", "{method} {path}");
            assert!(!answer.text.contains("Musterstadt"), "{}", answer.text);
        }
        assert_eq!(leaves().await, before, "nothing was written into a log");
        // Nothing of it happened, and lists show one's own alone.
        owner.read("/me").await;
        for path in ["/people", "/machine-keys", "/sessions", "/roles"] {
            let ours = owner.api("GET", path, Value::Null).await.json();
            let theirs = stranger.api("GET", path, Value::Null).await.text;
            for item in ours["items"].as_array().unwrap() {
                let id = item["id"]
                    .as_str()
                    .or(item["membership_id"].as_str())
                    .unwrap();
                assert!(!theirs.contains(id), "{path}: {id}");
            }
        }
        // A role of the other organisation can't be given.
        let role = owner.role("Administrator").await;
        let me = stranger.read("/me").await["membership"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let answer = stranger
            .api(
                "PATCH",
                &format!("/people/{me}"),
                json!({ "role_ids": [role] }),
            )
            .await;
        assert_eq!(answer.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_member_without_rights_is_refused() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let role = admin.role("Einsatzkraft").await;
        admin
            .api(
                "POST",
                "/people/invitations",
                invitation(&founded, &role, "joerg@example.org"),
            )
            .await;
        let link = link_in(&world.mail().await);
        let code = link.split_once("code=").unwrap().1.to_owned();
        let mut joerg = world.browser();
        let password = "grüner Regenschirm";
        let fields = [
            ("code", code.as_str()),
            ("password", password),
            ("password_again", password),
        ];
        assert_eq!(joerg.submit("/invitation", &fields).await.status, 303);
        for (method, path, body) in with_ids_of(&mut admin, &founded.unit.to_string()).await {
            let own = path.starts_with("/sessions") || path.starts_with("/devices");
            let answer = joerg.api(method, &path, body).await;
            let want = if own { 404 } else { 403 };
            assert_eq!(answer.status, want, "{method} {path}: {}", answer.text);
        }
        for path in ["/people", "/machine-keys"] {
            assert_eq!(
                joerg.api("GET", path, Value::Null).await.status,
                403,
                "{path}"
            );
        }
        // Whether a member exists is not told either.
        let nobody = base::MembershipId::new(world.store.clock(), world.store.rng());
        let answer = joerg
            .api("DELETE", &format!("/people/{nobody}"), Value::Null)
            .await;
        assert_eq!(answer.status, 403);
    })
    .await;
}

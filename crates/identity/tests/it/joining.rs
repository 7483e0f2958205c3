//! Inviting, joining, changing and leaving.

use std::sync::Arc;
use std::time::Duration;

use mail::catcher::{Catcher, CaughtMail};
use mail::{Sender, Settings, Smtp, Tls};
use serde_json::{Value, json};
use store::{Runner, RunnerSettings};
use tokio::sync::watch;

use crate::common::{ADMIN, PASSWORD, each, invitation, link_in};

const JOERG: &str = "joerg@example.org";

#[tokio::test]
async fn from_the_mail_to_the_first_sign_in() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let role = admin.role("Einsatzkraft").await;
        let answer = admin
            .api(
                "POST",
                "/people/invitations",
                invitation(&founded, &role, JOERG),
            )
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id = answer.json()["membership_id"].as_str().unwrap().to_owned();
        let people = admin.read("/people").await;
        let states: Vec<&str> = people["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["state"].as_str().unwrap())
            .collect();
        assert_eq!(states, ["active", "invited"]);

        let mail = world.mail().await;
        assert!(mail.contains("25.11.2026"), "{mail}");
        let link = link_in(&mail);
        let mut joerg = world.browser();
        let page = joerg.get(&link).await;
        assert_eq!(page.status, 200);
        page.shows("Feuerwehr Musterstadt");
        page.shows("Jörg Özdemir");
        page.shows(JOERG);
        let code = link.split_once("code=").unwrap().1.to_owned();
        let typed = |first, second| {
            [
                ("code", code.clone()),
                ("password", first),
                ("password_again", second),
            ]
        };
        let send = async |joerg: &mut crate::common::Browser, first: &str, second: &str| {
            let fields = typed(first.to_owned(), second.to_owned());
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            joerg.submit("/invitation", &fields).await
        };
        for (first, second) in [
            ("kurz", "kurz"),
            (PASSWORD, "anders"),
            (JOERG, JOERG),
            ("feuerwehr", "feuerwehr"),
        ] {
            let answer = send(&mut joerg, first, second).await;
            assert_eq!(answer.status, 422, "{first}");
            answer.shows("role=\"alert\"");
            answer.shows(&format!("value=\"{code}\""));
        }
        let answer = send(&mut joerg, "grüner Regenschirm", "grüner Regenschirm").await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let me = joerg.read("/me").await;
        assert_eq!(me["person"]["email"], JOERG);
        assert_eq!(me["permissions"], json!(["alarm.read"]));
        let answer = admin
            .api(
                "POST",
                &format!("/people/{id}/actions/invite-again"),
                json!({}),
            )
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (409, "joined_already")
        );
        // The end of the membership is the end of the session.
        assert_eq!(
            admin
                .api("DELETE", &format!("/people/{id}"), Value::Null)
                .await
                .status,
            204
        );
        assert_eq!(joerg.api("GET", "/me", Value::Null).await.status, 401);
        // Once.
        let answer = send(&mut world.browser(), PASSWORD, PASSWORD).await;
        assert_eq!(answer.status, 410);
        assert_eq!(world.browser().get(&link).await.status, 410);
    })
    .await;
}

/// Sends what waits to a real mail server and gives what it caught.
#[expect(clippy::disallowed_methods, reason = "waits for a real conversation")]
async fn delivered(world: &crate::common::World) -> CaughtMail {
    let (stop, stopped) = watch::channel(false);
    let any = "127.0.0.1:0".parse().unwrap();
    let (catcher, address) = Catcher::start(any, world.clock.clone(), stopped.clone())
        .await
        .unwrap();
    let settings = Settings {
        smtp: Some(Smtp {
            host: "127.0.0.1".to_owned(),
            port: address.port(),
            tls: Tls::None,
            username: None,
            password: None,
        }),
        from: base::Email::parse("obhut@localhost.example").unwrap(),
        host: "localhost".to_owned(),
    };
    let sender = Sender::new(world.store.clone(), &settings).unwrap();
    let settings = RunnerSettings {
        owner: "one".to_owned(),
        look_every: Duration::from_secs(1),
        batch: 8,
    };
    let runner = Runner::new(world.store.clone(), vec![Arc::new(sender)], settings);
    let running = tokio::spawn(runner.run(stopped));
    let mut caught = None;
    for _ in 0..500 {
        caught = catcher.mails().pop();
        if caught.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let _ = stop.send(true);
    let _ = running.await;
    caught.expect("a mail")
}

#[tokio::test]
async fn the_invitation_reaches_a_mail_server() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let role = admin.role("Einsatzkraft").await;
        admin
            .api(
                "POST",
                "/people/invitations",
                invitation(&founded, &role, JOERG),
            )
            .await;
        let mail = delivered(world).await;
        assert_eq!(mail.to, [JOERG]);
        assert_eq!(mail.subject, "Einladung zu Feuerwehr Musterstadt");
        let page = world.browser().get(&link_in(&mail.text)).await;
        assert_eq!(page.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_second_link_ends_the_first_and_all_end_in_time() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let role = admin.role("Einsatzkraft").await;
        let answer = admin
            .api(
                "POST",
                "/people/invitations",
                invitation(&founded, &role, JOERG),
            )
            .await;
        let id = answer.json()["membership_id"].as_str().unwrap().to_owned();
        let first = link_in(&world.mail().await);
        world.pass(10);
        let again = format!("/people/{id}/actions/invite-again");
        let answer = admin.api("POST", &again, json!({})).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        let second = link_in(&world.mail().await);
        let mut browser = world.browser();
        assert_eq!(browser.get(&first).await.status, 410);
        assert_eq!(browser.get(&second).await.status, 200);
        world.pass(3 * 24 * 3600 - 1);
        assert_eq!(browser.get(&second).await.status, 200);
        world.pass(1);
        assert_eq!(browser.get(&second).await.status, 410);
        // Joined or not, the same person is not invited twice.
        let mut admin = world.signed_in(ADMIN).await;
        let answer = admin
            .api(
                "POST",
                "/people/invitations",
                invitation(&founded, &role, JOERG),
            )
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (409, "member_already")
        );
    })
    .await;
}

#[tokio::test]
async fn who_is_a_member_elsewhere_keeps_their_password() {
    each(async |world| {
        world.brigade().await;
        let other = world
            .found("Werkfeuerwehr", "chef@example.org", false)
            .await;
        let mut chef = world.signed_in("chef@example.org").await;
        let role = chef.role("Einsatzkraft").await;
        let answer = chef
            .api(
                "POST",
                "/people/invitations",
                invitation(&other, &role, ADMIN),
            )
            .await;
        assert_eq!(answer.status, 201);
        let link = link_in(&world.mail().await);
        let mut anna = world.browser();
        let page = anna.get(&link).await;
        assert!(!page.text.contains("name=\"password\""), "{}", page.text);
        let code = link.split_once("code=").unwrap().1;
        let answer = anna.submit("/invitation", &[("code", code)]).await;
        assert_eq!(answer.status, 303);
        let to = answer.header("location").to_owned();
        assert!(to.starts_with("/sign-in"), "{to}");
        anna.get(&to).await.shows("role=\"status\"");
        let fields = [("email", ADMIN), ("password", PASSWORD)];
        assert_eq!(anna.submit("/sign-in", &fields).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn roles_and_groups_change_and_members_leave() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let unit = founded.unit;
        let answer = admin
            .api(
                "POST",
                &format!("/units/{unit}/groups"),
                json!({ "name": "Gruppe 1", "ric": "12345" }),
            )
            .await;
        assert_eq!(answer.status, 201);
        let group = answer.json()["id"].as_str().unwrap().to_owned();
        let role = admin.role("Einsatzkraft").await;
        let answer = admin
            .api(
                "POST",
                "/people/invitations",
                invitation(&founded, &role, JOERG),
            )
            .await;
        let id = answer.json()["membership_id"].as_str().unwrap().to_owned();
        let officer = admin.role("Leitung").await;
        let change = json!({ "role_ids": [officer], "group_ids": [group] });
        let answer = admin.api("PATCH", &format!("/people/{id}"), change).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        let people = admin.read("/people").await;
        let joerg = people["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["membership_id"] == *id)
            .unwrap()
            .clone();
        assert_eq!(joerg["roles"][0]["name"], "Leitung");
        assert_eq!(joerg["groups"][0]["name"], "Gruppe 1");
        assert_eq!(joerg["reach"]["devices"], 0);
        assert_eq!(
            admin
                .api("DELETE", &format!("/groups/{group}"), Value::Null)
                .await
                .status,
            204
        );
        assert_eq!(
            admin
                .api("DELETE", &format!("/groups/{group}"), Value::Null)
                .await
                .status,
            404
        );
        assert_eq!(
            admin
                .api("DELETE", &format!("/people/{id}"), Value::Null)
                .await
                .status,
            204
        );
        assert_eq!(
            admin
                .api("DELETE", &format!("/people/{id}"), Value::Null)
                .await
                .status,
            404
        );
        // Somebody must be left who manages people.
        let own = admin.read("/me").await["membership"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let answer = admin
            .api("DELETE", &format!("/people/{own}"), Value::Null)
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (409, "last_administrator")
        );
        let answer = admin
            .api(
                "PATCH",
                &format!("/people/{own}"),
                json!({ "role_ids": [] }),
            )
            .await;
        assert_eq!(answer.status, 409);
    })
    .await;
}

#[tokio::test]
async fn lists_come_in_pieces() {
    each(async |world| {
        let founded = world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let role = admin.role("Einsatzkraft").await;
        for n in 0..5 {
            let email = format!("p{n}@example.org");
            let answer = admin
                .api(
                    "POST",
                    "/people/invitations",
                    invitation(&founded, &role, &email),
                )
                .await;
            assert_eq!(answer.status, 201);
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = admin.read(&format!("/people?limit=2{after}")).await;
            for item in page["items"].as_array().unwrap() {
                seen.push(item["email"].as_str().unwrap().to_owned());
            }
            let Some(next) = page["next"].as_str() else {
                break;
            };
            after = format!("&after={next}");
        }
        assert_eq!(seen.len(), 6);
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 6, "each once");
        let answer = admin.api("GET", "/people?after=x", Value::Null).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "malformed_cursor")
        );
    })
    .await;
}

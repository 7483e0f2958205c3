//! The first start: a link from the console, used once.

use serde_json::Value;

use crate::common::{ORIGIN, PASSWORD, World, each};

async fn link(world: &World) -> String {
    let link = identity::ensure_setup_link(&world.identity).await.unwrap();
    link.unwrap().strip_prefix(ORIGIN).unwrap().to_owned()
}

fn code(link: &str) -> &str {
    link.strip_prefix("/setup?code=").unwrap()
}

fn filled(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("code", code),
        ("organisation", "Feuerwehr <Musterstadt>"),
        ("unit", "Löschzug Mitte"),
        ("zone", "Europe/Vienna"),
        ("familiar", "1"),
        ("given_name", "Anna"),
        ("family_name", "Berg"),
        ("email", "Anna.Berg@example.org"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ]
}

#[tokio::test]
async fn the_link_makes_an_organisation_once() {
    each(async |world| {
        let mut browser = world.browser();
        let link = link(world).await;
        browser.get(&link).await.shows("name=\"organisation\"");
        // Looking does not use it up.
        assert_eq!(browser.get(&link).await.status, 200);
        let answer = browser.submit("/setup", &filled(code(&link))).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let me = browser.read("/me").await;
        assert_eq!(me["organisation"]["name"], "Feuerwehr <Musterstadt>");
        assert_eq!(me["organisation"]["zone"], "Europe/Vienna");
        assert_eq!(me["organisation"]["familiar"], true);
        assert_eq!(me["person"]["email"], "anna.berg@example.org");
        assert_eq!(me["units"][0]["name"], "Löschzug Mitte");
        let all = people::Permission::ALL.len();
        assert_eq!(me["permissions"].as_array().unwrap().len(), all);

        let mut other = world.browser();
        assert_eq!(other.get(&link).await.status, 410);
        let again = other.submit("/setup", &filled(code(&link))).await;
        assert_eq!(again.status, 410);
        let more = identity::renew_setup_link(&world.identity).await.unwrap();
        assert_eq!(more, None);
    })
    .await;
}

#[tokio::test]
async fn links_end_after_a_day_and_by_a_newer_one() {
    each(async |world| {
        let mut browser = world.browser();
        let first = link(world).await;
        let second = link(world).await;
        assert_eq!(browser.get(&first).await.status, 410);
        world.pass(24 * 3600 - 1);
        assert_eq!(browser.get(&second).await.status, 200);
        world.pass(1);
        let answer = browser.get(&second).await;
        assert_eq!(answer.status, 410);
        answer.shows("obhut setup-link");
        let answer = browser.submit("/setup", &filled(code(&second))).await;
        assert_eq!(answer.status, 410);
        for wrong in [
            "/setup",
            "/setup?code=",
            "/setup?code=%00",
            "/setup?code=abc",
        ] {
            assert_eq!(browser.get(wrong).await.status, 410, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_typed_comes_back_with_what_is_wrong() {
    each(async |world| {
        let mut browser = world.browser();
        let link = link(world).await;
        let wrong = [
            ("code", code(&link)),
            ("organisation", ""),
            ("unit", "Löschzug \"Mitte\""),
            ("zone", "Europe/Nowhere"),
            ("given_name", "Anna"),
            ("family_name", "Berg"),
            ("email", "anna"),
            ("password", "feuerwehr112"),
            ("password_again", "feuerwehr112"),
        ];
        let answer = browser.submit("/setup", &wrong).await;
        assert_eq!(answer.status, 422);
        answer.shows("role=\"alert\"");
        for field in ["organisation", "zone", "email", "password"] {
            answer.shows(&format!("href=\"#{field}\""));
            answer.shows(&format!("id=\"{field}-error\""));
        }
        assert!(!answer.text.contains("href=\"#unit\""));
        answer.shows("value=\"Löschzug &quot;Mitte&quot;\"");
        assert!(
            !answer.text.contains("feuerwehr112"),
            "passwords do not come back"
        );
        // The link still works.
        let answer = browser.submit("/setup", &filled(code(&link))).await;
        assert_eq!(answer.status, 303);
    })
    .await;
}

#[tokio::test]
async fn every_field_has_a_label_and_every_link_a_place() {
    each(async |world| {
        let link = link(world).await;
        let answer = world
            .browser()
            .submit("/setup", &[("code", code(&link))])
            .await;
        assert_eq!(answer.status, 422);
        let all = |before: &str| -> Vec<String> {
            let parts = answer.text.split(before).skip(1);
            parts
                .map(|it| it.split('"').next().unwrap().to_owned())
                .collect()
        };
        let ids = all(" id=\"");
        for name in all(" name=\"").iter().filter(|it| *it != "code") {
            if ["viewport", "color-scheme", "theme-color", "robots"].contains(&name.as_str()) {
                continue;
            }
            assert!(ids.contains(name), "{name}");
            answer.shows(&format!("for=\"{name}\""));
        }
        for target in all("href=\"#").iter().filter(|it| *it != "content") {
            assert!(ids.contains(target), "{target}");
        }
        for described in all("aria-describedby=\"") {
            for id in described.split_whitespace() {
                assert!(ids.iter().any(|it| it == id), "{id}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn until_then_everything_else_is_shut() {
    each(async |world| {
        let mut browser = world.browser();
        for path in ["/", "/sign-in", "/help", "/invitation", "/privacy-notice"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, 503, "{path}");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            answer.shows("obhut setup-link");
        }
        let answer = browser.api("GET", "/me", Value::Null).await;
        assert_eq!((answer.status, answer.code().as_str()), (503, "not_set_up"));
        world.brigade().await;
        assert_eq!(browser.get("/help").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_foreign_page_sets_nothing_up() {
    each(async |world| {
        let mut browser = world.browser();
        let link = link(world).await;
        let kind = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ];
        let body = crate::common::form(&filled(code(&link)));
        let answer = browser.send("POST", "/setup", &kind, body).await;
        assert_eq!(answer.status, 403);
        assert_eq!(browser.get(&link).await.status, 200);
    })
    .await;
}

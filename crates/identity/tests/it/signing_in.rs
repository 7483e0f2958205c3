//! Signing in and out by plain forms.

use serde_json::{Value, json};

use crate::common::{ADMIN, PASSWORD, each, each_at, form};

#[tokio::test]
async fn right_wrong_and_unknown() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.browser();
        let page = browser.get("/sign-in?next=%2Fpeople").await;
        page.shows("Feuerwehr Musterstadt");
        page.shows("value=\"/people\"");
        let fields = |email, password| {
            [
                ("email", email),
                ("password", password),
                ("next", "/people"),
            ]
        };
        let wrong = browser
            .submit("/sign-in", &fields(ADMIN, "nicht das"))
            .await;
        let unknown = browser
            .submit("/sign-in", &fields("bert@example.org", "nicht das"))
            .await;
        assert_eq!((wrong.status, unknown.status), (422, 422));
        let same = |text: &str| text.replace(ADMIN, "X").replace("bert@example.org", "X");
        assert_eq!(same(&wrong.text), same(&unknown.text));
        wrong.shows("role=\"alert\"");
        wrong.shows(&format!("value=\"{ADMIN}\""));
        assert!(!wrong.text.contains("nicht das"));
        assert!(wrong.cookie("obhut_session").is_none());

        let right = browser
            .submit("/sign-in", &fields(" Anna.Berg@example.org ", PASSWORD))
            .await;
        assert_eq!((right.status, right.header("location")), (303, "/people"));
        let cookie = right.cookie("obhut_session").unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
            "{cookie}"
        );
        assert!(!cookie.contains("Max-Age"), "until the browser is closed");
        assert!(
            right
                .cookie("obhut_known")
                .unwrap()
                .contains("Max-Age=31536000")
        );
        let me = browser.read("/me").await;
        assert_eq!(me["membership"]["given_name"], "Anna");
        // Signed in already.
        let answer = browser.get("/sign-in?next=%2Falarm").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/alarm"));
    })
    .await;
}

#[tokio::test]
async fn staying_signed_in_lasts_fourteen_days() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.browser();
        let fields = [("email", ADMIN), ("password", PASSWORD), ("stay", "1")];
        let answer = browser.submit("/sign-in", &fields).await;
        let cookie = answer.cookie("obhut_session").unwrap();
        assert!(cookie.contains("Max-Age=1209600"), "{cookie}");
        world.pass(13 * 24 * 3600);
        browser.read("/me").await;
        world.pass(24 * 3600 - 1);
        browser.read("/me").await;
        world.pass(1);
        assert_eq!(browser.api("GET", "/me", Value::Null).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host() {
    each_at("https://alarm.example.org", async |world| {
        world.brigade().await;
        let mut browser = world.browser();
        let fields = [("email", ADMIN), ("password", PASSWORD)];
        let answer = browser.submit("/sign-in", &fields).await;
        for name in ["__Host-obhut", "__Host-obhut_known"] {
            let cookie = answer.cookie(name).unwrap();
            assert!(cookie.ends_with("; Secure"), "{cookie}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    each(async |world| {
        world.brigade().await;
        for next in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/sign-out",
        ] {
            let mut browser = world.browser();
            let fields = [("email", ADMIN), ("password", PASSWORD), ("next", next)];
            let answer = browser.submit("/sign-in", &fields).await;
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, "/"),
                "{next}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn failures_are_slowed_down_and_a_known_browser_is_not() {
    each(async |world| {
        world.brigade().await;
        let mut known = world.signed_in(ADMIN).await;
        known.submit("/sign-out", &[]).await;
        let mut stranger = world.browser();
        for (email, password) in [(ADMIN, "falsch"), ("bert@example.org", "falsch")] {
            let fields = [("email", email), ("password", password)];
            for _ in 0..5 {
                assert_eq!(stranger.submit("/sign-in", &fields).await.status, 422);
            }
            let answer = stranger.submit("/sign-in", &fields).await;
            assert_eq!(answer.status, 429, "{email}");
            // The delay, rounded up, and the second that is running.
            assert_eq!(answer.header("retry-after"), "6");
            answer.shows("6 Sekunden");
            answer.shows(&format!("value=\"{email}\""));
        }
        let right = [("email", ADMIN), ("password", PASSWORD)];
        assert_eq!(stranger.submit("/sign-in", &right).await.status, 429);
        assert_eq!(known.submit("/sign-in", &right).await.status, 303);
        world.pass(6);
        assert_eq!(stranger.submit("/sign-in", &right).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn signing_out_needs_the_button() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.signed_in(ADMIN).await;
        let mut copy = browser.clone();
        browser.get("/sign-out").await.shows("method=\"post\"");
        browser.read("/me").await;
        let answer = browser.submit("/sign-out", &[]).await;
        assert_eq!(answer.status, 303);
        assert!(
            browser.cookies.contains_key("obhut_known"),
            "the browser stays known"
        );
        assert!(!browser.cookies.contains_key("obhut_session"));
        browser
            .get(answer.header("location"))
            .await
            .shows("role=\"status\"");
        // The session itself is over, not just its cookie.
        assert_eq!(copy.api("GET", "/me", Value::Null).await.status, 401);
        assert_eq!(browser.get("/sign-out").await.status, 303);
        assert_eq!(browser.submit("/sign-out", &[]).await.status, 303);
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.signed_in(ADMIN).await;
        let mut before = browser.clone();
        let fields = [("email", ADMIN), ("password", PASSWORD)];
        assert_eq!(browser.submit("/sign-in", &fields).await.status, 303);
        assert_eq!(before.api("GET", "/me", Value::Null).await.status, 401);
        assert_eq!(
            browser.read("/sessions").await["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_foreign_page_signs_nobody_in_or_out() {
    each(async |world| {
        world.brigade().await;
        let foreign = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ];
        let mut browser = world.browser();
        let body = form(&[("email", ADMIN), ("password", PASSWORD)]);
        let answer = browser.send("POST", "/sign-in", &foreign, body).await;
        assert_eq!(answer.status, 403);
        let mut browser = world.signed_in(ADMIN).await;
        let answer = browser
            .send("POST", "/sign-out", &foreign, String::new())
            .await;
        assert_eq!(answer.status, 403);
        browser.read("/me").await;
    })
    .await;
}

#[tokio::test]
async fn garbage_is_refused_with_a_page() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.browser();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        for body in [
            "email=%ff&password=%00",
            "email=a%00b&password=x",
            "",
            "email=a&email=b",
            "=",
        ] {
            let answer = browser
                .send("POST", "/sign-in", &kind, body.to_owned())
                .await;
            assert!(
                (400..500).contains(&answer.status),
                "{body}: {}",
                answer.status
            );
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        }
        let answer = browser
            .send("POST", "/sign-in", &kind, "x".repeat(100_000))
            .await;
        assert_eq!(answer.status, 413);
    })
    .await;
}

#[tokio::test]
async fn the_language_is_a_persons_own() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.signed_in(ADMIN).await;
        let answer = browser
            .api("PATCH", "/me", json!({ "language": "en" }))
            .await;
        assert_eq!(answer.status, 204);
        assert_eq!(browser.read("/me").await["person"]["language"], "en");
        browser.get("/help").await.shows("<html lang=\"en\">");
        let answer = browser
            .api("PATCH", "/me", json!({ "language": "fr" }))
            .await;
        assert_eq!(
            (answer.status, answer.json()["fields"][0]["field"].as_str()),
            (422, Some("language"))
        );
        let answer = browser.api("PATCH", "/me", json!({ "name": "x" })).await;
        assert_eq!(answer.status, 400);
    })
    .await;
}

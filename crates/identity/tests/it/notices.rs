//! Pages that everybody may see, in both languages and both forms of address.

use base::Lang;

use crate::common::{ADMIN, World, each};

/// Every page in its states, by a path to open and a status.
async fn pages(world: &World) -> Vec<(String, u16)> {
    let mut admin = world.signed_in(ADMIN).await;
    let role = admin.role("Einsatzkraft").await;
    let unit = admin.read("/me").await["units"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let person = serde_json::json!({
        "email": "joerg@example.org", "given_name": "Jörg", "family_name": "Özdemir",
        "unit_id": unit, "role_id": role,
    });
    let answer = admin.api("POST", "/people/invitations", person).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let link = crate::common::link_in(&world.mail().await);
    vec![
        ("/sign-in?x=1".to_owned(), 200),
        (format!("{link}&x=1"), 200),
        ("/invitation?code=abc".to_owned(), 410),
        ("/setup?code=abc".to_owned(), 410),
        ("/privacy-notice?x=1".to_owned(), 200),
        ("/imprint?x=1".to_owned(), 200),
        ("/help?x=1".to_owned(), 200),
    ]
}

#[tokio::test]
async fn every_page_renders_in_both_languages() {
    each(async |world| {
        world.brigade().await;
        for (path, status) in pages(world).await {
            for lang in Lang::ALL {
                let mut browser = world.browser();
                let answer = browser.get(&format!("{path}&lang={}", lang.code())).await;
                assert_eq!(answer.status, status, "{path}");
                answer.shows(&format!("<html lang=\"{}\">", lang.code()));
                answer.shows("<main id=\"content\"");
                for never in ["style=", "<script", "onclick", "{{", "{%"] {
                    assert!(!answer.text.contains(never), "{path}: {never}");
                }
                assert_eq!(answer.text.matches("<h1").count(), 1, "{path}");
                assert_eq!(answer.header("referrer-policy"), "no-referrer");
            }
        }
        let mut admin = world.signed_in(ADMIN).await;
        admin
            .get("/sign-out?lang=en")
            .await
            .shows("<html lang=\"en\">");
    })
    .await;
}

#[tokio::test]
async fn a_brigade_is_spoken_to_as_it_wants() {
    each(async |world| {
        world.brigade().await;
        for (path, _) in pages(world).await {
            let answer = world.browser().get(&path).await;
            let formal = [" Sie ", " Sie.", " Ihre", " Ihr ", " Ihnen"];
            let main = answer.text.split("<main").nth(1).unwrap();
            for word in formal {
                assert!(!main.contains(word), "{path} says {word:?}: {main}");
            }
        }
    })
    .await;
    each(async |world| {
        world.found("Werkfeuerwehr", ADMIN, false).await;
        for (path, _) in pages(world).await {
            let answer = world.browser().get(&path).await;
            let main = answer.text.split("<main").nth(1).unwrap();
            for word in [" du ", " dein", " dich ", " dir "] {
                assert!(!main.contains(word), "{path} says {word:?}: {main}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_privacy_notice_tells_what_is_kept_and_for_how_long() {
    each(async |world| {
        world.brigade().await;
        let mut browser = world.browser();
        let page = browser.get("/privacy-notice").await;
        page.shows("Feuerwehr Musterstadt");
        page.shows("Anmeldung");
        page.shows("14 Tage");
        page.shows("Art. 6 Abs. 1 lit. e DSGVO");
        page.shows("22.11.2026");
        page.shows("obhut_session");
        let page = browser.get("/privacy-notice?lang=en").await;
        page.shows("14 days");
    })
    .await;
}

#[tokio::test]
async fn the_imprint_shows_what_was_filled_in() {
    each(async |world| {
        world.brigade().await;
        let mut admin = world.signed_in(ADMIN).await;
        let details = serde_json::json!({
            "address": "Wache 1\n12345 Musterstadt", "contact": "post@example.org",
            "protection_officer": "dsb@example.org",
        });
        let answer = admin.api("PATCH", "/organisation", details).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        let mut browser = world.browser();
        let page = browser.get("/imprint").await;
        page.shows("12345 Musterstadt");
        page.shows("post@example.org");
        browser
            .get("/privacy-notice")
            .await
            .shows("dsb@example.org");
        let view = admin.read("/organisation").await;
        assert_eq!(view["contact"], "post@example.org");
    })
    .await;
}

//! Every template renders with samples in both languages, and the files of the browser code go out right.

use axum::Router;
use axum::routing::get;
use base::Kind;
use http::HeaderValue;
use web::{Failure, Visitor, assets, context, page};

use crate::common::World;

#[tokio::test]
async fn every_error_has_its_page_in_both_languages() {
    let world = World::new().await;
    for (name, kind) in [
        ("invalid", Kind::Invalid),
        ("denied", Kind::Denied),
        ("not_found", Kind::NotFound),
        ("gone", Kind::Gone),
        ("too_large", Kind::TooLarge),
        ("too_often", Kind::RateLimited),
        ("unavailable", Kind::Unavailable),
        ("internal", Kind::Internal),
    ] {
        let routes = Router::new().route(
            "/page",
            get(async move || Failure::new(kind, "code", "detail")),
        );
        let app = world.app(routes);
        for lang in ["de", "en"] {
            let answer = app.get(&format!("/page?x=%22&lang={lang}"), &[]).await;
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            let title = world.ctx.pages().text(
                base::Lang::parse(lang).unwrap(),
                match name {
                    "not_found" => "error.not_found.title",
                    "denied" => "error.denied.title",
                    "gone" => "error.gone.title",
                    "too_large" => "error.too_large.title",
                    "too_often" => "error.too_often.title",
                    "unavailable" => "error.unavailable.title",
                    "internal" => "error.internal.title",
                    _ => "error.invalid.title",
                },
            );
            assert!(answer.text.contains(title), "{}", answer.text);
            assert!(!answer.text.contains("style="), "no inline styles");
            assert!(!answer.text.contains("<script"), "no script");
            assert!(
                !answer.text.contains("detail"),
                "details are for developers"
            );
        }
    }
}

#[tokio::test]
async fn pages_switch_language_in_place_and_escape_everything() {
    let world = World::new().await;
    let show = async |axum::extract::State(ctx): axum::extract::State<web::Ctx>,
                      visitor: Visitor| {
        page(
            &ctx,
            &visitor,
            "error.html",
            context! {
                text => "internal", code => "x", reference => "<b>&\"'",
            },
        )
    };
    let app = world.app(Router::new().route("/show", get(show)));
    let answer = app.get("/show?code=a%22b&lang=de", &[]).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .text
            .contains("href=\"/show?code=a%22b&amp;lang=en\""),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("<b>"), "{}", answer.text);
}

#[tokio::test]
async fn a_name_that_is_missing_is_an_error_and_not_an_empty_place() {
    let world = World::new().await;
    let pages = world.ctx.pages();
    assert!(pages.render("error.html", context! {}).is_err());
    assert!(pages.render("no-such.html", context! {}).is_err());
}

#[tokio::test]
async fn built_files_are_kept_by_browsers_and_shells_are_not() {
    let world = World::new().await;
    let shell = async |visitor: Visitor| assets::shell(&visitor, "index.html", &[("demo", "1\"")]);
    let app = world.app(assets::routes().route("/", get(shell)));
    let page = app.get("/", &[("accept-language", "en")]).await;
    if !assets::is_complete() {
        assert_eq!(page.status, 503);
        return;
    }
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.text.contains("<html lang=\"en\""));
    assert!(page.text.contains("data-demo=\"1&quot;\""), "{}", page.text);
    let sheet = app.get("/assets/look.css", &[]).await;
    assert_eq!(sheet.header("cache-control"), "no-cache");
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    let tag = sheet
        .headers
        .get("etag")
        .cloned()
        .unwrap_or(HeaderValue::from_static(""));
    let again = app
        .get(
            "/assets/look.css",
            &[("if-none-match", tag.to_str().unwrap())],
        )
        .await;
    assert_eq!((again.status, again.text.len()), (304, 0));
    let versioned = page
        .text
        .split('"')
        .find(|it| it.starts_with("/assets/look.css?v="));
    let for_ever = app.get(versioned.unwrap(), &[]).await;
    assert!(for_ever.header("cache-control").contains("immutable"));
    let script = page
        .text
        .split('"')
        .find(|it| it.starts_with("/assets/app-"));
    let script = app
        .get(script.unwrap(), &[("accept-encoding", "br, gzip")])
        .await;
    assert!(script.header("cache-control").contains("immutable"));
    assert_eq!(script.header("content-encoding"), "br");
    let worker = app.get("/sw.js", &[]).await;
    assert_eq!(worker.header("service-worker-allowed"), "/");
    assert_eq!(worker.header("cache-control"), "no-cache");
}

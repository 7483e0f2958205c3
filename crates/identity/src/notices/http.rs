//! The pages `/privacy-notice`, `/imprint` and `/help`.

use axum::Router;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use people::organisation::{self, Organisation};
use people::{Operator, permit};
use web::{Class, Failure, Visitor, context};

use crate::{App, clauses};

pub(crate) fn pages(app: &App) -> Router<App> {
    Router::new()
        .route("/privacy-notice", get(show_privacy_notice))
        .route("/imprint", get(show_imprint))
        .route("/help", get(show_help))
        .layer(web::limit(&app.ctx, Class::Page))
}

/// The organisation of who is signed in, else the oldest; `None` before the set-up.
async fn organisation_for(app: &App, visitor: &Visitor) -> Result<Option<Organisation>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    if let Some(actor) = &visitor.actor {
        let grant = Operator::not_from_a_request().grant::<permit::Oneself>(actor.org());
        return Ok(Some(organisation::of(&mut tx, &grant).await?));
    }
    Ok(organisation::first(&mut tx).await?)
}

/// Name and texts of an organisation; lines of addresses stay lines.
fn values(organisation: Option<&Organisation>) -> minijinja::Value {
    let lines = |text: &str| -> Vec<String> {
        text.lines()
            .map(str::trim)
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
            .collect()
    };
    context! {
        name => organisation.map_or("", |it| &it.name),
        address => organisation.map(|it| lines(it.details.address.as_str())).unwrap_or_default(),
        contact => organisation.map_or("", |it| it.details.contact.as_str()),
        protection_officer => organisation.map_or("", |it| it.details.protection_officer.as_str()),
    }
}

async fn show(
    app: &App,
    visitor: &Visitor,
    template: &str,
    more: minijinja::Value,
) -> Result<Response, Failure> {
    let organisation = organisation_for(app, visitor).await?;
    let values = context! { organisation => values(organisation.as_ref()), ..more };
    let page: Html<String> = web::page(&app.ctx, visitor, template, values)?;
    Ok(page.into_response())
}

async fn show_privacy_notice(
    State(app): State<App>,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let processings = clauses::processings(&app.tables, visitor.lang);
    let session = web::cookie::session_name(app.ctx.secure());
    let known = if app.ctx.secure() {
        "__Host-obhut_known"
    } else {
        "obhut_known"
    };
    let more = context! { processings, session_cookie => session, known_cookie => known };
    show(&app, &visitor, "privacy_notice.html", more).await
}

async fn show_imprint(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    show(&app, &visitor, "imprint.html", context! {}).await
}

async fn show_help(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    show(&app, &visitor, "help.html", context! {}).await
}

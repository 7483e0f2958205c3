//! The pages `/privacy-notice`, `/imprint` and `/help`.

use axum::Router;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use base::Lang;
use people::organisation::Organisation;
use web::{Class, Failure, Visitor, context};

use crate::{App, clauses};

pub(crate) fn pages(app: &App) -> Router<App> {
    Router::new()
        .route("/privacy-notice", get(show_privacy_notice))
        .route("/imprint", get(show_imprint))
        .route("/help", get(show_help))
        .layer(web::limit(&app.ctx, Class::Page))
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

fn show(
    app: &App,
    visitor: &Visitor,
    template: &str,
    organisation: Option<Organisation>,
    more: minijinja::Value,
) -> Result<Response, Failure> {
    let values = context! {
        organisation => values(organisation.as_ref()),
        familiar => organisation.is_some_and(|it| it.familiar),
        ..more
    };
    let page: Html<String> = web::page(&app.ctx, visitor, template, values)?;
    Ok(page.into_response())
}

async fn show_privacy_notice(
    State(app): State<App>,
    visitor: Visitor,
) -> Result<Response, Failure> {
    let organisation = app.speaker(&visitor).await?;
    let (mut periods, mut today) = (clauses::Periods::new(), String::new());
    if let Some(organisation) = &organisation {
        let mut tx = app.ctx.store().read().await?;
        periods = clauses::periods(&mut tx, organisation.id, &app.tables).await?;
        let now = app.ctx.clock().now().to_zoned(organisation.zone.rules());
        let form = match visitor.lang {
            Lang::De => "%d.%m.%Y",
            Lang::En => "%-d %B %Y",
        };
        today = now.strftime(form).to_string();
    }
    let processings = clauses::processings(&app.tables, &periods, visitor.lang);
    let session = web::cookie::session_name(app.ctx.secure());
    let known = if app.ctx.secure() {
        "__Host-obhut_known"
    } else {
        "obhut_known"
    };
    let more = context! {
        version => clauses::version(&processings),
        processings,
        today,
        session_cookie => session,
        known_cookie => known,
    };
    show(&app, &visitor, "privacy_notice.html", organisation, more)
}

async fn show_imprint(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let organisation = app.speaker(&visitor).await?;
    show(&app, &visitor, "imprint.html", organisation, context! {})
}

async fn show_help(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let organisation = app.speaker(&visitor).await?;
    show(&app, &visitor, "help.html", organisation, context! {})
}

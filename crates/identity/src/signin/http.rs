//! The pages `/sign-in` and `/sign-out`: plain forms.

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use people::session::{self, Browser};
use people::signin::{AddressPrefix, Attempt};
use people::{PeopleError, oneself, organisation};
use serde::Deserialize;
use store::act;
use web::{Class, Failure, Query, Visitor, context, cookie};

use super::model::safe_next;
use crate::App;
use crate::form::{Form, Hidden};

pub(crate) fn pages(app: &App) -> Router<App> {
    let sign_in = Router::new()
        .route("/sign-in", get(show_sign_in).post(sign_in))
        .layer(web::limit(&app.ctx, Class::SignIn));
    let sign_out = Router::new()
        .route("/sign-out", get(show_sign_out).post(sign_out))
        .layer(web::limit(&app.ctx, Class::Page));
    sign_in.merge(sign_out)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    next: String,
    welcome: Option<String>,
}

/// What was typed.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    email: String,
    password: Hidden,
    stay: Option<String>,
    next: String,
}

/// Where a request comes from and with which browser.
struct From {
    prefix: Option<AddressPrefix>,
    headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self {
            prefix: web::limit::address(&parts.extensions).map(AddressPrefix::of),
            headers: parts.headers.clone(),
        })
    }
}

impl From {
    fn browser(&self) -> Browser {
        let header = self.headers.get(USER_AGENT).and_then(|it| it.to_str().ok());
        Browser::read(header.unwrap_or_default())
    }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    typed: &Typed,
    status: StatusCode,
    wrong: Option<String>,
    welcome: bool,
) -> Result<Response, Failure> {
    let mut form = Form::new(&app.ctx, visitor.lang, "sign_in");
    form.line("email", "email", "username", true, &typed.email);
    form.line("password", "password", "current-password", true, "");
    form.tick("stay", typed.stay.is_some());
    if let Some(text) = wrong {
        form.wrong_at_all(text);
    }
    let mut tx = app.ctx.store().read().await?;
    let organisation = organisation::first(&mut tx).await?.map(|it| it.name);
    drop(tx);
    let next = safe_next(&typed.next);
    let values = context! { form => form.show(), next, organisation, welcome };
    let page = web::page(&app.ctx, visitor, "sign_in.html", values)?;
    Ok((status, page).into_response())
}

async fn show_sign_in(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    if visitor
        .actor
        .as_ref()
        .is_some_and(|it| it.person_id().is_some())
    {
        return Ok(Redirect::to(safe_next(&asked.next)).into_response());
    }
    let typed = Typed {
        next: asked.next,
        ..Typed::default()
    };
    let welcome = asked.welcome.is_some();
    page(&app, &visitor, &typed, StatusCode::OK, None, welcome).await
}

async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    from: From,
    web::Form(mut typed): web::Form<Typed>,
) -> Result<Response, Failure> {
    let password = std::mem::take(&mut typed.password.0);
    let attempt = Attempt {
        email: &typed.email,
        password,
        stay: typed.stay.is_some(),
        known: cookie::known(&app.ctx, &from.headers),
        from: from.prefix,
        browser: from.browser(),
    };
    let text = |key: &'static str| app.ctx.pages().text(visitor.lang, key).to_owned();
    match app.people.sign_in(attempt).await {
        Ok(Some(signed_in)) => {
            let mut response = Redirect::to(safe_next(&typed.next)).into_response();
            set(
                &mut response,
                cookie::set_session(&app.ctx, &signed_in.session),
            );
            set(&mut response, cookie::set_known(&app.ctx, &signed_in.known));
            Ok(response)
        }
        Ok(None) => {
            let wrong = Some(text("sign_in.refused"));
            page(
                &app,
                &visitor,
                &typed,
                StatusCode::UNAUTHORIZED,
                wrong,
                false,
            )
            .await
        }
        Err(PeopleError::Wait { seconds }) => {
            let wrong = text("sign_in.wait").replace("{wait}", &spoken(seconds));
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = page(&app, &visitor, &typed, status, Some(wrong), false).await?;
            let headers = response.headers_mut();
            headers.insert(axum::http::header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// Seconds up to two minutes, then minutes: `40 s`, `15 min`.
fn spoken(seconds: u32) -> String {
    if seconds <= 120 {
        format!("{seconds} s")
    } else {
        format!("{} min", seconds.div_ceil(60))
    }
}

fn set(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

async fn show_sign_out(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    if visitor.actor.is_none() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let page = web::page(&app.ctx, &visitor, "sign_out.html", context! {})?;
    Ok(page.into_response())
}

async fn sign_out(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    // A monitor has nothing of its own: its cookie is taken away and that is all.
    if let Some(grant) = visitor.actor.as_ref().and_then(|it| oneself(it).ok()) {
        let pen = app.people.pen(&grant, None).await?;
        act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
            session::sign_out(tx, &pen, &grant).await
        })?;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    set(&mut response, cookie::clear_session(&app.ctx));
    Ok(response)
}

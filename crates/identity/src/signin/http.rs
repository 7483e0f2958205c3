//! The pages `/sign-in` and `/sign-out`: plain forms.

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use people::session::{self, Browser};
use people::signin::{AddressPrefix, Attempt, SignedIn};
use people::{Actor, PeopleError, oneself};
use seal::Zeroizing;
use serde::Deserialize;
use store::act;
use web::{Class, Failure, Query, Visitor, context, cookie};

use super::model::{Delay, safe_next};
use crate::App;
use crate::form::{Form, Hidden};

pub(crate) fn pages(app: &App) -> Router<App> {
    // Looking at the form is not an attempt: a whole station may share one address.
    let page = || web::limit(&app.ctx, Class::Page);
    let attempt = post(sign_in).layer(web::limit(&app.ctx, Class::SignIn));
    let sign_in = get(show_sign_in).layer(page()).merge(attempt);
    let sign_out = get(show_sign_out).post(sign_out).layer(page());
    Router::new()
        .route("/sign-in", sign_in)
        .route("/sign-out", sign_out)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    next: String,
    /// What happened before: `welcome`, `joined` or `out`.
    after: String,
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
pub(crate) struct From {
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

/// What stands above the form.
#[derive(Clone, Copy)]
enum Said<'a> {
    /// What happened before.
    After(&'a str),
    /// Address and password don't go together, or nobody has the address.
    Refused,
    /// Too many people at once.
    Busy,
    /// Too many attempts.
    Wait(Delay),
}

async fn page(
    app: &App,
    visitor: &Visitor,
    typed: &Typed,
    said: Said<'_>,
) -> Result<Response, Failure> {
    let organisation = app.organisation().await?;
    let familiar = organisation.as_ref().is_some_and(|it| it.familiar);
    let mut form = Form::new(&app.ctx, visitor.lang, familiar, "sign_in");
    form.line("email", "email", "username", true, &typed.email);
    form.line("password", "password", "current-password", true, "");
    form.tick("stay", typed.stay.is_some());
    let (mut status, mut delay, mut after) = (StatusCode::OK, None, "");
    match said {
        Said::After(what) => after = what,
        Said::Refused => {
            form.wrong_at_all("refused");
            status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Said::Busy => {
            form.wrong_at_all("busy");
            status = StatusCode::SERVICE_UNAVAILABLE;
        }
        Said::Wait(wait) => {
            delay = Some(context! { key => wait.key, n => wait.n });
            status = StatusCode::TOO_MANY_REQUESTS;
        }
    }
    let values = context! {
        form => form.show(),
        next => safe_next(&typed.next),
        organisation => organisation.map(|it| it.name),
        familiar,
        delay,
        after,
    };
    let page = web::page(&app.ctx, visitor, "sign_in.html", values)?;
    Ok((status, page).into_response())
}

async fn show_sign_in(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let person = visitor.actor.as_ref().and_then(Actor::person_id);
    if person.is_some() {
        return Ok(Redirect::to(safe_next(&asked.next)).into_response());
    }
    let after = match asked.after.as_str() {
        known @ ("welcome" | "joined" | "out") => known,
        _ => "",
    };
    let typed = Typed {
        next: asked.next,
        ..Typed::default()
    };
    page(&app, &visitor, &typed, Said::After(after)).await
}

async fn sign_in(
    State(app): State<App>,
    visitor: Visitor,
    from: From,
    web::Form(mut typed): web::Form<Typed>,
) -> Result<Response, Failure> {
    let password = std::mem::take(&mut typed.password.0);
    let stay = typed.stay.is_some();
    match attempt(&app, &from, &typed.email, password, stay).await {
        Ok(Some(signed_in)) => {
            if let Some(before) = &visitor.actor {
                end(&app, before).await?;
            }
            Ok(welcome(&app, &signed_in, safe_next(&typed.next)))
        }
        Ok(None) => page(&app, &visitor, &typed, Said::Refused).await,
        Err(PeopleError::Wait { seconds }) => {
            let said = Said::Wait(Delay::of(seconds));
            let mut response = page(&app, &visitor, &typed, said).await?;
            let later = HeaderValue::from(seconds);
            response.headers_mut().insert(RETRY_AFTER, later);
            Ok(response)
        }
        Err(PeopleError::Busy) => page(&app, &visitor, &typed, Said::Busy).await,
        Err(error) => Err(error.into()),
    }
}

async fn attempt(
    app: &App,
    from: &From,
    email: &str,
    password: Zeroizing<String>,
    stay: bool,
) -> Result<Option<SignedIn>, PeopleError> {
    let attempt = Attempt {
        email,
        password,
        stay,
        known: cookie::known(&app.ctx, &from.headers),
        from: from.prefix,
        browser: from.browser(),
    };
    app.people.sign_in(attempt).await
}

/// Signs somebody in with the password they just chose; if that can't be now, shows them the form.
pub(crate) async fn enter(
    app: &App,
    from: &From,
    email: &str,
    password: Zeroizing<String>,
) -> Result<Response, Failure> {
    match attempt(app, from, email, password, false).await {
        Ok(Some(signed_in)) => Ok(welcome(app, &signed_in, "/")),
        Ok(None) | Err(PeopleError::Wait { .. } | PeopleError::Busy) => {
            Ok(Redirect::to("/sign-in?after=welcome").into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends somebody who signed in on, with their cookies.
fn welcome(app: &App, signed_in: &SignedIn, next: &str) -> Response {
    let mut response = Redirect::to(next).into_response();
    let ctx = &app.ctx;
    set(&mut response, cookie::set_session(ctx, &signed_in.session));
    set(&mut response, cookie::set_known(ctx, &signed_in.known));
    response
}

fn set(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Ends the session somebody came with. A monitor has none: its cookie is taken away and that is all.
async fn end(app: &App, actor: &Actor) -> Result<(), PeopleError> {
    let Ok(grant) = oneself(actor) else {
        return Ok(());
    };
    let pen = app.people.pen(&grant, actor.person_id()).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        session::sign_out(tx, &pen, &grant).await
    })?;
    if let Some(session) = actor.session() {
        app.ctx.live().notify(grant.org(), &session.to_string());
    }
    Ok(())
}

async fn show_sign_out(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    if visitor.actor.is_none() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let familiar = app.is_familiar(&visitor).await?;
    let page = web::page(&app.ctx, &visitor, "sign_out.html", context! { familiar })?;
    Ok(page.into_response())
}

async fn sign_out(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    if let Some(actor) = &visitor.actor {
        end(&app, actor).await?;
    }
    let mut response = Redirect::to("/sign-in?after=out").into_response();
    set(&mut response, cookie::clear_session(&app.ctx));
    Ok(response)
}

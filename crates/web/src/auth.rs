//! Who is asking, as handlers see it: [`Signed`] for what needs somebody, [`Visitor`] for pages.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse as _, Redirect, Response};
use base::Lang;
use http::request::Parts;
use http::{HeaderMap, Uri, header::ACCEPT_LANGUAGE};
use people::Actor;

use crate::frame::Jar;
use crate::gate::{self, Session};
use crate::{Ctx, Failure, cookie, pages};

/// Somebody or something that is signed in by a session; without one the answer is 401.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

impl Deref for Signed {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.0
    }
}

impl<S> FromRequestParts<S> for Signed
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let session = session(parts, &Ctx::from_ref(state)).await?;
        session
            .map(|session| Self(session.actor))
            .ok_or_else(Failure::not_signed_in)
    }
}

impl<S> OptionalFromRequestParts<S> for Signed
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Failure> {
        let session = session(parts, &Ctx::from_ref(state)).await?;
        Ok(session.map(|session| Self(session.actor)))
    }
}

/// The session of a request, looked up once however many extractors ask.
async fn session(parts: &mut Parts, ctx: &Ctx) -> Result<Option<Session>, Failure> {
    if let Some(Found(session)) = parts.extensions.get::<Found>() {
        return Ok(session.clone());
    }
    let session = match cookie::session_token(ctx, &parts.headers) {
        None => None,
        Some(token) => gate::session(ctx.people(), token).await?,
    };
    if let Some(renewed) = session.as_ref().and_then(|it| it.renewed.as_ref())
        && let Some(jar) = parts.extensions.get::<Jar>()
    {
        jar.add(cookie::keep(ctx, &renewed.text, renewed.max_age));
    }
    parts.extensions.insert(Found(session.clone()));
    Ok(session)
}

#[derive(Clone)]
struct Found(Option<Session>);

/// Somebody who looks at a page, signed in or not.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The language to speak: asked for in the address, chosen in this browser, the person's own, the browser's.
    pub lang: Lang,
    /// Who it is, when somebody is signed in.
    pub actor: Option<Actor>,
    /// Path and query of the page, without `lang`; for links that come back here.
    pub path: String,
}

impl Visitor {
    /// A visitor of whom nothing is known but the request.
    pub(crate) fn anonymous(ctx: &Ctx, headers: &HeaderMap, uri: &Uri) -> Self {
        let asked = pages::chosen_lang(uri.query()).or_else(|| cookie::lang(headers));
        let browser = || {
            let header = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            Lang::negotiate(header)
        };
        let _ = ctx;
        Self {
            lang: asked.or_else(browser).unwrap_or_default(),
            actor: None,
            path: pages::path_without_lang(uri),
        }
    }

    /// The actor, or the way to the sign-in page and back.
    #[expect(
        clippy::result_large_err,
        reason = "the answer goes out at once, and handlers return it as it is"
    )]
    pub fn or_sign_in(&self) -> Result<&Actor, Response> {
        self.actor.as_ref().ok_or_else(|| {
            let next: String = url::form_urlencoded::byte_serialize(self.path.as_bytes()).collect();
            Redirect::to(&format!("/sign-in?next={next}")).into_response()
        })
    }
}

impl<S> FromRequestParts<S> for Visitor
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let ctx = Ctx::from_ref(state);
        let mut visitor = Self::anonymous(&ctx, &parts.headers, &parts.uri);
        if let Some(session) = session(parts, &ctx).await? {
            let chosen =
                pages::chosen_lang(parts.uri.query()).or_else(|| cookie::lang(&parts.headers));
            if let (None, Some(own)) = (chosen, session.lang) {
                visitor.lang = own;
            }
            visitor.actor = Some(session.actor);
        }
        Ok(visitor)
    }
}

//! `/me` and `/sessions`.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use base::{Lang, SessionId};
use people::{PeopleError, Permission, oneself, organisation, person, session};
use serde::{Deserialize, Serialize};
use store::{StoreError, act};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed, cookie};

use crate::App;
use crate::form::problem;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_me, change_me))
        .routes(routes!(list_sessions))
        .routes(routes!(revoke_session))
}

/// An id with a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedView {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct MeView {
    /// The person.
    person: MyPersonView,
    /// Their membership.
    membership: MyMembershipView,
    /// Their organisation.
    organisation: MyOrganisationView,
    /// Its units, one's own first.
    units: Vec<NamedView>,
    /// What one may anywhere, such as `alarm.trigger`.
    permissions: Vec<&'static str>,
    /// Whether this is the demo.
    demo: bool,
}

/// The person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct MyPersonView {
    /// Its id.
    id: String,
    /// E-mail address.
    email: String,
    /// `de` or `en`.
    language: &'static str,
}

/// The membership of who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct MyMembershipView {
    /// Its id.
    id: String,
    /// Given name.
    given_name: String,
    /// Family name.
    family_name: String,
}

/// The organisation of who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct MyOrganisationView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its time zone.
    zone: String,
    /// Whether German pages say "du".
    familiar: bool,
}

/// Who is signed in, and what they may.
#[utoipa::path(get, path = "/me", tag = "account",
    responses((status = 200, body = MeView), ReadProblems))]
async fn get_me(State(app): State<App>, Signed(actor): Signed) -> Result<Json<MeView>, Failure> {
    let grant = oneself(&actor)?;
    let mut tx = app.ctx.store().read().await?;
    let membership = actor.membership().ok_or_else(Failure::not_signed_in)?;
    let member = person::member(&mut tx, &grant, membership)
        .await?
        .ok_or_else(Failure::not_signed_in)?;
    let organisation = organisation::of(&mut tx, &grant).await?;
    let mut units = organisation::units(&mut tx, &grant).await?;
    units.sort_by_key(|unit| (unit.id != member.unit, unit.id));
    Ok(Json(MeView {
        person: MyPersonView {
            id: member.person.to_string(),
            email: member.email.as_str().to_owned(),
            language: member.language.code(),
        },
        membership: MyMembershipView {
            id: member.id.to_string(),
            given_name: member.name.given,
            family_name: member.name.family,
        },
        organisation: MyOrganisationView {
            id: organisation.id.to_string(),
            name: organisation.name,
            zone: organisation.zone.as_str().to_owned(),
            familiar: organisation.familiar,
        },
        units: units
            .into_iter()
            .map(|unit| NamedView {
                id: unit.id.to_string(),
                name: unit.name,
            })
            .collect(),
        permissions: actor
            .permissions()
            .into_iter()
            .map(Permission::word)
            .collect(),
        demo: app.ctx.demo(),
    }))
}

/// What to change about oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMeRequest {
    /// `de` or `en`.
    language: String,
}

/// Changes the language one reads, in this browser at once.
#[utoipa::path(patch, path = "/me", tag = "account", request_body = ChangeMeRequest,
    responses((status = 204), Problems))]
async fn change_me(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<ChangeMeRequest>,
) -> Result<Response, Failure> {
    let grant = oneself(&actor)?;
    let language = Lang::parse(&request.language)
        .ok_or_else(|| problem("language", "unknown_language", &"is neither de nor en"))?;
    act!(app.ctx.store(), |tx| -> Result<(), StoreError> {
        person::set_language(tx, &grant, language).await
    })?;
    // A language chosen on some page before would win over one's own.
    Ok(done_with(cookie::set_lang(&app.ctx, language)))
}

/// One of one's own sessions.
#[derive(Debug, Serialize, ToSchema)]
struct SessionView {
    /// Its id.
    id: String,
    /// When it began.
    started_at: String,
    /// When it was last used, to the minute.
    last_seen_at: String,
    /// When it ends if it isn't used again.
    expires_at: String,
    /// Browser and system, coarsely; empty when unknown.
    browser: String,
    /// Whether it is the one that asks.
    this: bool,
}

/// One's own sessions, the one used last first.
#[utoipa::path(get, path = "/sessions", tag = "account",
    responses((status = 200, body = Page<SessionView>), ReadProblems))]
async fn list_sessions(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<SessionView>>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let sessions = session::sessions(&mut tx, &oneself(&actor)?).await?;
    let items = sessions
        .into_iter()
        .map(|it| SessionView {
            id: it.id.to_string(),
            started_at: it.started.to_string(),
            last_seen_at: it.last_seen.to_string(),
            expires_at: it.expires.to_string(),
            browser: it.browser,
            this: actor.session() == Some(it.id),
        })
        .collect();
    Ok(Json(Page::whole(items)))
}

/// Done, with a cookie to set.
fn done_with(cookie: Option<HeaderValue>) -> Response {
    let cookie = cookie.map(|cookie| (SET_COOKIE, cookie));
    (StatusCode::NO_CONTENT, AppendHeaders(cookie)).into_response()
}

/// Ends one of one's own sessions; its browser is signed out at once.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "account", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn revoke_session(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<SessionId>,
) -> Result<Response, Failure> {
    let grant = oneself(&actor)?;
    let pen = app.people.pen(&grant, actor.person_id()).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        session::revoke(tx, &pen, &grant, id).await
    })?;
    app.ctx.live().notify(grant.org(), &id.to_string());
    let this = actor.session() == Some(id);
    Ok(done_with(
        this.then(|| cookie::clear_session(&app.ctx)).flatten(),
    ))
}

//! A monitor's sign-in and what it shows when nothing happens.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{Extensions, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use base::{Kind, Problem};
use people::permit::AlarmRead;
use people::{MachineKind, Object, Who, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::limit::{Caller, Class};
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Signed};

use crate::App;
use crate::incident::view::Named;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(start_monitor_session))
        .routes(routes!(get_monitor_state))
}

/// The key of a monitor.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MonitorSessionRequest {
    /// As it was shown once.
    key: String,
}

/// Signs a monitor in: sets a cookie that holds the key, so that the screen comes back after any outage.
#[utoipa::path(post, path = "/monitor/session", tag = "monitor", request_body = MonitorSessionRequest,
    responses((status = 204), Problems))]
async fn start_monitor_session(
    State(app): State<App>,
    extensions: Extensions,
    Json(request): Json<MonitorSessionRequest>,
) -> Result<Response, Failure> {
    let address = web::limit::address(&extensions);
    app.ctx
        .limiter()
        .take(Class::SignIn, Caller::Address(address))?;
    let actor = people::machine::recognise(app.ctx.store(), &request.key).await?;
    let monitor = actor.is_some_and(|actor| {
        matches!(
            actor.who(),
            Who::Machine {
                kind: MachineKind::Monitor,
                ..
            }
        )
    });
    if !monitor {
        let detail = "this is not the key of a monitor";
        return Err(Problem::new(Kind::Unauthenticated, "unknown_key", detail).into());
    }
    let cookie = web::cookie::set_monitor(&app.ctx, &request.key);
    let cookie = cookie.ok_or_else(|| Failure::new(Kind::Internal, "internal", ""))?;
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(SET_COOKIE, cookie)]),
    )
        .into_response())
}

/// What a screen shows besides alarms.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonitorStateView {
    /// The organisation.
    organisation: MonitorOrganisation,
    /// The unit.
    unit: Named,
    /// The server's time, RFC 3339.
    server_time: String,
}

/// The organisation of a monitor.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MonitorOrganisation {
    /// Its name.
    name: String,
    /// Its zone, IANA.
    zone: String,
}

/// What a monitor needs besides the live channel.
#[utoipa::path(get, path = "/monitor/state", tag = "monitor",
    responses((status = 200, body = MonitorStateView), ReadProblems))]
async fn get_monitor_state(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<MonitorStateView>, Failure> {
    let Who::Machine { unit, .. } = actor.who() else {
        return Err(Failure::new(Kind::Denied, "denied", "this is for monitors"));
    };
    let grant = may::<AlarmRead>(&actor, Object::Unit(unit))?;
    let mut tx = app.ctx.store().read().await?;
    let organisation = people::organisation::of(&mut tx, &grant).await?;
    let unit = people::organisation::unit(&mut tx, &grant, unit).await?;
    let unit = unit.ok_or_else(Failure::not_found)?;
    Ok(Json(MonitorStateView {
        organisation: MonitorOrganisation {
            name: organisation.name.clone(),
            zone: organisation.zone.as_str().to_owned(),
        },
        unit: Named {
            id: unit.id.to_string(),
            name: unit.name.clone(),
        },
        server_time: app.ctx.clock().now().to_string(),
    }))
}

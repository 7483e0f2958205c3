//! Answers and traces, from a page with a session and from a device with its own key.

use axum::extract::State;
use axum::http::StatusCode;
use base::{AlarmId, AnswerId};
use people::{Actor, oneself};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Path, Signed, SignedByDevice};

use super::store::Step;
use crate::App;
use crate::incident::http::visible;
use crate::incident::model::AlarmError;
use crate::incident::view::AlarmView;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(answer_alarm))
        .routes(routes!(open_alarm))
        .routes(routes!(get_device_alarm))
        .routes(routes!(answer_device_alarm))
        .routes(routes!(trace_device_alarm))
}

/// The answer to give.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerRequest {
    /// One of the alarm's `answers`.
    #[schema(value_type = String)]
    answer_id: AnswerId,
}

/// How far the alarm got.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraceRequest {
    /// `received`, `shown` or `opened`.
    kind: String,
}

async fn view_of(app: &App, actor: &Actor, id: AlarmId) -> Result<Json<AlarmView>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let alarm = visible(&mut tx, actor, id)
        .await?
        .ok_or(AlarmError::NotFound)?;
    Ok(Json(alarm))
}

/// Answers an alarm one was called to; the last answer counts.
#[utoipa::path(post, path = "/alarms/{id}/actions/answer", tag = "alarm", params(("id" = String, Path)),
    request_body = AnswerRequest, responses((status = 200, body = AlarmView), Problems))]
async fn answer_alarm(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AlarmId>,
    Json(request): Json<AnswerRequest>,
) -> Result<Json<AlarmView>, Failure> {
    app.alarms
        .answer(&oneself(&actor)?, id, request.answer_id)
        .await?;
    view_of(&app, &actor, id).await
}

/// Tells that whoever is signed in has the alarm open in front of them.
#[utoipa::path(post, path = "/alarms/{id}/actions/opened", tag = "alarm", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn open_alarm(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AlarmId>,
) -> Result<StatusCode, Failure> {
    app.alarms
        .trace(&oneself(&actor)?, id, Step::Opened)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The alarm, for a device that was pushed to. Signed by the device's key.
#[utoipa::path(get, path = "/device/alarms/{id}", tag = "device", params(("id" = String, Path)),
    responses((status = 200, body = AlarmView), ReadProblems))]
async fn get_device_alarm(
    State(app): State<App>,
    Path(id): Path<AlarmId>,
    signed: SignedByDevice,
) -> Result<Json<AlarmView>, Failure> {
    view_of(&app, &signed.actor, id).await
}

/// Answers from a notification. Signed by the device's key.
#[utoipa::path(post, path = "/device/alarms/{id}/answer", tag = "device", params(("id" = String, Path)),
    request_body = AnswerRequest, responses((status = 200, body = AlarmView), Problems))]
async fn answer_device_alarm(
    State(app): State<App>,
    Path(id): Path<AlarmId>,
    signed: SignedByDevice,
) -> Result<Json<AlarmView>, Failure> {
    let request: AnswerRequest = signed.json()?;
    app.alarms
        .answer(&oneself(&signed.actor)?, id, request.answer_id)
        .await?;
    view_of(&app, &signed.actor, id).await
}

/// Tells how far the alarm got. Signed by the device's key.
#[utoipa::path(post, path = "/device/alarms/{id}/trace", tag = "device", params(("id" = String, Path)),
    request_body = TraceRequest, responses((status = 204), Problems))]
async fn trace_device_alarm(
    State(app): State<App>,
    Path(id): Path<AlarmId>,
    signed: SignedByDevice,
) -> Result<StatusCode, Failure> {
    let request: TraceRequest = signed.json()?;
    let step = match request.kind.as_str() {
        "received" => Step::Received,
        "shown" => Step::Shown,
        "opened" => Step::Opened,
        _ => {
            let detail = "kind is received, shown or opened";
            return Err(Failure::new(base::Kind::Invalid, "unknown_step", detail));
        }
    };
    app.alarms.trace(&oneself(&signed.actor)?, id, step).await?;
    Ok(StatusCode::NO_CONTENT)
}

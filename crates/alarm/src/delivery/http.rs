//! Push services and their switches, the test of a device, and the trace of an alarm.

use ::store::{StoreError, act};
use axum::extract::State;
use axum::http::StatusCode;
use base::{AlarmId, DeviceId};
use ledger::Log;
use people::device::PushFamily;
use people::permit::{AlarmTrace, OrgConfigure};
use people::{Object, may, oneself};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Query, Signed};

use super::model::about;
use super::{TEST_TOPIC, store};
use crate::App;
use crate::incident::model::AlarmError;
use crate::incident::store as incident;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_push))
        .routes(routes!(switch_push_family))
        .routes(routes!(test_device))
        .routes(routes!(list_deliveries))
}

/// What a browser needs to subscribe, and which services are switched on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushView {
    /// The key to subscribe with, base64url.
    public_key: String,
    /// All services.
    families: Vec<FamilyView>,
}

/// A push service.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FamilyView {
    /// `google`, `mozilla`, `apple`, `microsoft` or `local`.
    id: String,
    /// Which browsers use it.
    name: String,
    /// Who runs it.
    operator: String,
    /// Where, ISO 3166.
    country: String,
    /// Whether pushes go there.
    enabled: bool,
}

/// Push services and the key to subscribe with.
#[utoipa::path(get, path = "/push", tag = "push", responses((status = 200, body = PushView), ReadProblems))]
async fn get_push(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<PushView>, Failure> {
    let grant = oneself(&actor)?;
    let mut tx = app.ctx.store().read().await?;
    let on = store::families(&mut tx, grant.org()).await?;
    let families = PushFamily::ALL
        .into_iter()
        .filter(|family| *family != PushFamily::Local || app.local_push)
        .map(|family| {
            let (name, operator, country) = about(family);
            FamilyView {
                id: family.word().to_owned(),
                name: name.to_owned(),
                operator: operator.to_owned(),
                country: country.to_owned(),
                enabled: on.contains(&family),
            }
        })
        .collect();
    Ok(Json(PushView {
        public_key: app.pusher.public_key().to_owned(),
        families,
    }))
}

/// Whether pushes go to a service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SwitchRequest {
    /// Whether pushes go there.
    enabled: bool,
}

/// Switches a push service on or off. From then on it stands in the record of processing.
#[utoipa::path(put, path = "/push/families/{id}", tag = "push", params(("id" = String, Path)),
    request_body = SwitchRequest, responses((status = 204), Problems))]
async fn switch_push_family(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Json(request): Json<SwitchRequest>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let family = PushFamily::parse(&id).ok_or_else(Failure::not_found)?;
    let pen = app
        .alarms
        .ledger
        .pen(Log::Org(grant.org()), &actor.ledger_name(), None)
        .await?;
    act!(app.ctx.store(), |tx| -> Result<(), AlarmError> {
        super::switch(tx, &pen, &grant, family, request.enabled).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends a test push to one of one's own devices.
#[utoipa::path(post, path = "/devices/{id}/actions/test", tag = "device", params(("id" = String, Path)),
    responses((status = 202), Problems))]
async fn test_device(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DeviceId>,
) -> Result<StatusCode, Failure> {
    let grant = oneself(&actor)?;
    let mut tx = app.ctx.store().read().await?;
    let own = people::device::devices(&mut tx, &grant).await?;
    drop(tx);
    if !own.iter().any(|device| device.id == id) {
        return Err(Failure::not_found());
    }
    act!(app.ctx.store(), |tx| -> Result<(), StoreError> {
        tx.emit(TEST_TOPIC, Some(grant.org()), id.to_string(), "")
            .await
            .map(drop)
    })?;
    Ok(StatusCode::ACCEPTED)
}

/// What became of an alarm on the way to one person and device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// The membership.
    membership_id: String,
    /// Given and family name.
    name: String,
    /// The device; null for an open page, or when the person has none.
    device_id: Option<String>,
    /// The name its owner gave it.
    device_name: Option<String>,
    /// `push`, `live` for an open page, or `none`.
    family: String,
    /// `waiting`, `handed`, `received`, `shown`, `opened`, `answered`, `failed` or `unreachable`.
    state: String,
    /// When the push service took it.
    handed_at: Option<String>,
    /// When the device had it.
    received_at: Option<String>,
    /// When the device showed it.
    shown_at: Option<String>,
    /// When somebody opened it.
    opened_at: Option<String>,
    /// When somebody answered through it.
    answered_at: Option<String>,
    /// What went wrong.
    problem: Option<String>,
}

impl From<store::TraceRow> for DeliveryView {
    fn from(row: store::TraceRow) -> Self {
        let state = match () {
            () if row.answered.is_some() => "answered",
            () if row.opened.is_some() => "opened",
            () if row.shown.is_some() => "shown",
            () if row.received.is_some() => "received",
            () if row.handed.is_some() => "handed",
            () if row.problem.is_some() => "failed",
            () if row.device.is_some() => "waiting",
            () => "unreachable",
        };
        let page = row.device.as_deref() == Some(crate::response::store::PAGE);
        let family = match row.device {
            None => "none",
            Some(_) if page => "live",
            Some(_) => "push",
        };
        let text = |at: Option<base::Timestamp>| at.map(|at| at.to_string());
        Self {
            membership_id: row.membership,
            name: row.name,
            device_id: row.device.filter(|_| !page),
            device_name: row.device_name,
            family: family.to_owned(),
            state: state.to_owned(),
            handed_at: text(row.handed),
            received_at: text(row.received),
            shown_at: text(row.shown),
            opened_at: text(row.opened),
            answered_at: text(row.answered),
            problem: row.problem,
        }
    }
}

/// What became of an alarm on the way to each person and device.
#[utoipa::path(get, path = "/alarms/{id}/deliveries", tag = "alarm",
    params(("id" = String, Path), web::Paging),
    responses((status = 200, body = Page<DeliveryView>), ReadProblems))]
async fn list_deliveries(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AlarmId>,
    Query(paging): Query<web::Paging>,
) -> Result<Json<Page<DeliveryView>>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let alarm = incident::by_id(&mut tx, actor.org(), id)
        .await?
        .ok_or(AlarmError::NotFound)?;
    let grant = may::<AlarmTrace>(&actor, Object::Unit(alarm.unit))?;
    let after = paging.after::<2>()?.unwrap_or_default();
    let rows = store::trace(&mut tx, grant.org(), id, &after, paging.fetch()).await?;
    let page = paging.cut(rows, |row| {
        [
            row.membership.clone(),
            row.device.clone().unwrap_or_default(),
        ]
    });
    let items = page.items.into_iter().map(DeliveryView::from).collect();
    Ok(Json(Page {
        items,
        next: page.next,
    }))
}

//! Alarms for pages: list, raise, look, close.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use base::{AlarmId, FieldProblem, GroupId, SignedDuration, Text, TextError, UnitId, VehicleId};
use people::permit::{AlarmClose, AlarmTrigger};
use people::{Actor, Object, Permission, may};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Query, Signed};

use super::model::{Addressed, AlarmError, Content};
use super::view::{self, AlarmView, MyView};
use super::{Request, Target, store};
use crate::App;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_alarms, raise_alarm))
        .routes(routes!(get_alarm))
        .routes(routes!(close_alarm))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `open` (default) or `closed`.
    state: Option<String>,
    /// The `next` of the piece before.
    after: Option<String>,
    /// 1 to 100; 50 if not given.
    limit: Option<i64>,
}

/// Open or closed alarms, newest first: those one may see, and those one was part of.
#[utoipa::path(get, path = "/alarms", tag = "alarm", params(ListQuery),
    responses((status = 200, body = Page<AlarmView>), ReadProblems))]
async fn list_alarms(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<AlarmView>>, Failure> {
    let state = if query.state.as_deref() == Some("closed") {
        "closed"
    } else {
        "open"
    };
    let before = query
        .after
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| Failure::not_found())?;
    let limit = query.limit.unwrap_or(50).clamp(1, 100);
    let mut tx = app.ctx.store().read().await?;
    let ids = store::list(&mut tx, actor.org(), state, before, limit).await?;
    let next = (i64::try_from(ids.len()).unwrap_or(0) == limit)
        .then(|| ids.last().map(|(id, _)| id.to_string()))
        .flatten();
    let mut items = Vec::new();
    for (id, _) in ids {
        items.extend(visible(&mut tx, &actor, id).await?);
    }
    Ok(Json(Page { items, next }))
}

/// The view of an alarm for somebody, if they may see it.
pub(crate) async fn visible(
    tx: &mut ::store::Tx,
    actor: &Actor,
    id: AlarmId,
) -> Result<Option<AlarmView>, AlarmError> {
    let org = actor.org();
    let Some(mut alarm) = view::view(tx, org, id).await? else {
        return Ok(None);
    };
    let my = my(tx, actor, id).await?;
    if !may_see(actor, &alarm, &my) {
        return Ok(None);
    }
    alarm.my = my;
    Ok(Some(alarm))
}

/// What concerns whoever asks.
pub(crate) async fn my(
    tx: &mut ::store::Tx,
    actor: &Actor,
    id: AlarmId,
) -> Result<MyView, AlarmError> {
    match actor.membership() {
        Some(member) => Ok(view::mine(tx, actor.org(), id, member).await?),
        None => Ok(MyView::default()),
    }
}

/// Everybody sees the alarms they were called to; others need the right for the unit.
pub(crate) fn may_see(actor: &Actor, alarm: &AlarmView, my: &MyView) -> bool {
    let unit: Option<UnitId> = alarm.unit.id.parse().ok();
    my.addressed || unit.is_some_and(|unit| actor.reach(Permission::AlarmRead).covers(unit))
}

/// What is needed to raise an alarm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RaiseAlarmRequest {
    /// For which unit.
    #[schema(value_type = String)]
    unit_id: UnitId,
    /// Keyword, 1 to 200 characters.
    title: String,
    /// Further text, at most 4,000 characters.
    #[serde(default)]
    text: String,
    /// Address, at most 255 characters.
    #[serde(default)]
    address: String,
    /// Latitude, WGS 84.
    lat: Option<f64>,
    /// Longitude, WGS 84.
    lng: Option<f64>,
    /// Urgent.
    #[serde(default)]
    priority: bool,
    /// Groups to alarm; the whole unit if neither groups nor members are named.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    group_ids: Vec<GroupId>,
    /// Vehicles that are meant.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    vehicle_ids: Vec<VehicleId>,
    /// Your own number of the event.
    number: Option<String>,
}

impl RaiseAlarmRequest {
    fn content(&self) -> Result<Content, Failure> {
        let mut wrong = Vec::new();
        let mut note = |field: &'static str, error: TextError| {
            wrong.push(FieldProblem {
                field,
                code: error.code(),
                detail: error.to_string(),
            });
        };
        let title = Text::<1, 200>::parse(&self.title).map_err(|e| note("title", e));
        let text = Text::<0, 4000>::parse(&self.text).map_err(|e| note("text", e));
        let address = Text::<0, 255>::parse(&self.address).map_err(|e| note("address", e));
        let number = Text::<0, 64>::parse(self.number.as_deref().unwrap_or_default())
            .map_err(|e| note("number", e));
        let place = match (self.lat, self.lng) {
            (None, None) => None,
            (Some(lat), Some(lng))
                if (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lng) =>
            {
                Some((lat, lng))
            }
            _ => {
                wrong.push(FieldProblem {
                    field: "lat",
                    code: "not_a_place",
                    detail: "needs latitude and longitude on earth, or neither".to_owned(),
                });
                None
            }
        };
        let (Ok(title), Ok(text), Ok(address), Ok(number)) = (title, text, address, number) else {
            return Err(Failure::fields(wrong));
        };
        if !wrong.is_empty() {
            return Err(Failure::fields(wrong));
        }
        Ok(Content {
            title: title.into(),
            text: text.into(),
            address: address.into(),
            number: Some(String::from(number)).filter(|number| !number.is_empty()),
            place,
            priority: self.priority,
            ..Content::default()
        })
    }
}

/// Raises an alarm. The answer comes after the commit and before any delivery. A repeated request with the
/// same `Idempotency-Key` gives the same alarm.
#[utoipa::path(post, path = "/alarms", tag = "alarm", request_body = RaiseAlarmRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "Up to 80 characters of your choice")),
    responses((status = 201, body = AlarmView), Problems))]
async fn raise_alarm(
    State(app): State<App>,
    Signed(actor): Signed,
    headers: HeaderMap,
    Json(request): Json<RaiseAlarmRequest>,
) -> Result<(StatusCode, Json<AlarmView>), Failure> {
    let grant = may::<AlarmTrigger>(&actor, Object::Unit(request.unit_id))?;
    let content = request.content()?;
    let addressed = Addressed {
        groups: request.group_ids.clone(),
        members: Vec::new(),
        vehicles: request.vehicle_ids.clone(),
    };
    let key = headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let raised = app
        .alarms
        .raise(
            &grant,
            Request {
                unit: request.unit_id,
                content: &content,
                target: Target::Ids(&addressed),
                delay: SignedDuration::ZERO,
                idempotency_key: key.filter(|key| (1..=80).contains(&key.len())),
                merge: None,
            },
        )
        .await?;
    app.counters.raised(raised.new);
    let mut tx = app.ctx.store().read().await?;
    let mut alarm = view::view(&mut tx, actor.org(), raised.id)
        .await?
        .ok_or(AlarmError::NotFound)?;
    alarm.my = my(&mut tx, &actor, raised.id).await?;
    Ok((StatusCode::CREATED, Json(alarm)))
}

/// One alarm.
#[utoipa::path(get, path = "/alarms/{id}", tag = "alarm", params(("id" = String, Path)),
    responses((status = 200, body = AlarmView), ReadProblems))]
async fn get_alarm(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AlarmId>,
) -> Result<Json<AlarmView>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let alarm = visible(&mut tx, &actor, id)
        .await?
        .ok_or(AlarmError::NotFound)?;
    Ok(Json(alarm))
}

/// Closes an alarm before its time.
#[utoipa::path(post, path = "/alarms/{id}/actions/close", tag = "alarm", params(("id" = String, Path)),
    responses((status = 200, body = AlarmView), Problems))]
async fn close_alarm(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AlarmId>,
) -> Result<Json<AlarmView>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let alarm = visible(&mut tx, &actor, id)
        .await?
        .ok_or(AlarmError::NotFound)?;
    drop(tx);
    let unit = alarm.unit.id.parse().map_err(|_| AlarmError::NotFound)?;
    let grant = may::<AlarmClose>(&actor, Object::Unit(unit))?;
    app.alarms.close(&grant, id).await?;
    let mut tx = app.ctx.store().read().await?;
    let alarm = visible(&mut tx, &actor, id)
        .await?
        .ok_or(AlarmError::NotFound)?;
    Ok(Json(alarm))
}

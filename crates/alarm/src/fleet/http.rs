//! Units with all that belongs to them, for the settings page and the form that raises an alarm.

use ::store::{StoreError, act};
use axum::extract::State;
use axum::http::StatusCode;
use base::{FieldProblem, OrgId, QualificationId, ShortText, Text, TextError, UnitId, VehicleId};
use ledger::{Log, Pen};
use people::permit::OrgConfigure;
use people::{Actor, Grant, Object, PeopleError, may, oneself};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use super::model::{MOST_ANSWERS, MOST_MINUTES, MOST_NEEDS, Need, NewAnswer, NewVehicle};
use super::store;
use crate::App;
use crate::incident::model::{AlarmError, Meaning};
use crate::incident::view::{AnswerView, VehicleView, answers_of};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_units, add_unit))
        .routes(routes!(add_vehicle))
        .routes(routes!(remove_vehicle))
        .routes(routes!(set_answers))
        .routes(routes!(set_needs))
}

/// A unit with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnitView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its groups.
    groups: Vec<GroupView>,
    /// Its vehicles.
    vehicles: Vec<VehicleView>,
    /// The answers it offers.
    answers: Vec<AnswerView>,
    /// What an alarm needs.
    needs: Vec<NeedView>,
}

/// A group.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Radio address.
    ric: Option<String>,
    /// Its number in the v1 interface.
    number: Option<i64>,
    /// How many members it has.
    members: i64,
}

/// How many of a qualification are needed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NeedView {
    /// The qualification.
    qualification_id: String,
    /// Short name.
    short: String,
    /// Full name.
    name: String,
    /// How many.
    needed: i64,
}

/// All units of the organisation.
#[utoipa::path(get, path = "/units", tag = "units",
    responses((status = 200, body = Page<UnitView>), ReadProblems))]
async fn list_units(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<UnitView>>, Failure> {
    let grant = oneself(&actor)?;
    let org = grant.org();
    ensure_all_answers(&app, org).await?;
    let mut tx = app.ctx.store().read().await?;
    let groups = people::organisation::groups(&mut tx, &grant).await?;
    let vehicles = store::vehicles(&mut tx, org).await?;
    let needs = store::needs(&mut tx, org).await?;
    let numbers = store::numbers(&mut tx, org).await?;
    let mut items = Vec::new();
    for unit in people::organisation::units(&mut tx, &grant).await? {
        let id = unit.id.to_string();
        let answers = answers_of(&mut tx, org, unit.id).await?;
        items.push(UnitView {
            groups: groups
                .iter()
                .filter(|group| group.unit == unit.id)
                .map(|group| GroupView {
                    id: group.id.to_string(),
                    name: group.name.clone(),
                    ric: group.ric.clone(),
                    number: numbers.get(&group.id.to_string()).copied(),
                    members: group.members,
                })
                .collect(),
            vehicles: vehicles
                .iter()
                .filter(|vehicle| vehicle.unit == id)
                .map(|vehicle| VehicleView {
                    id: vehicle.id.clone(),
                    name: vehicle.name.clone(),
                    call_sign: vehicle.call_sign.clone(),
                    ric: vehicle.ric.clone(),
                    number: numbers.get(&vehicle.id).copied(),
                })
                .collect(),
            needs: needs
                .iter()
                .filter(|need| need.unit == id)
                .map(|need| NeedView {
                    qualification_id: need.qualification.clone(),
                    short: need.short.clone(),
                    name: need.name.clone(),
                    needed: need.needed,
                })
                .collect(),
            answers: answers.iter().map(AnswerView::from).collect(),
            name: unit.name,
            id,
        });
    }
    Ok(Json(Page::whole(items)))
}

/// Units that were made elsewhere, such as by the set-up, get the usual answers before anybody sees them.
async fn ensure_all_answers(app: &App, org: OrgId) -> Result<(), StoreError> {
    let bare = store::units_without_answers(&mut app.ctx.store().read().await?, org).await?;
    for unit in bare {
        act!(app.ctx.store(), |tx| -> Result<(), StoreError> {
            store::ensure_answers(tx, org, unit).await
        })?;
    }
    Ok(())
}

async fn pen(app: &App, actor: &Actor, grant: &Grant<OrgConfigure>) -> Result<Pen, AlarmError> {
    Ok(app
        .alarms
        .ledger
        .pen(Log::Org(grant.org()), &actor.ledger_name(), None)
        .await?)
}

fn wrong(field: &'static str, code: &'static str, detail: String) -> Failure {
    Failure::fields(vec![FieldProblem {
        field,
        code,
        detail,
    }])
}

fn field(field: &'static str) -> impl FnOnce(TextError) -> Failure {
    move |error| wrong(field, error.code(), error.to_string())
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeView {
    /// Its id.
    id: String,
}

/// A unit to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddUnitRequest {
    /// Its name, 1 to 80 characters.
    name: String,
}

/// Adds a unit with the usual answers.
#[utoipa::path(post, path = "/units", tag = "units", request_body = AddUnitRequest,
    responses((status = 201, body = MadeView), Problems))]
async fn add_unit(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<AddUnitRequest>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let name = ShortText::parse(&request.name).map_err(field("name"))?;
    let pen = pen(&app, &actor, &grant).await?;
    let id = act!(app.ctx.store(), |tx| -> Result<UnitId, PeopleError> {
        let id = people::organisation::add_unit(tx, &pen, &grant, &name).await?;
        store::ensure_answers(tx, grant.org(), id).await?;
        Ok(id)
    })?;
    Ok((StatusCode::CREATED, Json(MadeView { id: id.to_string() })))
}

/// A vehicle to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddVehicleRequest {
    /// Its name, 1 to 80 characters.
    name: String,
    /// Radio call sign, 1 to 80 characters.
    call_sign: String,
    /// Radio address.
    ric: Option<String>,
}

/// Adds a vehicle to a unit.
#[utoipa::path(post, path = "/units/{id}/vehicles", tag = "units", params(("id" = String, Path)),
    request_body = AddVehicleRequest, responses((status = 201, body = MadeView), Problems))]
async fn add_vehicle(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(unit): Path<UnitId>,
    Json(request): Json<AddVehicleRequest>,
) -> Result<(StatusCode, Json<MadeView>), Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Unit(unit))?;
    let ric = request.ric.as_deref().filter(|ric| !ric.trim().is_empty());
    let new = NewVehicle {
        unit,
        name: ShortText::parse(&request.name).map_err(field("name"))?,
        call_sign: ShortText::parse(&request.call_sign).map_err(field("call_sign"))?,
        ric: ric.map(Text::parse).transpose().map_err(field("ric"))?,
    };
    let pen = pen(&app, &actor, &grant).await?;
    let id = act!(app.ctx.store(), |tx| -> Result<VehicleId, AlarmError> {
        store::add_vehicle(tx, &pen, &grant, &new).await
    })?;
    Ok((StatusCode::CREATED, Json(MadeView { id: id.to_string() })))
}

/// Takes a vehicle away.
#[utoipa::path(delete, path = "/vehicles/{id}", tag = "units", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn remove_vehicle(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<VehicleId>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let pen = pen(&app, &actor, &grant).await?;
    let gone = act!(app.ctx.store(), |tx| -> Result<bool, AlarmError> {
        store::remove_vehicle(tx, &pen, &grant, id).await
    })?;
    if gone {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Failure::not_found())
    }
}

/// An answer to offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerInput {
    /// `coming`, `later`, `not_coming` or `other`.
    meaning: String,
    /// What it says, 1 to 40 characters.
    label: String,
    /// Minutes until arrival, at most 1440.
    minutes: Option<u32>,
}

/// The answers a unit offers, in their order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetAnswersRequest {
    /// One to twelve.
    answers: Vec<AnswerInput>,
}

/// Replaces the answers a unit offers.
#[utoipa::path(put, path = "/units/{id}/answers", tag = "units", params(("id" = String, Path)),
    request_body = SetAnswersRequest, responses((status = 204), Problems))]
async fn set_answers(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(unit): Path<UnitId>,
    Json(request): Json<SetAnswersRequest>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Unit(unit))?;
    if !(1..=MOST_ANSWERS).contains(&request.answers.len()) {
        let detail = format!("needs 1 to {MOST_ANSWERS} answers");
        return Err(wrong("answers", "wrong_count", detail));
    }
    let mut answers = Vec::new();
    for input in &request.answers {
        let meaning = Meaning::parse(&input.meaning).ok_or_else(|| {
            let detail = "meaning is coming, later, not_coming or other";
            wrong("answers", "unknown_meaning", detail.to_owned())
        })?;
        let label = Text::parse(&input.label).map_err(field("label"))?;
        let minutes = input.minutes.map(u16::try_from).transpose().ok();
        let minutes = minutes.filter(|it| it.is_none_or(|it| it <= MOST_MINUTES));
        let minutes = minutes.ok_or_else(|| {
            let detail = format!("minutes are at most {MOST_MINUTES}, a day");
            wrong("minutes", "too_large", detail)
        })?;
        answers.push(NewAnswer {
            meaning,
            label,
            minutes,
        });
    }
    let pen = pen(&app, &actor, &grant).await?;
    act!(app.ctx.store(), |tx| -> Result<(), AlarmError> {
        store::set_answers(tx, &pen, &grant, unit, &answers).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// How many of a qualification are needed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NeedInput {
    /// The qualification.
    #[schema(value_type = String)]
    qualification_id: QualificationId,
    /// How many; 0 takes it off the bar.
    needed: u16,
}

/// What an alarm of a unit needs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetNeedsRequest {
    /// At most 20.
    needs: Vec<NeedInput>,
}

/// Replaces what an alarm of a unit needs.
#[utoipa::path(put, path = "/units/{id}/needs", tag = "units", params(("id" = String, Path)),
    request_body = SetNeedsRequest, responses((status = 204), Problems))]
async fn set_needs(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(unit): Path<UnitId>,
    Json(request): Json<SetNeedsRequest>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Unit(unit))?;
    if request.needs.len() > MOST_NEEDS {
        let detail = format!("needs at most {MOST_NEEDS} qualifications");
        return Err(wrong("needs", "too_many", detail));
    }
    let needs: Vec<Need> = request
        .needs
        .iter()
        .map(|need| Need {
            qualification: need.qualification_id,
            needed: need.needed,
        })
        .collect();
    let pen = pen(&app, &actor, &grant).await?;
    act!(app.ctx.store(), |tx| -> Result<(), AlarmError> {
        store::set_needs(tx, &pen, &grant, unit, &needs).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

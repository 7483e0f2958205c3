//! `/api/alarm` and `/api/last-alarm`, in the shapes that existing programs expect; and how a key merges.

use ::store::Tx;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{FieldProblem, KeyId, Kind, Problem, SignedDuration};
use people::permit::{AlarmRead, AlarmTrigger, OrgConfigure};
use people::{Actor, Grant, MachineKind, Object, Who, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::limit::{Caller, Class};
use web::openapi::{Problems, ReadProblems};
use web::{CompatFailure, Failure, Json, Path, Signed};

use super::model::{Call, Fields, MAX_BODY};
use crate::App;
use crate::incident::model::{AlarmError, Content, MergeRule};
use crate::incident::{Request as Raise, Target, store, view};

/// The compatible surface.
pub(crate) fn compatible() -> Router<App> {
    Router::new()
        .route("/api/alarm", get(alarm).post(alarm))
        .route("/api/last-alarm", get(last_alarm).post(last_alarm))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
}

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_merge_rule, set_merge_rule))
}

/// Takes everything out of a request that the interface allows: query, body and header.
async fn fields(app: &App, request: Request) -> Result<(Fields, Actor), Problem> {
    let address = web::limit::address(request.extensions());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let content_type = header(request.headers(), &CONTENT_TYPE);
    let bearer = header(request.headers(), &AUTHORIZATION);
    let body = web::extract::whole_body(request, &())
        .await
        .map_err(Failure::into_problem)?;
    let fields = Fields::read(&query, content_type.as_deref(), &body)?;
    let bearer = bearer.as_deref().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let key = bearer.or(fields.access_key());
    let actor = match key {
        Some(key) => people::machine::recognise(app.ctx.store(), key).await?,
        None => None,
    };
    let Some(actor) = actor else {
        // Guessing is counted by address; a good key is counted by itself.
        app.ctx
            .limiter()
            .take(Class::WrongKey, Caller::Address(address))?;
        let detail = "the access key is missing or unknown";
        return Err(Problem::new(Kind::Unauthenticated, "unknown_key", detail));
    };
    app.ctx
        .limiter()
        .take(Class::Intake, Caller::Key(&actor.ledger_name()))?;
    Ok((fields, actor))
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

fn unit_of(actor: &Actor) -> Result<base::UnitId, Problem> {
    match actor.who() {
        Who::Machine { unit, .. } => Ok(unit),
        _ => Err(Problem::new(
            Kind::Denied,
            "denied",
            "this needs a machine key",
        )),
    }
}

#[derive(Serialize)]
struct RaisedAnswer {
    success: bool,
    data: RaisedData,
}

#[derive(Serialize)]
struct RaisedData {
    id: i64,
    merged: bool,
    count_recipients: u64,
}

/// Takes an alarm in. Answers once it is stored, before anything is delivered.
async fn alarm(State(app): State<App>, request: Request) -> Result<Response, CompatFailure> {
    let (fields, actor) = fields(&app, request).await?;
    let unit = unit_of(&actor)?;
    let grant = may::<AlarmTrigger>(&actor, Object::Unit(unit))?;
    let call = Call::from_fields(&fields)?;
    if call.news {
        return Err(AlarmError::NewsNotSupported.into());
    }
    let content = Content::from(&call);
    let rule = {
        let mut tx = app.ctx.store().read().await?;
        store::merge_rule(&mut tx, actor.org(), &actor.ledger_name()).await?
    };
    let raise = Raise {
        unit,
        content: &content,
        target: Target::Call(&call),
        delay: SignedDuration::from_secs(i64::from(call.delay_s)),
        idempotency_key: None,
        merge: Some(rule),
    };
    let raised = app.alarms.raise(&grant, raise).await?;
    app.counters.raised(raised.new);
    let mut tx = app.ctx.store().read().await?;
    let id = tx
        .number_of(actor.org(), raised.id)
        .await?
        .unwrap_or_default();
    let data = RaisedData {
        id,
        merged: !raised.new,
        count_recipients: raised.recipients,
    };
    Ok(Json(RaisedAnswer {
        success: true,
        data,
    })
    .into_response())
}

#[derive(Serialize)]
struct LastAnswer {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<LastAlarm>,
}

#[derive(Serialize)]
struct LastAlarm {
    id: i64,
    foreign_id: String,
    author_id: i64,
    title: String,
    text: String,
    address: String,
    lat: Option<f64>,
    lng: Option<f64>,
    priority: bool,
    closed: bool,
    ts_create: i64,
    ts_update: i64,
    date: i64,
}

/// The newest open alarm of the key's unit; `success: false` when there is none, which monitors test for.
async fn last_alarm(State(app): State<App>, request: Request) -> Result<Response, CompatFailure> {
    let (_, actor) = fields(&app, request).await?;
    let unit = unit_of(&actor)?;
    let grant = may::<AlarmRead>(&actor, Object::Unit(unit))?;
    let mut tx = app.ctx.store().read().await?;
    let last = store::last_open(&mut tx, grant.org(), unit).await?;
    let alarm = match last {
        Some(id) => store::by_id(&mut tx, grant.org(), id).await?,
        None => None,
    };
    let Some(alarm) = alarm else {
        return Ok(Json(LastAnswer {
            success: false,
            data: None,
        })
        .into_response());
    };
    let data = LastAlarm {
        id: alarm.wire_number,
        foreign_id: alarm.content.number.clone().unwrap_or_default(),
        author_id: 0,
        text: view::full_text(&alarm),
        title: alarm.content.title,
        address: alarm.content.address,
        lat: alarm.content.place.map(|p| p.0),
        lng: alarm.content.place.map(|p| p.1),
        priority: alarm.content.priority,
        closed: false,
        ts_create: alarm.created.as_second(),
        ts_update: alarm.changed.as_second(),
        date: alarm.raised.as_second(),
    };
    Ok(Json(LastAnswer {
        success: true,
        data: Some(data),
    })
    .into_response())
}

/// How calls of one key merge into an open alarm.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeRuleView {
    /// A call with the number of an open alarm belongs to it, however old that is.
    by_number: bool,
    /// Without a number: the same title and address belong together for so many seconds; 0 is never.
    window_seconds: u32,
}

/// The longest time in which calls without a number merge.
const MOST_WINDOW: u32 = 24 * 60 * 60;

async fn known(tx: &mut Tx, grant: &Grant<OrgConfigure>, id: KeyId) -> Result<(), Failure> {
    let keys = people::machine::keys(tx, grant).await?;
    let known = keys
        .iter()
        .any(|key| key.id == id && key.kind == MachineKind::Intake);
    if known {
        Ok(())
    } else {
        Err(Failure::not_found())
    }
}

/// How calls of an intake key merge.
#[utoipa::path(get, path = "/machine-keys/{id}/merge", tag = "alarm", params(("id" = String, Path)),
    responses((status = 200, body = MergeRuleView), ReadProblems))]
async fn get_merge_rule(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<KeyId>,
) -> Result<Json<MergeRuleView>, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let mut tx = app.ctx.store().read().await?;
    known(&mut tx, &grant, id).await?;
    let rule = store::merge_rule(&mut tx, grant.org(), &id.to_string()).await?;
    Ok(Json(MergeRuleView {
        by_number: rule.by_number,
        window_seconds: u32::try_from(rule.window.as_secs()).unwrap_or(0),
    }))
}

/// Sets how calls of an intake key merge.
#[utoipa::path(put, path = "/machine-keys/{id}/merge", tag = "alarm", params(("id" = String, Path)),
    request_body = MergeRuleView, responses((status = 204), Problems))]
async fn set_merge_rule(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<KeyId>,
    Json(request): Json<MergeRuleView>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    if request.window_seconds > MOST_WINDOW {
        return Err(Failure::fields(vec![FieldProblem {
            field: "window_seconds",
            code: "too_large",
            detail: format!("window_seconds is at most {MOST_WINDOW}, a day"),
        }]));
    }
    known(&mut app.ctx.store().read().await?, &grant, id).await?;
    let rule = MergeRule {
        by_number: request.by_number,
        window: SignedDuration::from_secs(i64::from(request.window_seconds)),
    };
    app.alarms.set_merge_rule(&grant, id, rule).await?;
    Ok(StatusCode::NO_CONTENT)
}

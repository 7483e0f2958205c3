//! The routes of deletion periods.

use ::store::act;
use axum::extract::State;
use axum::http::StatusCode;
use base::Timestamp;
use ledger::{Entry, Outcome};
use people::permit::{PrivacyConfigure, PrivacyRead};
use people::{Object, may};
use privacy::{LATE, period_of, set_period};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed, Visitor};

use super::super::Room;
use super::super::error::TrustError;
use super::allowed;

pub(in crate::trust) fn routes() -> OpenApiRouter<Room> {
    OpenApiRouter::new()
        .routes(routes!(list_deletion_rules))
        .routes(routes!(set_deletion_period))
}

/// What is kept how long, and what is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletionRuleView {
    /// Stable key of the kind of data.
    #[schema(example = "alarms")]
    kind: String,
    /// Its name in the person's language.
    name: String,
    /// The period in force, ISO 8601.
    #[schema(example = "P30D")]
    period: String,
    /// The period where none is set.
    default_period: String,
    /// The longest that may be set; null where the period is fixed.
    longest_period: Option<String>,
    /// From when the period counts, in the person's language.
    start: String,
    /// How many there are.
    rows: i64,
    /// When the next goes.
    next_due_at: Option<String>,
    /// How many should be gone.
    overdue: i64,
}

/// Deletion periods and what is due.
#[utoipa::path(get, path = "/privacy/deletion", tag = "privacy",
    responses((status = 200, body = Page<DeletionRuleView>), ReadProblems))]
async fn list_deletion_rules(
    State(room): State<Room>,
    Signed(actor): Signed,
    visitor: Visitor,
) -> Result<Json<Page<DeletionRuleView>>, Failure> {
    let grant = may::<PrivacyRead>(&actor, Object::Org)?;
    let now = room.ctx.clock().now();
    let since = now.checked_sub(LATE).unwrap_or(Timestamp::MIN);
    let mut tx = room.ctx.store().read().await?;
    let mut items = Vec::new();
    for work in room.trust.clocks().iter() {
        let rule = work.rule();
        let period = period_of(&mut tx, grant.org(), rule).await?;
        let state = work.state(&mut tx, Some(grant.org()), since).await?;
        items.push(DeletionRuleView {
            kind: rule.kind.to_owned(),
            name: rule.name.get(visitor.lang).to_owned(),
            period: period.to_string(),
            default_period: rule.period.to_owned(),
            longest_period: rule.settable.map(str::to_owned),
            start: rule.start.get(visitor.lang).to_owned(),
            rows: state.rows,
            next_due_at: state.next_due.map(|at| at.to_string()),
            overdue: state.overdue,
        });
    }
    Ok(Json(Page::whole(items)))
}

/// A period to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeriodRequest {
    /// ISO 8601: whole hours, or days, weeks, months and years.
    #[schema(example = "P30D")]
    period: String,
}

/// Sets the period of a kind of data; holds for what is there already.
#[utoipa::path(put, path = "/privacy/deletion/{kind}", tag = "privacy", params(("kind" = String, Path)),
    request_body = PeriodRequest, responses((status = 204), Problems))]
async fn set_deletion_period(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path(kind): Path<String>,
    Json(request): Json<PeriodRequest>,
) -> Result<StatusCode, Failure> {
    let grant = may::<PrivacyConfigure>(&actor, Object::Org)?;
    let work = room.trust.clocks().of(&kind).ok_or(TrustError::NotFound)?;
    let rule = work.rule();
    let period = allowed(rule, &request.period)?;
    let pen = room.ctx.people().pen(&grant, None).await?;
    act!(room.ctx.store(), |tx| -> Result<(), TrustError> {
        let before = period_of(tx, grant.org(), rule).await?;
        set_period(tx, grant.org(), rule, &period).await?;
        work.reschedule(tx, grant.org()).await?;
        let entry = Entry {
            action: "deletion.period_changed",
            object: Some(format!("deletion:{}", rule.kind)),
            outcome: Outcome::Done,
            details: vec![("from", before.to_string()), ("to", period.to_string())],
        };
        pen.write(tx, entry).await?;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

//! The routes of jobs that were given up.

use ::store::{DeadJob, Tx, act};
use axum::extract::State;
use axum::http::StatusCode;
use base::{JobId, OrgId};
use ledger::{Entry, Outcome};
use people::permit::JobsManage;
use people::{Actor, Object, may};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use super::super::Room;
use super::super::error::TrustError;

pub(in crate::trust) fn routes() -> OpenApiRouter<Room> {
    OpenApiRouter::new()
        .routes(routes!(list_dead_jobs))
        .routes(routes!(retry_job))
        .routes(routes!(delete_job))
}

/// A job that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeadJobView {
    /// Its id.
    #[schema(example = "job_01k9xq7v3h8r5c2m4n6p8q0s2t")]
    id: String,
    /// What was to be done.
    #[schema(example = "mail.send")]
    topic: String,
    /// The id of the thing it is about.
    object: String,
    /// How often it was tried.
    attempts: i64,
    /// The code of the last failure.
    error: String,
    /// When it was last to run.
    last_at: String,
}

impl From<DeadJob> for DeadJobView {
    fn from(job: DeadJob) -> Self {
        Self {
            id: job.id.to_string(),
            topic: job.topic,
            object: job.object,
            attempts: job.attempts,
            error: job.error.unwrap_or_default(),
            last_at: job.last_at.to_string(),
        }
    }
}

/// Jobs that were given up, the latest first, 200 at most.
#[utoipa::path(get, path = "/jobs/dead", tag = "jobs",
    responses((status = 200, body = Page<DeadJobView>), ReadProblems))]
async fn list_dead_jobs(
    State(room): State<Room>,
    Signed(actor): Signed,
) -> Result<Json<Page<DeadJobView>>, Failure> {
    let grant = may::<JobsManage>(&actor, Object::Org)?;
    let mut tx = room.ctx.store().read().await?;
    let jobs = tx.dead_jobs(grant.org()).await?;
    let items = jobs.into_iter().map(DeadJobView::from).collect();
    Ok(Json(Page::whole(items)))
}

/// Lets a job run again.
#[utoipa::path(post, path = "/jobs/{id}/actions/retry", tag = "jobs", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn retry_job(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path(id): Path<JobId>,
) -> Result<StatusCode, Failure> {
    settle(&room, &actor, id, Settlement::Retry).await
}

/// Drops a job for good.
#[utoipa::path(delete, path = "/jobs/{id}", tag = "jobs", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn delete_job(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path(id): Path<JobId>,
) -> Result<StatusCode, Failure> {
    settle(&room, &actor, id, Settlement::Drop).await
}

#[derive(Debug, Clone, Copy)]
enum Settlement {
    Retry,
    Drop,
}

impl Settlement {
    const fn action(self) -> &'static str {
        match self {
            Self::Retry => "job.retried",
            Self::Drop => "job.dropped",
        }
    }

    async fn apply(self, tx: &mut Tx, org: OrgId, id: JobId) -> Result<(), TrustError> {
        let there = match self {
            Self::Retry => tx.revive_job(org, id).await?,
            Self::Drop => tx.bury_job(org, id).await?,
        };
        if there {
            Ok(())
        } else {
            Err(TrustError::NotFound)
        }
    }
}

async fn settle(
    room: &Room,
    actor: &Actor,
    id: JobId,
    how: Settlement,
) -> Result<StatusCode, Failure> {
    let grant = may::<JobsManage>(actor, Object::Org)?;
    let pen = room.ctx.people().pen(&grant, None).await?;
    act!(room.ctx.store(), |tx| -> Result<(), TrustError> {
        how.apply(tx, grant.org(), id).await?;
        let entry = Entry {
            action: how.action(),
            object: Some(id.to_string()),
            outcome: Outcome::Done,
            details: Vec::new(),
        };
        pen.write(tx, entry).await?;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

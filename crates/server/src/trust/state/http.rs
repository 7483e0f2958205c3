//! The route of the server's state.

use axum::extract::State;
use people::oneself;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::ReadProblems;
use web::{Failure, Json, Page, Signed};

use super::super::Room;
use super::{Condition, conditions};

pub(in crate::trust) fn routes() -> OpenApiRouter<Room> {
    OpenApiRouter::new().routes(routes!(get_state))
}

/// How a part of the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartView {
    /// `database`, `mail`, `push`, `deletion`, `clock` or `ledger`.
    #[schema(example = "mail")]
    part: String,
    /// `ok`, `degraded` or `down`.
    #[schema(example = "degraded")]
    state: String,
    /// Why; `ok` when nothing is wrong.
    #[schema(example = "mail_deferred")]
    code: String,
    /// Since when.
    since: Option<String>,
    /// How much waits because of it.
    waiting: i64,
}

impl From<Condition> for PartView {
    fn from(condition: Condition) -> Self {
        Self {
            part: condition.part.word().to_owned(),
            state: condition.level.word().to_owned(),
            code: condition.code,
            since: condition.since.map(|at| at.to_string()),
            waiting: condition.waiting,
        }
    }
}

/// How the parts of the server are.
#[utoipa::path(get, path = "/state", tag = "state",
    responses((status = 200, body = Page<PartView>), ReadProblems))]
async fn get_state(
    State(room): State<Room>,
    Signed(actor): Signed,
) -> Result<Json<Page<PartView>>, Failure> {
    let grant = oneself(&actor)?;
    let parts = conditions(&room, grant.org()).await?;
    let items = parts.into_iter().map(PartView::from).collect();
    Ok(Json(Page::whole(items)))
}

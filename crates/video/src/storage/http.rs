//! `/video/storage`.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::ReadProblems;
use web::{Failure, Json, Signed};

use crate::{App, rights};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_video_storage))
}

/// How the file store is.
#[derive(Debug, Serialize, ToSchema)]
struct VideoStorageView {
    /// Bytes of recordings that lie here, of all organisations.
    bytes: u64,
    /// Bytes that still fit.
    free: u64,
    /// `ok`, `full`, `slow` or `refusing`.
    state: &'static str,
}

/// How the file store is. Agents keep what it does not take.
#[utoipa::path(get, path = "/video/storage", tag = "video",
    responses((status = 200, body = VideoStorageView), ReadProblems))]
async fn get_video_storage(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<VideoStorageView>, Failure> {
    rights::any_video(&actor)?;
    let (room, state) = app.storage();
    Ok(Json(VideoStorageView {
        bytes: room.used,
        free: room.free,
        state,
    }))
}

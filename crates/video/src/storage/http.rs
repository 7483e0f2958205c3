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
    /// Recordings of the organisation that the database does not know: perhaps it is an older one.
    unlisted: Option<UnlistedView>,
}

/// Recordings that the database does not know. They are kept until their deadline, for the newer one to be put back.
#[derive(Debug, Serialize, ToSchema)]
struct UnlistedView {
    /// How many files.
    files: u64,
    /// Their bytes.
    bytes: u64,
    /// When the last of them goes.
    until: String,
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
    let now = app.ctx.clock().now();
    // Another server may sweep by now: what this one found is not told beyond its time.
    let unlisted = app.unlisted(actor.org()).filter(|it| it.until > now);
    Ok(Json(VideoStorageView {
        bytes: room.used,
        free: room.free,
        state,
        unlisted: unlisted.map(|it| UnlistedView {
            files: it.files,
            bytes: it.bytes,
            until: it.until.to_string(),
        }),
    }))
}

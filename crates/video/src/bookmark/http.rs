//! `/video/bookmarks`: the cameras of an alarm.

use axum::extract::State;
use base::AlarmId;
use people::permit::{VideoLive, VideoPlayback};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::ReadProblems;
use web::{Failure, Json, Query, Signed};

use super::store;
use crate::camera::http::NamedView;
use crate::{App, camera, rights};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_bookmarks))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BookmarksQuery {
    /// Of which alarm.
    #[param(value_type = String)]
    alarm: AlarmId,
}

/// The bookmarks of an alarm.
#[derive(Debug, Serialize, ToSchema)]
struct BookmarksView {
    /// One for each camera.
    bookmarks: Vec<AlarmBookmarkView>,
}

/// Where an alarm lies in a camera's recordings.
#[derive(Debug, Serialize, ToSchema)]
struct AlarmBookmarkView {
    /// Its id.
    id: String,
    /// The camera.
    camera: NamedView,
    /// When the alarm was raised.
    at: String,
    /// Whether whoever asks may open the recording.
    may_playback: bool,
    /// Whether whoever asks may see it live.
    may_live: bool,
}

/// The bookmarks of an alarm, at cameras one may see or hear of.
#[utoipa::path(get, path = "/video/bookmarks", tag = "video", params(BookmarksQuery),
    responses((status = 200, body = BookmarksView), ReadProblems))]
async fn list_bookmarks(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<BookmarksQuery>,
) -> Result<Json<BookmarksView>, Failure> {
    rights::any_video(&actor)?;
    let org = actor.org();
    let mut tx = app.ctx.store().read().await?;
    let now = tx.clock().now();
    let found = store::of_alarm(&mut tx, org, query.alarm).await?;
    let mut bookmarks = Vec::new();
    for (id, camera, at) in found {
        let Some(camera) = camera::store::by_id(&mut tx, org, camera).await? else {
            continue;
        };
        if !rights::touches(&actor, camera.object()) {
            continue;
        }
        let grant = rights::look::<VideoPlayback>(&actor, camera.object());
        let may_live = rights::look::<VideoLive>(&actor, camera.object()).is_ok();
        bookmarks.push(AlarmBookmarkView {
            id: id.to_string(),
            camera: NamedView {
                id: camera.id.to_string(),
                name: camera.name,
            },
            at: at.to_string(),
            may_live,
            may_playback: grant.is_ok_and(|grant| rights::earliest(&grant, now) <= at),
        });
    }
    Ok(Json(BookmarksView { bookmarks }))
}

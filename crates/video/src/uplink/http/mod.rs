//! What agents send and fetch with their token: set-up, cameras, buckets, segments, gaps.

mod auth;
mod channel;
mod enrol;

use ::store::act;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use base::SegmentId;
use ledger::Log;
use media::wire::{self, BucketRequest, CamerasAnswer, CamerasRequest, GapsRequest, Setup};
use utoipa_axum::router::OpenApiRouter;
use web::{Failure, Json, Path};

pub(crate) use auth::Caller;

use super::setup::setup;
use crate::recording::{intake, store as recording};
use crate::{App, VideoError, camera};

/// Gaps in one request.
const GAPS: usize = 100;

/// The routes of agents, below `/api/obhut/v1`.
pub(crate) fn routes(app: &App) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(enrol::routes(app))
        .merge(channel::routes())
        .route("/camera/setup", get(get_setup))
        .route("/camera/cameras", post(announce_cameras))
        .route("/camera/buckets", post(announce_bucket))
        .route("/camera/segments/{id}", put(put_segment))
        .route("/camera/gaps", post(report_gaps))
}

async fn get_setup(State(app): State<App>, caller: Caller) -> Result<Json<Setup>, Failure> {
    Ok(Json(setup(&app, caller.org, caller.agent).await?))
}

async fn announce_cameras(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<CamerasRequest>,
) -> Result<Json<CamerasAnswer>, Failure> {
    let (org, agent) = (caller.org, caller.agent);
    let name = agent.to_string();
    let pen = app.ctx.ledger().pen(Log::Org(org), &name, None).await?;
    let cameras = act!(app.ctx.store(), |tx| -> Result<
        Vec<wire::Assigned>,
        VideoError,
    > {
        camera::act::announce(tx, &pen, org, agent, &request.cameras).await
    })?;
    app.relay
        .assign(org, agent, cameras.iter().map(|it| it.id).collect());
    for camera in &cameras {
        app.ctx.live().notify(org, &camera.id.to_string());
    }
    Ok(Json(CamerasAnswer { cameras }))
}

async fn announce_bucket(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<BucketRequest>,
) -> Result<StatusCode, Failure> {
    intake::bucket(&app, &caller, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn put_segment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SegmentId>,
    request: Request,
) -> Result<StatusCode, Failure> {
    let body = request.into_body().into_data_stream();
    intake::segment(&app, &caller, id, body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn report_gaps(
    State(app): State<App>,
    caller: Caller,
    Json(request): Json<GapsRequest>,
) -> Result<StatusCode, Failure> {
    if request.gaps.len() > GAPS {
        return Err(VideoError::wrong("gaps", "too_many", "at most 100 at once").into());
    }
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        for gap in &request.gaps {
            intake::own_camera(tx, &caller, gap.camera).await?;
            if gap.to.is_some_and(|to| to < gap.from) {
                return Err(VideoError::wrong(
                    "to",
                    "before_from",
                    "lies before its beginning",
                ));
            }
            recording::put_gap(tx, caller.org, gap).await?;
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

//! `/video/cameras`.

use ::store::act;
use axum::extract::State;
use axum::http::StatusCode;
use base::{CameraGroupId, CameraId, Text, UnitId};
use people::permit::{VideoConfigure, VideoLive, VideoPlayback};
use people::{Actor, Object, Permission, Permit, may};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Path, Signed};

use super::act::{self, Change};
use super::model::{Camera, own_period};
use super::{group, store};
use crate::retention::{self, RECORDINGS};
use crate::rights::camera_object;
use crate::{App, VideoError, circle, form, rights};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_cameras))
        .routes(routes!(change_camera, delete_camera))
}

/// The cameras one may do something with.
#[derive(Debug, Serialize, ToSchema)]
struct CamerasView {
    /// By name.
    cameras: Vec<CameraView>,
    /// `none` until somebody has set up who can open recordings, then `ready`.
    circle: &'static str,
    /// How far back one may look, in microseconds, where that is limited everywhere.
    look_back_us: Option<i64>,
    /// Whether one may set up all of them, with recorders, groups and the circle.
    configure_all: bool,
}

/// A camera.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CameraView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Where it is.
    place: String,
    /// The unit whose alarms bookmark it.
    unit: Option<NamedView>,
    /// The group that rights are given for.
    group: NamedView,
    /// The agent that records it.
    agent: NamedView,
    /// Its key in the agent's file.
    label: String,
    /// Whether the agent's file still names it.
    listed: bool,
    /// Whether it is to be recorded.
    armed: bool,
    /// `recording`, `waiting`, `off`, `fault` or `offline`.
    state: &'static str,
    /// Why, for `fault` and `waiting`.
    cause: Option<String>,
    /// Since when it is so.
    since: Option<String>,
    /// Codec (RFC 6381).
    codec: Option<String>,
    /// Pixels.
    width: Option<i64>,
    /// Pixels.
    height: Option<i64>,
    /// Pictures a second.
    fps: Option<f64>,
    /// Kilobits a second.
    kbit: Option<i64>,
    /// When the last picture came.
    last_picture_at: Option<String>,
    /// What is kept of it.
    storage: CameraStorageView,
    /// How long recordings are kept, ISO 8601.
    period: String,
    /// Whether the period is the camera's own.
    own_period: bool,
    /// What whoever asks may.
    may: CameraMayView,
}

/// A thing with a name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedView {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

/// What is kept of a camera.
#[derive(Debug, Serialize, ToSchema)]
struct CameraStorageView {
    /// Bytes.
    bytes: i64,
    /// The first picture that is kept.
    oldest_at: Option<String>,
}

/// What whoever asks may do with a camera.
#[derive(Debug, Serialize, ToSchema)]
struct CameraMayView {
    /// See live pictures.
    live: bool,
    /// Open recordings.
    playback: bool,
    /// Change it.
    configure: bool,
}

impl CameraMayView {
    fn of(actor: &Actor, camera: &Camera) -> Self {
        let object = camera.object();
        Self {
            live: rights::look::<VideoLive>(actor, object).is_ok(),
            playback: rights::look::<VideoPlayback>(actor, object).is_ok(),
            configure: may::<VideoConfigure>(actor, object).is_ok(),
        }
    }

    fn any(&self) -> bool {
        self.live || self.playback || self.configure
    }
}

fn view(camera: Camera, may: CameraMayView, storage: CameraStorageView, rule: &str) -> CameraView {
    let (state, cause, since) = camera.shown();
    let (state, cause) = (state.word(), cause.map(str::to_owned));
    let since = since.map(|at| at.to_string());
    CameraView {
        id: camera.id.to_string(),
        state,
        cause,
        since,
        name: camera.name,
        place: camera.place,
        unit: camera.unit.map(|(id, name)| NamedView {
            id: id.to_string(),
            name,
        }),
        group: NamedView {
            id: camera.group.0.to_string(),
            name: camera.group.1,
        },
        agent: NamedView {
            id: camera.agent.to_string(),
            name: camera.agent_name,
        },
        label: camera.label,
        listed: camera.listed,
        armed: camera.armed,
        codec: camera.codec,
        width: camera.width,
        height: camera.height,
        fps: camera.fps,
        kbit: camera.kbit,
        last_picture_at: camera.last_picture.map(|at| at.to_string()),
        storage,
        own_period: camera.period.is_some(),
        period: camera.period.unwrap_or_else(|| rule.to_owned()),
        may,
    }
}

/// How far back somebody may look at most, `None` without limit.
fn look_back(actor: &Actor) -> Option<i64> {
    let rights = actor.rights().iter();
    let mut limits = rights
        .filter(|it| it.permission == Permission::VideoPlayback)
        .map(|it| it.limits.look_back_us);
    let first = limits.next()?;
    limits.fold(first, |most, it| most.zip(it).map(|(a, b)| a.max(b)))
}

/// The cameras one may do something with.
#[utoipa::path(get, path = "/video/cameras", tag = "video",
    responses((status = 200, body = CamerasView), ReadProblems))]
async fn list_cameras(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<CamerasView>, Failure> {
    rights::any_video(&actor)?;
    let org = actor.org();
    let mut tx = app.ctx.store().read().await?;
    let cameras = store::list(&mut tx, org).await?;
    let kept = store::kept(&mut tx, org).await?;
    let rule = privacy::period_of(&mut tx, org, &RECORDINGS)
        .await?
        .to_string();
    let ready = circle::custodian(&mut tx, org).await?.is_some();
    drop(tx);
    let mut cameras: Vec<CameraView> = cameras
        .into_iter()
        .filter_map(|camera| {
            let may = CameraMayView::of(&actor, &camera);
            let kept = kept.iter().find(|it| it.0 == camera.id);
            let storage = CameraStorageView {
                bytes: kept.map_or(0, |it| it.1),
                oldest_at: kept.and_then(|it| it.2).map(|it| it.to_string()),
            };
            may.any().then(|| view(camera, may, storage, &rule))
        })
        .collect();
    cameras.sort_by_cached_key(|it| (it.name.to_lowercase(), it.id.clone()));
    Ok(Json(CamerasView {
        cameras,
        circle: if ready { "ready" } else { "none" },
        look_back_us: look_back(&actor),
        configure_all: may::<VideoConfigure>(&actor, Object::Org).is_ok(),
    }))
}

/// What is to change about a camera; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeCameraRequest {
    /// 1 to 80 characters.
    name: Option<String>,
    /// At most 120 characters.
    place: Option<String>,
    /// The unit whose alarms bookmark it; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    unit: Given<UnitId>,
    /// The group that rights are given for.
    #[schema(value_type = Option<String>)]
    group: Option<CameraGroupId>,
    /// Whether to record.
    armed: Option<bool>,
    /// How long recordings are kept, ISO 8601, at most as long as the organisation says; null for just that.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    period: Given<String>,
}

/// What may be left out, or be null.
#[derive(Debug, Default)]
enum Given<T> {
    /// Stays as it is.
    #[default]
    LeftOut,
    /// To be this.
    Value(Option<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::Value)
    }
}

/// The camera, if the actor may do with it what they want to.
pub(crate) async fn allowed<P: Permit>(
    app: &App,
    actor: &Actor,
    id: CameraId,
) -> Result<(Camera, people::Grant<P>), VideoError> {
    let mut tx = app.ctx.store().read().await?;
    let camera = store::by_id(&mut tx, actor.org(), id).await?;
    let camera = camera.ok_or(VideoError::NotFound("camera"))?;
    let grant = rights::look::<P>(actor, camera.object())?;
    Ok((camera, grant))
}

/// Changes a camera.
#[utoipa::path(patch, path = "/video/cameras/{id}", tag = "video", params(("id" = String, Path)),
    request_body = ChangeCameraRequest, responses((status = 204), Problems))]
async fn change_camera(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraId>,
    Json(request): Json<ChangeCameraRequest>,
) -> Result<StatusCode, Failure> {
    let (mut camera, grant) = allowed::<VideoConfigure>(&app, &actor, id).await?;
    let org = grant.org();
    if let Some(name) = &request.name {
        let name = Text::<1, 80>::parse(name).map_err(|error| form::text("name", error))?;
        camera.name = name.into();
    }
    if let Some(place) = &request.place {
        let place = Text::<0, 120>::parse(place).map_err(|error| form::text("place", error))?;
        camera.place = place.into();
    }
    let mut tx = app.ctx.store().read().await?;
    if let Given::Value(unit) = request.unit {
        if let Some(unit) = unit
            && !store::is_unit(&mut tx, org, unit).await?
        {
            let detail = "there is no such unit";
            return Err(Failure::new(base::Kind::Invalid, "no_such_unit", detail));
        }
        camera.unit = unit.map(|unit| (unit, String::new()));
    }
    if let Some(group) = request.group {
        let groups = group::store::list(&mut tx, org).await?;
        if !groups.iter().any(|it| it.id == group) {
            let detail = "there is no such camera group";
            return Err(Failure::new(base::Kind::Invalid, "no_such_group", detail));
        }
        camera.group.0 = group;
    }
    if let Given::Value(period) = &request.period {
        let rule = privacy::period_of(&mut tx, org, &RECORDINGS).await?;
        let parsed = period.as_deref().map(|text| own_period(text, &rule));
        camera.period = parsed.transpose()?.map(|it| it.to_string());
    }
    drop(tx);
    // Nobody moves a camera out of their reach into somebody else's.
    may::<VideoConfigure>(
        &actor,
        camera_object(camera.unit.as_ref().map(|it| it.0), camera.group.0),
    )?;
    let change = Change {
        camera,
        armed: request.armed,
        period: matches!(request.period, Given::Value(_)),
    };
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        act::change(tx, &pen, &grant, &change).await
    })?;
    app.ctx.live().notify(org, &id.to_string());
    crate::uplink::push_setup(&app, org).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a camera: the keys of its recordings at once, then the files.
#[utoipa::path(delete, path = "/video/cameras/{id}", tag = "video", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn delete_camera(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraId>,
) -> Result<StatusCode, Failure> {
    let (_, grant) = allowed::<VideoConfigure>(&app, &actor, id).await?;
    let org = grant.org();
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        act::delete(tx, &pen, &grant, id).await
    })?;
    app.ctx.live().notify(org, &id.to_string());
    crate::uplink::push_setup(&app, org).await;
    retention::destroy_now(&app).await?;
    Ok(StatusCode::NO_CONTENT)
}

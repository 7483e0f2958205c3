//! `/devices`.

use axum::extract::State;
use axum::http::StatusCode;
use base::{DeviceId, HasKind as _, ShortText, Text};
use people::device::{self, DeviceError, NewDevice, PublicKey, PushFamily, Subscription};
use people::{PeopleError, oneself};
use serde::{Deserialize, Serialize};
use store::act;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use crate::App;
use crate::form::{field, problem};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_devices, enrol_device))
        .routes(routes!(rename_device, remove_device))
        .routes(routes!(set_device_push, clear_device_push))
}

/// One of one's own devices.
#[derive(Debug, Serialize, ToSchema)]
struct DeviceView {
    /// Its id.
    id: String,
    /// What its owner calls it.
    name: String,
    /// Browser and system.
    platform: String,
    /// When it was enrolled.
    enrolled_at: String,
    /// When it last reported something, to the minute.
    last_seen_at: Option<String>,
    /// The push service that reaches it, if one does.
    push: Option<DevicePushView>,
    /// Always false: a session doesn't know which device it runs on; the device itself does.
    this: bool,
}

/// The push service of a device.
#[derive(Debug, Serialize, ToSchema)]
struct DevicePushView {
    /// `google`, `mozilla`, `apple`, `microsoft` or `local`.
    family: &'static str,
}

/// Where and how a browser takes pushes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PushRequest {
    /// The address the push service gave to this browser.
    endpoint: String,
    /// The browser's key, base64url.
    p256dh: String,
    /// The browser's secret, base64url.
    auth: String,
}

impl PushRequest {
    fn look(&self, app: &App) -> Result<Subscription, Failure> {
        let local = app.local_push.as_deref();
        Subscription::parse(&self.endpoint, &self.p256dh, &self.auth, local).map_err(|error| {
            let field = match error {
                DeviceError::Endpoint => "endpoint",
                DeviceError::Key | DeviceError::Subscription => "p256dh",
            };
            problem(field, error.code(), &error)
        })
    }
}

/// A device to enrol.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EnrolDeviceRequest {
    /// What its owner calls it, 1 to 80 characters.
    name: String,
    /// Browser and system; cut to 80 characters.
    platform: String,
    /// The uncompressed P-256 point it signs with, base64url.
    public_key: String,
    /// Where its pushes go.
    push: Option<PushRequest>,
}

/// What was made.
#[derive(Debug, Serialize, ToSchema)]
struct EnrolledView {
    /// The device's id.
    id: String,
}

/// One's own devices, oldest first.
#[utoipa::path(get, path = "/devices", tag = "device",
    responses((status = 200, body = Page<DeviceView>), ReadProblems))]
async fn list_devices(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<DeviceView>>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let devices = device::devices(&mut tx, &oneself(&actor)?).await?;
    let view = |family: PushFamily| DevicePushView {
        family: family.word(),
    };
    let items = devices
        .into_iter()
        .map(|it| DeviceView {
            id: it.id.to_string(),
            name: it.name,
            platform: it.platform,
            enrolled_at: it.enrolled.to_string(),
            last_seen_at: it.last_seen.map(|at| at.to_string()),
            push: it.push.map(view),
            this: false,
        })
        .collect();
    Ok(Json(Page::whole(items)))
}

/// Enrols a device of one's own; it outlives the session.
#[utoipa::path(post, path = "/devices", tag = "device", request_body = EnrolDeviceRequest,
    responses((status = 201, body = EnrolledView), Problems))]
async fn enrol_device(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<EnrolDeviceRequest>,
) -> Result<(StatusCode, Json<EnrolledView>), Failure> {
    let grant = oneself(&actor)?;
    let key = PublicKey::parse(&request.public_key);
    let push = request.push.as_ref().map(|push| push.look(&app));
    let new = NewDevice {
        name: ShortText::parse(&request.name).map_err(field("name"))?,
        platform: Text::squeeze(&request.platform),
        public_key: key.map_err(|error| problem("public_key", error.code(), &error))?,
        push: push.transpose()?,
    };
    let pen = app.people.pen(&grant, actor.person_id()).await?;
    let id = act!(app.ctx.store(), |tx| -> Result<DeviceId, PeopleError> {
        device::enrol(tx, &pen, &grant, &new).await
    })?;
    let view = EnrolledView { id: id.to_string() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RenameDeviceRequest {
    /// What its owner calls it, 1 to 80 characters.
    name: String,
}

/// Gives a device of one's own another name.
#[utoipa::path(patch, path = "/devices/{id}", tag = "device", params(("id" = String, Path)),
    request_body = RenameDeviceRequest, responses((status = 204), Problems))]
async fn rename_device(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DeviceId>,
    Json(request): Json<RenameDeviceRequest>,
) -> Result<StatusCode, Failure> {
    let grant = oneself(&actor)?;
    let name = ShortText::parse(&request.name).map_err(field("name"))?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        device::rename(tx, &grant, id, &name).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a device of one's own.
#[utoipa::path(delete, path = "/devices/{id}", tag = "device", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn remove_device(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DeviceId>,
) -> Result<StatusCode, Failure> {
    let grant = oneself(&actor)?;
    let pen = app.people.pen(&grant, actor.person_id()).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        device::remove(tx, &pen, &grant, id).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says where pushes for a device of one's own go.
#[utoipa::path(put, path = "/devices/{id}/push", tag = "device", params(("id" = String, Path)),
    request_body = PushRequest, responses((status = 204), Problems))]
async fn set_device_push(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DeviceId>,
    Json(request): Json<PushRequest>,
) -> Result<StatusCode, Failure> {
    let grant = oneself(&actor)?;
    let push = request.look(&app)?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        device::set_push(tx, &grant, id, &push).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// No more pushes to a device of one's own.
#[utoipa::path(delete, path = "/devices/{id}/push", tag = "device", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn clear_device_push(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<DeviceId>,
) -> Result<StatusCode, Failure> {
    let grant = oneself(&actor)?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        device::clear_push(tx, &grant, id).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

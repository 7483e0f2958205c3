//! `/video/groups`.

use ::store::act;
use axum::extract::State;
use axum::http::StatusCode;
use base::{CameraGroupId, ShortText};
use ledger::{Entry, Outcome};
use people::permit::VideoConfigure;
use people::role::{self, Role};
use people::{Object, may, organisation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use super::store;
use crate::grants::model::Sight;
use crate::{App, VideoError, form, rights};

/// More groups than anybody needs.
const MOST: usize = 200;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_camera_groups, create_camera_group))
        .routes(routes!(rename_camera_group, delete_camera_group))
}

/// A group of cameras.
#[derive(Debug, Serialize, ToSchema)]
struct CameraGroupView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// How many cameras are in it.
    cameras: i64,
}

/// The camera groups, oldest first.
#[utoipa::path(get, path = "/video/groups", tag = "video",
    responses((status = 200, body = Page<CameraGroupView>), ReadProblems))]
async fn list_camera_groups(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<CameraGroupView>>, Failure> {
    rights::any_video(&actor)?;
    let mut tx = app.ctx.store().read().await?;
    let items = store::list(&mut tx, actor.org()).await?;
    let items = items
        .into_iter()
        .map(|it| CameraGroupView {
            id: it.id.to_string(),
            name: it.name,
            cameras: it.cameras,
        })
        .collect();
    Ok(Json(Page::whole(items)))
}

/// A name for a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CameraGroupRequest {
    /// 1 to 80 characters.
    name: String,
}

fn entry(action: &'static str, group: CameraGroupId) -> Entry {
    Entry {
        action,
        object: Some(group.to_string()),
        outcome: Outcome::Done,
        details: vec![],
    }
}

/// Makes a camera group.
#[utoipa::path(post, path = "/video/groups", tag = "video", request_body = CameraGroupRequest,
    responses((status = 201, body = CameraGroupView), Problems))]
async fn create_camera_group(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<CameraGroupRequest>,
) -> Result<(StatusCode, Json<CameraGroupView>), Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let name = ShortText::parse(&request.name).map_err(|error| form::text("name", error))?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    let id = act!(app.ctx.store(), |tx| -> Result<CameraGroupId, VideoError> {
        if store::list(tx, grant.org()).await?.len() >= MOST {
            return Err(VideoError::conflict(
                "too_many",
                "there are too many groups",
            ));
        }
        let id = store::insert(tx, grant.org(), name.as_str()).await?;
        pen.write(tx, entry("camera_group.created", id)).await?;
        Ok(id)
    })?;
    let view = CameraGroupView {
        id: id.to_string(),
        name: name.into(),
        cameras: 0,
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Gives a camera group another name.
#[utoipa::path(patch, path = "/video/groups/{id}", tag = "video", params(("id" = String, Path)),
    request_body = CameraGroupRequest, responses((status = 204), Problems))]
async fn rename_camera_group(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraGroupId>,
    Json(request): Json<CameraGroupRequest>,
) -> Result<StatusCode, Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let name = ShortText::parse(&request.name).map_err(|error| form::text("name", error))?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        if !store::rename(tx, grant.org(), id, &name).await? {
            return Err(VideoError::NotFound("camera group"));
        }
        let language = organisation::of(tx, &grant).await?.language;
        let named = |role: &Role| Sight::of(&role.rights, id).name(name.as_str(), language);
        role::rename_for_cameras(tx, &grant, id, named).await?;
        pen.write(tx, entry("camera_group.renamed", id)).await?;
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

/// Drops a camera group in which no camera is. Rights given for it go with it.
#[utoipa::path(delete, path = "/video/groups/{id}", tag = "video", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn delete_camera_group(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraGroupId>,
) -> Result<StatusCode, Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    let had = act!(app.ctx.store(), |tx| -> Result<_, VideoError> {
        let had = role::drop_for_cameras(tx, &grant, id).await?;
        if store::is_used(tx, grant.org(), id).await? {
            return Err(VideoError::conflict(
                "in_use",
                "cameras are in this group, or a role for more than it names it",
            ));
        }
        if !store::delete(tx, grant.org(), id).await? {
            return Err(VideoError::NotFound("camera group"));
        }
        let mut entry = entry("camera_group.deleted", id);
        entry.details = vec![("rights", had.len().to_string())];
        pen.write(tx, entry).await?;
        Ok(had)
    })?;
    for membership in had {
        app.ctx.live().notify(grant.org(), &membership.to_string());
    }
    Ok(StatusCode::NO_CONTENT)
}

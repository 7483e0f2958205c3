//! `/video/groups/{id}/rights`.

use ::store::act;
use axum::extract::State;
use axum::http::StatusCode;
use base::{CameraGroupId, MembershipId};
use ledger::{Entry, Outcome};
use people::permit::{OrgConfigure, PeopleManage};
use people::{Actor, Denied, Grant, Object, may, organisation, person, role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use super::model::{LookBack, Sight, Standing};
use crate::camera::group;
use crate::{App, VideoError};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_camera_group_rights))
        .routes(routes!(set_camera_group_rights))
}

/// What somebody may with the cameras of a group.
#[derive(Debug, Serialize, ToSchema)]
struct CameraRightsView {
    /// See live pictures.
    live: bool,
    /// Open recordings.
    playback: bool,
    /// How many hours back recordings open; `null` where that is not limited, or none do.
    look_back_hours: Option<u32>,
    /// Change the cameras.
    configure: bool,
}

impl From<Sight> for CameraRightsView {
    fn from(sight: Sight) -> Self {
        Self {
            live: sight.live,
            playback: sight.playback.is_some(),
            look_back_hours: sight.playback.and_then(LookBack::hours),
            configure: sight.configure,
        }
    }
}

/// What a role that reaches further allows here.
#[derive(Debug, Serialize, ToSchema)]
struct WiderCameraRightsView {
    /// The role's name.
    role: String,
    /// What it allows.
    rights: CameraRightsView,
}

/// A member, and what they may with the cameras of a group.
#[derive(Debug, Serialize, ToSchema)]
struct CameraGroupMemberView {
    /// The membership.
    person: String,
    /// First and last name.
    name: String,
    /// `active` or `invited`.
    state: &'static str,
    /// Given for this group.
    own: CameraRightsView,
    /// What holds for all cameras, by role.
    wider: Vec<WiderCameraRightsView>,
}

/// Whoever gives rights here makes roles and gives them to people.
fn allowed(actor: &Actor) -> Result<(Grant<OrgConfigure>, Grant<PeopleManage>), Denied> {
    let manage = may::<PeopleManage>(actor, Object::Org)?;
    Ok((may::<OrgConfigure>(actor, Object::Org)?, manage))
}

/// All members with what they may with the cameras of a group, by name.
#[utoipa::path(get, path = "/video/groups/{id}/rights", tag = "video", params(("id" = String, Path)),
    responses((status = 200, body = Page<CameraGroupMemberView>), ReadProblems))]
async fn list_camera_group_rights(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraGroupId>,
) -> Result<Json<Page<CameraGroupMemberView>>, Failure> {
    let (_, grant) = allowed(&actor)?;
    let mut tx = app.ctx.store().read().await?;
    let group = group::store::by_id(&mut tx, grant.org(), id).await?;
    group.ok_or_else(Failure::not_found)?;
    let roles = role::roles(&mut tx, &grant).await?;
    let members = person::directory(&mut tx, &grant).await?;
    drop(tx);
    let items = members.into_iter().map(|entry| {
        let has: Vec<_> = entry.roles.iter().map(|it| it.0).collect();
        let standing = Standing::of(&has, &roles, id);
        let wider = standing.wider.into_iter();
        CameraGroupMemberView {
            person: entry.member.id.to_string(),
            name: entry.member.name.full(),
            state: entry.member.state.word(),
            own: standing.own.into(),
            wider: wider
                .map(|(role, sight)| WiderCameraRightsView {
                    role,
                    rights: sight.into(),
                })
                .collect(),
        }
    });
    Ok(Json(Page::whole(items.collect())))
}

/// What somebody may from now on with the cameras of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CameraRightsRequest {
    /// See live pictures.
    live: bool,
    /// Open recordings.
    playback: bool,
    /// How many hours back recordings open, 1 to 2160; without it all that are kept. With `playback` alone.
    look_back_hours: Option<u32>,
    /// Change the cameras.
    configure: bool,
}

/// Gives a member exactly these rights for the cameras of a group; all `false` takes theirs away. What roles for all
/// cameras allow stays.
#[utoipa::path(put, path = "/video/groups/{id}/rights/{membership_id}", tag = "video",
    params(("id" = String, Path), ("membership_id" = String, Path)),
    request_body = CameraRightsRequest, responses((status = 204), Problems))]
async fn set_camera_group_rights(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, membership)): Path<(CameraGroupId, MembershipId)>,
    Json(request): Json<CameraRightsRequest>,
) -> Result<StatusCode, Failure> {
    let (configure, manage) = allowed(&actor)?;
    let sight = Sight::asked(
        request.live,
        request.playback,
        request.look_back_hours,
        request.configure,
    )?;
    let org = manage.org();
    let mut tx = app.ctx.store().read().await?;
    let member = person::member(&mut tx, &manage, membership).await?;
    let member = member.ok_or_else(Failure::not_found)?;
    drop(tx);
    let rights = sight.rights(id);
    let people = app.ctx.people();
    let pen = people.pen(&manage, Some(member.person)).await?;
    let changed = act!(app.ctx.store(), |tx| -> Result<bool, VideoError> {
        let group = group::store::by_id(tx, org, id).await?;
        let group = group.ok_or(VideoError::NotFound("camera group"))?;
        let language = organisation::of(tx, &manage).await?.language;
        let name = sight.name(&group.name, language);
        let given = (id, &name, rights.as_slice());
        if !role::give_for_cameras(tx, &pen, &configure, &manage, membership, given).await? {
            return Ok(false);
        }
        let entry = Entry {
            action: if sight.is_nothing() {
                "video.right_taken"
            } else {
                "video.right_given"
            },
            object: Some(format!("{id}/{membership}")),
            outcome: Outcome::Done,
            details: vec![("rights", sight.words())],
        };
        pen.write(tx, entry).await?;
        Ok(true)
    })?;
    if changed {
        // Running pictures end at once where they are not theirs any more.
        app.ctx.live().notify(org, &membership.to_string());
    }
    Ok(StatusCode::NO_CONTENT)
}

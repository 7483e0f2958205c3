//! `/people`, `/roles`, groups of units.

use axum::extract::State;
use axum::http::StatusCode;
use base::{Email, GroupId, Lang, MembershipId, QualificationId, RoleId, ShortText, Text, UnitId};
use people::organisation::{self, Ric};
use people::permit::{OrgConfigure, PeopleManage};
use people::person::{self, Entry, NewMember, PersonName};
use people::{Grant, Object, PeopleError, Permission, may, oneself, role};
use serde::{Deserialize, Serialize};
use store::act;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Paging, Path, Query, Signed};

use crate::account::http::NamedView;
use crate::form::{field, problem};
use crate::{App, invitation};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_people))
        .routes(routes!(invite_person))
        .routes(routes!(invite_person_again))
        .routes(routes!(change_person, remove_person))
        .routes(routes!(list_roles))
        .routes(routes!(list_qualifications, add_qualification))
        .routes(routes!(add_group))
        .routes(routes!(remove_group))
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
struct PersonView {
    /// Their membership.
    membership_id: String,
    /// Given name.
    given_name: String,
    /// Family name.
    family_name: String,
    /// E-mail address.
    email: String,
    /// `active` or `invited`.
    state: &'static str,
    /// The unit they belong to.
    unit_id: String,
    /// Their roles.
    roles: Vec<NamedView>,
    /// Their groups.
    groups: Vec<NamedView>,
    /// What they are trained for, in short.
    qualifications: Vec<String>,
    /// How they can be reached.
    reach: ReachView,
}

/// How a member can be reached.
#[derive(Debug, Serialize, ToSchema)]
struct ReachView {
    /// Enrolled devices.
    devices: i64,
    /// How many of them take pushes.
    push: i64,
    /// When one of them was last seen.
    last_seen_at: Option<String>,
}

impl From<Entry> for PersonView {
    fn from(entry: Entry) -> Self {
        fn named<I: ToString>(pairs: Vec<(I, String)>) -> Vec<NamedView> {
            let view = |(id, name): (I, String)| NamedView {
                id: id.to_string(),
                name,
            };
            pairs.into_iter().map(view).collect()
        }
        let member = entry.member;
        Self {
            membership_id: member.id.to_string(),
            given_name: member.name.given,
            family_name: member.name.family,
            email: member.email.as_str().to_owned(),
            state: member.state.word(),
            unit_id: member.unit.to_string(),
            roles: named(entry.roles),
            groups: named(entry.groups),
            qualifications: entry.qualifications,
            reach: ReachView {
                devices: entry.reach.devices,
                push: entry.reach.push,
                last_seen_at: entry.reach.last_seen.map(|at| at.to_string()),
            },
        }
    }
}

fn place(entry: &Entry) -> [String; 2] {
    let member = &entry.member;
    // The sign between names is no character of a cursor.
    [
        member.name.sort_key().replace('\u{1f}', " "),
        member.id.to_string(),
    ]
}

/// The members, sorted by name.
#[utoipa::path(get, path = "/people", tag = "people", params(Paging),
    responses((status = 200, body = Page<PersonView>), ReadProblems))]
async fn list_people(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<PersonView>>, Failure> {
    let grant = may::<PeopleManage>(&actor, Object::Org)?;
    let after = paging.after::<2>()?;
    let mut tx = app.ctx.store().read().await?;
    let mut entries = person::directory(&mut tx, &grant).await?;
    drop(tx);
    if let Some(after) = after {
        entries.retain(|entry| place(entry) > after);
    }
    Ok(Json(paging.cut(entries, place).map(PersonView::from)))
}

/// Somebody to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InvitePersonRequest {
    /// E-mail address.
    email: String,
    /// Given name, 1 to 60 characters.
    given_name: String,
    /// Family name, 1 to 60 characters.
    family_name: String,
    /// The unit they will belong to.
    #[schema(value_type = String)]
    unit_id: UnitId,
    /// Their role.
    #[schema(value_type = String)]
    role_id: RoleId,
    /// Their groups.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    group_ids: Vec<GroupId>,
    /// The language to write in: `de` or `en`; the organisation's, if not given.
    language: Option<String>,
}

/// Who was invited.
#[derive(Debug, Serialize, ToSchema)]
struct InvitedView {
    /// The membership that was made.
    membership_id: String,
}

/// Invites somebody by mail.
#[utoipa::path(post, path = "/people/invitations", tag = "people", request_body = InvitePersonRequest,
    responses((status = 201, body = InvitedView), Problems))]
async fn invite_person(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<InvitePersonRequest>,
) -> Result<(StatusCode, Json<InvitedView>), Failure> {
    let grant = may::<PeopleManage>(&actor, Object::Unit(request.unit_id))?;
    let email = Email::parse(&request.email).map_err(field("email"))?;
    let given_name = PersonName::parse(&request.given_name).map_err(field("given_name"))?;
    let family_name = PersonName::parse(&request.family_name).map_err(field("family_name"))?;
    let store = app.ctx.store();
    let person = person::person_for(store, &email).await?;
    let mut tx = store.read().await?;
    let organisation = organisation::of(&mut tx, &grant).await?;
    drop(tx);
    let language = match request.language.as_deref() {
        None => organisation.language,
        Some(asked) => Lang::parse(asked)
            .ok_or_else(|| problem("language", "unknown_language", &"is neither de nor en"))?,
    };
    let new = NewMember {
        person,
        email,
        given_name,
        family_name,
        language,
        unit: request.unit_id,
        roles: vec![request.role_id],
        groups: request.group_ids,
        qualifications: Vec::new(),
    };
    let pen = app.people.pen(&grant, Some(person)).await?;
    let invited = act!(store, |tx| -> Result<_, PeopleError> {
        let invited = person::invite(tx, &pen, &grant, &new).await?;
        invitation::send(tx, &app.ctx, &organisation, &invited).await?;
        Ok(invited)
    })?;
    let view = InvitedView {
        membership_id: invited.membership.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// The grant for one member, and who it is; one who can't be reached is not there.
async fn reach(
    app: &App,
    actor: &people::Actor,
    id: MembershipId,
) -> Result<(Grant<PeopleManage>, base::PersonId), Failure> {
    let mut tx = app.ctx.store().read().await?;
    // Asked first, so that who may nothing learns nothing.
    if actor.reach(Permission::PeopleManage) == people::Reach::Units(Vec::new()) {
        may::<PeopleManage>(actor, Object::Org)?;
    }
    let member = person::member(&mut tx, &oneself(actor)?, id).await?;
    let member = member.ok_or_else(Failure::not_found)?;
    let grant = may::<PeopleManage>(actor, Object::Org)
        .or_else(|_| may::<PeopleManage>(actor, Object::Unit(member.unit)))
        .map_err(|_| Failure::not_found())?;
    Ok((grant, member.person))
}

/// Sends a fresh link to somebody invited; it doesn't prolong the seven days.
#[utoipa::path(post, path = "/people/{membership_id}/actions/invite-again", tag = "people",
    params(("membership_id" = String, Path)), responses((status = 204), Problems))]
async fn invite_person_again(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<MembershipId>,
) -> Result<StatusCode, Failure> {
    let (grant, person) = reach(&app, &actor, id).await?;
    let pen = app.people.pen(&grant, Some(person)).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        let invited = person::invite_again(tx, &pen, &grant, id).await?;
        let organisation = organisation::of(tx, &grant).await?;
        invitation::send(tx, &app.ctx, &organisation, &invited).await?;
        Ok(())
    })?;
    app.ctx.live().notify(grant.org(), &id.to_string());
    Ok(StatusCode::NO_CONTENT)
}

/// What to change about a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "these are the names on the wire")]
struct ChangePersonRequest {
    /// Exactly these roles.
    #[schema(value_type = Option<Vec<String>>)]
    role_ids: Option<Vec<RoleId>>,
    /// Exactly these groups.
    #[schema(value_type = Option<Vec<String>>)]
    group_ids: Option<Vec<GroupId>>,
    /// Exactly these qualifications.
    #[schema(value_type = Option<Vec<String>>)]
    qualification_ids: Option<Vec<QualificationId>>,
}

/// Changes roles, groups and qualifications of a member; what is not given stays as it is.
#[utoipa::path(patch, path = "/people/{membership_id}", tag = "people",
    params(("membership_id" = String, Path)), request_body = ChangePersonRequest,
    responses((status = 204), Problems))]
async fn change_person(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<MembershipId>,
    Json(request): Json<ChangePersonRequest>,
) -> Result<StatusCode, Failure> {
    let (grant, person) = reach(&app, &actor, id).await?;
    let pen = app.people.pen(&grant, Some(person)).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        if let Some(roles) = &request.role_ids {
            role::give(tx, &pen, &grant, id, roles).await?;
        }
        if let Some(groups) = &request.group_ids {
            person::set_groups(tx, &pen, &grant, id, groups).await?;
        }
        if let Some(qualifications) = &request.qualification_ids {
            person::set_qualifications(tx, &pen, &grant, id, qualifications).await?;
        }
        Ok(())
    })?;
    // Pages that are open may show what is not theirs any more.
    app.ctx.live().notify(grant.org(), &id.to_string());
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a membership: sessions and devices end with it.
#[utoipa::path(delete, path = "/people/{membership_id}", tag = "people",
    params(("membership_id" = String, Path)), responses((status = 204), Problems))]
async fn remove_person(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<MembershipId>,
) -> Result<StatusCode, Failure> {
    let (grant, person) = reach(&app, &actor, id).await?;
    let pen = app.people.pen(&grant, Some(person)).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        person::remove(tx, &pen, &grant, id).await
    })?;
    app.ctx.live().notify(grant.org(), &id.to_string());
    Ok(StatusCode::NO_CONTENT)
}

/// A role.
#[derive(Debug, Serialize, ToSchema)]
struct RoleView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// What it allows anywhere, such as `alarm.trigger`.
    permissions: Vec<&'static str>,
}

/// The roles of the organisation, but for those about one camera group alone: they are given there.
#[utoipa::path(get, path = "/roles", tag = "people",
    responses((status = 200, body = Page<RoleView>), ReadProblems))]
async fn list_roles(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<RoleView>>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let roles = role::roles(&mut tx, &oneself(&actor)?).await?;
    let items = roles
        .into_iter()
        .filter(|role| role.camera_group().is_none())
        .map(|role| RoleView {
            permissions: role
                .permissions()
                .into_iter()
                .map(Permission::word)
                .collect(),
            id: role.id.to_string(),
            name: role.name,
        })
        .collect();
    Ok(Json(Page::whole(items)))
}

/// Something people are trained for.
#[derive(Debug, Serialize, ToSchema)]
struct QualificationView {
    /// Its id.
    id: String,
    /// As on the strength bar.
    #[schema(example = "AGT")]
    short: String,
    /// In full.
    name: String,
}

/// What people can be trained for, oldest first.
#[utoipa::path(get, path = "/qualifications", tag = "people",
    responses((status = 200, body = Page<QualificationView>), ReadProblems))]
async fn list_qualifications(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<QualificationView>>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let all = organisation::qualifications(&mut tx, &oneself(&actor)?).await?;
    let items = all.into_iter().map(|it| QualificationView {
        id: it.id.to_string(),
        short: it.short,
        name: it.name,
    });
    Ok(Json(Page::whole(items.collect())))
}

/// A qualification to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddQualificationRequest {
    /// As on the strength bar, 1 to 12 characters; once in the organisation.
    short: String,
    /// In full, 1 to 80 characters.
    name: String,
}

/// Adds something people can be trained for.
#[utoipa::path(post, path = "/qualifications", tag = "people", request_body = AddQualificationRequest,
    responses((status = 201, body = QualificationView), Problems))]
async fn add_qualification(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<AddQualificationRequest>,
) -> Result<(StatusCode, Json<QualificationView>), Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let short = Text::parse(&request.short).map_err(field("short"))?;
    let name = ShortText::parse(&request.name).map_err(field("name"))?;
    let pen = app.people.pen(&grant, None).await?;
    let id = act!(app.ctx.store(), |tx| -> Result<
        QualificationId,
        PeopleError,
    > {
        organisation::add_qualification(tx, &pen, &grant, &short, &name).await
    })?;
    let view = QualificationView {
        id: id.to_string(),
        short: short.into(),
        name: name.into(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// A group to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddGroupRequest {
    /// Its name, 1 to 80 characters.
    name: String,
    /// Its address in radio paging networks.
    ric: Option<String>,
}

/// Adds a group to a unit.
#[utoipa::path(post, path = "/units/{id}/groups", tag = "units", params(("id" = String, Path)),
    request_body = AddGroupRequest, responses((status = 201, body = NamedView), Problems))]
async fn add_group(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(unit): Path<UnitId>,
    Json(request): Json<AddGroupRequest>,
) -> Result<(StatusCode, Json<NamedView>), Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Unit(unit))?;
    let name = ShortText::parse(&request.name).map_err(field("name"))?;
    let ric = request.ric.as_deref().filter(|ric| !ric.trim().is_empty());
    let ric = ric.map(Ric::parse).transpose().map_err(field("ric"))?;
    let pen = app.people.pen(&grant, None).await?;
    let id = act!(app.ctx.store(), |tx| -> Result<GroupId, PeopleError> {
        organisation::add_group(tx, &pen, &grant, unit, &name, ric.as_ref()).await
    })?;
    let view = NamedView {
        id: id.to_string(),
        name: name.into(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Removes a group; its people stay.
#[utoipa::path(delete, path = "/groups/{id}", tag = "units", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn remove_group(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<GroupId>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let pen = app.people.pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        organisation::remove_group(tx, &pen, &grant, id).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

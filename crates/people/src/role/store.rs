//! SQL of roles.

use std::collections::{BTreeMap, BTreeSet};

use ::store::{Cols, StoreError, Tx, params};
use base::{CameraGroupId, Lang, MembershipId, OrgId, RoleId, ShortText};

use super::model::{BuiltIn, Role};
use crate::PeopleError;
use crate::access::permit::{OrgConfigure, PeopleManage};
use crate::access::{Actor, Grant, Limits, Permission, Right, Scope, Who};
use crate::journal::done;
use ledger::{Entry, Outcome, Pen};

::store::statements! {
    /// A new role.
    INSERT = "INSERT INTO role (org_id, id, name, built_in, created_us) VALUES ($1, $2, $3, $4, $5)";
    /// One permission of a role.
    INSERT_PERMISSION = "INSERT INTO role_permission (org_id, role_id, permission, scope, scope_id, \
                         look_back_us, second_factor, four_eyes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// The roles.
    ROLES = "SELECT id, name, built_in FROM role WHERE org_id = $1 ORDER BY id";
    /// What all roles allow.
    PERMISSIONS = "SELECT role_id, permission, scope, scope_id, look_back_us, second_factor, four_eyes \
                   FROM role_permission WHERE org_id = $1 ORDER BY role_id, permission, scope, scope_id";
    /// What one membership may by its roles.
    RIGHTS = "SELECT rp.permission, rp.scope, rp.scope_id, rp.look_back_us, rp.second_factor, rp.four_eyes \
              FROM membership_role mr JOIN role_permission rp ON rp.org_id = mr.org_id \
              AND rp.role_id = mr.role_id WHERE mr.org_id = $1 AND mr.membership_id = $2";
    /// Takes all roles from a membership.
    CLEAR = "DELETE FROM membership_role WHERE org_id = $1 AND membership_id = $2";
    /// Gives one role.
    ASSIGN = "INSERT INTO membership_role (org_id, membership_id, role_id) VALUES ($1, $2, $3) \
              ON CONFLICT DO NOTHING";
    /// Another name.
    RENAME = "UPDATE role SET name = $3 WHERE org_id = $1 AND id = $2";
    /// Who has a role.
    HOLDERS = "SELECT membership_id FROM membership_role WHERE org_id = $1 AND role_id = $2";
    /// Takes a role from everybody.
    TAKE = "DELETE FROM membership_role WHERE org_id = $1 AND role_id = $2";
    /// Drops a role that nobody has.
    DROP_UNUSED = "DELETE FROM role WHERE org_id = $1 AND id = $2 AND NOT EXISTS \
                   (SELECT 1 FROM membership_role mr WHERE mr.org_id = $1 AND mr.role_id = $2)";
    /// How many active members besides one may manage all people.
    OTHER_ADMINISTRATORS = "SELECT CAST(count(DISTINCT mr.membership_id) AS BIGINT) \
        FROM membership_role mr JOIN role_permission rp ON rp.org_id = mr.org_id \
        AND rp.role_id = mr.role_id JOIN membership m ON m.org_id = mr.org_id \
        AND m.id = mr.membership_id WHERE mr.org_id = $1 AND mr.membership_id <> $2 \
        AND m.state = 'active' AND rp.permission = 'people.manage' AND rp.scope = 'org'";
}

/// Makes the roles every organisation begins with; gives the one of administrators.
pub(crate) async fn create_built_in(
    tx: &mut Tx,
    org: OrgId,
    lang: Lang,
) -> Result<RoleId, StoreError> {
    let mut administrator = None;
    for role in BuiltIn::ALL {
        let rights: Vec<Right> = role
            .permissions()
            .iter()
            .map(|permission| Right {
                permission: *permission,
                scope: Scope::Org,
                limits: Limits::default(),
            })
            .collect();
        let id = insert(tx, org, role.name(lang), Some(role), &rights).await?;
        if role == BuiltIn::Administrator {
            administrator = Some(id);
        }
    }
    administrator.ok_or(StoreError::Missing)
}

async fn insert(
    tx: &mut Tx,
    org: OrgId,
    name: &str,
    built_in: Option<BuiltIn>,
    rights: &[Right],
) -> Result<RoleId, StoreError> {
    let id = RoleId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    let built_in = built_in.map(BuiltIn::word);
    tx.exec(&INSERT, params![org, id, name, built_in, now])
        .await?;
    for right in rights {
        let (scope, scope_id) = match right.scope {
            Scope::Org => ("org", String::new()),
            Scope::Unit(unit) => ("unit", unit.to_string()),
            Scope::Group(group) => ("group", group.to_string()),
            Scope::Cameras(group) => ("cameras", group.to_string()),
        };
        let params = params![
            org,
            id,
            right.permission.word(),
            scope,
            scope_id,
            right.limits.look_back_us,
            right.limits.second_factor,
            right.limits.four_eyes
        ];
        tx.exec(&INSERT_PERMISSION, params).await?;
    }
    Ok(id)
}

/// Makes a role of the organisation's own. Nobody can make one that allows more than they may themselves.
pub async fn create(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    name: &ShortText,
    rights: &[Right],
) -> Result<RoleId, PeopleError> {
    may_give(grant.actor(), rights)?;
    let id = insert(tx, grant.org(), name.as_str(), None, rights).await?;
    pen.write(tx, done("role.created", id)).await?;
    Ok(id)
}

/// The roles with what they allow: those made with the organisation, then its own, oldest first.
pub async fn roles<P>(tx: &mut Tx, grant: &Grant<P>) -> Result<Vec<Role>, StoreError> {
    let mut rights: BTreeMap<RoleId, Vec<Right>> = BTreeMap::new();
    for row in tx.all(&PERMISSIONS, params![grant.org()]).await? {
        let mut c = row.cols();
        rights.entry(c.id()?).or_default().extend(right(&mut c)?);
    }
    let rows = tx.all(&ROLES, params![grant.org()]).await?;
    let roles: Result<Vec<Role>, StoreError> = rows
        .iter()
        .map(|row| {
            let mut c = row.cols();
            let id = c.id()?;
            Ok(Role {
                id,
                name: c.text()?,
                built_in: c.opt_text()?.as_deref().and_then(BuiltIn::parse),
                rights: rights.remove(&id).unwrap_or_default(),
            })
        })
        .collect();
    let mut roles = roles?;
    roles.sort_by_key(|role| (role.built_in.is_none(), role.built_in, role.id));
    Ok(roles)
}

/// What a membership may by its roles.
pub(crate) async fn rights(
    tx: &mut Tx,
    org: OrgId,
    membership: MembershipId,
) -> Result<Vec<Right>, StoreError> {
    let rows = tx.all(&RIGHTS, params![org, membership]).await?;
    let mut rights = Vec::with_capacity(rows.len());
    for row in rows {
        rights.extend(right(&mut row.cols())?);
    }
    Ok(rights)
}

/// A permission that this program does not know gives nothing: a newer one wrote it.
fn right(c: &mut Cols<'_>) -> Result<Option<Right>, StoreError> {
    let (permission, scope) = (Permission::parse(&c.text()?), c.text()?);
    let scope = match scope.as_str() {
        "unit" => Scope::Unit(c.id()?),
        "group" => Scope::Group(c.id()?),
        "cameras" => Scope::Cameras(c.id()?),
        _ => {
            c.text()?;
            Scope::Org
        }
    };
    let limits = Limits {
        look_back_us: c.opt_int()?,
        second_factor: c.boolean()?,
        four_eyes: c.boolean()?,
    };
    Ok(permission.map(|permission| Right {
        permission,
        scope,
        limits,
    }))
}

/// Whether nobody besides this membership could manage people.
pub(crate) async fn is_last_administrator(
    tx: &mut Tx,
    org: OrgId,
    membership: MembershipId,
) -> Result<bool, StoreError> {
    let row = tx
        .one(&OTHER_ADMINISTRATORS, params![org, membership])
        .await?;
    Ok(row.cols().int()? == 0)
}

/// Nobody hands on more than they have.
fn may_give(actor: &Actor, rights: &[Right]) -> Result<(), PeopleError> {
    let own = actor.rights();
    let has = |wanted: &Right| {
        own.iter().any(|right| {
            right.permission == wanted.permission
                && (right.scope == Scope::Org || right.scope == wanted.scope)
                && (right.limits == Limits::default() || right.limits == wanted.limits)
        })
    };
    if actor.who() == Who::Operator || rights.iter().all(has) {
        Ok(())
    } else {
        Err(PeopleError::RoleBeyondOwn)
    }
}

/// Gives a membership exactly these roles, all of this organisation, none beyond the actor's own rights.
/// What somebody had before may stay, whoever gave it.
pub(crate) async fn assign(
    tx: &mut Tx,
    grant: &Grant<PeopleManage>,
    membership: MembershipId,
    wanted: &[RoleId],
    before: &[RoleId],
) -> Result<(), PeopleError> {
    let known = roles(tx, grant).await?;
    for id in wanted {
        let role = known.iter().find(|role| role.id == *id);
        let role = role.ok_or(PeopleError::NotFound("role"))?;
        if !before.contains(id) {
            may_give(grant.actor(), &role.rights)?;
        }
    }
    // Taking a role away from someone who may more is as bad as giving it.
    for id in before.iter().filter(|id| !wanted.contains(id)) {
        if let Some(role) = known.iter().find(|role| role.id == *id) {
            may_give(grant.actor(), &role.rights)?;
        }
    }
    tx.exec(&CLEAR, params![grant.org(), membership]).await?;
    for id in wanted {
        tx.exec(&ASSIGN, params![grant.org(), membership, *id])
            .await?;
    }
    // A role made for a camera group stands in no list of roles; unused, nobody would ever find it.
    for role in known.iter().filter(|it| it.camera_group().is_some()) {
        if before.contains(&role.id) && !wanted.contains(&role.id) {
            tx.exec(&DROP_UNUSED, params![grant.org(), role.id]).await?;
        }
    }
    Ok(())
}

/// Gives a member exactly these roles. The last one who manages people keeps that right.
pub async fn give(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    membership: MembershipId,
    wanted: &[RoleId],
) -> Result<(), PeopleError> {
    let member = crate::person::member(tx, grant, membership).await?;
    let member = member.ok_or(PeopleError::NotFound("person"))?;
    let before = crate::person::roles_of(tx, grant.org(), membership).await?;
    let last = is_last_administrator(tx, grant.org(), membership).await?;
    assign(tx, grant, membership, wanted, &before).await?;
    let manages =
        |right: &Right| right.permission == Permission::PeopleManage && right.scope == Scope::Org;
    if last
        && member.state.is_active()
        && !rights(tx, grant.org(), membership)
            .await?
            .iter()
            .any(manages)
    {
        return Err(PeopleError::LastAdministrator);
    }
    let roles: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    let entry = Entry {
        action: "role.changed",
        object: Some(membership.to_string()),
        outcome: Outcome::Done,
        details: vec![("roles", roles.join(" "))],
    };
    pen.write(tx, entry).await?;
    Ok(())
}

/// Gives a member exactly these rights as their own for one camera group, and leaves all other roles as they are.
///
/// Underneath lies one role for each set of rights that somebody has, with this name if it has to be made. Gives
/// whether anything changed.
pub async fn give_for_cameras(
    tx: &mut Tx,
    pen: &Pen,
    configure: &Grant<OrgConfigure>,
    manage: &Grant<PeopleManage>,
    membership: MembershipId,
    (group, name, rights): (CameraGroupId, &ShortText, &[Right]),
) -> Result<bool, PeopleError> {
    let known = roles(tx, manage).await?;
    let of_group = |id: &RoleId| {
        let role = known.iter().find(|role| role.id == *id);
        role.is_some_and(|role| role.camera_group() == Some(group))
    };
    let before = crate::person::roles_of(tx, manage.org(), membership).await?;
    let mut wanted: Vec<RoleId> = before.clone();
    wanted.retain(|id| !of_group(id));
    if !rights.is_empty() {
        let there = known
            .iter()
            .find(|role| role.camera_group() == Some(group) && role.allows_exactly(rights));
        wanted.push(match there {
            Some(role) => role.id,
            None => create(tx, pen, configure, name, rights).await?,
        });
    }
    if wanted.len() == before.len() && wanted.iter().all(|id| before.contains(id)) {
        return Ok(false);
    }
    give(tx, pen, manage, membership, &wanted).await?;
    Ok(true)
}

/// Gives the roles of a camera group other names.
pub async fn rename_for_cameras<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
    group: CameraGroupId,
    name: impl Fn(&Role) -> ShortText,
) -> Result<(), StoreError> {
    for role in roles(tx, grant).await? {
        if role.camera_group() == Some(group) {
            let params = params![grant.org(), role.id, &name(&role)];
            tx.exec(&RENAME, params).await?;
        }
    }
    Ok(())
}

/// Drops the roles of a camera group that ends; gives who had one. What they allowed is nothing any more, so nobody
/// needs to be able to give it.
pub async fn drop_for_cameras<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
    group: CameraGroupId,
) -> Result<BTreeSet<MembershipId>, StoreError> {
    let org = grant.org();
    let mut had = BTreeSet::new();
    for role in roles(tx, grant).await? {
        if role.camera_group() != Some(group) {
            continue;
        }
        for row in tx.all(&HOLDERS, params![org, role.id]).await? {
            had.insert(row.cols().id()?);
        }
        tx.exec(&TAKE, params![org, role.id]).await?;
        tx.exec(&DROP_UNUSED, params![org, role.id]).await?;
    }
    Ok(had)
}

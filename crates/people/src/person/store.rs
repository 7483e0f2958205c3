//! SQL of persons and memberships.

use std::collections::{BTreeMap, BTreeSet};

use ::store::{Row, Store, StoreError, Tx, WireKind, params};
use base::{
    Email, GroupId, Lang, MembershipId, OrgId, PersonId, QualificationId, RoleId, Timestamp,
};

use super::model::{
    Entry, INVITED_FOR, Invitation, Invited, Joining, Member, Name, NewMember, Reach, State,
};
use crate::access::Grant;
use crate::access::permit::{Oneself, PeopleManage};
use crate::journal::done;
use crate::{PeopleError, link, organisation, role};
use ledger::{Outcome, Pen};

::store::statements! {
    /// The person with an address.
    BY_EMAIL = "SELECT id FROM person WHERE email = $1";
    /// A new person without a password.
    INSERT_PERSON = "INSERT INTO person (id, email, password_hash, language, created_us) \
                     VALUES ($1, $2, NULL, $3, $4)";
    /// Sets a password.
    SET_PASSWORD = "UPDATE person SET password_hash = $2 WHERE id = $1";
    /// Whether a person has a password.
    HAS_PASSWORD = "SELECT password_hash IS NOT NULL FROM person WHERE id = $1";
    /// Sets the language.
    SET_LANGUAGE = "UPDATE person SET language = $2 WHERE id = $1";
    /// The address and language of a person.
    LANGUAGE = "SELECT language FROM person WHERE id = $1";
    /// Forgets a person whom no organisation knows any more.
    DELETE_ORPHAN = "DELETE FROM person WHERE id = $1 \
                     AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = person.id)";
    /// A new membership.
    INSERT = "INSERT INTO membership (org_id, id, person_id, unit_id, given_name, family_name, state, \
              invited_us, joined_us, due_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// Whether a person is a member of an organisation.
    OF_PERSON = "SELECT id FROM membership WHERE org_id = $1 AND person_id = $2";
    /// One member.
    MEMBER = "SELECT m.id, m.person_id, m.unit_id, m.family_name, m.given_name, p.email, p.language, \
              m.state, m.joined_us, m.due_us FROM membership m JOIN person p ON p.id = m.person_id \
              WHERE m.org_id = $1 AND m.id = $2";
    /// All members.
    MEMBERS = "SELECT m.id, m.person_id, m.unit_id, m.family_name, m.given_name, p.email, p.language, \
               m.state, m.joined_us, m.due_us FROM membership m JOIN person p ON p.id = m.person_id \
               WHERE m.org_id = $1";
    /// The names of all members.
    NAMES = "SELECT id, family_name, given_name FROM membership WHERE org_id = $1";
    /// Makes an invited member an active one.
    JOIN = "UPDATE membership SET state = 'active', joined_us = $3, due_us = NULL \
            WHERE org_id = $1 AND id = $2 AND state = 'invited'";
    /// Ends a membership, and with it roles, groups, devices and sessions.
    DELETE = "DELETE FROM membership WHERE org_id = $1 AND id = $2";
    /// The roles of all members.
    ROLES = "SELECT mr.membership_id, r.id, r.name FROM membership_role mr \
             JOIN role r ON r.org_id = mr.org_id AND r.id = mr.role_id \
             WHERE mr.org_id = $1 ORDER BY mr.membership_id, r.id";
    /// The roles of one member.
    ROLES_OF = "SELECT role_id FROM membership_role WHERE org_id = $1 AND membership_id = $2 \
                ORDER BY role_id";
    /// The groups of all members.
    GROUPS = "SELECT gm.membership_id, g.id, g.name FROM group_member gm \
              JOIN unit_group g ON g.org_id = gm.org_id AND g.id = gm.group_id \
              WHERE gm.org_id = $1 ORDER BY gm.membership_id, g.id";
    /// Takes a member out of all groups.
    CLEAR_GROUPS = "DELETE FROM group_member WHERE org_id = $1 AND membership_id = $2";
    /// Puts a member into a group, if there is one.
    ENTER_GROUP = "INSERT INTO group_member (org_id, group_id, membership_id) \
                   SELECT org_id, id, $3 FROM unit_group WHERE org_id = $1 AND id = $2 \
                   ON CONFLICT DO NOTHING";
    /// The qualifications of all members.
    QUALIFICATIONS = "SELECT mq.membership_id, q.short FROM membership_qualification mq \
                      JOIN qualification q ON q.org_id = mq.org_id AND q.id = mq.qualification_id \
                      WHERE mq.org_id = $1 ORDER BY mq.membership_id, q.id";
    /// Takes all qualifications from a member.
    CLEAR_QUALIFICATIONS = "DELETE FROM membership_qualification \
                            WHERE org_id = $1 AND membership_id = $2";
    /// Notes a qualification of a member, if there is one.
    ADD_QUALIFICATION = "INSERT INTO membership_qualification (org_id, membership_id, qualification_id) \
                         SELECT org_id, $3, id FROM qualification WHERE org_id = $1 AND id = $2 \
                         ON CONFLICT DO NOTHING";
    /// How each member can be reached.
    REACH = "SELECT membership_id, CAST(count(*) AS BIGINT), \
             CAST(count(push_endpoint) AS BIGINT), max(last_seen_us) FROM device \
             WHERE org_id = $1 GROUP BY membership_id";
    /// Invitations that nobody took, of all organisations.
    DUE = "SELECT org_id, id, person_id FROM membership WHERE due_us IS NOT NULL AND due_us <= $1 \
           ORDER BY due_us LIMIT $2";
    /// What is there, when the next is due, what is overdue; of one organisation or of all.
    COUNT_DUE = "SELECT CAST(count(*) AS BIGINT), min(due_us), \
                 CAST(coalesce(sum(CASE WHEN due_us <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                 FROM membership WHERE (CAST($1 AS TEXT) IS NULL OR org_id = $1) AND due_us IS NOT NULL";
}

/// The id of the person with this address, or a fresh one. Asked before an act, because the log needs to
/// know whom it is about; [`invite`] and [`add_member`] notice when it changed meanwhile.
pub async fn person_for(store: &Store, email: &Email) -> Result<PersonId, StoreError> {
    let mut tx = store.read().await?;
    let known = by_email(&mut tx, email).await?;
    Ok(known.unwrap_or_else(|| PersonId::random(store.rng())))
}

async fn by_email(tx: &mut Tx, email: &Email) -> Result<Option<PersonId>, StoreError> {
    let row = tx.opt(&BY_EMAIL, params![email]).await?;
    row.map(|row| row.cols().id()).transpose()
}

async fn insert(
    tx: &mut Tx,
    grant: &Grant<PeopleManage>,
    new: &NewMember,
    state: State,
) -> Result<MembershipId, PeopleError> {
    let org = grant.org();
    let unit = organisation::unit(tx, grant, new.unit).await?;
    if unit.is_none() || !grant.covers_unit(new.unit) {
        return Err(PeopleError::NotFound("unit"));
    }
    let now = tx.clock().now();
    match by_email(tx, &new.email).await? {
        Some(known) if known != new.person => return Err(PeopleError::MemberAlready),
        Some(_) => {
            let there = tx.opt(&OF_PERSON, params![org, new.person]).await?;
            if there.is_some() {
                return Err(PeopleError::MemberAlready);
            }
        }
        None => {
            let params = params![new.person, &new.email, new.language, now];
            tx.exec(&INSERT_PERSON, params).await?;
        }
    }
    let id = MembershipId::new(tx.clock(), tx.rng());
    let (joined, due) = match state {
        State::Invited { until } => (None, Some(until)),
        State::Active { since } => (Some(since), None),
    };
    let params = params![
        org,
        id,
        new.person,
        new.unit,
        &new.given_name,
        &new.family_name,
        state.word(),
        now,
        joined,
        due
    ];
    tx.exec(&INSERT, params).await?;
    tx.number(org, WireKind::Membership, id).await?;
    role::assign(tx, grant, id, &new.roles, &[]).await?;
    enter_groups(tx, org, id, &new.groups).await?;
    add_qualifications(tx, org, id, &new.qualifications).await?;
    Ok(id)
}

async fn enter_groups(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
    groups: &[GroupId],
) -> Result<(), PeopleError> {
    for group in groups.iter().collect::<BTreeSet<_>>() {
        if tx.exec(&ENTER_GROUP, params![org, *group, member]).await? == 0 {
            return Err(PeopleError::NotFound("group"));
        }
    }
    Ok(())
}

async fn add_qualifications(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
    qualifications: &[QualificationId],
) -> Result<(), PeopleError> {
    for id in qualifications.iter().collect::<BTreeSet<_>>() {
        let params = params![org, *id, member];
        if tx.exec(&ADD_QUALIFICATION, params).await? == 0 {
            return Err(PeopleError::NotFound("qualification"));
        }
    }
    Ok(())
}

/// Invites somebody. Send the code in the same act.
pub async fn invite(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    new: &NewMember,
) -> Result<Invited, PeopleError> {
    let until = tx.clock().now().checked_add(INVITED_FOR);
    let state = State::Invited {
        until: until.unwrap_or(Timestamp::MAX),
    };
    let membership = insert(tx, grant, new, state).await?;
    pen.write(tx, done("person.invited", membership)).await?;
    invited(tx, grant, membership).await
}

async fn invited(
    tx: &mut Tx,
    grant: &Grant<PeopleManage>,
    membership: MembershipId,
) -> Result<Invited, PeopleError> {
    let member = member(tx, grant, membership).await?;
    let member = member.ok_or(PeopleError::NotFound("person"))?;
    let State::Invited { until } = member.state else {
        return Err(PeopleError::JoinedAlready);
    };
    let (code, link_until) = link::invitation(tx, grant.org(), membership).await?;
    Ok(Invited {
        membership,
        code,
        until: link_until.min(until),
        email: member.email,
        language: member.language,
        name: member.name,
    })
}

/// A fresh link for somebody invited; older ones end. It doesn't prolong the invitation itself.
pub async fn invite_again(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    membership: MembershipId,
) -> Result<Invited, PeopleError> {
    let invited = invited(tx, grant, membership).await?;
    pen.write(tx, done("person.invited_again", membership))
        .await?;
    Ok(invited)
}

/// Adds somebody as an active member at once: the demo, and directories later.
pub async fn add_member(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    new: &NewMember,
    password_hash: &str,
) -> Result<MembershipId, PeopleError> {
    let since = tx.clock().now();
    let membership = insert(tx, grant, new, State::Active { since }).await?;
    set_password(tx, new.person, password_hash).await?;
    pen.write(tx, done("person.joined", membership)).await?;
    Ok(membership)
}

/// Sets the hash of a person's password.
pub(crate) async fn set_password(
    tx: &mut Tx,
    person: PersonId,
    hash: &str,
) -> Result<(), StoreError> {
    tx.exec(&SET_PASSWORD, params![person, hash])
        .await
        .map(drop)
}

/// What an invitation link opens; `None` when it doesn't work (any more).
pub async fn joining(tx: &mut Tx, code: &str) -> Result<Option<Invitation>, StoreError> {
    let Some((org, membership)) = link::open_invitation(tx, code).await? else {
        return Ok(None);
    };
    let grant: Grant<Oneself> = crate::Operator::not_from_a_request().grant(org);
    let Some(member) = member(tx, &grant, membership).await? else {
        return Ok(None);
    };
    let organisation = organisation::of(tx, &grant).await?;
    let has_password = tx.one(&HAS_PASSWORD, params![member.person]).await?;
    Ok(Some(Invitation {
        org,
        organisation: organisation.name,
        familiar: organisation.familiar,
        needs_password: !has_password.cols().boolean()?,
        member,
    }))
}

/// Takes an invitation. The pen is the joining person's own, see [`crate::People::pen_for_joining`].
pub async fn join(
    tx: &mut Tx,
    pen: &Pen,
    joining: &Joining<'_>,
) -> Result<(OrgId, MembershipId), PeopleError> {
    let opened = link::take_invitation(tx, joining.code).await?;
    let (org, membership) = opened.ok_or(PeopleError::LinkEnded)?;
    let grant: Grant<Oneself> = crate::Operator::not_from_a_request().grant(org);
    let member = member(tx, &grant, membership).await?;
    let member = member.ok_or(PeopleError::LinkEnded)?;
    let has_password = tx.one(&HAS_PASSWORD, params![member.person]).await?;
    match (has_password.cols().boolean()?, joining.password_hash) {
        (false, Some(hash)) => set_password(tx, member.person, hash).await?,
        (false, None) => return Err(PeopleError::LinkEnded),
        // Whoever only holds the link does not replace a password that is there.
        (true, _) => {}
    }
    let now = tx.clock().now();
    if tx.exec(&JOIN, params![org, membership, now]).await? == 0 {
        return Err(PeopleError::LinkEnded);
    }
    pen.write(tx, done("person.joined", membership)).await?;
    Ok((org, membership))
}

/// One member of the grant's organisation.
pub async fn member<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: MembershipId,
) -> Result<Option<Member>, StoreError> {
    let row = tx.opt(&MEMBER, params![grant.org(), id]).await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Member, StoreError> {
    let mut c = row.cols();
    let (id, person, unit) = (c.id()?, c.id()?, c.id()?);
    let name = Name {
        family: c.text()?,
        given: c.text()?,
    };
    let email = c.word(|text| Email::parse(text).ok())?;
    let language = c.word(Lang::parse)?;
    let state = c.text()?;
    let (joined, due) = (c.opt_time()?, c.opt_time()?);
    let state = if state == "active" {
        State::Active {
            since: joined.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    } else {
        State::Invited {
            until: due.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    };
    Ok(Member {
        id,
        person,
        unit,
        name,
        email,
        language,
        state,
    })
}

/// Everybody, sorted by name, with roles, groups, qualifications and devices.
pub async fn directory(tx: &mut Tx, grant: &Grant<PeopleManage>) -> Result<Vec<Entry>, StoreError> {
    let org = grant.org();
    let mut roles: BTreeMap<MembershipId, Vec<(RoleId, String)>> = BTreeMap::new();
    for row in tx.all(&ROLES, params![org]).await? {
        let mut c = row.cols();
        let list = roles.entry(c.id()?).or_default();
        list.push((c.id()?, c.text()?));
    }
    let mut groups: BTreeMap<MembershipId, Vec<(GroupId, String)>> = BTreeMap::new();
    for row in tx.all(&GROUPS, params![org]).await? {
        let mut c = row.cols();
        let list = groups.entry(c.id()?).or_default();
        list.push((c.id()?, c.text()?));
    }
    let mut qualifications = qualification_shorts(tx, grant).await?;
    let mut reach: BTreeMap<MembershipId, Reach> = BTreeMap::new();
    for row in tx.all(&REACH, params![org]).await? {
        let mut c = row.cols();
        let (id, devices, push, last_seen) = (c.id()?, c.int()?, c.int()?, c.opt_time()?);
        let one = Reach {
            devices,
            push,
            last_seen,
        };
        reach.insert(id, one);
    }
    let mut entries = Vec::new();
    for row in tx.all(&MEMBERS, params![org]).await? {
        let member = read(&row)?;
        if !grant.covers_unit(member.unit) {
            continue;
        }
        let id = member.id;
        entries.push(Entry {
            member,
            roles: roles.remove(&id).unwrap_or_default(),
            groups: groups.remove(&id).unwrap_or_default(),
            qualifications: qualifications.remove(&id).unwrap_or_default(),
            reach: reach.remove(&id).unwrap_or_default(),
        });
    }
    entries.sort_by_cached_key(|entry| (entry.member.name.sort_key(), entry.member.id));
    Ok(entries)
}

/// The names of all members.
pub async fn names<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
) -> Result<BTreeMap<MembershipId, Name>, StoreError> {
    let rows = tx.all(&NAMES, params![grant.org()]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            let id = c.id()?;
            let name = Name {
                family: c.text()?,
                given: c.text()?,
            };
            Ok((id, name))
        })
        .collect()
}

/// What each member is trained for, in short.
pub async fn qualification_shorts<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
) -> Result<BTreeMap<MembershipId, Vec<String>>, StoreError> {
    let mut shorts: BTreeMap<MembershipId, Vec<String>> = BTreeMap::new();
    for row in tx.all(&QUALIFICATIONS, params![grant.org()]).await? {
        let mut c = row.cols();
        shorts.entry(c.id()?).or_default().push(c.text()?);
    }
    Ok(shorts)
}

/// The roles of a member.
pub(crate) async fn roles_of(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
) -> Result<Vec<RoleId>, StoreError> {
    let rows = tx.all(&ROLES_OF, params![org, member]).await?;
    rows.iter().map(|row| row.cols().id()).collect()
}

/// The member, if the grant reaches them.
async fn within(
    tx: &mut Tx,
    grant: &Grant<PeopleManage>,
    id: MembershipId,
) -> Result<Member, PeopleError> {
    member(tx, grant, id)
        .await?
        .filter(|member| grant.covers_unit(member.unit))
        .ok_or(PeopleError::NotFound("person"))
}

/// Puts a member into exactly these groups.
pub async fn set_groups(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    id: MembershipId,
    groups: &[GroupId],
) -> Result<(), PeopleError> {
    within(tx, grant, id).await?;
    tx.exec(&CLEAR_GROUPS, params![grant.org(), id]).await?;
    enter_groups(tx, grant.org(), id, groups).await?;
    pen.write(tx, done("person.groups_changed", id)).await?;
    Ok(())
}

/// Notes exactly these qualifications of a member.
pub async fn set_qualifications(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    id: MembershipId,
    qualifications: &[QualificationId],
) -> Result<(), PeopleError> {
    within(tx, grant, id).await?;
    tx.exec(&CLEAR_QUALIFICATIONS, params![grant.org(), id])
        .await?;
    add_qualifications(tx, grant.org(), id, qualifications).await?;
    pen.write(tx, done("person.qualifications_changed", id))
        .await?;
    Ok(())
}

/// The language a person reads.
pub async fn language(tx: &mut Tx, grant: &Grant<Oneself>) -> Result<Lang, StoreError> {
    let person = grant.actor().person_id().ok_or(StoreError::Missing)?;
    let row = tx.one(&LANGUAGE, params![person]).await?;
    row.cols().word(Lang::parse)
}

/// Sets the language one reads.
pub async fn set_language(
    tx: &mut Tx,
    grant: &Grant<Oneself>,
    language: Lang,
) -> Result<(), StoreError> {
    let person = grant.actor().person_id().ok_or(StoreError::Missing)?;
    tx.exec(&SET_LANGUAGE, params![person, language])
        .await
        .map(drop)
}

/// Ends a membership: its sessions and devices end with it, and the person is forgotten when no other
/// organisation knows them. The last one who manages people can't be removed.
pub async fn remove(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<PeopleManage>,
    id: MembershipId,
) -> Result<(), PeopleError> {
    let member = within(tx, grant, id).await?;
    if member.state.is_active() && role::is_last_administrator(tx, grant.org(), id).await? {
        return Err(PeopleError::LastAdministrator);
    }
    // Who may less can't throw out who may more.
    let before = roles_of(tx, grant.org(), id).await?;
    role::assign(tx, grant, id, &[], &before).await?;
    let entry = ledger::Entry {
        action: "person.removed",
        object: Some(id.to_string()),
        outcome: Outcome::Done,
        details: vec![("state", member.state.word().to_owned())],
    };
    pen.write(tx, entry).await?;
    delete(tx, grant.org(), id, member.person).await?;
    let person = member.person.to_string();
    tx.emit(super::jobs::FORGET, Some(grant.org()), person, "")
        .await?;
    Ok(())
}

async fn delete(
    tx: &mut Tx,
    org: OrgId,
    id: MembershipId,
    person: PersonId,
) -> Result<(), StoreError> {
    tx.exec(&DELETE, params![org, id]).await?;
    tx.forget_number(org, id).await?;
    tx.exec(&DELETE_ORPHAN, params![person]).await?;
    Ok(())
}

/// Deletes invitations that nobody took in time; gives their number.
pub async fn sweep_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let rows = tx.all(&DUE, params![now, limit]).await?;
    let mut gone = 0;
    for row in rows {
        let mut c = row.cols();
        delete(tx, c.id()?, c.id()?, c.id()?).await?;
        gone += 1;
    }
    Ok(gone)
}

/// Counts for the deletion clock: rows, next due, overdue.
pub(crate) fn count_due() -> &'static ::store::Sql {
    &COUNT_DUE
}

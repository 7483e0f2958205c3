//! SQL of organisations, units, groups and qualifications.

use ::store::{Row, StoreError, Tx, WireKind, params};
use base::{GroupId, Lang, OrgId, QualificationId, ShortText, Text, UnitId};

use super::model::{Details, Group, NewOrganisation, Organisation, Qualification, Ric, Unit};
use crate::PeopleError;
use crate::access::permit::OrgConfigure;
use crate::access::{Grant, Operator};
use crate::journal::done;
use ledger::Pen;

::store::statements! {
    /// A new organisation.
    INSERT = "INSERT INTO organisation (org_id, name, zone, language, familiar, address, contact, \
              protection_officer, created_us) VALUES ($1, $2, $3, $4, $5, '', '', '', $6)";
    /// One organisation.
    BY_ID = "SELECT org_id, name, zone, language, familiar, address, contact, protection_officer \
             FROM organisation WHERE org_id = $1";
    /// All organisations of the installation.
    ALL = "SELECT org_id, name, zone, language, familiar, address, contact, protection_officer \
           FROM organisation ORDER BY org_id";
    /// Changes what stands in the imprint.
    DESCRIBE = "UPDATE organisation SET address = $2, contact = $3, protection_officer = $4 \
                WHERE org_id = $1";
    /// A new unit.
    INSERT_UNIT = "INSERT INTO unit (org_id, id, name, created_us) VALUES ($1, $2, $3, $4)";
    /// The units.
    UNITS = "SELECT id, name FROM unit WHERE org_id = $1 ORDER BY id";
    /// One unit.
    UNIT = "SELECT id, name FROM unit WHERE org_id = $1 AND id = $2";
    /// A new group.
    INSERT_GROUP = "INSERT INTO unit_group (org_id, id, unit_id, name, ric, created_us) \
                    VALUES ($1, $2, $3, $4, $5, $6)";
    /// The groups and how many active members each has.
    GROUPS = "SELECT g.id, g.unit_id, g.name, g.ric, CAST(count(m.id) AS BIGINT) FROM unit_group g \
              LEFT JOIN group_member gm ON gm.org_id = g.org_id AND gm.group_id = g.id \
              LEFT JOIN membership m ON m.org_id = gm.org_id AND m.id = gm.membership_id \
              AND m.state = 'active' \
              WHERE g.org_id = $1 GROUP BY g.id, g.unit_id, g.name, g.ric ORDER BY g.id";
    /// One group and how many active members it has.
    GROUP = "SELECT g.id, g.unit_id, g.name, g.ric, CAST(count(m.id) AS BIGINT) FROM unit_group g \
             LEFT JOIN group_member gm ON gm.org_id = g.org_id AND gm.group_id = g.id \
             LEFT JOIN membership m ON m.org_id = gm.org_id AND m.id = gm.membership_id \
             AND m.state = 'active' \
             WHERE g.org_id = $1 AND g.id = $2 GROUP BY g.id, g.unit_id, g.name, g.ric";
    /// Removes a group; who was in it stays a member of the organisation.
    DELETE_GROUP = "DELETE FROM unit_group WHERE org_id = $1 AND id = $2";
    /// A new qualification.
    INSERT_QUALIFICATION = "INSERT INTO qualification (org_id, id, short, name) VALUES ($1, $2, $3, $4)";
    /// The qualifications.
    QUALIFICATIONS = "SELECT id, short, name FROM qualification WHERE org_id = $1 ORDER BY id";
}

/// Makes an organisation with its first unit. Roles are made by [`crate::setup`].
pub(crate) async fn create(
    tx: &mut Tx,
    org: OrgId,
    new: &NewOrganisation,
) -> Result<UnitId, StoreError> {
    let now = tx.clock().now();
    let params = params![
        org,
        &new.name,
        new.zone.as_str(),
        new.language,
        new.familiar,
        now
    ];
    tx.exec(&INSERT, params).await?;
    tx.number(org, WireKind::Org, org).await?;
    insert_unit(tx, org, &new.unit).await
}

async fn insert_unit(tx: &mut Tx, org: OrgId, name: &ShortText) -> Result<UnitId, StoreError> {
    let unit = UnitId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    tx.exec(&INSERT_UNIT, params![org, unit, name, now]).await?;
    tx.number(org, WireKind::Unit, unit).await?;
    Ok(unit)
}

/// The organisation of a grant.
pub async fn of<P>(tx: &mut Tx, grant: &Grant<P>) -> Result<Organisation, StoreError> {
    read(&tx.one(&BY_ID, params![grant.org()]).await?)
}

/// All organisations of the installation.
pub async fn organisations(
    tx: &mut Tx,
    _operator: Operator,
) -> Result<Vec<Organisation>, StoreError> {
    tx.all(&ALL, vec![]).await?.iter().map(read).collect()
}

/// The oldest organisation, for pages that everybody may see: imprint, privacy notice, sign-in. `None` before
/// the set-up.
pub async fn first(tx: &mut Tx) -> Result<Option<Organisation>, StoreError> {
    tx.opt(&ALL, vec![]).await?.as_ref().map(read).transpose()
}

fn read(row: &Row) -> Result<Organisation, StoreError> {
    let mut c = row.cols();
    Ok(Organisation {
        id: c.id()?,
        name: c.text()?,
        zone: c.parsed()?,
        language: c.word(Lang::parse)?,
        familiar: c.boolean()?,
        details: Details {
            address: Text::squeeze(&c.text()?),
            contact: Text::squeeze(&c.text()?),
            protection_officer: Text::squeeze(&c.text()?),
        },
    })
}

/// Changes what stands in the imprint and the privacy notice.
pub async fn describe(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    details: &Details,
) -> Result<(), PeopleError> {
    let params = params![
        grant.org(),
        &details.address,
        &details.contact,
        &details.protection_officer
    ];
    tx.exec(&DESCRIBE, params).await?;
    pen.write(tx, done("organisation.changed", grant.org()))
        .await?;
    Ok(())
}

/// The units, oldest first.
pub async fn units<P>(tx: &mut Tx, grant: &Grant<P>) -> Result<Vec<Unit>, StoreError> {
    let rows = tx.all(&UNITS, params![grant.org()]).await?;
    rows.iter().map(read_unit).collect()
}

/// One unit.
pub async fn unit<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: UnitId,
) -> Result<Option<Unit>, StoreError> {
    let row = tx.opt(&UNIT, params![grant.org(), id]).await?;
    row.as_ref().map(read_unit).transpose()
}

fn read_unit(row: &Row) -> Result<Unit, StoreError> {
    let mut c = row.cols();
    Ok(Unit {
        id: c.id()?,
        name: c.text()?,
    })
}

/// Adds a unit.
pub async fn add_unit(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    name: &ShortText,
) -> Result<UnitId, PeopleError> {
    let unit = insert_unit(tx, grant.org(), name).await?;
    pen.write(tx, done("unit.created", unit)).await?;
    Ok(unit)
}

/// The groups, oldest first.
pub async fn groups<P>(tx: &mut Tx, grant: &Grant<P>) -> Result<Vec<Group>, StoreError> {
    let rows = tx.all(&GROUPS, params![grant.org()]).await?;
    rows.iter().map(read_group).collect()
}

/// One group.
pub async fn group<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
    id: GroupId,
) -> Result<Option<Group>, StoreError> {
    let row = tx.opt(&GROUP, params![grant.org(), id]).await?;
    row.as_ref().map(read_group).transpose()
}

fn read_group(row: &Row) -> Result<Group, StoreError> {
    let mut c = row.cols();
    Ok(Group {
        id: c.id()?,
        unit: c.id()?,
        name: c.text()?,
        ric: c.opt_text()?,
        members: c.int()?,
    })
}

/// Adds a group to a unit.
pub async fn add_group(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    unit: UnitId,
    name: &ShortText,
    ric: Option<&Ric>,
) -> Result<GroupId, PeopleError> {
    if !grant.covers_unit(unit) || self::unit(tx, grant, unit).await?.is_none() {
        return Err(PeopleError::NotFound("unit"));
    }
    let group = GroupId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    let ric = ric.map(Text::as_str);
    let params = params![grant.org(), group, unit, name, ric, now];
    tx.exec(&INSERT_GROUP, params).await?;
    tx.number(grant.org(), WireKind::Group, group).await?;
    pen.write(tx, done("group.created", group)).await?;
    Ok(group)
}

/// Removes a group; its people stay.
pub async fn remove_group(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    group: GroupId,
) -> Result<(), PeopleError> {
    if tx.exec(&DELETE_GROUP, params![grant.org(), group]).await? == 0 {
        return Err(PeopleError::NotFound("group"));
    }
    tx.forget_number(grant.org(), group).await?;
    pen.write(tx, done("group.removed", group)).await?;
    Ok(())
}

/// The qualifications, oldest first.
pub async fn qualifications<P>(
    tx: &mut Tx,
    grant: &Grant<P>,
) -> Result<Vec<Qualification>, StoreError> {
    let rows = tx.all(&QUALIFICATIONS, params![grant.org()]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Qualification {
                id: c.id()?,
                short: c.text()?,
                name: c.text()?,
            })
        })
        .collect()
}

/// Adds a qualification; its short form is unique in the organisation.
pub async fn add_qualification(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    short: &Text<1, 12>,
    name: &ShortText,
) -> Result<QualificationId, PeopleError> {
    let id = QualificationId::new(tx.clock(), tx.rng());
    let known = qualifications(tx, grant).await?;
    if known.iter().any(|known| known.short == short.as_str()) {
        return Err(PeopleError::NameTaken);
    }
    tx.exec(&INSERT_QUALIFICATION, params![grant.org(), id, short, name])
        .await?;
    pen.write(tx, done("qualification.created", id)).await?;
    Ok(id)
}

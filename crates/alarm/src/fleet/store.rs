//! The tables of vehicles, answers and needs.

use std::collections::HashMap;

use base::{AnswerId, Lang, OrgId, UnitId, VehicleId};
use ledger::{Entry, Outcome, Pen};
use people::Grant;
use people::permit::OrgConfigure;
use store::{StoreError, Tx, WireKind, params};

use super::model::{Need, NewAnswer, NewVehicle};
use crate::incident::model::{AlarmError, usual_answers};

store::statements! {
    /// A new vehicle.
    ADD_VEHICLE = "INSERT INTO vehicle (org_id, id, unit_id, name, call_sign, ric) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
    /// Takes a vehicle away.
    REMOVE_VEHICLE = "DELETE FROM vehicle WHERE org_id = $1 AND id = $2";
    /// The vehicles of an organisation.
    VEHICLES = "SELECT id, unit_id, name, call_sign, ric FROM vehicle WHERE org_id = $1 ORDER BY unit_id, id";
    /// By which numbers calls name the groups and vehicles of an organisation.
    NUMBERS = "SELECT n.id, n.number FROM unit_group g \
               JOIN wire_number n ON n.org_id = g.org_id AND n.id = g.id WHERE g.org_id = $1 \
               UNION ALL SELECT n.id, n.number FROM vehicle v \
               JOIN wire_number n ON n.org_id = v.org_id AND n.id = v.id WHERE v.org_id = $1";
    /// The language of an organisation.
    LANGUAGE = "SELECT language FROM organisation WHERE org_id = $1";
    /// How many answers a unit offers.
    COUNT_ANSWERS = "SELECT count(*) FROM answer_option WHERE org_id = $1 AND unit_id = $2";
    /// Units that offer no answers.
    BARE = "SELECT u.id FROM unit u WHERE u.org_id = $1 AND NOT EXISTS (SELECT 1 FROM answer_option a \
            WHERE a.org_id = u.org_id AND a.unit_id = u.id) ORDER BY u.id";
    /// An answer a unit offers.
    ADD_ANSWER = "INSERT INTO answer_option (org_id, id, unit_id, position, meaning, label, minutes) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Answers that nobody gave to an alarm that is still kept.
    DROP_UNUSED = "DELETE FROM answer_option WHERE org_id = $1 AND unit_id = $2 AND NOT EXISTS \
                   (SELECT 1 FROM alarm_answer a WHERE a.org_id = answer_option.org_id \
                   AND a.answer_id = answer_option.id)";
    /// Answers that were given stay for their alarms, behind the offered ones.
    RETIRE_USED = "UPDATE answer_option SET position = position + 1000 WHERE org_id = $1 AND unit_id = $2 \
                   AND position < 1000";
    /// Forgets the needs of a unit.
    DROP_NEEDS = "DELETE FROM unit_need WHERE org_id = $1 AND unit_id = $2";
    /// What a unit needs.
    ADD_NEED = "INSERT INTO unit_need (org_id, unit_id, qualification_id, needed) VALUES ($1, $2, $3, $4)";
    /// The needs of an organisation.
    NEEDS = "SELECT n.unit_id, q.id, q.short, q.name, n.needed FROM unit_need n \
             JOIN qualification q ON q.org_id = n.org_id AND q.id = n.qualification_id \
             WHERE n.org_id = $1 ORDER BY n.unit_id, q.short";
}

fn entry(action: &'static str, object: impl std::fmt::Display) -> Entry {
    Entry {
        action,
        object: Some(object.to_string()),
        outcome: Outcome::Done,
        details: vec![],
    }
}

/// Adds a vehicle to a unit.
pub async fn add_vehicle(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    new: &NewVehicle,
) -> Result<VehicleId, AlarmError> {
    let org = grant.org();
    known_unit(tx, grant, new.unit).await?;
    let id = VehicleId::new(tx.clock(), tx.rng());
    let ric = new.ric.as_ref().map(base::Text::as_str);
    tx.exec(
        &ADD_VEHICLE,
        params![org, id, new.unit, &new.name, &new.call_sign, ric],
    )
    .await?;
    tx.number(org, WireKind::Vehicle, id).await?;
    pen.write(tx, entry("vehicle.added", id)).await?;
    Ok(id)
}

/// Takes a vehicle away; `false` when there is none.
pub(crate) async fn remove_vehicle(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    id: VehicleId,
) -> Result<bool, AlarmError> {
    let org = grant.org();
    if tx.exec(&REMOVE_VEHICLE, params![org, id]).await? == 0 {
        return Ok(false);
    }
    tx.forget_number(org, id).await?;
    pen.write(tx, entry("vehicle.removed", id)).await?;
    Ok(true)
}

async fn known_unit(
    tx: &mut Tx,
    grant: &Grant<OrgConfigure>,
    unit: UnitId,
) -> Result<(), AlarmError> {
    let known = people::organisation::unit(tx, grant, unit).await?;
    if known.is_none() || !grant.covers_unit(unit) {
        return Err(AlarmError::NoSuchUnit);
    }
    Ok(())
}

/// Units that offer no answers.
pub(crate) async fn units_without_answers(
    tx: &mut Tx,
    org: OrgId,
) -> Result<Vec<UnitId>, StoreError> {
    let rows = tx.all(&BARE, params![org]).await?;
    rows.iter().map(|row| row.cols().id()).collect()
}

/// Gives a unit that offers no answers the usual ones.
pub(crate) async fn ensure_answers(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
) -> Result<(), StoreError> {
    if tx
        .one(&COUNT_ANSWERS, params![org, unit])
        .await?
        .cols()
        .int()?
        > 0
    {
        return Ok(());
    }
    let lang = tx
        .one(&LANGUAGE, params![org])
        .await?
        .cols()
        .word(Lang::parse)?;
    for (position, (meaning, label, minutes)) in (0_i64..).zip(usual_answers(lang)) {
        insert_answer(tx, org, unit, position, meaning.word(), label, minutes).await?;
    }
    Ok(())
}

/// By which numbers calls of the v1 interface name groups and vehicles; by id.
pub(crate) async fn numbers(tx: &mut Tx, org: OrgId) -> Result<HashMap<String, i64>, StoreError> {
    let rows = tx.all(&NUMBERS, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.text()?, c.int()?))
        })
        .collect()
}

async fn insert_answer(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
    position: i64,
    meaning: &str,
    label: &str,
    minutes: Option<i64>,
) -> Result<(), StoreError> {
    let id = AnswerId::new(tx.clock(), tx.rng());
    tx.exec(
        &ADD_ANSWER,
        params![org, id, unit, position, meaning, label, minutes],
    )
    .await?;
    tx.number(org, WireKind::Answer, id).await.map(drop)
}

/// Replaces the answers a unit offers. What was given already stays readable with its alarms.
pub async fn set_answers(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    unit: UnitId,
    answers: &[NewAnswer],
) -> Result<(), AlarmError> {
    let org = grant.org();
    known_unit(tx, grant, unit).await?;
    tx.exec(&DROP_UNUSED, params![org, unit]).await?;
    tx.exec(&RETIRE_USED, params![org, unit]).await?;
    for (position, answer) in (0_i64..).zip(answers) {
        let minutes = answer.minutes.map(i64::from);
        let (meaning, label) = (answer.meaning.word(), answer.label.as_str());
        insert_answer(tx, org, unit, position, meaning, label, minutes).await?;
    }
    pen.write(tx, entry("unit.answers_changed", unit)).await?;
    Ok(())
}

/// Replaces what a unit needs.
pub async fn set_needs(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    unit: UnitId,
    needs: &[Need],
) -> Result<(), AlarmError> {
    let org = grant.org();
    known_unit(tx, grant, unit).await?;
    tx.exec(&DROP_NEEDS, params![org, unit]).await?;
    for need in needs.iter().filter(|need| need.needed > 0) {
        let needed = i64::from(need.needed);
        let added = tx
            .exec(&ADD_NEED, params![org, unit, need.qualification, needed])
            .await;
        added.map_err(|error| match error {
            StoreError::Reference(_) => AlarmError::NoSuch("qualification"),
            error => error.into(),
        })?;
    }
    pen.write(tx, entry("unit.needs_changed", unit)).await?;
    Ok(())
}

/// A stored vehicle.
pub(crate) struct VehicleRow {
    pub id: String,
    pub unit: String,
    pub name: String,
    pub call_sign: String,
    pub ric: Option<String>,
}

/// The vehicles of an organisation.
pub(crate) async fn vehicles(tx: &mut Tx, org: OrgId) -> Result<Vec<VehicleRow>, StoreError> {
    let rows = tx.all(&VEHICLES, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(VehicleRow {
                id: c.text()?,
                unit: c.text()?,
                name: c.text()?,
                call_sign: c.text()?,
                ric: c.opt_text()?,
            })
        })
        .collect()
}

/// A stored need.
pub(crate) struct NeedRow {
    pub unit: String,
    pub qualification: String,
    pub short: String,
    pub name: String,
    pub needed: i64,
}

/// The needs of an organisation's units.
pub(crate) async fn needs(tx: &mut Tx, org: OrgId) -> Result<Vec<NeedRow>, StoreError> {
    let rows = tx.all(&NEEDS, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(NeedRow {
                unit: c.text()?,
                qualification: c.text()?,
                short: c.text()?,
                name: c.text()?,
                needed: c.int()?,
            })
        })
        .collect()
}

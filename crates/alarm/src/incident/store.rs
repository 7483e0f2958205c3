//! The tables of an alarm itself: content, state, who is addressed.

use base::{AlarmId, GroupId, MembershipId, OrgId, Timestamp, UnitId, Value, VehicleId};
use store::{Cols, StoreError, Tx, WireKind, params};

use super::model::{Addressed, Alarm, Candidate, Content, MergeRule, Source, State};

/// Devices in one delivery job.
pub(crate) const BATCH: i64 = 256;

store::statements! {
    /// A new alarm.
    INSERT = "INSERT INTO alarm (org_id, id, version, unit_id, state, title, foreign_number, text, \
              address, lat, lng, scene_object, caller, patient, remark, units, destination, \
              destination_address, destination_lat, destination_lng, additional_text, priority, \
              source_kind, source_id, idempotency_key, raised_us, created_us, changed_us, closes_us, \
              due_us) VALUES ($1, $2, 1, $3, 'open', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
              $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $25, $26, $27)";
    /// Better knowledge of an alarm that is open.
    MERGE = "UPDATE alarm SET title = $3, foreign_number = $4, text = $5, address = $6, lat = $7, \
             lng = $8, scene_object = $9, caller = $10, patient = $11, remark = $12, units = $13, \
             destination = $14, destination_address = $15, destination_lat = $16, \
             destination_lng = $17, additional_text = $18, priority = $19, version = version + 1, \
             changed_us = $20 WHERE org_id = $1 AND id = $2";
    /// A change that is not in the row itself.
    TOUCH = "UPDATE alarm SET version = version + 1, changed_us = $3 WHERE org_id = $1 AND id = $2";
    /// Closes an open alarm.
    CLOSE = "UPDATE alarm SET state = 'closed', closed_us = $3, changed_us = $3, due_us = $4, \
             version = version + 1 WHERE org_id = $1 AND id = $2 AND state = 'open'";
    /// One alarm.
    BY_ID = "SELECT a.id, a.version, n.number, a.unit_id, u.name, a.title, a.foreign_number, a.text, \
             a.address, a.lat, a.lng, a.scene_object, a.caller, a.patient, a.remark, a.units, \
             a.destination, a.destination_address, a.destination_lat, a.destination_lng, \
             a.additional_text, a.priority, a.source_kind, a.source_id, a.state, a.raised_us, \
             a.created_us, a.changed_us, a.closes_us, a.closed_us, a.due_us, o.language \
             FROM alarm a JOIN organisation o ON o.org_id = a.org_id \
             JOIN unit u ON u.org_id = a.org_id AND u.id = a.unit_id \
             JOIN wire_number n ON n.org_id = a.org_id AND n.id = a.id \
             WHERE a.org_id = $1 AND a.id = $2";
    /// Alarms in a state, newest first, before an id.
    LIST = "SELECT id, unit_id FROM alarm WHERE org_id = $1 AND state = $2 \
            AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4";
    /// Open alarms of one source, newest first, for merging.
    OPEN_OF_SOURCE = "SELECT id, foreign_number, title, address, created_us FROM alarm \
                      WHERE org_id = $1 AND source_id = $2 AND state = 'open' ORDER BY id DESC LIMIT 50";
    /// The alarm of a repeated request.
    BY_IDEMPOTENCY = "SELECT id FROM alarm WHERE org_id = $1 AND source_id = $2 AND idempotency_key = $3";
    /// The newest open alarm of a unit.
    LAST_OPEN = "SELECT id FROM alarm WHERE org_id = $1 AND unit_id = $2 AND state = 'open' \
                 ORDER BY id DESC LIMIT 1";
    /// Alarms of any organisation whose time to close has come.
    CLOSING = "SELECT org_id, id FROM alarm WHERE state = 'open' AND closes_us <= $1 \
               ORDER BY closes_us LIMIT 100";
    /// Alarms that changed since an instant, for servers that did not change them.
    CHANGED = "SELECT org_id, id, version FROM alarm WHERE changed_us > $1 ORDER BY changed_us LIMIT 500";
    /// Alarms of any organisation that are due for deletion.
    DUE = "SELECT org_id, id FROM alarm WHERE due_us <= $1 ORDER BY due_us LIMIT 50";
    /// Deletes an alarm that is due, with all that hangs on it.
    DELETE = "DELETE FROM alarm WHERE org_id = $1 AND id = $2 AND due_us <= $3";
    /// Counts for the deletion clock of one organisation.
    STATE_OF = "SELECT count(*), min(due_us), count(CASE WHEN due_us <= $2 THEN 1 END) FROM alarm \
                WHERE org_id = $1";
    /// Counts for the deletion clock of all.
    STATE_ALL = "SELECT count(*), min(due_us), count(CASE WHEN due_us <= $1 THEN 1 END) FROM alarm";
    /// What a changed period needs to know.
    SCHEDULE = "SELECT id, closes_us, closed_us FROM alarm WHERE org_id = $1";
    /// A new time of deletion.
    RESCHEDULE = "UPDATE alarm SET due_us = $3 WHERE org_id = $1 AND id = $2";
    /// The zone of an organisation.
    ZONE = "SELECT zone FROM organisation WHERE org_id = $1";
    /// Whether the unit is there.
    UNIT = "SELECT name FROM unit WHERE org_id = $1 AND id = $2";
    /// A group of the alarm.
    ADD_GROUP = "INSERT INTO alarm_group (org_id, alarm_id, group_id) \
                 SELECT org_id, CAST($2 AS TEXT), id FROM unit_group \
                 WHERE org_id = $1 AND id = $3 AND unit_id = $4 ON CONFLICT DO NOTHING";
    /// Whether a group is one of the unit's.
    IS_GROUP = "SELECT 1 FROM unit_group WHERE org_id = $1 AND id = $2 AND unit_id = $3";
    /// Whether an active member belongs to the unit.
    IS_MEMBER = "SELECT 1 FROM membership WHERE org_id = $1 AND id = $2 AND unit_id = $3 \
                 AND state = 'active'";
    /// Whether a vehicle is one of the unit's.
    IS_VEHICLE = "SELECT 1 FROM vehicle WHERE org_id = $1 AND id = $2 AND unit_id = $3";
    /// A vehicle of the alarm.
    ADD_VEHICLE = "INSERT INTO alarm_vehicle (org_id, alarm_id, vehicle_id) \
                   SELECT org_id, CAST($2 AS TEXT), id FROM vehicle \
                   WHERE org_id = $1 AND id = $3 AND unit_id = $4 ON CONFLICT DO NOTHING";
    /// Addresses everybody of a unit.
    ADDRESS_UNIT = "INSERT INTO alarm_recipient (org_id, alarm_id, membership_id, added_us) \
                    SELECT org_id, CAST($2 AS TEXT), id, CAST($4 AS BIGINT) FROM membership \
                    WHERE org_id = $1 AND unit_id = $3 AND state = 'active' ON CONFLICT DO NOTHING";
    /// Addresses everybody of a group.
    ADDRESS_GROUP = "INSERT INTO alarm_recipient (org_id, alarm_id, membership_id, added_us) \
                     SELECT m.org_id, CAST($2 AS TEXT), m.id, CAST($4 AS BIGINT) FROM group_member g \
                     JOIN membership m ON m.org_id = g.org_id AND m.id = g.membership_id \
                     JOIN unit_group u ON u.org_id = g.org_id AND u.id = g.group_id \
                     WHERE g.org_id = $1 AND g.group_id = $3 AND u.unit_id = $5 \
                     AND m.state = 'active' \
                     ON CONFLICT DO NOTHING";
    /// Addresses one member.
    ADDRESS_MEMBER = "INSERT INTO alarm_recipient (org_id, alarm_id, membership_id, added_us) \
                      SELECT org_id, CAST($2 AS TEXT), id, CAST($4 AS BIGINT) FROM membership \
                      WHERE org_id = $1 AND id = $3 AND unit_id = $5 AND state = 'active' \
                      ON CONFLICT DO NOTHING";
    /// The first device of each batch of devices to push to, among recipients added at one instant.
    BATCHES = "SELECT id FROM (SELECT d.id AS id, row_number() OVER (ORDER BY d.id) AS n FROM device d \
               JOIN alarm_recipient r ON r.org_id = d.org_id AND r.membership_id = d.membership_id \
               JOIN push_family f ON f.org_id = d.org_id AND f.family = d.push_family \
               WHERE d.org_id = $1 AND r.alarm_id = $2 AND r.added_us = $3 \
               AND d.push_endpoint IS NOT NULL) AS numbered WHERE (n - 1) % $4 = 0 ORDER BY id";
    /// A group by its radio address.
    GROUP_BY_RIC = "SELECT id FROM unit_group WHERE org_id = $1 AND ric = $2 AND unit_id = $3";
    /// A vehicle by radio address, name or call sign.
    VEHICLE_BY_RIC = "SELECT id FROM vehicle WHERE org_id = $1 AND (ric = $2 OR call_sign = $2) \
                      AND unit_id = $3";
    /// How a key merges.
    MERGE_RULE = "SELECT merge_by_number, merge_window_s FROM intake_setting WHERE org_id = $1 AND key_id = $2";
    /// Sets how a key merges.
    SET_MERGE_RULE = "INSERT INTO intake_setting (org_id, key_id, merge_by_number, merge_window_s) \
                      VALUES ($1, $2, $3, $4) ON CONFLICT (org_id, key_id) DO UPDATE \
                      SET merge_by_number = $3, merge_window_s = $4";
}

/// The zone in which an organisation counts its days.
pub(crate) async fn zone(tx: &mut Tx, org: OrgId) -> Result<jiff::tz::TimeZone, StoreError> {
    let name = tx.one(&ZONE, params![org]).await?.cols().text()?;
    Ok(jiff::tz::TimeZone::get(&name).unwrap_or(jiff::tz::TimeZone::UTC))
}

/// The name of a unit of this organisation.
pub(crate) async fn unit_name(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
) -> Result<Option<String>, StoreError> {
    let row = tx.opt(&UNIT, params![org, unit]).await?;
    row.map(|row| row.cols().text()).transpose()
}

/// What is needed to write a new alarm.
pub(crate) struct NewAlarm<'a> {
    pub id: AlarmId,
    pub unit: UnitId,
    pub content: &'a Content,
    pub source: &'a Source,
    pub idempotency_key: Option<&'a str>,
    pub raised: Timestamp,
    pub created: Timestamp,
    pub closes: Timestamp,
    pub due: Timestamp,
}

/// Writes a new alarm and gives it its number.
pub(crate) async fn insert(tx: &mut Tx, org: OrgId, new: &NewAlarm<'_>) -> Result<(), StoreError> {
    let mut values = params![org, new.id, new.unit];
    values.extend(content_values(new.content));
    values.extend(params![
        new.source.word(),
        new.source.id(),
        new.idempotency_key,
        new.raised,
        new.created,
        new.closes,
        new.due
    ]);
    tx.exec(&INSERT, values).await?;
    tx.number(org, WireKind::Alarm, new.id).await.map(drop)
}

/// Writes what a later call knows better.
pub(crate) async fn merge(
    tx: &mut Tx,
    org: OrgId,
    id: AlarmId,
    content: &Content,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut values = params![org, id];
    values.extend(content_values(content));
    values.push(now.into());
    tx.exec(&MERGE, values).await.map(drop)
}

fn content_values(c: &Content) -> Vec<Value> {
    params![
        &c.title,
        c.number.as_deref(),
        &c.text,
        &c.address,
        c.place.map(|p| p.0),
        c.place.map(|p| p.1),
        &c.scene_object,
        &c.caller,
        &c.patient,
        &c.remark,
        &c.units,
        &c.destination,
        &c.destination_address,
        c.destination_place.map(|p| p.0),
        c.destination_place.map(|p| p.1),
        &c.additional_text,
        c.priority
    ]
}

/// Marks an alarm as changed.
pub(crate) async fn touch(tx: &mut Tx, org: OrgId, id: AlarmId) -> Result<(), StoreError> {
    let now = tx.clock().now();
    tx.exec(&TOUCH, params![org, id, now]).await.map(drop)
}

/// Closes an alarm; `false` when it was closed already.
pub(crate) async fn close(
    tx: &mut Tx,
    org: OrgId,
    id: AlarmId,
    due: Timestamp,
) -> Result<bool, StoreError> {
    let now = tx.clock().now();
    Ok(tx.exec(&CLOSE, params![org, id, now, due]).await? == 1)
}

/// One alarm of the organisation.
pub(crate) async fn by_id(
    tx: &mut Tx,
    org: OrgId,
    id: AlarmId,
) -> Result<Option<Alarm>, StoreError> {
    let row = tx.opt(&BY_ID, params![org, id]).await?;
    row.map(|row| read(&mut row.cols())).transpose()
}

fn read(c: &mut Cols<'_>) -> Result<Alarm, StoreError> {
    let (id, version, wire_number) = (c.id()?, c.int()?, c.int()?);
    let (unit, unit_name) = (c.id()?, c.text()?);
    let content = Content {
        title: c.text()?,
        number: c.opt_text()?,
        text: c.text()?,
        address: c.text()?,
        place: c.opt_real()?.zip(c.opt_real()?),
        scene_object: c.text()?,
        caller: c.text()?,
        patient: c.text()?,
        remark: c.text()?,
        units: c.text()?,
        destination: c.text()?,
        destination_address: c.text()?,
        destination_place: c.opt_real()?.zip(c.opt_real()?),
        additional_text: c.text()?,
        priority: c.boolean()?,
    };
    let kind = c.text()?;
    let source_id = c.text()?;
    let source = if kind == "machine" {
        Source::Machine(source_id)
    } else {
        Source::Person(source_id)
    };
    let open = c.text()? == "open";
    let (raised, created, changed) = (c.time()?, c.time()?, c.time()?);
    let (closes, closed) = (c.time()?, c.opt_time()?);
    let state = match closed {
        Some(at) if !open => State::Closed { at },
        _ => State::Open { closes },
    };
    Ok(Alarm {
        id,
        version,
        wire_number,
        unit,
        unit_name,
        content,
        source,
        state,
        raised,
        created,
        changed,
        due: c.time()?,
        lang: c.word(base::Lang::parse)?,
    })
}

/// Ids and units of alarms in a state, newest first.
pub(crate) async fn list(
    tx: &mut Tx,
    org: OrgId,
    state: &str,
    before: Option<AlarmId>,
    limit: i64,
) -> Result<Vec<(AlarmId, UnitId)>, StoreError> {
    let before = before.map(|id| id.to_string()).unwrap_or_default();
    let rows = tx.all(&LIST, params![org, state, before, limit]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?))
        })
        .collect()
}

/// Open alarms that one source raised.
pub(crate) async fn open_of_source(
    tx: &mut Tx,
    org: OrgId,
    source: &Source,
) -> Result<Vec<Candidate>, StoreError> {
    let rows = tx.all(&OPEN_OF_SOURCE, params![org, source.id()]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Candidate {
                id: c.id()?,
                number: c.opt_text()?,
                title: c.text()?,
                address: c.text()?,
                created: c.time()?,
            })
        })
        .collect()
}

/// The alarm that an earlier request with the same key made.
pub(crate) async fn by_idempotency(
    tx: &mut Tx,
    org: OrgId,
    source: &Source,
    key: &str,
) -> Result<Option<AlarmId>, StoreError> {
    let row = tx
        .opt(&BY_IDEMPOTENCY, params![org, source.id(), key])
        .await?;
    row.map(|row| row.cols().id()).transpose()
}

/// The newest open alarm of a unit.
pub(crate) async fn last_open(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
) -> Result<Option<AlarmId>, StoreError> {
    let row = tx.opt(&LAST_OPEN, params![org, unit]).await?;
    row.map(|row| row.cols().id()).transpose()
}

/// Alarms whose time to close has come.
pub(crate) async fn closing(tx: &mut Tx) -> Result<Vec<(OrgId, AlarmId)>, StoreError> {
    let now = tx.clock().now();
    pairs(&tx.all(&CLOSING, params![now]).await?)
}

/// Alarms that are due for deletion.
pub(crate) async fn due(tx: &mut Tx, now: Timestamp) -> Result<Vec<(OrgId, AlarmId)>, StoreError> {
    pairs(&tx.all(&DUE, params![now]).await?)
}

fn pairs(rows: &[store::Row]) -> Result<Vec<(OrgId, AlarmId)>, StoreError> {
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?))
        })
        .collect()
}

/// Deletes an alarm that is due; `false` when it is not.
pub(crate) async fn delete(
    tx: &mut Tx,
    org: OrgId,
    id: AlarmId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let gone = tx.exec(&DELETE, params![org, id, now]).await? == 1;
    if gone {
        tx.forget_number(org, id).await?;
    }
    Ok(gone)
}

/// Alarms that changed since an instant.
pub(crate) async fn changed(
    tx: &mut Tx,
    since: Timestamp,
) -> Result<Vec<(OrgId, AlarmId, i64)>, StoreError> {
    let rows = tx.all(&CHANGED, params![since]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?, c.int()?))
        })
        .collect()
}

/// Rows, next due and overdue, of one organisation or of all.
pub(crate) async fn clock_state(
    tx: &mut Tx,
    org: Option<OrgId>,
    overdue_since: Timestamp,
) -> Result<privacy::ClockState, StoreError> {
    let row = match org {
        Some(org) => tx.one(&STATE_OF, params![org, overdue_since]).await?,
        None => tx.one(&STATE_ALL, params![overdue_since]).await?,
    };
    let mut c = row.cols();
    Ok(privacy::ClockState {
        rows: c.int()?,
        next_due: c.opt_time()?,
        overdue: c.int()?,
    })
}

/// Ids with the instant from which their deletion counts.
pub(crate) async fn schedule(
    tx: &mut Tx,
    org: OrgId,
) -> Result<Vec<(AlarmId, Timestamp)>, StoreError> {
    let rows = tx.all(&SCHEDULE, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            let (id, closes, closed) = (c.id()?, c.time()?, c.opt_time()?);
            Ok((id, closed.unwrap_or(closes)))
        })
        .collect()
}

/// Sets when an alarm is deleted.
pub(crate) async fn reschedule(
    tx: &mut Tx,
    org: OrgId,
    id: AlarmId,
    due: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(&RESCHEDULE, params![org, id, due]).await.map(drop)
}

/// Whether groups and vehicles are all the unit's.
pub(crate) async fn belong(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
    to: &Addressed,
) -> Result<bool, StoreError> {
    for group in &to.groups {
        if tx
            .opt(&IS_GROUP, params![org, *group, unit])
            .await?
            .is_none()
        {
            return Ok(false);
        }
    }
    for vehicle in &to.vehicles {
        if tx
            .opt(&IS_VEHICLE, params![org, *vehicle, unit])
            .await?
            .is_none()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Adds groups, vehicles and recipients, all of the unit; gives the number of recipients that are new. What
/// names nobody means the whole unit, unless it only adds to an alarm that is open.
pub(crate) async fn address(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    unit: UnitId,
    to: &Addressed,
    now: Timestamp,
    merging: bool,
) -> Result<u64, StoreError> {
    let mut added = 0;
    for vehicle in &to.vehicles {
        tx.exec(&ADD_VEHICLE, params![org, alarm, *vehicle, unit])
            .await?;
    }
    for group in &to.groups {
        tx.exec(&ADD_GROUP, params![org, alarm, *group, unit])
            .await?;
        added += tx
            .exec(&ADDRESS_GROUP, params![org, alarm, *group, now, unit])
            .await?;
    }
    for member in &to.members {
        added += tx
            .exec(&ADDRESS_MEMBER, params![org, alarm, *member, now, unit])
            .await?;
    }
    if to.whole_unit() && !merging {
        added += tx
            .exec(&ADDRESS_UNIT, params![org, alarm, unit, now])
            .await?;
    }
    Ok(added)
}

/// The first device of each batch to push to, among recipients added at `added`.
pub(crate) async fn batches(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    added: Timestamp,
) -> Result<Vec<String>, StoreError> {
    let rows = tx.all(&BATCHES, params![org, alarm, added, BATCH]).await?;
    rows.iter().map(|row| row.cols().text()).collect()
}

/// Groups with this radio address.
pub(crate) async fn groups_by_ric(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
    ric: &str,
) -> Result<Vec<GroupId>, StoreError> {
    let rows = tx.all(&GROUP_BY_RIC, params![org, ric, unit]).await?;
    rows.iter().map(|row| row.cols().id()).collect()
}

/// Vehicles with this radio address or call sign.
pub(crate) async fn vehicles_by_ric(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
    ric: &str,
) -> Result<Vec<VehicleId>, StoreError> {
    let rows = tx.all(&VEHICLE_BY_RIC, params![org, ric, unit]).await?;
    rows.iter().map(|row| row.cols().id()).collect()
}

/// The thing of a kind behind a number of the compatible API.
pub(crate) async fn numbered<T: base::Id>(
    tx: &mut Tx,
    org: OrgId,
    kind: WireKind,
    numbers: &[i64],
) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    for number in numbers {
        found.extend(tx.numbered::<T>(org, kind, *number).await?);
    }
    Ok(found)
}

/// How a key's calls merge.
pub(crate) async fn merge_rule(
    tx: &mut Tx,
    org: OrgId,
    key: &str,
) -> Result<MergeRule, StoreError> {
    let Some(row) = tx.opt(&MERGE_RULE, params![org, key]).await? else {
        return Ok(MergeRule::default());
    };
    let mut c = row.cols();
    Ok(MergeRule {
        by_number: c.boolean()?,
        window: base::SignedDuration::from_secs(c.int()?),
    })
}

/// Sets how a key's calls merge.
pub(crate) async fn set_merge_rule(
    tx: &mut Tx,
    org: OrgId,
    key: &str,
    rule: MergeRule,
) -> Result<(), StoreError> {
    let window = rule.window.as_secs();
    tx.exec(&SET_MERGE_RULE, params![org, key, rule.by_number, window])
        .await
        .map(drop)
}

/// The members of a unit behind membership numbers; for callers that name people.
pub(crate) async fn members_of_unit(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
    numbers: &[i64],
) -> Result<Vec<MembershipId>, StoreError> {
    let mut members = Vec::new();
    for member in numbered::<MembershipId>(tx, org, WireKind::Membership, numbers).await? {
        if tx
            .opt(&IS_MEMBER, params![org, member, unit])
            .await?
            .is_some()
        {
            members.push(member);
        }
    }
    Ok(members)
}

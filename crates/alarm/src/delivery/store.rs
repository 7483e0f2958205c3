//! Where to push, and the trace of what was handed over.

use base::{AlarmId, DeviceId, Lang, OrgId, Timestamp};
use store::{Bulk, StoreError, Tx, params};

use people::device::PushFamily;

use super::model::{Handed, Target};

store::statements! {
    /// The devices of a batch that were not served yet.
    TARGETS = "SELECT d.id, d.membership_id, d.push_endpoint, d.push_p256dh, d.push_auth FROM device d \
               JOIN alarm_recipient r ON r.org_id = d.org_id AND r.membership_id = d.membership_id \
               JOIN push_family f ON f.org_id = d.org_id AND f.family = d.push_family \
               WHERE d.org_id = $1 AND r.alarm_id = $2 AND d.id >= $3 AND ($4 = '' OR d.id < $4) \
               AND d.push_endpoint IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alarm_delivery t \
               WHERE t.org_id = d.org_id AND t.alarm_id = r.alarm_id \
               AND t.membership_id = d.membership_id AND t.device = d.id \
               AND t.handed_us IS NOT NULL) ORDER BY d.id LIMIT $5";
    /// One device that can be pushed to.
    TARGET = "SELECT d.id, d.membership_id, d.push_endpoint, d.push_p256dh, d.push_auth, p.language \
              FROM device d JOIN person p ON p.id = d.person_id \
              JOIN push_family f ON f.org_id = d.org_id AND f.family = d.push_family \
              WHERE d.org_id = $1 AND d.id = $2 AND d.push_endpoint IS NOT NULL";
    /// What a notice says.
    NOTICE = "SELECT a.title, u.name, o.language, a.state FROM alarm a \
              JOIN unit u ON u.org_id = a.org_id AND u.id = a.unit_id \
              JOIN organisation o ON o.org_id = a.org_id WHERE a.org_id = $1 AND a.id = $2";
    /// Families that are switched on.
    FAMILIES = "SELECT family FROM push_family WHERE org_id = $1 ORDER BY family";
    /// Switches a family on.
    SWITCH_ON = "INSERT INTO push_family (org_id, family, enabled_us) VALUES ($1, $2, $3) \
                 ON CONFLICT DO NOTHING";
    /// Switches a family off.
    SWITCH_OFF = "DELETE FROM push_family WHERE org_id = $1 AND family = $2";
    /// The trace of an alarm: each person, with each device or none.
    TRACE = "SELECT r.membership_id, m.given_name, m.family_name, t.device, d.name, t.handed_us, \
             t.received_us, t.shown_us, t.opened_us, t.answered_us, t.error_code \
             FROM alarm_recipient r \
             JOIN membership m ON m.org_id = r.org_id AND m.id = r.membership_id \
             LEFT JOIN alarm_delivery t ON t.org_id = r.org_id AND t.alarm_id = r.alarm_id \
             AND t.membership_id = r.membership_id \
             LEFT JOIN device d ON d.org_id = t.org_id AND d.id = t.device \
             WHERE r.org_id = $1 AND r.alarm_id = $2 \
             AND (r.membership_id > $3 OR (r.membership_id = $3 AND COALESCE(t.device, '') > $4)) \
             ORDER BY r.membership_id, COALESCE(t.device, '') LIMIT $5";
}

/// Traces of a batch, written at once.
pub(crate) static TRACES: Bulk = Bulk::new(
    "alarm::delivery::store::TRACES",
    "INSERT INTO alarm_delivery (org_id, alarm_id, membership_id, device, handed_us, error_code)",
    6,
    "ON CONFLICT (org_id, alarm_id, membership_id, device) DO UPDATE SET \
     handed_us = COALESCE(alarm_delivery.handed_us, excluded.handed_us), \
     error_code = excluded.error_code",
);

fn target(row: &store::Row) -> Result<Target, StoreError> {
    let mut c = row.cols();
    Ok(Target {
        device: c.text()?,
        membership: c.text()?,
        endpoint: c.text()?,
        p256dh: c.bytes()?,
        auth: c.bytes()?,
    })
}

/// The devices of a batch that were not served yet, from one device's id up to another's.
pub(crate) async fn targets(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    from: &str,
    to: &str,
) -> Result<Vec<Target>, StoreError> {
    // A batch may have grown since it was cut, by devices enrolled meanwhile.
    let most = crate::incident::store::BATCH * 4;
    let rows = tx
        .all(&TARGETS, params![org, alarm, from, to, most])
        .await?;
    rows.iter().map(target).collect()
}

/// One device that can be pushed to, and its owner's language.
pub(crate) async fn one_target(
    tx: &mut Tx,
    org: OrgId,
    device: DeviceId,
) -> Result<Option<(Target, Lang)>, StoreError> {
    let Some(row) = tx.opt(&TARGET, params![org, device]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    for _ in 0..5 {
        c.skip();
    }
    let lang = c.word(Lang::parse)?;
    Ok(Some((target(&row)?, lang)))
}

/// Keyword, unit, language, and whether the alarm still is open.
pub(crate) async fn notice(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
) -> Result<Option<(String, String, Lang, bool)>, StoreError> {
    let Some(row) = tx.opt(&NOTICE, params![org, alarm]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    Ok(Some((
        c.text()?,
        c.text()?,
        c.word(Lang::parse)?,
        c.text()? == "open",
    )))
}

/// Writes what became of a batch, and drops the subscriptions of devices that are gone.
pub(crate) async fn write_traces(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    done: &[(Target, Handed, Timestamp)],
) -> Result<(), StoreError> {
    let rows = done
        .iter()
        .map(|(target, handed, at)| {
            let at = matches!(handed, Handed::Taken).then_some(*at);
            params![
                org,
                alarm,
                &target.membership,
                &target.device,
                at,
                handed.code()
            ]
        })
        .collect();
    tx.bulk(&TRACES, rows).await?;
    for (target, handed, _) in done {
        if matches!(handed, Handed::Gone) {
            unsubscribe(tx, org, target).await?;
        }
    }
    Ok(())
}

/// Drops the subscription of a device that is gone, unless it has a new one by now.
pub(crate) async fn unsubscribe(
    tx: &mut Tx,
    org: OrgId,
    target: &Target,
) -> Result<(), StoreError> {
    let Ok(device) = target.device.parse::<DeviceId>() else {
        return Ok(());
    };
    people::device::drop_push(tx, org, device, &target.endpoint)
        .await
        .map(drop)
}

/// Families that are switched on.
pub(crate) async fn families(tx: &mut Tx, org: OrgId) -> Result<Vec<PushFamily>, StoreError> {
    let rows = tx.all(&FAMILIES, params![org]).await?;
    rows.iter()
        .map(|row| row.cols().word(PushFamily::parse))
        .collect()
}

/// Switches a family on or off.
pub(crate) async fn switch(
    tx: &mut Tx,
    org: OrgId,
    family: PushFamily,
    on: bool,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    if on {
        tx.exec(&SWITCH_ON, params![org, family.word(), now])
            .await
            .map(drop)
    } else {
        tx.exec(&SWITCH_OFF, params![org, family.word()])
            .await
            .map(drop)
    }
}

/// One line of the trace.
pub(crate) struct TraceRow {
    pub membership: String,
    pub name: String,
    pub device: Option<String>,
    pub device_name: Option<String>,
    pub handed: Option<Timestamp>,
    pub received: Option<Timestamp>,
    pub shown: Option<Timestamp>,
    pub opened: Option<Timestamp>,
    pub answered: Option<Timestamp>,
    pub problem: Option<String>,
}

/// The trace of an alarm, by person and device, behind a membership and device.
pub(crate) async fn trace(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    after: &[String; 2],
    limit: i64,
) -> Result<Vec<TraceRow>, StoreError> {
    let rows = tx
        .all(&TRACE, params![org, alarm, &after[0], &after[1], limit])
        .await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(TraceRow {
                membership: c.text()?,
                name: format!("{} {}", c.text()?, c.text()?),
                device: c.opt_text()?,
                device_name: c.opt_text()?,
                handed: c.opt_time()?,
                received: c.opt_time()?,
                shown: c.opt_time()?,
                opened: c.opt_time()?,
                answered: c.opt_time()?,
                problem: c.opt_text()?,
            })
        })
        .collect()
}

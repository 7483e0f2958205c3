//! Answers to alarms, and the trace of each alarm on its way to people and devices.

use base::{AlarmId, AnswerId, MembershipId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

store::statements! {
    /// Gives or changes an answer.
    ANSWER = "INSERT INTO alarm_answer (org_id, alarm_id, membership_id, answer_id, answered_us) \
              VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, alarm_id, membership_id) \
              DO UPDATE SET answer_id = $4, answered_us = $5";
    /// Whether somebody was alarmed.
    IS_ADDRESSED = "SELECT 1 FROM alarm_recipient WHERE org_id = $1 AND alarm_id = $2 AND membership_id = $3";
    /// It reached the device.
    RECEIVED = "INSERT INTO alarm_delivery (org_id, alarm_id, membership_id, device, received_us) \
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, alarm_id, membership_id, device) \
                DO UPDATE SET received_us = COALESCE(alarm_delivery.received_us, $5)";
    /// The device showed it.
    SHOWN = "INSERT INTO alarm_delivery (org_id, alarm_id, membership_id, device, shown_us) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, alarm_id, membership_id, device) \
             DO UPDATE SET shown_us = COALESCE(alarm_delivery.shown_us, $5)";
    /// Somebody opened it.
    OPENED = "INSERT INTO alarm_delivery (org_id, alarm_id, membership_id, device, opened_us) \
              VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, alarm_id, membership_id, device) \
              DO UPDATE SET opened_us = COALESCE(alarm_delivery.opened_us, $5)";
    /// Somebody answered through it.
    ANSWERED = "INSERT INTO alarm_delivery (org_id, alarm_id, membership_id, device, answered_us) \
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, alarm_id, membership_id, device) \
                DO UPDATE SET answered_us = COALESCE(alarm_delivery.answered_us, $5)";
}

/// A step of an alarm on its way to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Received,
    Shown,
    Opened,
    Answered,
}

/// The name under which an open page without an enrolled device is traced.
pub(crate) const PAGE: &str = "page";

/// Whether somebody was alarmed.
pub(crate) async fn is_addressed(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    member: MembershipId,
) -> Result<bool, StoreError> {
    Ok(tx
        .opt(&IS_ADDRESSED, params![org, alarm, member])
        .await?
        .is_some())
}

/// Gives or changes an answer.
pub(crate) async fn answer(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    member: MembershipId,
    answer: AnswerId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(&ANSWER, params![org, alarm, member, answer, now])
        .await
        .map(drop)
}

/// Writes a step of the trace; the first time counts.
pub(crate) async fn trace(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    member: MembershipId,
    device: &str,
    step: Step,
) -> Result<(), StoreError> {
    let sql = match step {
        Step::Received => &RECEIVED,
        Step::Shown => &SHOWN,
        Step::Opened => &OPENED,
        Step::Answered => &ANSWERED,
    };
    let now = tx.clock().now();
    tx.exec(sql, params![org, alarm, member, device, now])
        .await
        .map(drop)
}

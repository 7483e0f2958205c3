//! SQL of links.

use ::store::{StoreError, Tx, Value, params};
use base::{LinkId, MembershipId, OrgId, SignedDuration, Timestamp};

use super::model::{INVITATION_VALID, KEPT, SETUP_VALID};
use crate::access::Operator;

::store::statements! {
    /// A new link.
    INSERT = "INSERT INTO link (id, org_id, membership_id, purpose, digest, created_us, valid_until_us, \
              used_us, due_us) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)";
    /// Ends the earlier invitation links of a membership.
    END_INVITATIONS = "DELETE FROM link WHERE org_id = $1 AND membership_id = $2 AND used_us IS NULL";
    /// Ends earlier set-up links.
    END_SETUPS = "DELETE FROM link WHERE purpose = 'setup' AND used_us IS NULL";
    /// A link that still works.
    OPEN = "SELECT org_id, membership_id FROM link \
            WHERE digest = $1 AND purpose = $2 AND used_us IS NULL AND valid_until_us > $3";
    /// Uses a link up.
    TAKE = "UPDATE link SET used_us = $3 \
            WHERE digest = $1 AND purpose = $2 AND used_us IS NULL AND valid_until_us > $3 \
            RETURNING org_id, membership_id";
    /// Deletes links whose time has come, of all organisations.
    SWEEP = "DELETE FROM link WHERE id IN \
             (SELECT id FROM link WHERE due_us <= $1 ORDER BY due_us LIMIT $2)";
    /// What is there, when the next is due, what is overdue; of one organisation or of all.
    COUNT_DUE = "SELECT CAST(count(*) AS BIGINT), min(due_us), \
                 CAST(coalesce(sum(CASE WHEN due_us <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                 FROM link WHERE (CAST($1 AS TEXT) IS NULL OR org_id = $1)";
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

async fn insert(
    tx: &mut Tx,
    owner: Option<(OrgId, MembershipId)>,
    purpose: &'static str,
    valid: SignedDuration,
) -> Result<(String, Timestamp), StoreError> {
    let code = seal::token::random128(tx.rng());
    let id = LinkId::random(tx.rng());
    let now = tx.clock().now();
    let until = later(now, valid);
    let params = params![
        id,
        owner.map(|(org, _)| org),
        owner.map(|(_, membership)| membership),
        purpose,
        seal::token::digest(&code),
        now,
        until,
        later(until, KEPT)
    ];
    tx.exec(&INSERT, params).await?;
    Ok((code, until))
}

/// A fresh set-up link; earlier ones end. Gives its code.
pub async fn setup(tx: &mut Tx, _operator: Operator) -> Result<String, StoreError> {
    tx.exec(&END_SETUPS, vec![]).await?;
    let (code, _) = insert(tx, None, "setup", SETUP_VALID).await?;
    Ok(code)
}

/// Whether a set-up link works.
pub async fn open_setup(tx: &mut Tx, code: &str) -> Result<bool, StoreError> {
    let row = tx.opt(&OPEN, lookup(tx, code, "setup")).await?;
    Ok(row.is_some())
}

/// Uses a set-up link up; `false` when it doesn't work.
pub(crate) async fn take_setup(tx: &mut Tx, code: &str) -> Result<bool, StoreError> {
    let row = tx.opt(&TAKE, lookup(tx, code, "setup")).await?;
    Ok(row.is_some())
}

/// A fresh invitation link; earlier ones of the membership end. Gives its code and until when it works.
pub(crate) async fn invitation(
    tx: &mut Tx,
    org: OrgId,
    membership: MembershipId,
) -> Result<(String, Timestamp), StoreError> {
    tx.exec(&END_INVITATIONS, params![org, membership]).await?;
    insert(tx, Some((org, membership)), "invitation", INVITATION_VALID).await
}

/// The membership behind an invitation link that works.
pub(crate) async fn open_invitation(
    tx: &mut Tx,
    code: &str,
) -> Result<Option<(OrgId, MembershipId)>, StoreError> {
    let row = tx.opt(&OPEN, lookup(tx, code, "invitation")).await?;
    row.map(|row| {
        let mut c = row.cols();
        Ok((c.id()?, c.id()?))
    })
    .transpose()
}

/// Uses an invitation link up.
pub(crate) async fn take_invitation(
    tx: &mut Tx,
    code: &str,
) -> Result<Option<(OrgId, MembershipId)>, StoreError> {
    let row = tx.opt(&TAKE, lookup(tx, code, "invitation")).await?;
    row.map(|row| {
        let mut c = row.cols();
        Ok((c.id()?, c.id()?))
    })
    .transpose()
}

fn lookup(tx: &Tx, code: &str, purpose: &'static str) -> Vec<Value> {
    params![seal::token::digest(code), purpose, tx.clock().now()]
}

/// Deletes links whose time has come; gives their number.
pub async fn sweep_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.exec(&SWEEP, params![now, limit]).await
}

/// Counts for the deletion clock: rows, next due, overdue.
pub(crate) fn count_due() -> &'static ::store::Sql {
    &COUNT_DUE
}

//! SQL of signing in.

use ::store::{StoreError, Tx, params};
use base::{Lang, MembershipId, OrgId, PersonId, Timestamp};

use super::model::{FORGOTTEN_AFTER, delay};

::store::statements! {
    /// Who can sign in with an address, by their oldest membership.
    BY_EMAIL = "SELECT p.id, p.password_hash, p.language, m.org_id, m.id FROM person p \
                JOIN membership m ON m.person_id = p.id \
                WHERE p.email = $1 AND m.state = 'active' AND p.password_hash IS NOT NULL \
                ORDER BY m.joined_us, m.id LIMIT 1";
    /// What is counted for an account.
    DELAY = "SELECT failures, blocked_until_us, due_us FROM signin_delay WHERE account = $1";
    /// Counts an attempt.
    COUNT = "INSERT INTO signin_delay (account, failures, blocked_until_us, due_us) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (account) \
             DO UPDATE SET failures = $2, blocked_until_us = $3, due_us = $4";
    /// Forgets the count after success.
    CLEAR = "DELETE FROM signin_delay WHERE account = $1";
    /// Forgets counts whose time has come.
    SWEEP = "DELETE FROM signin_delay WHERE account IN \
             (SELECT account FROM signin_delay WHERE due_us <= $1 ORDER BY due_us LIMIT $2)";
    /// What is there, when the next is due, what is overdue; of one organisation or of all.
    COUNT_DUE = "SELECT CAST(count(*) AS BIGINT), min(due_us), \
                 CAST(coalesce(sum(CASE WHEN due_us <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                 FROM signin_delay WHERE CAST($1 AS TEXT) IS NULL";
}

/// Somebody who might be the one signing in.
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    pub(crate) password_hash: String,
    pub(crate) language: Lang,
    pub(crate) org: OrgId,
    pub(crate) membership: MembershipId,
}

pub(crate) async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Candidate>, StoreError> {
    let row = tx.opt(&BY_EMAIL, params![email]).await?;
    row.map(|row| {
        let mut c = row.cols();
        Ok(Candidate {
            person: c.id()?,
            password_hash: c.text()?,
            language: c.word(Lang::parse)?,
            org: c.id()?,
            membership: c.id()?,
        })
    })
    .transpose()
}

/// Counts an attempt as failed before it is looked at, so that many at once don't get around the delay;
/// [`clear`] takes it back. Gives the seconds to wait when there were too many.
pub(crate) async fn count(tx: &mut Tx, account: [u8; 32]) -> Result<Option<u32>, StoreError> {
    let now = tx.clock().now();
    let row = tx.opt(&DELAY, params![account]).await?;
    let mut failures = 0;
    if let Some(row) = row {
        let mut c = row.cols();
        let (counted, blocked_until, due) = (c.int()?, c.time()?, c.time()?);
        if due > now {
            failures = counted;
            let left = blocked_until.duration_since(now);
            // A clock that stepped back would make it longer than it ever was.
            let left = left.min(delay(failures)).as_secs();
            if blocked_until > now {
                return Ok(Some(u32::try_from(left + 1).unwrap_or(u32::MAX)));
            }
        }
    }
    failures += 1;
    let blocked_until = now.checked_add(delay(failures)).unwrap_or(Timestamp::MAX);
    let due = blocked_until
        .checked_add(FORGOTTEN_AFTER)
        .unwrap_or(Timestamp::MAX);
    tx.exec(&COUNT, params![account, failures, blocked_until, due])
        .await?;
    Ok(None)
}

pub(crate) async fn clear(tx: &mut Tx, account: [u8; 32]) -> Result<(), StoreError> {
    tx.exec(&CLEAR, params![account]).await.map(drop)
}

/// Forgets counts whose time has come; gives their number.
pub async fn sweep_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.exec(&SWEEP, params![now, limit]).await
}

/// Counts for the deletion clock: rows, next due, overdue.
pub(crate) fn count_due() -> &'static ::store::Sql {
    &COUNT_DUE
}

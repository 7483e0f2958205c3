//! SQL of mails going out.

use ::store::{StoreError, Tx, params};
use base::{Email, MailId, OrgId, SignedDuration, Timestamp};

use super::model::{Outgoing, render};

/// The topic of the job that sends a mail.
pub(crate) const TOPIC: &str = "mail.send";
/// How long a row is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

::store::statements! {
    /// A mail to send.
    INSERT = "INSERT INTO mail_out (org_id, id, recipient, subject, body, message_id, state, created_us, \
              due_us) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8)";
    /// A mail that is not sent yet.
    NEXT = "SELECT recipient, subject, body, message_id, created_us FROM mail_out \
            WHERE org_id = $1 AND id = $2 AND state = 'waiting'";
    /// Notes that a mail was sent and forgets what was in it.
    SENT = "UPDATE mail_out SET state = 'sent', subject = '', body = '', error_code = NULL, sent_us = $3, \
            due_us = $4 WHERE org_id = $1 AND id = $2";
    /// Notes why a mail was not sent.
    FAILED = "UPDATE mail_out SET state = $3, error_code = $4 \
              WHERE org_id = $1 AND id = $2 AND state = 'waiting'";
    /// How many mails wait.
    WAITING = "SELECT CAST(count(*) AS BIGINT) FROM mail_out WHERE state = 'waiting'";
    /// Deletes mails whose time has come, of all organisations.
    SWEEP = "DELETE FROM mail_out WHERE id IN \
             (SELECT id FROM mail_out WHERE due_us <= $1 ORDER BY due_us LIMIT $2)";
    /// What is there, when the next is due, what is overdue; of one organisation or of all.
    COUNT_DUE = "SELECT CAST(count(*) AS BIGINT), min(due_us), \
                 CAST(coalesce(sum(CASE WHEN due_us <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                 FROM mail_out WHERE (CAST($1 AS TEXT) IS NULL OR org_id = $1)";
}

/// Writes a mail inside an act; it is sent if and only if the act commits. `host` stands in the Message-ID.
pub async fn queue(tx: &mut Tx, mail: Outgoing<'_>, host: &str) -> Result<MailId, StoreError> {
    let id = MailId::new(tx.clock(), tx.rng());
    let rendered =
        render(mail.template, mail.lang, mail.context).map_err(|error| StoreError::Column {
            column: 0,
            source: Box::new(error),
        })?;
    let now = tx.clock().now();
    let params = params![
        mail.org,
        id,
        mail.to,
        &rendered.subject,
        &rendered.body,
        format!("<{id}@{host}>"),
        now,
        later(now)
    ];
    tx.exec(&INSERT, params).await?;
    tx.emit(TOPIC, Some(mail.org), id.to_string(), "").await?;
    Ok(id)
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(KEPT).unwrap_or(Timestamp::MAX)
}

/// A mail that waits.
pub(crate) struct Waiting {
    pub(crate) to: Email,
    pub(crate) subject: String,
    pub(crate) body: String,
    pub(crate) message_id: String,
    pub(crate) created: Timestamp,
}

pub(crate) async fn next(
    tx: &mut Tx,
    org: OrgId,
    id: MailId,
) -> Result<Option<Waiting>, StoreError> {
    let row = tx.opt(&NEXT, params![org, id]).await?;
    row.map(|row| {
        let mut c = row.cols();
        Ok(Waiting {
            to: c.word(|text| Email::parse(text).ok())?,
            subject: c.text()?,
            body: c.text()?,
            message_id: c.text()?,
            created: c.time()?,
        })
    })
    .transpose()
}

pub(crate) async fn sent(tx: &mut Tx, org: OrgId, id: MailId) -> Result<(), StoreError> {
    let now = tx.clock().now();
    tx.exec(&SENT, params![org, id, now, later(now)])
        .await
        .map(drop)
}

/// Notes a failure; after a fatal one the mail doesn't wait any more.
pub(crate) async fn failed(
    tx: &mut Tx,
    org: OrgId,
    id: MailId,
    code: &str,
    fatal: bool,
) -> Result<(), StoreError> {
    let state = if fatal { "failed" } else { "waiting" };
    tx.exec(&FAILED, params![org, id, state, code])
        .await
        .map(drop)
}

/// How many mails wait in the whole installation.
pub async fn waiting(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one(&WAITING, vec![]).await?.cols().int()
}

/// Deletes mails whose time has come; gives their number.
pub async fn sweep_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.exec(&SWEEP, params![now, limit]).await
}

/// Rows, next due, overdue.
pub(crate) async fn count_due(
    tx: &mut Tx,
    org: Option<OrgId>,
    overdue_since: Timestamp,
) -> Result<(i64, Option<Timestamp>, i64), StoreError> {
    let row = tx.one(&COUNT_DUE, params![org, overdue_since]).await?;
    let mut c = row.cols();
    Ok((c.int()?, c.opt_time()?, c.int()?))
}

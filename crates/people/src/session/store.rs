//! SQL of sessions.

use ::store::{Store, StoreError, Tx, params};
use base::{Lang, MembershipId, OrgId, PersonId, SessionId, Timestamp};

use super::model::{
    Browser, NewToken, OVERLAP, ROTATE_AFTER, Seen, Session, TOUCH_AFTER, expires, passed,
};
use crate::access::permit::Oneself;
use crate::access::{Actor, Grant, Who};
use crate::journal::done;
use crate::{PeopleError, role};
use ledger::Pen;

::store::statements! {
    /// A new session.
    INSERT = "INSERT INTO session (org_id, id, person_id, membership_id, token_digest, previous_digest, \
              previous_until_us, stay, browser, created_us, rotated_us, last_seen_us, expires_us) \
              VALUES ($1, $2, $3, $4, $5, NULL, NULL, $6, $7, $8, $8, $8, $9)";
    /// The session of a token, or of the one before it, as long as the member is active.
    BY_TOKEN = "SELECT s.org_id, s.id, s.person_id, s.membership_id, s.token_digest, \
                s.previous_until_us, s.stay, s.created_us, s.rotated_us, s.last_seen_us, s.expires_us, \
                p.language FROM session s \
                JOIN membership m ON m.org_id = s.org_id AND m.id = s.membership_id \
                JOIN person p ON p.id = s.person_id \
                WHERE (s.token_digest = $1 OR s.previous_digest = $1) AND m.state = 'active'";
    /// Notes that a session is used.
    TOUCH = "UPDATE session SET last_seen_us = $3, expires_us = $4 WHERE org_id = $1 AND id = $2";
    /// Gives a session a new token, unless somebody else just did.
    ROTATE = "UPDATE session SET previous_digest = token_digest, previous_until_us = $5, \
              token_digest = $4, rotated_us = $6 \
              WHERE org_id = $1 AND id = $2 AND token_digest = $3";
    /// A person's sessions that have not ended.
    OWN = "SELECT id, created_us, last_seen_us, expires_us, browser FROM session \
           WHERE org_id = $1 AND membership_id = $2 AND expires_us > $3 ORDER BY last_seen_us DESC, id";
    /// Ends one of a person's sessions.
    REVOKE = "DELETE FROM session WHERE org_id = $1 AND membership_id = $2 AND id = $3";
    /// Whether a session is still there.
    ALIVE = "SELECT 1 FROM session WHERE org_id = $1 AND id = $2 AND expires_us > $3";
    /// Forgets sessions that ended, of all organisations.
    SWEEP = "DELETE FROM session WHERE id IN \
             (SELECT id FROM session WHERE expires_us <= $1 ORDER BY expires_us LIMIT $2)";
    /// What is there, when the next is due, what is overdue; of one organisation or of all.
    COUNT_DUE = "SELECT CAST(count(*) AS BIGINT), min(expires_us), \
                 CAST(coalesce(sum(CASE WHEN expires_us <= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
                 FROM session WHERE (CAST($1 AS TEXT) IS NULL OR org_id = $1)";
}

/// What a session begins with.
pub(crate) struct NewSession<'a> {
    pub(crate) org: OrgId,
    pub(crate) person: PersonId,
    pub(crate) membership: MembershipId,
    pub(crate) stay: bool,
    pub(crate) browser: &'a Browser,
}

/// Begins a session; gives its id and its token.
pub(crate) async fn start(
    tx: &mut Tx,
    new: &NewSession<'_>,
) -> Result<(SessionId, NewToken), StoreError> {
    let token = seal::token::random256(tx.rng());
    let id = SessionId::random(tx.rng());
    let now = tx.clock().now();
    let ends = expires(now, now, new.stay);
    let params = params![
        new.org,
        id,
        new.person,
        new.membership,
        seal::token::digest(&token),
        new.stay,
        new.browser.as_str(),
        now,
        ends
    ];
    tx.exec(&INSERT, params).await?;
    Ok((id, new_token(token, now, ends, new.stay)))
}

/// The cookie of somebody who stays lives as long as the session, any other until the browser is closed.
fn new_token(token: String, now: Timestamp, ends: Timestamp, stay: bool) -> NewToken {
    let seconds = ends.duration_since(now).as_secs();
    NewToken {
        token,
        max_age: stay.then_some(seconds.max(0)),
    }
}

struct Found {
    org: OrgId,
    id: SessionId,
    person: PersonId,
    membership: MembershipId,
    current: bool,
    stay: bool,
    created: Timestamp,
    rotated: Timestamp,
    last_seen: Timestamp,
    expires: Timestamp,
    language: Lang,
}

/// Recognises a token. Writes at most once a minute. `next` makes the token that follows a token.
pub(crate) async fn see(
    store: &Store,
    token: &str,
    next: impl Fn(SessionId, &str) -> String,
) -> Result<Option<Seen>, StoreError> {
    let digest = seal::token::digest(token);
    let now = store.clock().now();
    let mut tx = store.read().await?;
    let Some(mut found) = find(&mut tx, &digest, now).await? else {
        return Ok(None);
    };
    let rights = role::rights(&mut tx, found.org, found.membership).await?;
    drop(tx);
    let mut renewed = None;
    if !found.current || passed(now, found.rotated, ROTATE_AFTER) {
        let token = next(found.id, token);
        if found.current {
            rotate(store, &found, &digest, &token, now).await?;
        }
        renewed = Some(token);
    }
    if passed(now, found.last_seen, TOUCH_AFTER) {
        found.expires = expires(found.created, now, found.stay);
        touch(store, &found, now).await?;
    }
    let renewed = renewed.map(|token| new_token(token, now, found.expires, found.stay));
    let (person, membership) = (found.person, found.membership);
    Ok(Some(Seen {
        actor: Actor::person(found.org, person, membership, Some(found.id), rights),
        language: found.language,
        expires: found.expires,
        renewed,
    }))
}

async fn find(tx: &mut Tx, digest: &[u8; 32], now: Timestamp) -> Result<Option<Found>, StoreError> {
    let Some(row) = tx.opt(&BY_TOKEN, params![*digest]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    let (org, id, person, membership) = (c.id()?, c.id()?, c.id()?, c.id()?);
    let (current, previous_until) = (c.bytes()?.as_slice() == digest, c.opt_time()?);
    let found = Found {
        org,
        id,
        person,
        membership,
        current,
        stay: c.boolean()?,
        created: c.time()?,
        rotated: c.time()?,
        last_seen: c.time()?,
        expires: c.time()?,
        language: c.word(Lang::parse)?,
    };
    let accepted = current || previous_until.is_some_and(|until| now < until);
    Ok((accepted && now < found.expires).then_some(found))
}

async fn rotate(
    store: &Store,
    found: &Found,
    digest: &[u8; 32],
    token: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let until = now.checked_add(OVERLAP).unwrap_or(Timestamp::MAX);
    let new = seal::token::digest(token);
    ::store::act!(store, |tx| -> Result<(), StoreError> {
        // No row: another request of the same browser was faster, and made the same token.
        let params = params![found.org, found.id, *digest, new, until, now];
        tx.exec(&ROTATE, params).await.map(drop)
    })
}

async fn touch(store: &Store, found: &Found, now: Timestamp) -> Result<(), StoreError> {
    ::store::act!(store, |tx| -> Result<(), StoreError> {
        let params = params![found.org, found.id, now, found.expires];
        tx.exec(&TOUCH, params).await.map(drop)
    })
}

/// One's own sessions, the one used last first.
pub async fn sessions(tx: &mut Tx, grant: &Grant<Oneself>) -> Result<Vec<Session>, StoreError> {
    let now = tx.clock().now();
    let membership = grant.actor().membership();
    let rows = tx.all(&OWN, params![grant.org(), membership, now]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Session {
                id: c.id()?,
                started: c.time()?,
                last_seen: c.time()?,
                expires: c.time()?,
                browser: c.text()?,
            })
        })
        .collect()
}

/// Ends one of one's own sessions.
pub async fn revoke(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<Oneself>,
    id: SessionId,
) -> Result<(), PeopleError> {
    let membership = grant.actor().membership();
    let params = params![grant.org(), membership, id];
    if tx.exec(&REVOKE, params).await? == 0 {
        return Err(PeopleError::NotFound("session"));
    }
    pen.write(tx, done("session.revoked", id)).await?;
    Ok(())
}

/// Ends the session one came with; nothing when it is over already.
pub async fn sign_out(tx: &mut Tx, pen: &Pen, grant: &Grant<Oneself>) -> Result<(), PeopleError> {
    let Some(id) = grant.actor().session() else {
        return Ok(());
    };
    match revoke(tx, pen, grant, id).await {
        Err(PeopleError::NotFound(_)) => Ok(()),
        done => done,
    }
}

/// Whether the session of an actor still lives; for connections that stay open. Others always do.
pub async fn alive(tx: &mut Tx, actor: &Actor) -> Result<bool, StoreError> {
    let Some(id) = actor.session() else {
        return Ok(true);
    };
    let now = tx.clock().now();
    let row = tx.opt(&ALIVE, params![actor.org(), id, now]).await?;
    Ok(row.is_some())
}

/// Somebody signed in as they are now: with the rights of this moment. `None` once the session has ended.
pub async fn refreshed(tx: &mut Tx, actor: &Actor) -> Result<Option<Actor>, StoreError> {
    if !alive(tx, actor).await? {
        return Ok(None);
    }
    let Who::Person {
        person,
        membership,
        session: Some(session),
    } = actor.who()
    else {
        return Ok(Some(actor.clone()));
    };
    let org = actor.org();
    let rights = role::rights(tx, org, membership).await?;
    Ok(Some(Actor::person(
        org,
        person,
        membership,
        Some(session),
        rights,
    )))
}

/// Forgets sessions that ended; gives their number.
pub async fn sweep_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.exec(&SWEEP, params![now, limit]).await
}

/// Counts for the deletion clock: rows, next due, overdue.
pub(crate) fn count_due() -> &'static ::store::Sql {
    &COUNT_DUE
}

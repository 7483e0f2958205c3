//! SQL of machine keys.

use ::store::{Row, Store, StoreError, Tx, params};
use base::{KeyId, OrgId, SignedDuration, Timestamp};

use super::model::{MachineKey, NewKey, ShownKey};
use crate::access::permit::OrgConfigure;
use crate::access::{Actor, Grant, MachineKind, Who};
use crate::journal::done;
use crate::{PeopleError, organisation};
use ledger::{Entry, Outcome, Pen};

/// How exactly "last used" is kept.
const TOUCH_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// How long the note of a key's use waits, so that it never stands in an alarm's way.
const TOUCH_PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
/// Characters of a key that the list shows.
const HINT: usize = 4;
/// More keys than any organisation needs.
const MOST: i64 = 200;

::store::statements! {
    /// A new key.
    INSERT = "INSERT INTO machine_key (org_id, id, unit_id, kind, name, digest, hint, created_us, \
              last_used_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)";
    /// How many there are.
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM machine_key WHERE org_id = $1";
    /// The keys, oldest first.
    KEYS = "SELECT id, unit_id, kind, name, hint, created_us, last_used_us FROM machine_key \
            WHERE org_id = $1 ORDER BY id";
    /// The key with a digest.
    BY_DIGEST = "SELECT org_id, id, unit_id, kind, last_used_us FROM machine_key WHERE digest = $1";
    /// Notes that a key is used.
    TOUCH = "UPDATE machine_key SET last_used_us = $3 WHERE org_id = $1 AND id = $2";
    /// Puts another secret behind a key.
    ROTATE = "UPDATE machine_key SET digest = $3, hint = $4 WHERE org_id = $1 AND id = $2 \
              RETURNING kind";
    /// Ends a key.
    DELETE = "DELETE FROM machine_key WHERE org_id = $1 AND id = $2";
    /// Whether a key is there.
    ALIVE = "SELECT 1 FROM machine_key WHERE org_id = $1 AND id = $2";
}

fn hint(key: &str) -> String {
    key[key.len().saturating_sub(HINT)..].to_owned()
}

/// Makes a key. It is shown this once.
pub async fn create(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    new: &NewKey,
) -> Result<ShownKey, PeopleError> {
    let unit = organisation::unit(tx, grant, new.unit).await?;
    if unit.is_none() || !grant.covers_unit(new.unit) {
        return Err(PeopleError::NotFound("unit"));
    }
    let count = tx.one(&COUNT, params![grant.org()]).await?;
    if count.cols().int()? >= MOST {
        return Err(PeopleError::TooMany);
    }
    let key = seal::token::random256(tx.rng());
    let id = KeyId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    let params = params![
        grant.org(),
        id,
        new.unit,
        new.kind.word(),
        &new.name,
        seal::token::digest(&key),
        hint(&key),
        now
    ];
    tx.exec(&INSERT, params).await?;
    let entry = Entry {
        action: "key.created",
        object: Some(id.to_string()),
        outcome: Outcome::Done,
        details: vec![("kind", new.kind.word().to_owned())],
    };
    pen.write(tx, entry).await?;
    Ok(ShownKey {
        id,
        kind: new.kind,
        key,
    })
}

/// The keys, oldest first.
pub async fn keys(tx: &mut Tx, grant: &Grant<OrgConfigure>) -> Result<Vec<MachineKey>, StoreError> {
    let rows = tx.all(&KEYS, params![grant.org()]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<MachineKey, StoreError> {
    let mut c = row.cols();
    Ok(MachineKey {
        id: c.id()?,
        unit: c.id()?,
        kind: c.word(MachineKind::parse)?,
        name: c.text()?,
        hint: c.text()?,
        created: c.time()?,
        last_used: c.opt_time()?,
    })
}

/// Who comes with a key. `None` for an unknown one. Writes at most once a minute.
pub async fn recognise(store: &Store, key: &str) -> Result<Option<Actor>, StoreError> {
    let mut tx = store.read().await?;
    let digest = seal::token::digest(key);
    let Some(row) = tx.opt(&BY_DIGEST, params![digest]).await? else {
        return Ok(None);
    };
    drop(tx);
    let mut c = row.cols();
    let (org, id, unit) = (c.id()?, c.id()?, c.id()?);
    let (kind, last_used) = (c.word(MachineKind::parse)?, c.opt_time()?);
    let now = store.clock().now();
    if last_used.is_none_or(|used| crate::session::passed(now, used, TOUCH_AFTER)) {
        tokio::spawn(touch(store.clone(), org, id, now));
    }
    Ok(Some(Actor::machine(org, id, kind, unit)))
}

/// Notes when a key was last used: behind whatever it came for, which must neither wait for it nor fail by it.
async fn touch(store: Store, org: OrgId, id: KeyId, now: Timestamp) {
    store.clock().sleep(TOUCH_PAUSE).await;
    let noted = ::store::act!(store, |tx| -> Result<(), StoreError> {
        tx.exec(&TOUCH, params![org, id, now]).await.map(drop)
    });
    if let Err(error) = noted {
        tracing::debug!(error = %base::chain(&error), "the use of a key was not noted");
    }
}

/// Whether the key of an actor is still there; for connections that stay open. Others always are.
pub async fn alive(tx: &mut Tx, actor: &Actor) -> Result<bool, StoreError> {
    let Who::Machine { key, .. } = actor.who() else {
        return Ok(true);
    };
    let row = tx.opt(&ALIVE, params![actor.org(), key]).await?;
    Ok(row.is_some())
}

/// Puts another secret behind a key; the one before ends at once.
pub async fn rotate(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    id: KeyId,
) -> Result<ShownKey, PeopleError> {
    let key = seal::token::random256(tx.rng());
    let params = params![grant.org(), id, seal::token::digest(&key), hint(&key)];
    let row = tx.opt(&ROTATE, params).await?;
    let row = row.ok_or(PeopleError::NotFound("key"))?;
    let kind = row.cols().word(MachineKind::parse)?;
    pen.write(tx, done("key.rotated", id)).await?;
    Ok(ShownKey { id, kind, key })
}

/// Ends a key.
pub async fn revoke(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    id: KeyId,
) -> Result<(), PeopleError> {
    if tx.exec(&DELETE, params![grant.org(), id]).await? == 0 {
        return Err(PeopleError::NotFound("key"));
    }
    pen.write(tx, done("key.revoked", id)).await?;
    Ok(())
}

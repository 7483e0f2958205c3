//! SQL of devices.

use ::store::{Row, Store, StoreError, Tx, params};
use base::{DeviceId, OrgId, ShortText, SignedDuration, Timestamp};

use super::model::{Device, NewDevice, PushFamily, Subscription};
use crate::PeopleError;
use crate::access::permit::Oneself;
use crate::access::{Actor, Grant, Who};
use crate::journal::done;
use ledger::Pen;

/// How exactly "last seen" is kept.
const TOUCH_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// More devices than anybody carries.
const MOST: i64 = 20;

::store::statements! {
    /// A new device.
    INSERT = "INSERT INTO device (org_id, id, person_id, membership_id, name, platform, public_key, \
              enrolled_us, last_seen_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
    /// How many a member has.
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM device WHERE org_id = $1 AND membership_id = $2";
    /// A member's devices.
    OWN = "SELECT id, name, platform, enrolled_us, last_seen_us, push_family FROM device \
           WHERE org_id = $1 AND membership_id = $2 ORDER BY enrolled_us, id";
    /// A device that signs, of an active member.
    BY_ID = "SELECT d.org_id, d.person_id, d.membership_id, d.public_key, d.last_seen_us FROM device d \
             JOIN membership m ON m.org_id = d.org_id AND m.id = d.membership_id \
             WHERE d.id = $1 AND m.state = 'active'";
    /// Notes that a device reported something.
    TOUCH = "UPDATE device SET last_seen_us = $3 WHERE org_id = $1 AND id = $2";
    /// Another name.
    RENAME = "UPDATE device SET name = $4 WHERE org_id = $1 AND membership_id = $2 AND id = $3";
    /// Whoever had this browser's pushes before doesn't any more, in whatever organisation.
    TAKE_ENDPOINT = "UPDATE device SET push_endpoint = NULL, push_p256dh = NULL, push_auth = NULL, \
                     push_family = NULL WHERE push_endpoint = $1";
    /// Where pushes go.
    SET_PUSH = "UPDATE device SET push_endpoint = $4, push_p256dh = $5, push_auth = $6, push_family = $7 \
                WHERE org_id = $1 AND membership_id = $2 AND id = $3";
    /// No more pushes.
    CLEAR_PUSH = "UPDATE device SET push_endpoint = NULL, push_p256dh = NULL, push_auth = NULL, \
                  push_family = NULL WHERE org_id = $1 AND membership_id = $2 AND id = $3";
    /// No more pushes to an address that its push service no longer knows.
    DROP_PUSH = "UPDATE device SET push_endpoint = NULL, push_p256dh = NULL, push_auth = NULL, \
                 push_family = NULL WHERE org_id = $1 AND id = $2 AND push_endpoint = $3";
    /// Forgets a device.
    DELETE = "DELETE FROM device WHERE org_id = $1 AND membership_id = $2 AND id = $3";
}

/// Enrols a device of one's own.
pub async fn enrol(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<Oneself>,
    new: &NewDevice,
) -> Result<DeviceId, PeopleError> {
    let (org, membership) = (grant.org(), grant.actor().membership());
    let count = tx.one(&COUNT, params![org, membership]).await?;
    if count.cols().int()? >= MOST {
        return Err(PeopleError::TooMany);
    }
    let id = DeviceId::random(tx.rng());
    let now = tx.clock().now();
    let params = params![
        org,
        id,
        grant.actor().person_id(),
        membership,
        &new.name,
        &new.platform,
        new.public_key.as_bytes(),
        now
    ];
    tx.exec(&INSERT, params).await?;
    if let Some(push) = &new.push {
        set_push(tx, grant, id, push).await?;
    }
    pen.write(tx, done("device.enrolled", id)).await?;
    Ok(id)
}

/// One's own devices, oldest first.
pub async fn devices(tx: &mut Tx, grant: &Grant<Oneself>) -> Result<Vec<Device>, StoreError> {
    let params = params![grant.org(), grant.actor().membership()];
    let rows = tx.all(&OWN, params).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Device, StoreError> {
    let mut c = row.cols();
    Ok(Device {
        id: c.id()?,
        name: c.text()?,
        platform: c.text()?,
        enrolled: c.time()?,
        last_seen: c.opt_time()?,
        push: c.opt_text()?.as_deref().and_then(PushFamily::parse),
    })
}

/// A device whose signature is yet to be checked.
pub struct Recognised {
    /// What it signs with.
    pub public_key: Vec<u8>,
    /// Who it is, once the signature fits.
    pub actor: Actor,
    last_seen: Option<Timestamp>,
}

/// The device with this id, of an active member. Check the signature before using the actor.
pub async fn recognise(tx: &mut Tx, id: DeviceId) -> Result<Option<Recognised>, StoreError> {
    let Some(row) = tx.opt(&BY_ID, params![id]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    let (org, person, membership) = (c.id()?, c.id()?, c.id()?);
    Ok(Some(Recognised {
        actor: Actor::device(org, person, membership, id),
        public_key: c.bytes()?,
        last_seen: c.opt_time()?,
    }))
}

/// Notes that a device reported something. Writes at most once a minute.
pub async fn touch(store: &Store, device: &Recognised) -> Result<(), StoreError> {
    let now = store.clock().now();
    let Who::Device { device: id, .. } = device.actor.who() else {
        return Ok(());
    };
    let recent = |seen| !crate::session::passed(now, seen, TOUCH_AFTER);
    if device.last_seen.is_some_and(recent) {
        return Ok(());
    }
    let org = device.actor.org();
    ::store::act!(store, |tx| -> Result<(), StoreError> {
        tx.exec(&TOUCH, params![org, id, now]).await.map(drop)
    })
}

/// Gives a device of one's own another name.
pub async fn rename(
    tx: &mut Tx,
    grant: &Grant<Oneself>,
    id: DeviceId,
    name: &ShortText,
) -> Result<(), PeopleError> {
    let params = params![grant.org(), grant.actor().membership(), id, name];
    found(tx.exec(&RENAME, params).await?)
}

fn found(rows: u64) -> Result<(), PeopleError> {
    if rows == 0 {
        return Err(PeopleError::NotFound("device"));
    }
    Ok(())
}

/// Says where pushes for a device of one's own go. Another device with the same address, left behind by
/// whoever used this browser before, gets none any more.
pub async fn set_push(
    tx: &mut Tx,
    grant: &Grant<Oneself>,
    id: DeviceId,
    push: &Subscription,
) -> Result<(), PeopleError> {
    tx.exec(&TAKE_ENDPOINT, params![push.endpoint()]).await?;
    let params = params![
        grant.org(),
        grant.actor().membership(),
        id,
        push.endpoint(),
        push.p256dh(),
        push.auth(),
        push.family().word()
    ];
    found(tx.exec(&SET_PUSH, params).await?)
}

/// No more pushes to a device of one's own.
pub async fn clear_push(
    tx: &mut Tx,
    grant: &Grant<Oneself>,
    id: DeviceId,
) -> Result<(), PeopleError> {
    let params = params![grant.org(), grant.actor().membership(), id];
    found(tx.exec(&CLEAR_PUSH, params).await?)
}

/// Drops a push address that its service no longer knows (404 or 410), unless the device has another by now.
/// For the worker that delivers.
pub async fn drop_push(
    tx: &mut Tx,
    org: OrgId,
    id: DeviceId,
    endpoint: &str,
) -> Result<bool, StoreError> {
    let rows = tx.exec(&DROP_PUSH, params![org, id, endpoint]).await?;
    Ok(rows > 0)
}

/// Forgets a device of one's own.
pub async fn remove(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<Oneself>,
    id: DeviceId,
) -> Result<(), PeopleError> {
    let params = params![grant.org(), grant.actor().membership(), id];
    found(tx.exec(&DELETE, params).await?)?;
    pen.write(tx, done("device.removed", id)).await?;
    Ok(())
}

//! SQL of viewing keys.

use base::{MembershipId, OrgId, ViewingKeyId};
use store::{StoreError, Tx, params};

use super::model::ViewingKey;
use crate::rows::point;

store::statements! {
    /// A member's key.
    OF_MEMBER = "SELECT id, public_key, salt, pass, sheet, created_us FROM viewing_key \
                 WHERE org_id = $1 AND membership_id = $2";
    /// A new key.
    INSERT = "INSERT INTO viewing_key (org_id, id, membership_id, public_key, salt, pass, sheet, created_us) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Another passphrase or sheet around the same key.
    REWRAP = "UPDATE viewing_key SET salt = $4, pass = $5, sheet = $6 \
              WHERE org_id = $1 AND id = $2 AND membership_id = $3";
    /// Drops a member's key.
    DELETE = "DELETE FROM viewing_key WHERE org_id = $1 AND membership_id = $2";
    /// Whose key has this id.
    OWNER = "SELECT membership_id FROM viewing_key WHERE org_id = $1 AND id = $2";
    /// What was sealed to a key that is gone can't be opened; who held it waits again.
    DROP_HELD = "UPDATE viewing_holder SET viewing_key_id = NULL, wrapped = NULL \
                 WHERE org_id = $1 AND membership_id = $2";
}

/// A member's key.
pub(crate) async fn of_member(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
) -> Result<Option<ViewingKey>, StoreError> {
    let Some(row) = tx.opt(&OF_MEMBER, params![org, member]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    Ok(Some(ViewingKey {
        id: c.id()?,
        public_key: point(&mut c)?,
        salt: c.bytes()?,
        pass: c.bytes()?,
        sheet: c.bytes()?,
        created: c.time()?,
    }))
}

/// Writes a new key.
pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
    key: &ViewingKey,
) -> Result<(), StoreError> {
    let params = params![
        org,
        key.id,
        member,
        *key.public_key.as_bytes(),
        key.salt.clone(),
        key.pass.clone(),
        key.sheet.clone(),
        key.created
    ];
    tx.exec(&INSERT, params).await.map(drop)
}

/// Puts another passphrase or sheet around a key.
pub(crate) async fn rewrap(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
    key: &ViewingKey,
) -> Result<(), StoreError> {
    let params = params![
        org,
        key.id,
        member,
        key.salt.clone(),
        key.pass.clone(),
        key.sheet.clone()
    ];
    tx.exec(&REWRAP, params).await.map(drop)
}

/// Drops a member's key, and what was sealed to it.
pub(crate) async fn drop_key(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
) -> Result<(), StoreError> {
    tx.exec(&DROP_HELD, params![org, member]).await?;
    tx.exec(&DELETE, params![org, member]).await.map(drop)
}

/// Whose key has this id.
pub(crate) async fn owner(
    tx: &mut Tx,
    org: OrgId,
    key: ViewingKeyId,
) -> Result<Option<MembershipId>, StoreError> {
    let row = tx.opt(&OWNER, params![org, key]).await?;
    row.map(|row| row.cols().id()).transpose()
}

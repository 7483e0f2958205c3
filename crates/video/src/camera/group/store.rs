//! SQL of camera groups.

use base::{CameraGroupId, OrgId, ShortText};
use store::{Row, StoreError, Tx, params};

store::statements! {
    /// The groups with the number of their cameras, oldest first.
    LIST = "SELECT g.id, g.name, CAST((SELECT count(*) FROM camera c WHERE c.org_id = g.org_id \
            AND c.group_id = g.id AND c.deleted_us IS NULL) AS BIGINT) FROM camera_group g \
            WHERE g.org_id = $1 ORDER BY g.id";
    /// One group.
    BY_ID = "SELECT g.id, g.name, CAST((SELECT count(*) FROM camera c WHERE c.org_id = g.org_id \
             AND c.group_id = g.id AND c.deleted_us IS NULL) AS BIGINT) FROM camera_group g \
             WHERE g.org_id = $1 AND g.id = $2";
    /// A new group.
    INSERT = "INSERT INTO camera_group (org_id, id, name, created_us) VALUES ($1, $2, $3, $4)";
    /// Another name.
    RENAME = "UPDATE camera_group SET name = $3 WHERE org_id = $1 AND id = $2";
    /// Whether a camera is in it.
    HAS_CAMERA = "SELECT 1 FROM camera WHERE org_id = $1 AND group_id = $2 LIMIT 1";
    /// Whether a right holds for it.
    HAS_RIGHT = "SELECT 1 FROM role_permission WHERE org_id = $1 AND scope = 'cameras' AND scope_id = $2 LIMIT 1";
    /// Drops a group.
    DELETE = "DELETE FROM camera_group WHERE org_id = $1 AND id = $2";
}

/// A group and how many cameras are in it.
pub(crate) struct Group {
    pub(crate) id: CameraGroupId,
    pub(crate) name: String,
    pub(crate) cameras: i64,
}

/// The groups, oldest first.
pub(crate) async fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<Group>, StoreError> {
    let rows = tx.all(&LIST, params![org]).await?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Group, StoreError> {
    let mut c = row.cols();
    Ok(Group {
        id: c.id()?,
        name: c.text()?,
        cameras: c.int()?,
    })
}

/// One group.
pub(crate) async fn by_id(
    tx: &mut Tx,
    org: OrgId,
    id: CameraGroupId,
) -> Result<Option<Group>, StoreError> {
    let row = tx.opt(&BY_ID, params![org, id]).await?;
    row.as_ref().map(read).transpose()
}

/// Makes a group.
pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    name: &str,
) -> Result<CameraGroupId, StoreError> {
    let id = CameraGroupId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    tx.exec(&INSERT, params![org, id, name, now]).await?;
    Ok(id)
}

/// The group that new cameras begin in: the oldest; made when there is none.
pub(crate) async fn first(tx: &mut Tx, org: OrgId) -> Result<CameraGroupId, StoreError> {
    if let Some(group) = list(tx, org).await?.first() {
        return Ok(group.id);
    }
    let german = crate::camera::store::speaks_german(tx, org).await?;
    insert(tx, org, if german { "Kameras" } else { "Cameras" }).await
}

/// Gives a group another name; `false` when there is none.
pub(crate) async fn rename(
    tx: &mut Tx,
    org: OrgId,
    id: CameraGroupId,
    name: &ShortText,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&RENAME, params![org, id, name]).await? == 1)
}

/// Whether cameras are in it or rights hold for it.
pub(crate) async fn is_used(
    tx: &mut Tx,
    org: OrgId,
    id: CameraGroupId,
) -> Result<bool, StoreError> {
    Ok(tx.opt(&HAS_CAMERA, params![org, id]).await?.is_some()
        || tx.opt(&HAS_RIGHT, params![org, id]).await?.is_some())
}

/// Drops a group; `false` when there is none.
pub(crate) async fn delete(tx: &mut Tx, org: OrgId, id: CameraGroupId) -> Result<bool, StoreError> {
    Ok(tx.exec(&DELETE, params![org, id]).await? == 1)
}

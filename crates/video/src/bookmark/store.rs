//! SQL of bookmarks.

use base::{AlarmId, BookmarkId, CameraId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

store::statements! {
    /// A bookmark; the second for the same alarm and camera is none.
    INSERT = "INSERT INTO camera_bookmark (org_id, id, camera_id, alarm_id, at_us, due_us) \
              VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id, camera_id, alarm_id) DO NOTHING";
    /// The bookmarks of an alarm.
    OF_ALARM = "SELECT id, camera_id, at_us FROM camera_bookmark \
                WHERE org_id = $1 AND alarm_id = $2 AND due_us > $3 ORDER BY id";
    /// The bookmarks of a camera between two instants.
    OF_CAMERA = "SELECT id, alarm_id, at_us FROM camera_bookmark WHERE org_id = $1 AND camera_id = $2 \
                 AND at_us >= $3 AND at_us < $4 AND due_us > $5 ORDER BY at_us, id";
    /// Drops the bookmarks of a camera.
    FORGET = "DELETE FROM camera_bookmark WHERE org_id = $1 AND camera_id = $2";
    /// Drops the gaps of a camera.
    FORGET_GAPS = "DELETE FROM camera_gap WHERE org_id = $1 AND camera_id = $2";
}

/// Makes a bookmark, unless there is one.
pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    alarm: AlarmId,
    at: Timestamp,
    due: Timestamp,
) -> Result<bool, StoreError> {
    let id = BookmarkId::new(tx.clock(), tx.rng());
    let params = params![org, id, camera, alarm, at, due];
    Ok(tx.exec(&INSERT, params).await? == 1)
}

/// The bookmarks of an alarm.
pub(crate) async fn of_alarm(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
) -> Result<Vec<(BookmarkId, CameraId, Timestamp)>, StoreError> {
    let now = tx.clock().now();
    let rows = tx.all(&OF_ALARM, params![org, alarm, now]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?, c.time()?))
        })
        .collect()
}

/// The bookmarks of a camera between two instants.
pub(crate) async fn of_camera(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(BookmarkId, AlarmId, Timestamp)>, StoreError> {
    let now = tx.clock().now();
    let rows = tx
        .all(&OF_CAMERA, params![org, camera, from, to, now])
        .await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?, c.time()?))
        })
        .collect()
}

/// Drops what is known of a camera's times.
pub(crate) async fn forget_camera(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
) -> Result<(), StoreError> {
    tx.exec(&FORGET, params![org, camera]).await?;
    tx.exec(&FORGET_GAPS, params![org, camera]).await.map(drop)
}

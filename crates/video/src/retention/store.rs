//! SQL of what is due.

use std::collections::HashSet;

use base::{BucketId, CameraId, OrgId, Timestamp};
use store::{StoreError, Tx, params};

use super::model::{Keeping, hour_of};
use crate::rows::int;

store::statements! {
    /// Buckets of any organisation whose time has come.
    DUE = "SELECT org_id, id FROM video_bucket WHERE destroyed_us IS NULL AND due_us <= $1 \
           ORDER BY due_us, id LIMIT $2";
    /// Notes that a bucket's share is destroyed; with it go the others.
    DESTROYED = "UPDATE video_bucket SET destroyed_us = $3, role_share = NULL, role_share_2 = NULL, \
                 role_share_3 = NULL WHERE org_id = $1 AND id = $2 AND destroyed_us IS NULL";
    /// Buckets of any organisation whose files are still there, those tried longest ago first.
    WASTE = "SELECT org_id, id FROM video_bucket WHERE destroyed_us IS NOT NULL AND emptied_us IS NULL \
             ORDER BY destroyed_us, id LIMIT $1";
    /// Notes that a bucket's files are gone.
    EMPTIED = "UPDATE video_bucket SET emptied_us = $3, bytes = 0 \
               WHERE org_id = $1 AND id = $2 AND destroyed_us IS NOT NULL AND emptied_us IS NULL";
    /// What the files were.
    DELETE_SEGMENTS = "DELETE FROM video_segment WHERE org_id = $1 AND bucket_id = $2";
    /// Buckets of which nothing is left, once no agent asks after them any more.
    FORGET = "DELETE FROM video_bucket WHERE emptied_us <= $1";
    /// Bookmarks whose hour has gone.
    FORGET_BOOKMARKS = "DELETE FROM camera_bookmark WHERE due_us <= $1";
    /// Gaps and armed times older than anything that is kept.
    FORGET_GAPS = "DELETE FROM camera_gap WHERE org_id = $1 AND camera_id = $2 AND to_us < $3";
    /// The same for armed times.
    FORGET_ARMED = "DELETE FROM camera_armed WHERE org_id = $1 AND camera_id = $2 AND to_us < $3";
    /// All cameras, deleted ones too, with their periods.
    CAMERAS = "SELECT org_id, id, period FROM camera ORDER BY org_id, id";
    /// A camera that was deleted so long ago that its agent can bring nothing any more, once no bucket is left.
    FORGET_CAMERA = "DELETE FROM camera WHERE org_id = $1 AND id = $2 AND deleted_us < $3 AND NOT EXISTS \
                     (SELECT 1 FROM video_bucket b WHERE b.org_id = $1 AND b.camera_id = $2)";
    /// Generations that no bucket is sealed to any more.
    FORGET_GENERATIONS = "DELETE FROM viewing_generation WHERE replaced_us < $1 AND NOT EXISTS \
                          (SELECT 1 FROM video_bucket b WHERE b.org_id = viewing_generation.org_id \
                          AND b.destroyed_us IS NULL AND b.list_number < viewing_generation.replaced_list)";
    /// The buckets of a camera that are still there.
    OF_CAMERA = "SELECT id, hour_us FROM video_bucket \
                 WHERE org_id = $1 AND camera_id = $2 AND destroyed_us IS NULL";
    /// A new time of deletion.
    RESCHEDULE = "UPDATE video_bucket SET due_us = $3 WHERE org_id = $1 AND id = $2 AND destroyed_us IS NULL";
    /// Bookmarks of a camera.
    BOOKMARKS = "SELECT id, at_us FROM camera_bookmark WHERE org_id = $1 AND camera_id = $2";
    /// A new time of deletion.
    RESCHEDULE_BOOKMARK = "UPDATE camera_bookmark SET due_us = $3 WHERE org_id = $1 AND id = $2";
    /// All buckets of a camera are due now.
    DUE_AT_ONCE = "UPDATE video_bucket SET due_us = $3 \
                   WHERE org_id = $1 AND camera_id = $2 AND destroyed_us IS NULL AND due_us > $3";
    /// Cameras of an organisation with their periods.
    PERIODS = "SELECT id, period FROM camera WHERE org_id = $1 AND deleted_us IS NULL";
    /// Counts for the deletion clock of one organisation.
    STATE_OF = "SELECT count(CASE WHEN destroyed_us IS NULL THEN 1 END), \
                min(CASE WHEN destroyed_us IS NULL THEN due_us END), \
                count(CASE WHEN (destroyed_us IS NULL AND due_us <= $2) \
                OR (emptied_us IS NULL AND destroyed_us <= $2) THEN 1 END) FROM video_bucket WHERE org_id = $1";
    /// Counts for the deletion clock of all.
    STATE_ALL = "SELECT count(CASE WHEN destroyed_us IS NULL THEN 1 END), \
                 min(CASE WHEN destroyed_us IS NULL THEN due_us END), \
                 count(CASE WHEN (destroyed_us IS NULL AND due_us <= $1) \
                 OR (emptied_us IS NULL AND destroyed_us <= $1) THEN 1 END) FROM video_bucket";
    /// Whether a bucket of any organisation is there and can be opened; for keys that nobody needs.
    IS_KEPT = "SELECT 1 FROM video_bucket WHERE id = $1 AND destroyed_us IS NULL";
    /// When a bucket is due, and whether its share is destroyed.
    FATE = "SELECT due_us, destroyed_us FROM video_bucket WHERE org_id = $1 AND id = $2";
    /// The files that belong to a bucket.
    FILES = "SELECT id FROM video_segment WHERE org_id = $1 AND bucket_id = $2";
}

async fn pairs(
    tx: &mut Tx,
    sql: &store::Sql,
    params: Vec<base::Value>,
) -> Result<Vec<(OrgId, BucketId)>, StoreError> {
    let rows = tx.all(sql, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?))
        })
        .collect()
}

/// Buckets whose time has come.
pub(crate) async fn due(
    tx: &mut Tx,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(OrgId, BucketId)>, StoreError> {
    pairs(tx, &DUE, params![now, most]).await
}

/// Notes that a bucket's share is destroyed; `false` when that was noted before.
pub(crate) async fn destroyed(
    tx: &mut Tx,
    org: OrgId,
    id: BucketId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    Ok(tx.exec(&DESTROYED, params![org, id, now]).await? == 1)
}

/// Buckets whose share is destroyed and whose files are still there.
pub(crate) async fn waste(tx: &mut Tx, most: i64) -> Result<Vec<(OrgId, BucketId)>, StoreError> {
    pairs(tx, &WASTE, params![most]).await
}

/// Notes that a bucket's files are gone; `None` when that was noted before, else how many there were.
pub(crate) async fn emptied(
    tx: &mut Tx,
    org: OrgId,
    id: BucketId,
    now: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let files = tx.exec(&DELETE_SEGMENTS, params![org, id]).await?;
    let first = tx.exec(&EMPTIED, params![org, id, now]).await? == 1;
    Ok(first.then_some(files))
}

/// Forgets what hung on recordings that are gone. `kept_until`: buckets emptied before go.
pub(crate) async fn forget(
    tx: &mut Tx,
    now: Timestamp,
    kept_until: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(&FORGET, params![kept_until]).await?;
    tx.exec(&FORGET_BOOKMARKS, params![now]).await?;
    tx.exec(&FORGET_GENERATIONS, params![kept_until]).await?;
    Ok(())
}

/// Every camera with its own period.
pub(crate) async fn cameras(
    tx: &mut Tx,
) -> Result<Vec<(OrgId, CameraId, Option<String>)>, StoreError> {
    let rows = tx.all(&CAMERAS, vec![]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.id()?, c.opt_text()?))
        })
        .collect()
}

/// Forgets gaps and armed times that ended before.
pub(crate) async fn forget_times(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    before: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(&FORGET_GAPS, params![org, camera, before]).await?;
    tx.exec(&FORGET_ARMED, params![org, camera, before])
        .await
        .map(drop)
}

/// Forgets a camera that was deleted before.
pub(crate) async fn forget_camera(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    before: Timestamp,
) -> Result<(), StoreError> {
    tx.exec(&FORGET_CAMERA, params![org, camera, before])
        .await
        .map(drop)
}

/// Recomputes when a camera's buckets and bookmarks are due; gives the number of buckets.
pub(crate) async fn reschedule(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    own: Option<&str>,
    keeping: &Keeping,
) -> Result<u64, StoreError> {
    let mut changed = 0;
    for row in tx.all(&OF_CAMERA, params![org, camera]).await? {
        let mut c = row.cols();
        let (id, hour): (BucketId, _) = (c.id()?, c.time()?);
        let due = keeping.due(own, hour);
        changed += tx.exec(&RESCHEDULE, params![org, id, due]).await?;
    }
    for row in tx.all(&BOOKMARKS, params![org, camera]).await? {
        let mut c = row.cols();
        let (id, at): (base::BookmarkId, _) = (c.id()?, c.time()?);
        let due = keeping.due(own, hour_of(at));
        tx.exec(&RESCHEDULE_BOOKMARK, params![org, id, due]).await?;
    }
    Ok(changed)
}

/// The cameras of an organisation with their own periods.
pub(crate) async fn periods(
    tx: &mut Tx,
    org: OrgId,
) -> Result<Vec<(CameraId, Option<String>)>, StoreError> {
    let rows = tx.all(&PERIODS, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.opt_text()?))
        })
        .collect()
}

/// All buckets of a camera are due now.
pub(crate) async fn due_at_once(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    tx.exec(&DUE_AT_ONCE, params![org, camera, now])
        .await
        .map(drop)
}

/// Buckets, next due and overdue, of one organisation or of all.
pub(crate) async fn clock_state(
    tx: &mut Tx,
    org: Option<OrgId>,
    overdue_since: Timestamp,
) -> Result<privacy::ClockState, StoreError> {
    let row = match org {
        Some(org) => tx.one(&STATE_OF, params![org, overdue_since]).await?,
        None => tx.one(&STATE_ALL, params![overdue_since]).await?,
    };
    let mut c = row.cols();
    Ok(privacy::ClockState {
        rows: c.int()?,
        next_due: c.opt_time()?,
        overdue: c.int()?,
    })
}

/// Whether a bucket of any organisation can still be opened.
pub(crate) async fn is_kept(tx: &mut Tx, id: BucketId) -> Result<bool, StoreError> {
    Ok(tx.opt(&IS_KEPT, params![id]).await?.is_some())
}

/// When a bucket is due, and whether its share is destroyed; `None` when there is no such bucket.
pub(crate) async fn fate(
    tx: &mut Tx,
    org: OrgId,
    id: BucketId,
) -> Result<Option<(Timestamp, bool)>, StoreError> {
    let Some(row) = tx.opt(&FATE, params![org, id]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    Ok(Some((c.time()?, c.opt_time()?.is_some())))
}

/// The files that belong to a bucket.
pub(crate) async fn files(
    tx: &mut Tx,
    org: OrgId,
    id: BucketId,
) -> Result<HashSet<String>, StoreError> {
    let rows = tx.all(&FILES, params![org, id]).await?;
    rows.iter().map(|row| row.cols().text()).collect()
}

/// As many as one sweep takes.
pub(crate) fn batch(most: u64) -> i64 {
    int(most)
}

//! SQL of buckets, segments and gaps.

use base::{AgentId, BucketId, CameraId, OrgId, SegmentId, Timestamp};
use media::wire;
use seal::Point;
use store::{StoreError, Tx, params};

use super::model::{Announced, Span};
use crate::camera::model::cause_word;
use crate::rows::{int, point};

store::statements! {
    /// A bucket as uploads need it.
    BUCKET = "SELECT camera_id, agent_id, agent_key, hour_us, due_us, destroyed_us, digest \
              FROM video_bucket WHERE org_id = $1 AND id = $2";
    /// A new bucket.
    ADD_BUCKET = "INSERT INTO video_bucket (org_id, id, camera_id, agent_id, stream, hour_us, sensitivity, \
                  run_id, list_number, role_share, role_share_2, role_share_3, agent_key, bytes, digest, \
                  created_us, due_us) VALUES ($1, $2, $3, $4, 'main', $5, 0, $6, $7, $8, $9, $10, $11, 0, $12, \
                  $13, $14)";
    /// The hash of a segment that is there.
    HASH = "SELECT hash FROM video_segment WHERE org_id = $1 AND id = $2";
    /// A new segment.
    ADD_SEGMENT = "INSERT INTO video_segment (org_id, id, bucket_id, camera_id, started_us, ended_us, bytes, \
                   state, hash, record, received_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Counts what a bucket holds.
    GROW = "UPDATE video_bucket SET bytes = bytes + $3 WHERE org_id = $1 AND id = $2";
    /// A gap, or its end.
    PUT_GAP = "INSERT INTO camera_gap (org_id, id, camera_id, from_us, to_us, cause) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (org_id, id) DO UPDATE SET to_us = $5 \
               WHERE camera_gap.camera_id = $3";
    /// Recorded times of a camera.
    TIMES = "SELECT s.started_us, s.ended_us FROM video_segment s JOIN video_bucket b ON b.org_id = s.org_id \
             AND b.id = s.bucket_id WHERE s.org_id = $1 AND s.camera_id = $2 AND s.started_us < $4 \
             AND s.started_us > $5 AND s.ended_us > $3 AND b.destroyed_us IS NULL ORDER BY s.started_us";
    /// The end of the newest segment of a camera.
    LAST = "SELECT ended_us FROM video_segment WHERE org_id = $1 AND camera_id = $2 \
            ORDER BY started_us DESC LIMIT 1";
    /// Gaps of a camera.
    GAPS = "SELECT from_us, to_us, cause FROM camera_gap WHERE org_id = $1 AND camera_id = $2 \
            AND from_us < $4 AND (to_us IS NULL OR to_us > $3) ORDER BY from_us";
    /// Hours of a camera that are kept, and when they go.
    HOURS = "SELECT hour_us, min(due_us) FROM video_bucket WHERE org_id = $1 AND camera_id = $2 \
             AND destroyed_us IS NULL AND bytes > 0 AND hour_us >= $3 AND hour_us < $4 \
             GROUP BY hour_us ORDER BY hour_us";
    /// Buckets of a camera around a time, destroyed ones too.
    BUCKETS = "SELECT id, hour_us, run_id, agent_id, agent_key, role_share, role_share_2, role_share_3, \
               destroyed_us, due_us FROM video_bucket WHERE org_id = $1 AND camera_id = $2 AND hour_us >= $3 \
               AND hour_us < $4 ORDER BY hour_us, created_us, id";
    /// Segments of a bucket between two instants.
    SEGMENTS = "SELECT id, started_us, ended_us, bytes, state, record FROM video_segment \
                WHERE org_id = $1 AND bucket_id = $2 AND started_us < $4 AND ended_us > $3 \
                ORDER BY started_us, id";
    /// A segment's file.
    FILE = "SELECT s.bucket_id, s.camera_id, s.started_us, s.ended_us, s.bytes, s.hash, b.destroyed_us, \
            b.due_us FROM video_segment s JOIN video_bucket b ON b.org_id = s.org_id AND b.id = s.bucket_id \
            WHERE s.org_id = $1 AND s.id = $2";
}

/// A bucket as uploads need it.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) camera: CameraId,
    pub(crate) agent: AgentId,
    pub(crate) agent_key: Point,
    pub(crate) hour: Timestamp,
    pub(crate) due: Timestamp,
    pub(crate) destroyed: bool,
    pub(crate) digest: Vec<u8>,
}

/// One bucket.
pub(crate) async fn bucket(
    tx: &mut Tx,
    org: OrgId,
    id: BucketId,
) -> Result<Option<Bucket>, StoreError> {
    let Some(row) = tx.opt(&BUCKET, params![org, id]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    Ok(Some(Bucket {
        camera: c.id()?,
        agent: c.id()?,
        agent_key: point(&mut c)?,
        hour: c.time()?,
        due: c.time()?,
        destroyed: c.opt_time()?.is_some(),
        digest: c.bytes()?,
    }))
}

/// Writes a bucket.
pub(crate) async fn add_bucket(
    tx: &mut Tx,
    org: OrgId,
    agent: AgentId,
    key: &Point,
    bucket: &Announced,
    due: Timestamp,
) -> Result<(), StoreError> {
    let share = |n: usize| bucket.role_shares.get(n).cloned();
    let now = tx.clock().now();
    let params = params![
        org,
        bucket.id,
        bucket.camera,
        agent,
        bucket.hour,
        bucket.run,
        int(bucket.list),
        share(0),
        share(1),
        share(2),
        *key.as_bytes(),
        bucket.digest,
        now,
        due
    ];
    tx.exec(&ADD_BUCKET, params).await.map(drop)
}

/// The hash of a segment that is there.
pub(crate) async fn hash(
    tx: &mut Tx,
    org: OrgId,
    id: SegmentId,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.opt(&HASH, params![org, id]).await?;
    row.map(|row| row.cols().bytes()).transpose()
}

/// A segment as its record describes it.
#[derive(Debug, Clone)]
pub(crate) struct NewSegment {
    pub(crate) id: SegmentId,
    pub(crate) bucket: BucketId,
    pub(crate) camera: CameraId,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) bytes: u64,
    pub(crate) interrupted: bool,
    pub(crate) hash: [u8; 32],
    pub(crate) record: Vec<u8>,
}

/// The word of a segment's state.
pub(crate) const fn state_word(interrupted: bool) -> &'static str {
    if interrupted { "interrupted" } else { "closed" }
}

/// Writes a segment; the caller has seen in the same act that its bucket is there.
pub(crate) async fn add_segment(
    tx: &mut Tx,
    org: OrgId,
    segment: &NewSegment,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let bytes = int(segment.bytes);
    let params = params![
        org,
        segment.id,
        segment.bucket,
        segment.camera,
        segment.started,
        segment.ended,
        bytes,
        state_word(segment.interrupted),
        segment.hash,
        segment.record.clone(),
        now
    ];
    tx.exec(&ADD_SEGMENT, params).await?;
    tx.exec(&GROW, params![org, segment.bucket, bytes])
        .await
        .map(drop)
}

/// Writes a gap, or its end.
pub(crate) async fn put_gap(tx: &mut Tx, org: OrgId, gap: &wire::Gap) -> Result<(), StoreError> {
    let params = params![
        org,
        gap.id,
        gap.camera,
        gap.from.0,
        gap.to.map(|it| it.0),
        cause_word(gap.cause)
    ];
    tx.exec(&PUT_GAP, params).await.map(drop)
}

/// The longest a segment can last; what began before can't reach into a window.
const LONGEST: base::SignedDuration = base::SignedDuration::from_hours(2);

/// Recorded times of a camera, in the order of their beginning.
pub(crate) async fn times(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    window: Span,
) -> Result<Vec<Span>, StoreError> {
    let begin = window.from.checked_sub(LONGEST).unwrap_or(Timestamp::MIN);
    let params = params![org, camera, window.from, window.to, begin];
    let rows = tx.all(&TIMES, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Span {
                from: c.time()?,
                to: c.time()?,
            })
        })
        .collect()
}

/// The end of all that has come of a camera.
pub(crate) async fn last(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
) -> Result<Option<Timestamp>, StoreError> {
    let row = tx.opt(&LAST, params![org, camera]).await?;
    row.map(|row| row.cols().time()).transpose()
}

/// Gaps that a camera's agent reported.
pub(crate) async fn gaps(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    window: Span,
) -> Result<Vec<(Timestamp, Option<Timestamp>, String)>, StoreError> {
    let params = params![org, camera, window.from, window.to];
    let rows = tx.all(&GAPS, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.time()?, c.opt_time()?, c.text()?))
        })
        .collect()
}

/// Hours that are kept, and when they go.
pub(crate) async fn hours(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    hours: Span,
) -> Result<Vec<(Timestamp, Timestamp)>, StoreError> {
    let params = params![org, camera, hours.from, hours.to];
    let rows = tx.all(&HOURS, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.time()?, c.time()?))
        })
        .collect()
}

/// A bucket as it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) id: BucketId,
    pub(crate) hour: Timestamp,
    pub(crate) run: String,
    pub(crate) agent: AgentId,
    pub(crate) agent_key: Point,
    pub(crate) role_shares: Vec<Vec<u8>>,
    /// Its deadline has passed, whether or not the clock that destroys its key has come by yet.
    pub(crate) gone: bool,
}

/// The buckets of a camera in some hours, destroyed ones too.
pub(crate) async fn buckets(
    tx: &mut Tx,
    org: OrgId,
    camera: CameraId,
    hours: Span,
) -> Result<Vec<Sealed>, StoreError> {
    let params = params![org, camera, hours.from, hours.to];
    let now = tx.clock().now();
    let rows = tx.all(&BUCKETS, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            let (id, hour, run, agent) = (c.id()?, c.time()?, c.text()?, c.id()?);
            let agent_key = point(&mut c)?;
            let shares = [c.opt_bytes()?, c.opt_bytes()?, c.opt_bytes()?];
            Ok(Sealed {
                id,
                hour,
                run,
                agent,
                agent_key,
                role_shares: shares.into_iter().flatten().collect(),
                gone: c.opt_time()?.is_some() | (c.time()? <= now),
            })
        })
        .collect()
}

/// A segment as it is opened.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) bytes: i64,
    pub(crate) state: String,
    pub(crate) record: Vec<u8>,
}

/// The segments of a bucket between two instants.
pub(crate) async fn segments(
    tx: &mut Tx,
    org: OrgId,
    bucket: BucketId,
    window: Span,
) -> Result<Vec<Segment>, StoreError> {
    let params = params![org, bucket, window.from, window.to];
    let rows = tx.all(&SEGMENTS, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Segment {
                id: c.id()?,
                started: c.time()?,
                ended: c.time()?,
                bytes: c.int()?,
                state: c.text()?,
                record: c.bytes()?,
            })
        })
        .collect()
}

/// A segment's file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) bucket: BucketId,
    pub(crate) camera: CameraId,
    pub(crate) span: Span,
    pub(crate) bytes: u64,
    pub(crate) hash: Vec<u8>,
    /// Its bucket's deadline has passed, whether or not its key is destroyed yet.
    pub(crate) gone: bool,
}

/// Where a segment's file is.
pub(crate) async fn file(
    tx: &mut Tx,
    org: OrgId,
    id: SegmentId,
) -> Result<Option<File>, StoreError> {
    let Some(row) = tx.opt(&FILE, params![org, id]).await? else {
        return Ok(None);
    };
    let now = tx.clock().now();
    let mut c = row.cols();
    Ok(Some(File {
        bucket: c.id()?,
        camera: c.id()?,
        span: Span {
            from: c.time()?,
            to: c.time()?,
        },
        bytes: crate::rows::count(c.int()?),
        hash: c.bytes()?,
        gone: c.opt_time()?.is_some() | (c.time()? <= now),
    }))
}

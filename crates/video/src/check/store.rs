//! SQL of the check: the whole index, of all organisations.

use base::{AgentId, BucketId, OrgId, SegmentId};
use seal::Point;
use store::{StoreError, Tx, params};

use crate::rows::{count, point};

store::statements! {
    /// All segments of all organisations, with what their records are signed by.
    SEGMENTS = "SELECT s.org_id, s.id, s.bucket_id, s.bytes, s.hash, s.record, b.agent_id, b.agent_key, \
                b.destroyed_us FROM video_segment s JOIN video_bucket b ON b.org_id = s.org_id \
                AND b.id = s.bucket_id WHERE s.org_id >= $1 AND (s.org_id > $1 OR s.id > $2) \
                ORDER BY s.org_id, s.id LIMIT $3";
    /// All buckets of all organisations that can still be opened.
    BUCKETS = "SELECT id FROM video_bucket WHERE destroyed_us IS NULL";
}

/// Segments in one look at the index.
const PIECE: i64 = 500;

/// A segment as the index knows it.
pub(crate) struct Known {
    pub(crate) org: OrgId,
    pub(crate) id: SegmentId,
    pub(crate) bucket: BucketId,
    pub(crate) bytes: u64,
    pub(crate) hash: Vec<u8>,
    pub(crate) record: Vec<u8>,
    pub(crate) agent: AgentId,
    pub(crate) key: Point,
    pub(crate) destroyed: bool,
}

/// The segments behind one, or the first ones.
pub(crate) async fn segments(tx: &mut Tx, after: Option<&Known>) -> Result<Vec<Known>, StoreError> {
    let org = after.map(|it| it.org.to_string()).unwrap_or_default();
    let id = after.map(|it| it.id.to_string()).unwrap_or_default();
    let rows = tx.all(&SEGMENTS, params![org, id, PIECE]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Known {
                org: c.id()?,
                id: c.id()?,
                bucket: c.id()?,
                bytes: count(c.int()?),
                hash: c.bytes()?,
                record: c.bytes()?,
                agent: c.id()?,
                key: point(&mut c)?,
                destroyed: c.opt_time()?.is_some(),
            })
        })
        .collect()
}

/// The buckets that can still be opened.
pub(crate) async fn buckets(tx: &mut Tx) -> Result<Vec<BucketId>, StoreError> {
    let rows = tx.all(&BUCKETS, vec![]).await?;
    rows.iter().map(|row| row.cols().id()).collect()
}

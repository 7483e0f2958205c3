//! Files that the index does not know. Most often the index is older than they are: somebody restored a database.
//!
//! Such a file is kept, with the share of its key, until it is due by what it says about itself, so that the newer
//! database can still be put back; then it goes like any other, because a deadline holds all the same.

use std::collections::HashSet;

use ::store::{BlobError, Blobs, StoreError, Tx};
use base::{BucketId, CameraId, OrgId, SegmentId, SignedDuration, Timestamp};
use futures_util::TryStreamExt as _;

use super::{Keeping, store};
use crate::camera;
use crate::files::segment_path;

/// A file of a recording, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) org: OrgId,
    pub(crate) bucket: BucketId,
    pub(crate) segment: SegmentId,
}

impl Place {
    /// The place behind a path.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = path.split('/').skip(1);
        let place = Self {
            org: parts.next()?.parse().ok()?,
            bucket: parts.next()?.parse().ok()?,
            segment: parts.next()?.parse().ok()?,
        };
        (segment_path(place.org, place.bucket, place.segment) == path).then_some(place)
    }
}

/// What the index says about a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Unknown,
    /// It can be opened until then, and these are its files.
    Kept(Timestamp, HashSet<String>),
    /// Its share is destroyed: nothing of it may be here.
    Over,
}

/// What a file says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    camera: CameraId,
    hour: Timestamp,
}

/// Most headers are shorter than the first, none is longer than the second.
const HEADS: [u64; 2] = [4096, (128 << 10) + 12];

/// Reads a file's header. `None`: it is not the recording that its place says, so nobody could ever open it.
pub(crate) async fn label(
    blobs: &Blobs,
    path: &str,
    size: u64,
) -> Result<Option<Label>, BlobError> {
    let Some(place) = Place::parse(path) else {
        return Ok(None);
    };
    for length in HEADS {
        let mut bytes = Vec::new();
        let mut pieces = std::pin::pin!(blobs.read(path, 0, length.min(size)));
        loop {
            match pieces.try_next().await {
                Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                Ok(None) => break,
                Err(BlobError::Missing) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        if let Ok(scan) = seal::segment::scan(&bytes) {
            let it = scan.header;
            let hour = Timestamp::from_second(it.hour_s).ok();
            let fits = it.bucket == place.bucket && it.segment == place.segment;
            let label = |hour| Label {
                camera: it.camera,
                hour,
            };
            return Ok(hour.filter(|_| fits).map(label));
        }
    }
    Ok(None)
}

/// By how much a recorder's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// Until when a file is kept that the index does not know. `None`: it is none of our recordings, or its camera was
/// deleted.
pub(crate) async fn until(
    tx: &mut Tx,
    org: OrgId,
    standing: &Standing,
    label: Label,
) -> Result<Option<Timestamp>, StoreError> {
    match standing {
        Standing::Over => return Ok(None),
        Standing::Kept(due, _) => return Ok(Some(*due)),
        Standing::Unknown => {}
    }
    let now = tx.clock().now();
    // What says that it comes from days to come would never be due.
    if now.checked_add(AHEAD).is_ok_and(|ahead| label.hour > ahead) {
        return Ok(None);
    }
    if let Some((_, true)) = camera::store::owner(tx, org, label.camera).await? {
        return Ok(None);
    }
    let camera = camera::store::by_id(tx, org, label.camera).await?;
    let own = camera.and_then(|it| it.period);
    let keeping = Keeping::of(tx, org).await?;
    Ok(Some(keeping.due(own.as_deref(), label.hour)))
}

/// What the index says about a bucket.
pub(crate) async fn standing(
    tx: &mut Tx,
    org: OrgId,
    bucket: BucketId,
) -> Result<Standing, StoreError> {
    Ok(match store::fate(tx, org, bucket).await? {
        None => Standing::Unknown,
        Some((_, true)) => Standing::Over,
        Some((due, false)) => Standing::Kept(due, store::files(tx, org, bucket).await?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_we_write_to() {
        let place = Place {
            org: OrgId::from_bytes([1; 16]),
            bucket: BucketId::from_bytes([2; 16]),
            segment: SegmentId::from_bytes([3; 16]),
        };
        let path = segment_path(place.org, place.bucket, place.segment);
        assert_eq!(Place::parse(&path), Some(place));
        for wrong in [
            "",
            "video",
            &path[1..],
            &path[..path.len() - 1],
            &format!("{path}/x"),
            &path.replace("video", "x"),
        ] {
            assert_eq!(Place::parse(wrong), None, "{wrong}");
        }
    }
}

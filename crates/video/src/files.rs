//! Where ciphertext and shares lie.

use base::{BucketId, OrgId, SegmentId};

/// The folder of all recordings among the blobs.
pub(crate) const ROOT: &str = "video";
/// The kind of hub shares in the key store.
pub(crate) const SHARE_KIND: &str = "video_share";

/// The folder of a bucket.
pub(crate) fn bucket_path(org: OrgId, bucket: BucketId) -> String {
    format!("{ROOT}/{org}/{bucket}")
}

/// The file of a segment.
pub(crate) fn segment_path(org: OrgId, bucket: BucketId, segment: SegmentId) -> String {
    format!("{ROOT}/{org}/{bucket}/{segment}")
}

/// The id of a bucket's hub share in the key store.
pub(crate) fn share_id(bucket: BucketId) -> String {
    format!("video/{bucket}")
}

/// The bucket behind such an id.
pub(crate) fn parse_share_id(id: &str) -> Option<BucketId> {
    id.strip_prefix("video/")?.parse().ok()
}

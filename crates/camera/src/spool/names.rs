//! Names in the spool, written and read.

use std::path::{Path, PathBuf};

use base::{BucketId, CameraId, SegmentId};

/// The bucket as the hub gets it.
pub(super) const BUCKET: &str = "bucket.json";

/// A bucket's folder: when it was made, and its id.
pub(crate) fn bucket_folder(created_us: i64, bucket: BucketId) -> String {
    format!("{:017}-{bucket}", created_us.max(0))
}

/// The bucket of a folder.
pub(super) fn bucket_of(path: &Path) -> Option<BucketId> {
    let name = path.file_name()?.to_str()?;
    name.split_once('-')?.1.parse().ok()
}

/// The camera of a folder.
pub(crate) fn camera_of(path: &Path) -> Option<CameraId> {
    path.file_name()?.to_str()?.parse().ok()
}

/// How far a segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Being written.
    Part,
    /// Closed.
    Closed,
    /// Its closing record.
    Record,
}

impl Stage {
    const fn end(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Closed => "seg",
            Self::Record => "rec",
        }
    }
}

/// What a segment's file is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SegmentName {
    /// Its number in run and camera.
    pub(crate) number: u64,
    /// Time of its first picture, microseconds since 1970.
    pub(crate) start_us: i64,
    /// Its id.
    pub(crate) segment: SegmentId,
}

impl SegmentName {
    /// Its file in a bucket's folder.
    pub(crate) fn at(&self, folder: &Path, stage: Stage) -> PathBuf {
        folder.join(format!(
            "{:08}-{:017}-{}.{}",
            self.number,
            self.start_us.max(0),
            self.segment,
            stage.end()
        ))
    }

    /// Reads a file's name.
    pub(crate) fn of(path: &Path) -> Option<(Self, Stage)> {
        let (name, end) = path.file_name()?.to_str()?.rsplit_once('.')?;
        let stage = [Stage::Part, Stage::Closed, Stage::Record]
            .into_iter()
            .find(|it| it.end() == end)?;
        let mut parts = name.splitn(3, '-');
        let name = Self {
            number: parts.next()?.parse().ok()?,
            start_us: parts.next()?.parse().ok()?,
            segment: parts.next()?.parse().ok()?,
        };
        Some((name, stage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_sort_as_they_were_made() {
        let name = |number, start_us| SegmentName {
            number,
            start_us,
            segment: SegmentId::from_bytes([0; 16]),
        };
        let path = |it: SegmentName| it.at(Path::new("x"), Stage::Closed);
        assert!(path(name(9, 2)) < path(name(10, 1)));
        let bucket = BucketId::from_bytes([0; 16]);
        assert!(bucket_folder(999_999, bucket) < bucket_folder(1_000_000, bucket));
    }

    proptest! {
        #[test]
        fn names_come_back(number in 0_u64..1 << 40, start_us in 0_i64..1 << 56, id: [u8; 16]) {
            let name = SegmentName { number, start_us, segment: SegmentId::from_bytes(id) };
            for stage in [Stage::Part, Stage::Closed, Stage::Record] {
                prop_assert_eq!(SegmentName::of(&name.at(Path::new("x"), stage)), Some((name, stage)));
            }
            let bucket = BucketId::from_bytes(id);
            let folder = bucket_folder(start_us, bucket);
            prop_assert_eq!(bucket_of(Path::new(&folder)), Some(bucket));
        }

        #[test]
        fn any_name_is_read_without_panic(name: String) {
            let _ = (SegmentName::of(Path::new(&name)), bucket_of(Path::new(&name)));
        }
    }
}

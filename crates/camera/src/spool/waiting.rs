//! What is to be sent next, camera by camera, read from the disk: a week without hub must not fill the memory.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base::{BucketId, CameraId, SegmentId, Timestamp};
use media::wire::BucketRequest;

use super::recover::{paths, size};
use super::{SegmentName, Spool, Stage, names};
use crate::folder;

/// The closed segments of one camera, oldest first.
#[derive(Debug)]
pub(crate) struct Waiting {
    camera: CameraId,
    folder: PathBuf,
    bucket: Option<BucketId>,
    names: VecDeque<SegmentName>,
}

/// A closed segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Next {
    pub(crate) bucket: BucketId,
    pub(crate) segment: SegmentId,
    folder: PathBuf,
    name: SegmentName,
}

impl Next {
    /// The sealed file.
    pub(crate) fn file(&self) -> PathBuf {
        self.name.at(&self.folder, Stage::Closed)
    }

    /// Its closing record.
    pub(crate) fn record(&self) -> io::Result<Vec<u8>> {
        fs::read(self.name.at(&self.folder, Stage::Record))
    }

    /// Its bucket as the hub gets it. `None` when that is lost.
    pub(crate) fn request(&self) -> io::Result<Option<BucketRequest>> {
        let bytes = folder::read_small(&self.folder.join(names::BUCKET))?;
        Ok(bytes.and_then(|it| serde_json::from_slice(&it).ok()))
    }
}

impl Waiting {
    pub(crate) const fn new(camera: CameraId) -> Self {
        Self {
            camera,
            folder: PathBuf::new(),
            bucket: None,
            names: VecDeque::new(),
        }
    }

    /// The oldest closed segment. Removes folders that are empty and stay so.
    pub(crate) fn next(&mut self, spool: &Spool) -> io::Result<Option<Next>> {
        if self.names.is_empty() {
            self.look(spool)?;
        }
        let (Some(name), Some(bucket)) = (self.names.front(), self.bucket) else {
            return Ok(None);
        };
        Ok(Some(Next {
            bucket,
            segment: name.segment,
            folder: self.folder.clone(),
            name: *name,
        }))
    }

    fn look(&mut self, spool: &Spool) -> io::Result<()> {
        for folder in paths(&spool.cameras().join(self.camera.to_string()))? {
            let Some(bucket) = names::bucket_of(&folder) else {
                continue;
            };
            // Asked before looking: what is written later belongs to a bucket that was still in use.
            let in_use = spool.active().contains(&bucket);
            let files = paths(&folder)?;
            let closed = files.iter().filter_map(|it| match SegmentName::of(it)? {
                (name, Stage::Closed) => Some(name),
                _ => None,
            });
            self.names = closed.collect();
            if !self.names.is_empty() {
                self.folder = folder;
                self.bucket = Some(bucket);
                return Ok(());
            }
            let empty = files.iter().all(|it| it.ends_with(names::BUCKET));
            if empty && !in_use {
                remove_if_there(&folder.join(names::BUCKET))?;
                fs::remove_dir(&folder)?;
            }
        }
        Ok(())
    }

    /// It is at the hub, or past its deadline: removes it.
    pub(crate) fn done(&mut self, spool: &Spool, next: &Next) -> io::Result<()> {
        let file = next.file();
        let record = next.name.at(&next.folder, Stage::Record);
        let bytes = size(&file) + size(&record);
        // The record last: alone it is known to be of no use.
        remove_if_there(&file)?;
        remove_if_there(&record)?;
        spool.shrank(bytes);
        self.forget(spool, next);
        Ok(())
    }

    /// The hub does not take it: keeps it aside until the next run.
    pub(crate) fn refuse(&mut self, spool: &Spool, next: &Next) -> io::Result<()> {
        let aside = spool
            .refused_folder()
            .join(self.camera.to_string())
            .join(next.folder.file_name().unwrap_or_default());
        folder::make(&aside)?;
        let bucket = next.folder.join(names::BUCKET);
        if bucket.exists() {
            fs::copy(&bucket, aside.join(names::BUCKET))?;
        }
        let bytes = size(&next.file());
        for stage in [Stage::Record, Stage::Closed] {
            let (from, to) = (
                next.name.at(&next.folder, stage),
                next.name.at(&aside, stage),
            );
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
        spool.count_refused(&next.name, bytes);
        self.forget(spool, next);
        Ok(())
    }

    fn forget(&mut self, spool: &Spool, next: &Next) {
        if self.names.front() == Some(&next.name) {
            self.names.pop_front();
        }
        spool.one_less();
    }
}

impl Spool {
    pub(super) fn count_refused(&self, name: &SegmentName, bytes: u64) {
        self.lock_aside().add(name.start_us, bytes);
    }

    /// The first picture of the oldest closed segment.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        let cameras = super::cameras_in(self).ok()?;
        let first = |camera: CameraId| {
            paths(&self.cameras().join(camera.to_string()))
                .ok()?
                .iter()
                .find_map(|it| oldest_in(it))
        };
        let start = cameras.into_iter().filter_map(first).min()?;
        Timestamp::from_microsecond(start).ok()
    }
}

fn oldest_in(folder: &Path) -> Option<i64> {
    let files = paths(folder).ok()?;
    files.iter().find_map(|it| match SegmentName::of(it)? {
        (name, Stage::Closed) => Some(name.start_us),
        _ => None,
    })
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

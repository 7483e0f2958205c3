//! What waits on the agent's disk to be sent.
//!
//! ```text
//! spool/cameras/cam_…/{created}-bkt_…/bucket.json                      the bucket as the hub gets it, shares sealed
//!                                     {number}-{start}-seg_….part       being written
//!                                     {number}-{start}-seg_….seg, .rec  closed, and its closing record
//! spool/gaps/gap_….json
//! spool/journal/{n}                                                    see [`journal`]
//! spool/refused/cam_…/…                                                what the hub does not take, until the next run
//! ```
//!
//! Names sort in the order in which things were made. A bucket's folder is there, on the disk, before its first
//! segment; a closed segment gets its name last.

pub(crate) mod gaps;
pub(crate) mod journal;
mod names;
mod recover;
mod waiting;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use base::{BucketId, CameraId, Timestamp};
use media::wire::BucketRequest;
use tokio::sync::Notify;

use crate::folder;

pub(crate) use names::{SegmentName, Stage, bucket_folder, camera_of};
pub(crate) use recover::recover;
pub(crate) use waiting::{Next, Waiting};

/// Left free on a large disk, so that the machine and the closing of files go on.
const RESERVE: u64 = 256 << 20;

/// The spool, shared by who writes and who sends.
#[derive(Debug)]
pub(crate) struct Spool {
    root: PathBuf,
    limit: Option<u64>,
    used: AtomicU64,
    /// May be below zero for a moment: what is closed can be sent before it was counted.
    waiting: AtomicI64,
    aside: Mutex<Aside>,
    active: Mutex<BTreeSet<BucketId>>,
    /// Something closed waits to be sent.
    pub(crate) more: Notify,
    /// A gap was written down.
    pub(crate) gaps: Notify,
}

/// What the hub does not take, and is kept until somebody looks into it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Aside {
    pub(crate) segments: u64,
    pub(crate) bytes: u64,
    /// First picture of the oldest of them.
    pub(crate) oldest_us: Option<i64>,
}

impl Aside {
    fn add(&mut self, start_us: i64, bytes: u64) {
        self.segments += 1;
        self.bytes += bytes;
        self.oldest_us = Some(self.oldest_us.map_or(start_us, |it| it.min(start_us)));
    }

    /// First picture of the oldest of them.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.oldest_us
            .and_then(|it| Timestamp::from_microsecond(it).ok())
    }
}

impl Spool {
    /// The spool in this folder, before anything in it was looked at.
    pub(crate) fn new(root: PathBuf, limit: Option<u64>) -> io::Result<Self> {
        for part in ["cameras", "gaps", "journal", "refused"] {
            folder::make(&root.join(part))?;
        }
        Ok(Self {
            root,
            limit,
            used: AtomicU64::new(0),
            waiting: AtomicI64::new(0),
            aside: Mutex::default(),
            active: Mutex::default(),
            more: Notify::new(),
            gaps: Notify::new(),
        })
    }

    pub(crate) fn cameras(&self) -> PathBuf {
        self.root.join("cameras")
    }

    pub(crate) fn gap_folder(&self) -> PathBuf {
        self.root.join("gaps")
    }

    pub(crate) fn journal_folder(&self) -> PathBuf {
        self.root.join("journal")
    }

    fn refused_folder(&self) -> PathBuf {
        self.root.join("refused")
    }

    /// Makes a bucket's folder and writes down what the hub gets; on the disk when this returns. The folder stays
    /// until [`Spool::leave`].
    pub(crate) fn enter(&self, bucket: &BucketRequest, created_us: i64) -> io::Result<PathBuf> {
        let camera = self.cameras().join(bucket.camera.to_string());
        let path = camera.join(bucket_folder(created_us, bucket.id));
        self.active().insert(bucket.id);
        folder::make(&path)?;
        folder::replace(&path.join(names::BUCKET), &serde_json::to_vec(bucket)?)?;
        folder::sync_parent(&path)?;
        folder::sync_parent(&camera)?;
        Ok(path)
    }

    /// No more segments come into this bucket.
    pub(crate) fn leave(&self, bucket: BucketId) {
        self.active().remove(&bucket);
        self.more.notify_one();
    }

    fn active(&self) -> std::sync::MutexGuard<'_, BTreeSet<BucketId>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes were written.
    pub(crate) fn grew(&self, bytes: u64) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes are gone.
    pub(crate) fn shrank(&self, bytes: u64) {
        let less = |it: u64| Some(it.saturating_sub(bytes));
        let _ = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// Segments were closed.
    pub(crate) fn closed(&self, segments: u64) {
        let more = i64::try_from(segments).unwrap_or(i64::MAX);
        self.waiting.fetch_add(more, Ordering::Relaxed);
        self.more.notify_one();
    }

    fn one_less(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// Bytes used.
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Segments waiting to be sent.
    pub(crate) fn waiting(&self) -> u64 {
        u64::try_from(self.waiting.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// What the hub refused.
    pub(crate) fn aside(&self) -> Aside {
        *self.lock_aside()
    }

    fn lock_aside(&self) -> std::sync::MutexGuard<'_, Aside> {
        self.aside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes that may still be written: below the operator's limit, and without touching the reserve of the disk.
    pub(crate) fn free(&self) -> u64 {
        let within = self
            .limit
            .map_or(u64::MAX, |it| it.saturating_sub(self.used()));
        let disk = rustix::fs::statvfs(&self.root).map_or(u64::MAX, |it| {
            let unit = it.f_frsize;
            let reserve = RESERVE.min(it.f_blocks.saturating_mul(unit) / 16);
            it.f_bavail.saturating_mul(unit).saturating_sub(reserve)
        });
        within.min(disk)
    }

    /// After a full disk, recording begins again when so much is free.
    pub(crate) fn enough(&self) -> u64 {
        let most = 16 << 20;
        self.limit.map_or(most, |it| most.min(it / 4))
    }
}

/// Writes a closing record beside its segment, on the disk when this returns.
pub(crate) fn write_record(path: &Path, record: &[u8]) -> io::Result<()> {
    let mut file = folder::private(path, OpenOptions::new().create(true).truncate(true))?;
    file.write_all(record)?;
    file.sync_data()
}

/// The cameras that have a folder in the spool.
pub(crate) fn cameras_in(spool: &Spool) -> io::Result<Vec<CameraId>> {
    let mut cameras: Vec<CameraId> = std::fs::read_dir(spool.cameras())?
        .filter_map(|it| camera_of(&it.ok()?.path()))
        .collect();
    cameras.sort_unstable();
    Ok(cameras)
}

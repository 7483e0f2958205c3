//! Writes recordings: pictures in, sealed files out. A thread of its own, so that a slow disk holds up no live picture.
//!
//! All keys of recordings live here and nowhere else, and only in memory. A bucket serves one camera, one hour, one
//! recipient list and one run; it is on the disk, sealed to its recipients, before its first segment begins.

mod disk;
pub(crate) mod gaps;
mod lane;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::{AgentId, CameraId, Clock, GapId, Rng, RunId, Timestamp, chain};
use media::Parameters;
use media::cut::{Group, Reason};
use media::wire::{Cause, Gap};
use seal::recipients::List;
use seal::{SealError, SignerKey};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use crate::face::Face;
use crate::spool::journal::Journal;
use crate::spool::{Spool, gaps as gap_files};
use disk::Closing;
pub(crate) use lane::hour_of;
use lane::{Closed, Lane};

/// What was written is on the disk at most so much later.
const SYNC: Duration = Duration::from_secs(1);

/// What a recorder is told, by the cameras' tasks and the agent.
#[derive(Debug)]
pub(crate) enum Order {
    /// A camera, before anything else about it; the gap is what an earlier run left open.
    Camera(Arc<Face>, Option<Gap>),
    /// Recording of a camera is wanted from now on.
    Arm(CameraId),
    /// It is no longer wanted; its segment has ended.
    Disarm(CameraId),
    /// A segment begins.
    Begin(CameraId, Timestamp, Arc<Parameters>),
    /// Its next fragment.
    Fragment(CameraId, Group),
    /// It ends.
    End(CameraId, Reason),
    /// No pictures can be had.
    Missing(CameraId, Cause),
    /// Segments that begin from now on are sealed to this list.
    List(Arc<List>),
    /// A second has passed.
    Tick,
    /// The agent stops; segments have ended.
    Stop,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error("the disk is full")]
    Full,
    #[error("the disk refused")]
    Disk(#[source] io::Error),
    #[error("sealing failed")]
    Seal(#[from] SealError),
    #[error("the picture's size can't be written")]
    Size,
    #[error("the picture's time can't be written")]
    Time,
}

impl WriteError {
    /// What the gap says where something is missing for this reason.
    const fn cause(&self) -> Cause {
        match self {
            Self::Full | Self::Disk(_) => Cause::DiskFull,
            Self::Size | Self::Seal(SealError::TooLarge) => Cause::Unsupported,
            Self::Time => Cause::Clock,
            // Nothing that whoever reads the timeline could help; the log says more.
            Self::Seal(_) => Cause::Loss,
        }
    }
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Disk(error),
        }
    }
}

/// Who records.
pub(crate) struct Recorder {
    spool: Arc<Spool>,
    agent: AgentId,
    key: Arc<SignerKey>,
    run: RunId,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    list: Arc<List>,
    lanes: BTreeMap<CameraId, Lane>,
    journal: Journal,
    /// Ended, and waiting for the next time the disk is synced.
    closing: Vec<Closing>,
    synced: Duration,
    /// The disk is full: segments are not begun.
    full: bool,
    /// The same for others to see.
    is_full: Arc<AtomicBool>,
    /// Kept for its memory: each fragment is put together here.
    mp4: Vec<u8>,
}

/// What a recorder needs.
pub(crate) struct Parts {
    pub(crate) spool: Arc<Spool>,
    pub(crate) agent: AgentId,
    pub(crate) key: Arc<SignerKey>,
    pub(crate) run: RunId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) list: Arc<List>,
    pub(crate) is_full: Arc<AtomicBool>,
}

impl Recorder {
    pub(crate) fn new(parts: Parts) -> io::Result<Self> {
        // Earlier journals have served when the spool was put in order.
        let mut journal = Journal::begin(&parts.spool.journal_folder())?;
        journal.renew(std::iter::empty())?;
        let synced = parts.clock.monotonic();
        Ok(Self {
            spool: parts.spool,
            agent: parts.agent,
            key: parts.key,
            run: parts.run,
            clock: parts.clock,
            rng: parts.rng,
            list: parts.list,
            lanes: BTreeMap::new(),
            journal,
            closing: Vec::new(),
            synced,
            full: false,
            is_full: parts.is_full,
            mp4: Vec::new(),
        })
    }

    /// Does what it is told until it is told to stop, or nobody is left to tell.
    pub(crate) fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        while let Some(order) = orders.blocking_recv() {
            let stop = matches!(order, Order::Stop);
            self.handle(order);
            if stop {
                break;
            }
        }
        self.sync();
    }

    /// Does one thing.
    pub(crate) fn handle(&mut self, order: Order) {
        match order {
            Order::Camera(face, open) => {
                let camera = face.id();
                self.lanes
                    .entry(camera)
                    .or_insert_with(|| Lane::new(face, open));
            }
            Order::Arm(camera) => {
                let now = self.clock.now();
                self.note(camera, |gaps, _| gaps.arm(now));
            }
            Order::Disarm(camera) => {
                self.end(camera, Reason::Disarmed);
                let now = self.clock.now();
                self.note(camera, |gaps, id| gaps.disarm(now, id));
            }
            Order::Begin(camera, start, parameters) => self.begin(camera, start, &parameters),
            Order::Fragment(camera, group) => self.fragment(camera, &group),
            Order::End(camera, reason) => self.end(camera, reason),
            Order::Missing(camera, cause) => self.missing(camera, cause),
            Order::List(list) => self.list = list,
            Order::Tick => self.look_at_disk(),
            Order::Stop => self.stop(),
        }
        if self.clock.monotonic().saturating_sub(self.synced) >= SYNC {
            self.sync();
        }
    }

    /// Writes down what changed about a camera's gaps.
    fn note(&mut self, camera: CameraId, change: impl FnOnce(&mut gaps::Gaps, GapId) -> Vec<Gap>) {
        let Some(lane) = self.lanes.get_mut(&camera) else {
            return;
        };
        let id = GapId::new(&*self.clock, &*self.rng);
        for gap in change(&mut lane.gaps, id) {
            if let Err(error) = gap_files::write(&self.spool, &gap) {
                warn!(error = %chain(&error), camera.id = %camera, "a gap could not be written down");
            }
        }
    }

    fn begin(&mut self, camera: CameraId, start: Timestamp, parameters: &Parameters) {
        self.end(camera, Reason::Loss);
        if self.full {
            return self.missing(camera, Cause::DiskFull);
        }
        let Some(lane) = self.lanes.get_mut(&camera) else {
            return;
        };
        let made = lane::Made {
            spool: &self.spool,
            run: self.run,
            list: &self.list,
            now: self.clock.now(),
            rng: &*self.rng,
        };
        if let Err(error) = lane.begin(&made, start, parameters) {
            self.failed(camera, &error);
        }
    }

    fn fragment(&mut self, camera: CameraId, group: &Group) {
        let Some(lane) = self.lanes.get_mut(&camera) else {
            return;
        };
        let Some(segment) = &mut lane.segment else {
            return;
        };
        match segment.write(&self.spool, &mut self.journal, group, &mut self.mp4) {
            Ok(Some((start, end))) => {
                lane.face.set_writing(true);
                self.note(camera, |gaps, id| gaps.recorded(start, end, id));
            }
            Ok(None) => {}
            Err(error) => self.failed(camera, &error),
        }
        if self.journal.is_full() {
            self.renew_journal();
        }
    }

    fn end(&mut self, camera: CameraId, reason: Reason) {
        let Some(lane) = self.lanes.get_mut(&camera) else {
            return;
        };
        lane.face.set_writing(false);
        let Some(segment) = lane.segment.take() else {
            return;
        };
        match segment.close(&self.spool, disk::why(reason), &self.key, self.agent) {
            Ok(Closed::Segment(closing)) => self.closing.push(closing),
            Ok(Closed::Nothing { number, before }) => lane.take_back(number, before),
            Err(error) => {
                // Its file stays as it is; the next run signs it as interrupted.
                error!(error = %chain(&error), camera.id = %camera, "a segment could not be closed");
            }
        }
    }

    /// Something could not be written: ends the segment, and says so.
    fn failed(&mut self, camera: CameraId, error: &WriteError) {
        match error {
            WriteError::Full => {}
            error => {
                error!(error = %chain(error), camera.id = %camera, "a recording could not be written");
            }
        }
        self.end(camera, Reason::Limit);
        if matches!(error, WriteError::Full | WriteError::Disk(_)) {
            self.set_full(true);
        }
        self.missing(camera, error.cause());
    }

    fn missing(&mut self, camera: CameraId, cause: Cause) {
        let now = self.clock.now();
        self.note(camera, |gaps, id| gaps.missing(cause, now, id));
    }

    fn set_full(&mut self, full: bool) {
        if self.full != full {
            self.full = full;
            self.is_full.store(full, Ordering::Relaxed);
            if full {
                warn!(
                    spool.used_bytes = self.spool.used(),
                    "the disk is full: recording pauses until something was sent or made room"
                );
            } else {
                info!("there is room again: recording goes on");
            }
        }
    }

    fn look_at_disk(&mut self) {
        if self.full && self.spool.free() > self.spool.enough() {
            self.set_full(false);
        }
    }

    fn renew_journal(&mut self) {
        let open = self.lanes.values().filter_map(Lane::entries);
        if let Err(error) = self.journal.renew(open) {
            warn!(error = %chain(&error), "the journal could not be renewed");
        }
    }

    /// What was written so far is on the disk when this returns, and what has ended can be sent.
    fn sync(&mut self) {
        self.synced = self.clock.monotonic();
        let mut open = self.lanes.values_mut().filter_map(|it| it.segment.as_mut());
        let written = open
            .try_for_each(lane::Segment::sync)
            .and_then(|()| self.journal.sync());
        if let Err(error) = written {
            error!(error = %chain(&error), "the disk does not keep what is written");
            self.set_full(true);
        }
        // What fails is tried again next time.
        match disk::finish(&mut self.closing) {
            Ok(0) => {}
            Ok(closed) => self.spool.closed(closed),
            Err(error) => {
                error!(error = %chain(&error), "segments could not be closed");
                self.set_full(true);
            }
        }
    }

    fn stop(&mut self) {
        let cameras: Vec<CameraId> = self.lanes.keys().copied().collect();
        for camera in cameras {
            self.end(camera, Reason::Stopped);
            self.missing(camera, Cause::AgentStopped);
        }
        self.sync();
    }
}

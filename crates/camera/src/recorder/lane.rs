//! One camera's recording: its bucket, its segment, its gaps.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use base::{AgentId, BucketId, CameraId, Rng, RunId, SegmentId, Timestamp};
use media::Parameters;
use media::cut::Group;
use media::fmp4::{self, Muxer};
use media::wire::{Blob, BucketRequest, Gap, Instant};
use seal::SignerKey;
use seal::bucket::{self, BucketKey};
use seal::closing::{Entry, State, Tally, Why};
use seal::recipients::List;
use seal::segment::{Header, Sealer};

use super::WriteError;
use super::disk::Closing;
use super::gaps::Gaps;
use crate::face::Face;
use crate::folder;
use crate::spool::journal::Journal;
use crate::spool::{SegmentName, Spool, Stage};

/// The one stream that is recorded.
const STREAM: &str = "main";
/// Kept free for the end of segments and their records.
const MARGIN: u64 = 64 * 1024;
const HOUR: i64 = 3600;

/// What a new segment is made of.
pub(super) struct Made<'a> {
    pub(super) spool: &'a Spool,
    pub(super) run: RunId,
    pub(super) list: &'a List,
    pub(super) now: Timestamp,
    pub(super) rng: &'a dyn Rng,
}

/// One camera.
pub(super) struct Lane {
    camera: CameraId,
    pub(super) face: Arc<Face>,
    pub(super) gaps: Gaps,
    pub(super) segment: Option<Segment>,
    bucket: Option<Bucket>,
    next: u64,
    before: Option<SegmentId>,
}

struct Bucket {
    key: BucketKey,
    hour_s: i64,
    list: u64,
    folder: PathBuf,
}

/// A segment that is being written.
pub(super) struct Segment {
    file: File,
    folder: PathBuf,
    name: SegmentName,
    header: Header,
    sealer: Sealer,
    tally: Tally,
    muxer: Muxer,
    dirty: bool,
}

impl Lane {
    pub(super) fn new(face: Arc<Face>, open: Option<Gap>) -> Self {
        let camera = face.id();
        Self {
            camera,
            face,
            gaps: Gaps::new(camera, open),
            segment: None,
            bucket: None,
            next: 0,
            before: None,
        }
    }

    /// A segment without fragments went away.
    pub(super) fn take_back(&mut self, number: u64, before: Option<SegmentId>) {
        self.next = number;
        self.before = before;
    }

    /// The fragments of the open segment.
    pub(super) fn entries(&self) -> Option<(SegmentId, &[Entry])> {
        let segment = self.segment.as_ref()?;
        Some((segment.header.segment, segment.tally.index()))
    }

    /// Begins a segment, in a new bucket when hour or list are not those of the last.
    pub(super) fn begin(
        &mut self,
        made: &Made<'_>,
        start: Timestamp,
        parameters: &Parameters,
    ) -> Result<(), WriteError> {
        if made.spool.free() < MARGIN {
            return Err(WriteError::Full);
        }
        let hour_s = hour_of(start);
        let fits = |it: &Bucket| it.hour_s == hour_s && it.list == made.list.number;
        if !self.bucket.as_ref().is_some_and(fits) {
            self.leave(made.spool);
            self.bucket = Some(self.enter(made, hour_s)?);
        }
        let Some(bucket) = &self.bucket else {
            return Ok(());
        };
        let header = self.header(made, bucket, start, parameters)?;
        let (sealer, head) = Sealer::begin(&bucket.key, &header)?;
        let name = SegmentName {
            number: header.number,
            start_us: header.started_us,
            segment: header.segment,
        };
        let path = name.at(&bucket.folder, Stage::Part);
        let mut file = folder::private(&path, OpenOptions::new().create_new(true))?;
        file.write_all(&head)?;
        made.spool.grew(head.len() as u64);
        self.next += 1;
        self.before = Some(header.segment);
        self.segment = Some(Segment {
            file,
            folder: bucket.folder.clone(),
            name,
            tally: Tally::new(&head),
            header,
            sealer,
            muxer: Muxer::new(),
            dirty: true,
        });
        Ok(())
    }

    fn header(
        &self,
        made: &Made<'_>,
        bucket: &Bucket,
        start: Timestamp,
        parameters: &Parameters,
    ) -> Result<Header, WriteError> {
        let pixels = |it: u32| u16::try_from(it).map_err(|_| WriteError::Size);
        Ok(Header {
            camera: self.camera,
            stream: STREAM.to_owned(),
            bucket: bucket.key.bucket(),
            hour_s: bucket.hour_s,
            segment: SegmentId::random(made.rng),
            run: made.run,
            number: self.next,
            before: self.before,
            started_us: start.as_microsecond(),
            codec: parameters.rfc6381.clone(),
            width: pixels(parameters.width)?,
            height: pixels(parameters.height)?,
            init: fmp4::init(parameters),
        })
    }

    fn enter(&self, made: &Made<'_>, hour_s: i64) -> Result<Bucket, WriteError> {
        let id = BucketId::random(made.rng);
        let (key, shares) = bucket::create(id, made.list, made.rng)?;
        let hour = Timestamp::from_second(hour_s).map_err(|_| WriteError::Time)?;
        let request = BucketRequest {
            id,
            camera: self.camera,
            stream: STREAM.to_owned(),
            hour: Instant(hour),
            sensitivity: 0,
            run: made.run,
            list: made.list.number,
            hub_share: Blob(shares.hub),
            role_shares: shares.roles.into_iter().map(Blob).collect(),
        };
        let folder = made.spool.enter(&request, made.now.as_microsecond());
        let folder = folder.inspect_err(|_| made.spool.leave(id))?;
        Ok(Bucket {
            key,
            hour_s,
            list: made.list.number,
            folder,
        })
    }

    fn leave(&mut self, spool: &Spool) {
        if let Some(old) = self.bucket.take() {
            spool.leave(old.key.bucket());
        }
    }
}

impl Segment {
    /// Seals and writes one fragment. Gives its first and last instant; `None` for no pictures.
    pub(super) fn write(
        &mut self,
        spool: &Spool,
        journal: &mut Journal,
        group: &Group,
        mp4: &mut Vec<u8>,
    ) -> Result<Option<(Timestamp, Timestamp)>, WriteError> {
        mp4.clear();
        let Some(written) = self.muxer.write(&group.frames, group.end, mp4) else {
            return Ok(None);
        };
        let start_us = written.start.as_microsecond();
        let duration_us =
            u32::try_from(written.duration.as_micros()).map_err(|_| WriteError::Time)?;
        let mp4 = mp4.get(written.bytes).ok_or(WriteError::Size)?;
        if spool.free() < mp4.len() as u64 + MARGIN {
            return Err(WriteError::Full);
        }
        let sealed = self
            .sealer
            .fragment(start_us, duration_us, written.key, mp4)?;
        let before = self.tally.len();
        if let Err(error) = self.file.write_all(&sealed) {
            // Half a fragment would make the file one that was cut.
            self.file.set_len(before)?;
            return Err(error.into());
        }
        spool.grew(sealed.len() as u64);
        self.dirty = true;
        self.tally
            .fragment(start_us, duration_us, written.key, &sealed)?;
        if let Some(entry) = self.tally.index().last() {
            journal.add(self.header.segment, entry)?;
        }
        let end = i64::from(duration_us).saturating_add(start_us);
        let end = Timestamp::from_microsecond(end).map_err(|_| WriteError::Time)?;
        Ok(Some((written.start, end)))
    }

    /// What was written is on the disk when this returns.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.dirty {
            self.file.sync_data()?;
            self.dirty = false;
        }
        Ok(())
    }

    /// Writes the end and makes the record. A segment without fragments goes away: what comes next takes its place.
    pub(super) fn close(
        mut self,
        spool: &Spool,
        why: Why,
        key: &SignerKey,
        agent: AgentId,
    ) -> Result<Closed, WriteError> {
        let part = self.name.at(&self.folder, Stage::Part);
        if self.tally.is_empty() {
            spool.shrank(self.tally.len());
            std::fs::remove_file(part)?;
            return Ok(Closed::Nothing {
                number: self.header.number,
                before: self.header.before,
            });
        }
        let length = self.tally.len();
        // A fragment that was sealed and could not be written has used up its number: no end can follow.
        let whole = self.sealer.count() as usize == self.tally.index().len();
        let end = self.sealer.finish()?;
        let state = if whole && self.file.write_all(&end).is_ok() {
            self.tally.end(&end);
            State::Closed
        } else {
            self.file.set_len(length)?;
            State::Interrupted
        };
        let grown = self.tally.len() - length;
        let record = self
            .tally
            .record(&self.header, state, why)
            .sign(key, agent)?;
        spool.grew(grown + record.len() as u64);
        Ok(Closed::Segment(Closing {
            file: self.file,
            part,
            record_path: self.name.at(&self.folder, Stage::Record),
            closed: self.name.at(&self.folder, Stage::Closed),
            record,
        }))
    }
}

/// What is left of a segment that ended.
pub(super) enum Closed {
    /// A file that gets its name when the disk is synced.
    Segment(Closing),
    /// Nothing; the next one takes its number.
    Nothing {
        number: u64,
        before: Option<SegmentId>,
    },
}

/// The first second of the hour that an instant lies in.
pub(crate) fn hour_of(at: Timestamp) -> i64 {
    at.as_microsecond()
        .div_euclid(HOUR * 1_000_000)
        .saturating_mul(HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_begin_at_their_first_microsecond() {
        let at = |it| hour_of(Timestamp::from_microsecond(it).unwrap());
        assert_eq!(at(0), 0);
        assert_eq!(at(3_599_999_999), 0);
        assert_eq!(at(3_600_000_000), 3600);
        assert_eq!(at(-1), -3600);
    }
}

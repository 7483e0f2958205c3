//! Closing records: what an agent says, signed with its device key, about a segment that is over.

use base::{AgentId, BucketId, SegmentId};

use crate::cbor::{Reader, Writer, only_form};
use crate::cose::{self, Signed};
use crate::segment::{KEY_FRAME, MAX_FILE, MAX_FRAGMENTS};
use crate::{Point, SealError, Sha256, SignerKey, same};

/// The longest record: one with the most fragments fits.
pub const MAX_BYTES: usize = 1024 * 1024;

const WHAT: &str = "closing record";
const VERSION: i64 = 1;
const AAD: &[u8] = b"obhut/closing/1";
/// Bytes of the length before each ciphertext, and of the empty end with its length.
const LENGTH: u64 = 4;
const END: u64 = LENGTH + 16;

/// Whether a segment has its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was closed as it should be.
    Closed,
    /// A crash or the like cut it off; the record covers what was whole.
    Interrupted,
}

/// Why a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was long enough.
    Length,
    /// The hour was over.
    Hour,
    /// The camera changed its picture.
    Change,
    /// The camera was disarmed.
    Disarmed,
    /// The stream was lost.
    Loss,
    /// The agent stopped.
    Stopped,
    /// It held as many bytes or fragments as it may.
    Limit,
    /// The agent did not come to it.
    Crash,
}

impl Why {
    const ALL: [Self; 8] = [
        Self::Length,
        Self::Hour,
        Self::Change,
        Self::Disarmed,
        Self::Loss,
        Self::Stopped,
        Self::Limit,
        Self::Crash,
    ];

    /// The word in the record.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Hour => "hour",
            Self::Change => "change",
            Self::Disarmed => "disarmed",
            Self::Loss => "loss",
            Self::Stopped => "stopped",
            Self::Limit => "limit",
            Self::Crash => "crash",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.word() == word)
    }
}

/// One fragment: where it lies and when it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Bytes of the file before the ciphertext.
    pub offset: u64,
    /// The ciphertext's length.
    pub length: u32,
    /// When it starts, microseconds since 1970.
    pub start_us: i64,
    /// How long it lasts, microseconds.
    pub duration_us: u32,
    /// Whether it begins with a key frame.
    pub key: bool,
}

/// A closing record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The segment.
    pub segment: SegmentId,
    /// Its bucket.
    pub bucket: BucketId,
    /// SHA-256 of the whole file.
    pub sha256: [u8; 32],
    /// The file's length.
    pub length: u64,
    /// The segment before it in its run and camera.
    pub before: Option<SegmentId>,
    /// End of the last picture, microseconds since 1970.
    pub ended_us: i64,
    /// Whether it has its end.
    pub state: State,
    /// Its fragments, without the empty end.
    pub index: Vec<Entry>,
    /// Why it ended.
    pub why: Why,
}

impl Record {
    /// The record, signed with the agent's device key.
    pub fn sign(&self, device: &SignerKey, agent: AgentId) -> Result<Vec<u8>, SealError> {
        self.check()?;
        let kid = agent.to_string();
        cose::sign(device, kid.as_bytes(), AAD, &self.write())
    }

    /// The record, if that agent signed it with that key.
    pub fn verify(bytes: &[u8], device: &Point, agent: AgentId) -> Result<Self, SealError> {
        let signed = Signed::read(bytes, WHAT, MAX_BYTES)?;
        if !same(signed.kid, agent.to_string().as_bytes()) {
            return Err(SealError::UnknownKey);
        }
        signed.verify(device, AAD)?;
        Self::read(signed.payload)
    }

    /// What a record says, whoever signed it.
    pub fn read_unverified(bytes: &[u8]) -> Result<Self, SealError> {
        Self::read(Signed::read(bytes, WHAT, MAX_BYTES)?.payload)
    }

    /// The pieces lie one behind the other, and nothing but the end follows them.
    fn check(&self) -> Result<(), SealError> {
        let wrong = Err(SealError::Malformed(WHAT));
        if self.length > MAX_FILE || self.index.len() > MAX_FRAGMENTS as usize {
            return Err(SealError::TooLarge);
        }
        let end = match self.state {
            State::Closed => END,
            State::Interrupted => 0,
        };
        let mut expected = None;
        for entry in &self.index {
            let whole = entry.offset <= MAX_FILE && expected.is_none_or(|it| it == entry.offset);
            if !whole {
                return wrong;
            }
            expected = Some(entry.offset + u64::from(entry.length) + LENGTH);
        }
        match expected {
            Some(next) if next - LENGTH + end != self.length => wrong,
            None if self.length < end => wrong,
            _ => Ok(()),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut to = Writer::new();
        to.map(11).int(1).int(VERSION);
        to.int(2).id(self.segment);
        to.int(3).id(self.bucket);
        to.int(4).uint(self.index.len() as u64);
        to.int(5).bytes(&self.sha256);
        to.int(6).uint(self.length);
        to.int(7).optional_id(self.before);
        to.int(8).int(self.ended_us);
        to.int(9).uint(match self.state {
            State::Closed => 0,
            State::Interrupted => 1,
        });
        to.int(10).array(self.index.len());
        for entry in &self.index {
            to.array(5).uint(entry.offset).uint(entry.length.into());
            to.int(entry.start_us).uint(entry.duration_us.into());
            to.uint(if entry.key { KEY_FRAME.into() } else { 0 });
        }
        to.int(11).text(self.why.word());
        to.finish()
    }

    fn read(payload: &[u8]) -> Result<Self, SealError> {
        let mut from = Reader::new(payload, WHAT, MAX_BYTES)?;
        from.map(11)?;
        from.exactly(1)?;
        from.exactly(VERSION)?;
        from.exactly(2)?;
        let segment = from.id()?;
        from.exactly(3)?;
        let bucket = from.id()?;
        from.exactly(4)?;
        let count = from.uint()?;
        from.exactly(5)?;
        let sha256 = from.fixed()?;
        from.exactly(6)?;
        let length = from.uint()?;
        from.exactly(7)?;
        let before = from.optional_id()?;
        from.exactly(8)?;
        let ended_us = from.int()?;
        from.exactly(9)?;
        let state = match from.uint()? {
            0 => State::Closed,
            1 => State::Interrupted,
            _ => return Err(from.wrong()),
        };
        from.exactly(10)?;
        if count > MAX_FRAGMENTS.into() {
            return Err(SealError::TooLarge);
        }
        from.items(count)?;
        let index = (0..count)
            .map(|_| read_entry(&mut from))
            .collect::<Result<_, _>>()?;
        from.exactly(11)?;
        let why = Why::from_word(from.text(16)?).ok_or(from.wrong())?;
        from.end()?;
        let record = Self {
            segment,
            bucket,
            sha256,
            length,
            before,
            ended_us,
            state,
            index,
            why,
        };
        record.check()?;
        only_form(payload, &record.write(), WHAT)?;
        Ok(record)
    }
}

fn read_entry(from: &mut Reader<'_>) -> Result<Entry, SealError> {
    from.items(5)?;
    Ok(Entry {
        offset: from.uint()?,
        length: from.number()?,
        start_us: from.int()?,
        duration_us: from.number()?,
        key: match from.uint()? {
            0 => false,
            1 => true,
            _ => return Err(from.wrong()),
        },
    })
}

/// Hashes and indexes a file while it is written, so that the record is at hand when it is over.
pub struct Tally {
    hash: Sha256,
    length: u64,
    index: Vec<Entry>,
}

impl Tally {
    /// Begins with the beginning of the file: magic, length, header.
    pub fn new(head: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update(head);
        Self {
            hash,
            length: head.len() as u64,
            index: Vec::new(),
        }
    }

    /// Adds what [`crate::segment::Sealer::fragment`] gave for these arguments.
    pub fn fragment(
        &mut self,
        start_us: i64,
        duration_us: u32,
        key: bool,
        sealed: &[u8],
    ) -> Result<(), SealError> {
        let length = sealed
            .len()
            .checked_sub(4)
            .and_then(|it| it.try_into().ok());
        self.index.push(Entry {
            offset: self.length + LENGTH,
            length: length.ok_or(SealError::Malformed("fragment"))?,
            start_us,
            duration_us,
            key,
        });
        self.add(sealed);
        Ok(())
    }

    /// Adds what [`crate::segment::Sealer::finish`] gave.
    pub fn end(&mut self, sealed: &[u8]) {
        self.add(sealed);
    }

    /// Bytes so far.
    pub const fn len(&self) -> u64 {
        self.length
    }

    /// Whether there is no fragment yet.
    pub const fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The fragments so far.
    pub fn index(&self) -> &[Entry] {
        &self.index
    }

    /// The record of what was added. It ends with the latest picture of any fragment.
    pub fn record(self, header: &crate::segment::Header, state: State, why: Why) -> Record {
        let ends = self
            .index
            .iter()
            .map(|it| it.start_us.saturating_add(it.duration_us.into()));
        Record {
            segment: header.segment,
            bucket: header.bucket,
            sha256: self.hash.finish(),
            length: self.length,
            before: header.before,
            ended_us: ends.max().unwrap_or(header.started_us),
            state,
            index: self.index,
            why,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
    }
}

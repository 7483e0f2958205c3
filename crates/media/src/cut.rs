//! Where a recording is cut: pure rules, no clock of their own.
//!
//! A *fragment* is what is sealed and written at once, about a second, so that a crash costs no more. A
//! *segment* is a file: it begins with a key frame and holds about ten seconds.

use std::time::Duration;

use base::Timestamp;

use crate::{Frame, Ticks};

/// The lengths; [`Rules::default`] is what recordings use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// A fragment holds no more than this, but for pictures that are shown before ones already in it.
    pub fragment: Duration,
    /// A segment ends at the first key frame after this.
    pub segment: Duration,
    /// A segment ends after this, key frame or not.
    pub longest: Duration,
    /// A segment ends before its pictures take more bytes than this, key frame or not.
    pub largest: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            fragment: Duration::from_secs(1),
            segment: Duration::from_secs(10),
            longest: Duration::from_mins(2),
            largest: 64 << 20,
        }
    }
}

/// Why a segment ended; the words are those of the closing record (docs/dev/recording-format.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It was long enough and a key frame came.
    Length,
    /// A new hour, so a new bucket.
    Hour,
    /// The camera changed its parameters.
    Change,
    /// Recording was switched off.
    Disarmed,
    /// Pictures are missing.
    Loss,
    /// The agent stops.
    Stopped,
    /// Too long or too large without a key frame.
    Limit,
}

impl Reason {
    /// The word in the closing record.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Hour => "hour",
            Self::Change => "change",
            Self::Disarmed => "disarmed",
            Self::Loss => "loss",
            Self::Stopped => "stopped",
            Self::Limit => "limit",
        }
    }
}

/// Pictures that become one fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// In decoding order, never empty; a key frame can only be the first.
    pub frames: Vec<Frame>,
    /// When the next picture begins; an estimate where none is known.
    pub end: Ticks,
}

/// What to do next, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// A segment begins.
    Begin {
        /// Time of its first picture.
        start: Timestamp,
        /// Whether that is a key frame; without one it can only be shown after the segment before.
        key: bool,
    },
    /// A fragment of the current segment is complete.
    Fragment(Group),
    /// The current segment is complete.
    End(Reason),
}

/// Groups pictures of one stream. Feed it with [`push`](Self::push), ask with [`tick`](Self::tick) when
/// nothing comes.
#[derive(Debug)]
pub struct Cutter {
    rules: Rules,
}

impl Cutter {
    /// Nothing begun; the first segment begins with the first key frame.
    pub fn new(rules: Rules) -> Self {
        Self { rules }
    }

    /// Takes the next picture; appends what follows from it. Pictures before the first key frame are dropped
    /// and counted in [`dropped`](Self::dropped).
    pub fn push(&mut self, frame: Frame, out: &mut Vec<Cut>) {
        let _ = (&self.rules, frame, out);
    }

    /// Closes a fragment whose oldest picture came more than a fragment's length ago, because the camera
    /// pauses. `now` is on the monotonic clock, as [`Frame::received_at`].
    pub fn tick(&mut self, now: Duration, out: &mut Vec<Cut>) {
        let _ = (now, out);
    }

    /// Ends the segment at the next key frame, for a new hour.
    pub fn end_at_key(&mut self, reason: Reason) {
        let _ = reason;
    }

    /// Ends fragment and segment at once; the next segment waits for a key frame.
    pub fn end_now(&mut self, reason: Reason, out: &mut Vec<Cut>) {
        let _ = (reason, out);
    }

    /// How many pictures were dropped because no key frame had come.
    pub fn dropped(&self) -> u64 {
        0
    }
}

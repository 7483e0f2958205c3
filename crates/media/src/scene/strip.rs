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

impl Strip {
    /// What stands in the 32 data cells of each row.
    const fn rows(self) -> [u32; STRIP_ROWS as usize] {
        let low = (self.millis & 0xffff) as u32;
        [
            self.counter,
            (self.millis >> 16 & 0xffff_ffff) as u32,
            low << 16 | self.check() as u32,
        ]
    }

    const fn check(self) -> u16 {
        let (c, m) = (self.counter.to_be_bytes(), self.millis.to_be_bytes());
        crc16(&[c[0], c[1], c[2], c[3], m[2], m[3], m[4], m[5], m[6], m[7]])
    }

    /// Whether the cell is white.
    pub(super) fn cell(self, row: u32, column: u32) -> bool {
        sync(row, column).unwrap_or_else(|| {
            let bits = self.rows()[row as usize];
            bits >> (STRIP_BITS + 1 - column) & 1 == 1
        })
    }

    /// Reads the strip as the module's head says.
    pub fn read(luma: &Luma<'_>) -> Result<Self, StripError> {
        let scale = f64::from(luma.width) / f64::from(luma.video_width.max(1));
        let mut rows = [0; STRIP_ROWS as usize];
        for (row, bits) in (0..).zip(&mut rows) {
            *bits = read_row(luma, row, scale)?;
        }
        let [counter, high, last] = rows;
        let strip = Self {
            counter,
            millis: u64::from(high) << 16 | u64::from(last >> 16),
        };
        if u32::from(strip.check()) == last & 0xffff {
            Ok(strip)
        } else {
            Err(StripError::Check)
        }
    }
}

/// White or black for the sync cells, nothing for data cells.
const fn sync(row: u32, column: u32) -> Option<bool> {
    let outer = match column {
        0 => true,
        1 => false,
        _ if column == STRIP_COLUMNS - 2 => false,
        _ if column == STRIP_COLUMNS - 1 => true,
        _ => return None,
    };
    Some(outer != (row % 2 == 1))
}

fn read_row(luma: &Luma<'_>, row: u32, scale: f64) -> Result<u32, StripError> {
    let mut cells = [0.0; STRIP_COLUMNS as usize];
    let (mut black, mut white) = (0.0, 0.0);
    for (column, cell) in (0..).zip(&mut cells) {
        *cell = mean(luma, row, column, scale).ok_or(StripError::TooSmall)?;
        match sync(row, column) {
            Some(true) => white += *cell / 2.0,
            Some(false) => black += *cell / 2.0,
            None => {}
        }
    }
    if white - black < 64.0 {
        return Err(StripError::NoSync);
    }
    let middle = f64::midpoint(white, black);
    let data = &cells[2..STRIP_COLUMNS as usize - 2];
    // A cell of sync that is on the wrong side of its own row's middle is no sync.
    let astray = (0..)
        .zip(&cells)
        .any(|(column, it)| sync(row, column).is_some_and(|white| white != (*it > middle)));
    if astray {
        return Err(StripError::NoSync);
    }
    Ok(data
        .iter()
        .fold(0, |bits, it| bits << 1 | u32::from(*it > middle)))
}

/// Mean of a cell's inner half; `None` outside the plane.
fn mean(luma: &Luma<'_>, row: u32, column: u32, scale: f64) -> Option<f64> {
    let side = 16.0 * scale;
    let span = |n: u32, end: u32| {
        let from = ((f64::from(n) + 0.25) * side).floor();
        let to = ((f64::from(n) + 0.75) * side).ceil().max(from + 1.0);
        (to <= f64::from(end)).then(|| (index(from), index(to)))
    };
    let (left, right) = span(column, luma.width)?;
    let (top, bottom) = span(row, luma.height)?;
    let mut sum = 0_u64;
    for line in top..bottom {
        let start = line.checked_mul(luma.stride)?;
        let samples = luma
            .data
            .get(start.checked_add(left)?..start.checked_add(right)?)?;
        sum += samples.iter().map(|it| u64::from(*it)).sum::<u64>();
    }
    let count = (right - left) * (bottom - top);
    let thousandths = sum * 1000 / u64::try_from(count).ok()?;
    Some(f64::from(u32::try_from(thousandths).ok()?) / 1000.0)
}

/// A position inside a plane, whose sides are `u32`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "compared with the plane's side just before"
)]
const fn index(at: f64) -> usize {
    at as usize
}

/// CRC-16/CCITT-FALSE.
const fn crc16(bytes: &[u8; 10]) -> u16 {
    let mut crc = 0xffff_u16;
    let mut n = 0;
    while n < bytes.len() {
        crc ^= (bytes[n] as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x1021
            };
            bit += 1;
        }
        n += 1;
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The strip alone, each video pixel `scale` large.
    fn drawn(strip: Strip, scale: f64) -> (Vec<u8>, u32, u32) {
        let width = (f64::from(STRIP_COLUMNS) * 16.0 * scale).ceil();
        let height = (f64::from(STRIP_ROWS) * 16.0 * scale).ceil();
        let (width, height) = (index(width), index(height));
        let mut data = vec![0; width * height];
        for (n, sample) in data.iter_mut().enumerate() {
            let at = |it: usize| {
                let cell = (f64::from(u32::try_from(it).unwrap()) + 0.5) / (16.0 * scale);
                u32::try_from(index(cell)).unwrap()
            };
            let (row, column) = (at(n / width).min(2), at(n % width).min(35));
            *sample = if strip.cell(row, column) { 235 } else { 16 };
        }
        (
            data,
            u32::try_from(width).unwrap(),
            u32::try_from(height).unwrap(),
        )
    }

    fn read(data: &[u8], width: u32, height: u32, scale: f64) -> Result<Strip, StripError> {
        let video = (f64::from(width) / scale).round();
        Strip::read(&Luma {
            data,
            stride: width as usize,
            width,
            height,
            video_width: u32::try_from(index(video)).unwrap(),
        })
    }

    #[test]
    fn check_of_the_catalogue() {
        // Of the nine bytes "123456789" it is 0x29B1; a zero byte more makes 0x044B.
        assert_eq!(crc16(b"123456789\0"), 0x044b);
        assert_ne!(crc16(b"1234567890"), crc16(b"1234567891"));
    }

    proptest! {
        #[test]
        fn reads_in_any_scale(counter: u32, millis in 0_u64..1 << 48, scale in 0.25_f64..3.0) {
            let strip = Strip { counter, millis };
            let (data, width, height) = drawn(strip, scale);
            prop_assert_eq!(read(&data, width, height, scale), Ok(strip));
        }

        #[test]
        fn a_wrong_cell_is_noticed(counter: u32, millis in 0_u64..1 << 48, row in 0_u32..3, column in 0_u32..36) {
            let strip = Strip { counter, millis };
            let (mut data, width, height) = drawn(strip, 1.0);
            for line in row * 16..row * 16 + 16 {
                for sample in &mut data[(line * width + column * 16) as usize..][..16] {
                    *sample = 251 - *sample;
                }
            }
            prop_assert!(read(&data, width, height, 1.0).is_err());
        }

        #[test]
        fn any_plane_can_be_read(data: Vec<u8>, stride: usize, width: u32, height: u32, video_width: u32) {
            let _ = Strip::read(&Luma { data: &data, stride, width, height, video_width });
        }
    }

    #[test]
    fn a_grey_picture_has_no_sync() {
        assert_eq!(
            read(&vec![128; 576 * 48], 576, 48, 1.0),
            Err(StripError::NoSync)
        );
        assert_eq!(
            read(&vec![235; 576 * 48], 560, 48, 1.0),
            Err(StripError::TooSmall)
        );
    }
}

//! The few variable-length codes of residuals that flat macroblocks need (ITU-T H.264, section 9.2).
//!
//! Luma has one coefficient (DC of the whole macroblock), chroma up to four (DC of each 4×4 block).

use super::bits::{BitReader, BitWriter};

/// A code word: its bits and how many they are.
type Code = (u32, u32);

/// `coeff_token` for chroma DC by number of coefficients and of trailing ones (table 9-5, nC = -1).
const CHROMA_TOKEN: [&[Code]; 5] = [
    &[(0b01, 2)],
    &[(0b00_0111, 6), (0b1, 1)],
    &[(0b00_0100, 6), (0b00_0110, 6), (0b001, 3)],
    &[
        (0b00_0011, 6),
        (0b000_0011, 7),
        (0b000_0010, 7),
        (0b00_0101, 6),
    ],
    &[
        (0b00_0010, 6),
        (0b0000_0011, 8),
        (0b0000_0010, 8),
        (0b000_0000, 7),
    ],
];

/// `total_zeros` for chroma DC by number of coefficients, from 1 (table 9-9 a).
const CHROMA_ZEROS: [&[Code]; 3] = [
    &[(0b1, 1), (0b01, 2), (0b001, 3), (0b000, 3)],
    &[(0b1, 1), (0b01, 2), (0b00, 2)],
    &[(0b1, 1), (0b0, 1)],
];

/// `run_before` by zeros left, from 1 (table 9-10).
const RUN_BEFORE: [&[Code]; 3] = [
    &[(0b1, 1), (0b0, 1)],
    &[(0b1, 1), (0b01, 2), (0b00, 2)],
    &[(0b11, 2), (0b10, 2), (0b01, 2), (0b00, 2)],
];

/// The luma DC block with one coefficient at most; `crowded` if the neighbours are `I_PCM` so that nC ≥ 8.
pub(super) fn put_luma(out: &mut BitWriter, level: i32, crowded: bool) {
    let one = level.unsigned_abs() == 1;
    let (code, bits) = match (level, crowded) {
        (0, false) => (0b1, 1),
        (0, true) => (0b00_0011, 6),
        (_, false) if one => (0b01, 2),
        (_, true) if one => (0b00_0001, 6),
        (_, false) => (0b00_0101, 6),
        (_, true) => (0b00_0000, 6),
    };
    out.put(code, bits);
    if level == 0 {
        return;
    }
    if one {
        out.flag(level < 0);
    } else {
        put_level(out, level, true, 0);
    }
    // total_zeros: none, in the table for one coefficient of sixteen.
    out.put(1, 1);
}

/// Reads what [`put_luma`] wrote.
pub(super) fn take_luma(bits: &mut BitReader<'_>, crowded: bool) -> Option<i32> {
    let (any, one) = if crowded {
        match bits.take(6)? {
            0b00_0011 => (false, false),
            0b00_0001 => (true, true),
            0b00_0000 => (true, false),
            _ => return None,
        }
    } else {
        match bits.zeros(3)? {
            0 => (false, false),
            1 => (true, true),
            3 if bits.take(2)? == 1 => (true, false),
            _ => return None,
        }
    };
    if !any {
        return Some(0);
    }
    let level = if one {
        1 - 2 * i32::from(bits.flag()?)
    } else {
        take_level(bits, true, 0)?
    };
    (bits.bit()? == 1).then_some(level)
}

/// The four chroma DC coefficients, in raster order.
pub(super) fn put_chroma(out: &mut BitWriter, levels: [i32; 4]) {
    let reversed: Vec<i32> = levels.into_iter().rev().filter(|it| *it != 0).collect();
    let count = reversed.len();
    let ones = reversed
        .iter()
        .take(3)
        .take_while(|it| it.unsigned_abs() == 1)
        .count();
    put_code(out, CHROMA_TOKEN[count][ones]);
    for level in &reversed[..ones] {
        out.flag(*level < 0);
    }
    let mut suffix = 0;
    for (n, level) in reversed.iter().enumerate().skip(ones) {
        put_level(out, *level, n == ones && ones < 3, suffix);
        suffix = next_suffix(suffix, *level);
    }
    if count == 0 || count == 4 {
        return;
    }
    let last = levels.iter().rposition(|it| *it != 0).unwrap_or(0);
    let mut zeros = last + 1 - count;
    put_code(out, CHROMA_ZEROS[count - 1][zeros]);
    let mut run = 0;
    let mut seen = 0;
    for level in levels[..last].iter().rev() {
        if *level == 0 {
            run += 1;
            continue;
        }
        seen += 1;
        if zeros > 0 && seen < count {
            put_code(out, RUN_BEFORE[zeros.min(3) - 1][run]);
        }
        zeros -= run;
        run = 0;
    }
}

/// Reads what [`put_chroma`] wrote.
pub(super) fn take_chroma(bits: &mut BitReader<'_>) -> Option<[i32; 4]> {
    let (count, ones) = token(bits)?;
    let mut reversed = [0; 4];
    for level in &mut reversed[..ones] {
        *level = 1 - 2 * i32::from(bits.flag()?);
    }
    let mut suffix = 0;
    for (n, level) in reversed.iter_mut().enumerate().take(count).skip(ones) {
        *level = take_level(bits, n == ones && ones < 3, suffix)?;
        suffix = next_suffix(suffix, *level);
    }
    let mut zeros = match count {
        0 => return Some([0; 4]),
        4 => 0,
        _ => choose(bits, CHROMA_ZEROS[count - 1])?,
    };
    let mut levels = [0; 4];
    let mut at = count + zeros;
    for (n, level) in reversed[..count].iter().enumerate() {
        at = at.checked_sub(1)?;
        *levels.get_mut(at)? = *level;
        if zeros > 0 && n + 1 < count {
            let run = choose(bits, RUN_BEFORE[zeros.min(3) - 1])?;
            zeros = zeros.checked_sub(run)?;
            at = at.checked_sub(run)?;
        }
    }
    Some(levels)
}

fn token(bits: &mut BitReader<'_>) -> Option<(usize, usize)> {
    let (mut code, mut length) = (0, 0);
    while length < 8 {
        code = code << 1 | bits.bit()?;
        length += 1;
        for (count, row) in CHROMA_TOKEN.iter().enumerate() {
            if let Some(ones) = row.iter().position(|it| *it == (code, length)) {
                return Some((count, ones));
            }
        }
    }
    None
}

fn put_code(out: &mut BitWriter, (code, bits): Code) {
    out.put(code, bits);
}

fn choose(bits: &mut BitReader<'_>, codes: &[Code]) -> Option<usize> {
    let (mut code, mut length) = (0, 0);
    while length < 3 {
        code = code << 1 | bits.bit()?;
        length += 1;
        if let Some(n) = codes.iter().position(|it| *it == (code, length)) {
            return Some(n);
        }
    }
    None
}

fn next_suffix(suffix: u32, level: i32) -> u32 {
    let suffix = suffix.max(1);
    if level.unsigned_abs() > 3 << (suffix - 1) && suffix < 6 {
        suffix + 1
    } else {
        suffix
    }
}

/// `level_prefix` and `level_suffix` (section 9.2.2.1). `first` is the first level behind fewer than three
/// trailing ones: it cannot be ±1, which makes its codes smaller by two.
fn put_level(out: &mut BitWriter, level: i32, first: bool, suffix: u32) {
    let code = level.unsigned_abs() * 2 - 2 + u32::from(level < 0) - if first { 2 } else { 0 };
    let (prefix, rest, bits) = match suffix {
        0 if code < 14 => (code, 0, 0),
        0 if code < 30 => (14, code - 14, 4),
        0 => (15, code - 30, 12),
        _ if code < 15 << suffix => (code >> suffix, code & ((1 << suffix) - 1), suffix),
        _ => (15, code - (15 << suffix), 12),
    };
    out.put(1, prefix + 1);
    out.put(rest, bits);
}

fn take_level(bits: &mut BitReader<'_>, first: bool, suffix: u32) -> Option<i32> {
    let prefix = bits.zeros(15)?;
    let code = match (suffix, prefix) {
        (0, 0..=13) => prefix,
        (0, 14) => 14 + bits.take(4)?,
        (0, _) => 30 + bits.take(12)?,
        (_, 15) => (15 << suffix) + bits.take(12)?,
        _ => (prefix << suffix) + bits.take(suffix)?,
    };
    let code = i32::try_from(code).ok()? + if first { 2 } else { 0 };
    Some(if code % 2 == 0 {
        code / 2 + 1
    } else {
        -(code + 1) / 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn luma_survives(level in -900_i32..900, crowded: bool) {
            let mut out = BitWriter::default();
            put_luma(&mut out, level, crowded);
            let bytes = out.finish();
            let mut bits = BitReader::new(&bytes);
            prop_assert_eq!(take_luma(&mut bits, crowded), Some(level));
            prop_assert!(!bits.more());
        }

        #[test]
        fn chroma_survives(levels in proptest::array::uniform4(prop_oneof![
            Just(0), Just(0), -1_i32..=1, -4_i32..=4, -1600_i32..1600,
        ])) {
            let mut out = BitWriter::default();
            put_chroma(&mut out, levels);
            let bytes = out.finish();
            let mut bits = BitReader::new(&bytes);
            prop_assert_eq!(take_chroma(&mut bits), Some(levels));
            prop_assert!(!bits.more());
        }

        #[test]
        fn any_bits_can_be_read(bytes: Vec<u8>) {
            let mut bits = BitReader::new(&bytes);
            while take_chroma(&mut bits).is_some() && take_luma(&mut bits, false).is_some() {}
        }
    }
}

//! One macroblock of one colour as Intra16x16 with DC prediction: what is predicted, what must be added.
//!
//! The quantiser is fine enough that every colour is met exactly, so the decoder's picture is the drawn one
//! and nothing drifts (ITU-T H.264, sections 8.3.3.3, 8.3.4.1 to 8.3.4.3, 8.5.10 to 8.5.12).

use super::canvas::{MB, Planes};

/// Quantiser of luma: a step of the DC level is 5/16 of a brightness.
pub(super) const QP: i32 = 18;
/// Added to it for chroma, which gives 6: four levels together then stay within half a brightness.
pub(super) const CHROMA_QP_OFFSET: i32 = -12;

/// One colour in a macroblock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    pub(super) luma: i32,
    pub(super) cb: [i32; 4],
    pub(super) cr: [i32; 4],
}

/// The levels that turn the prediction from `planes` around the macroblock into `y`, `cb`, `cr`.
pub(super) fn levels(planes: &Planes, block: usize, y: u8, cb: u8, cr: u8) -> Levels {
    let luma = i32::from(y) - predict_luma(planes, block);
    let chroma = |plane: &[u8], value: u8| {
        let wanted = predict_chroma(plane, planes, block).map(|it| (i32::from(value) - it) * 32);
        // Each level is a quarter of a sum of residuals in steps of 5/32, rounded.
        sums(wanted).map(|it| rounded(it, 20))
    };
    Levels {
        luma: rounded(luma * 16, 5),
        cb: chroma(&planes.cb, cb),
        cr: chroma(&planes.cr, cr),
    }
}

/// What a decoder makes of the levels: luma, and each chroma block.
pub(super) fn colours(planes: &Planes, block: usize, levels: &Levels) -> (u8, [u8; 4], [u8; 4]) {
    // Level scale 160 and QP/6 = 3 for luma, 1 for chroma; the last shift is that of the transform.
    let luma = predict_luma(planes, block) + ((((levels.luma * 160 + 4) >> 3) + 32) >> 6);
    let chroma = |plane: &[u8], levels: [i32; 4]| {
        let mut out = predict_chroma(plane, planes, block);
        for (value, sum) in out.iter_mut().zip(sums(levels)) {
            *value += (((sum * 160 * 2) >> 5) + 32) >> 6;
        }
        out.map(clip)
    };
    (
        clip(luma),
        chroma(&planes.cb, levels.cb),
        chroma(&planes.cr, levels.cr),
    )
}

/// The transform of the four chroma DC values, its own inverse but for a factor of 4 (section 8.5.11.1).
fn sums(of: [i32; 4]) -> [i32; 4] {
    let (left, right) = (of[0] + of[2], of[1] + of[3]);
    let (above, below) = (of[0] - of[2], of[1] - of[3]);
    [left + right, left - right, above + below, above - below]
}

fn clip(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(0)
}

/// To the nearest whole number, halves away from zero.
fn rounded(value: i32, by: i32) -> i32 {
    (value.abs() + by / 2) / by * value.signum()
}

fn sum(samples: impl Iterator<Item = u8>) -> i32 {
    samples.map(i32::from).sum()
}

fn predict_luma(planes: &Planes, block: usize) -> i32 {
    let stride = planes.stride();
    let (row, column) = (block / planes.columns, block % planes.columns);
    let corner = row * MB * stride + column * MB;
    let above = (row > 0).then(|| sum(planes.y[corner - stride..][..MB].iter().copied()));
    let left = (column > 0).then(|| sum((0..MB).map(|it| planes.y[corner + it * stride - 1])));
    match (above, left) {
        (Some(a), Some(b)) => (a + b + 16) >> 5,
        (Some(one), None) | (None, Some(one)) => (one + 8) >> 4,
        (None, None) => 128,
    }
}

/// Of the four 4×4 blocks in raster order.
fn predict_chroma(plane: &[u8], planes: &Planes, block: usize) -> [i32; 4] {
    let stride = planes.stride() / 2;
    let (row, column) = (block / planes.columns, block % planes.columns);
    let corner = row * 8 * stride + column * 8;
    let above =
        |x: usize| (row > 0).then(|| sum(plane[corner + x - stride..][..4].iter().copied()));
    let left =
        |y: usize| (column > 0).then(|| sum((y..y + 4).map(|it| plane[corner + it * stride - 1])));
    let both = |x, y| match (above(x), left(y)) {
        (Some(a), Some(b)) => (a + b + 4) >> 3,
        (Some(one), None) | (None, Some(one)) => (one + 2) >> 2,
        (None, None) => 128,
    };
    let first =
        |one: Option<i32>, other: Option<i32>| one.or(other).map_or(128, |it| (it + 2) >> 2);
    [
        both(0, 0),
        first(above(4), left(0)),
        first(left(4), above(0)),
        both(4, 4),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_colour_is_met_exactly(
            around in proptest::collection::vec(any::<u8>(), 384),
            y: u8, cb: u8, cr: u8, block in 0_usize..4,
        ) {
            let mut planes = Planes::new(2, 2);
            let samples: [u8; 384] = around.try_into().unwrap();
            for it in 0..4 {
                planes.set_block(it, &samples);
            }
            let levels = levels(&planes, block, y, cb, cr);
            prop_assert_eq!(colours(&planes, block, &levels), (y, [cb; 4], [cr; 4]));
            prop_assert!(levels.luma.abs() < 1000);
            prop_assert!(levels.cb.iter().chain(&levels.cr).all(|it| it.abs() < 2000));
        }
    }
}

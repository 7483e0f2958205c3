//! A picture in 4:2:0 that knows which macroblocks were drawn upon.

use super::font::glyph;

/// Side of a macroblock in luma pixels.
pub(super) const MB: usize = 16;

/// A colour in Y'CbCr (ITU-R BT.709, limited range).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour {
    pub(super) y: u8,
    pub(super) cb: u8,
    pub(super) cr: u8,
}

impl Colour {
    pub(super) const fn new(y: u8, cb: u8, cr: u8) -> Self {
        Self { y, cb, cr }
    }

    pub(super) const fn grey(y: u8) -> Self {
        Self::new(y, 128, 128)
    }
}

/// Three planes of whole macroblocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planes {
    /// Macroblocks in a row.
    pub(super) columns: usize,
    /// Rows of macroblocks.
    pub(super) rows: usize,
    pub(super) y: Vec<u8>,
    pub(super) cb: Vec<u8>,
    pub(super) cr: Vec<u8>,
}

/// The samples of one macroblock as `I_PCM` orders them: 256 luma, 64 Cb, 64 Cr.
pub(super) type Block = [u8; 384];

impl Planes {
    /// All black.
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        let blocks = columns * rows;
        Self {
            columns,
            rows,
            y: vec![16; blocks * 256],
            cb: vec![128; blocks * 64],
            cr: vec![128; blocks * 64],
        }
    }

    pub(super) fn blocks(&self) -> usize {
        self.columns * self.rows
    }

    /// Luma samples from one row to the next.
    pub(super) fn stride(&self) -> usize {
        self.columns * MB
    }

    fn corner(&self, block: usize) -> (usize, usize) {
        let (row, column) = (block / self.columns, block % self.columns);
        let stride = self.stride();
        (
            row * MB * stride + column * MB,
            row * MB / 2 * (stride / 2) + column * MB / 2,
        )
    }

    pub(super) fn block(&self, block: usize) -> Block {
        let mut out = [0; 384];
        let (luma, chroma) = self.corner(block);
        let stride = self.stride();
        let (y, c) = out.split_at_mut(256);
        let (cb, cr) = c.split_at_mut(64);
        for (n, line) in y.chunks_exact_mut(MB).enumerate() {
            line.copy_from_slice(&self.y[luma + n * stride..][..MB]);
        }
        for (n, line) in cb.chunks_exact_mut(8).enumerate() {
            line.copy_from_slice(&self.cb[chroma + n * stride / 2..][..8]);
        }
        for (n, line) in cr.chunks_exact_mut(8).enumerate() {
            line.copy_from_slice(&self.cr[chroma + n * stride / 2..][..8]);
        }
        out
    }

    pub(super) fn set_block(&mut self, block: usize, samples: &Block) {
        let (luma, chroma) = self.corner(block);
        let stride = self.stride();
        let (y, c) = samples.split_at(256);
        let (cb, cr) = c.split_at(64);
        for (n, line) in y.chunks_exact(MB).enumerate() {
            self.y[luma + n * stride..][..MB].copy_from_slice(line);
        }
        for (n, line) in cb.chunks_exact(8).enumerate() {
            self.cb[chroma + n * stride / 2..][..8].copy_from_slice(line);
        }
        for (n, line) in cr.chunks_exact(8).enumerate() {
            self.cr[chroma + n * stride / 2..][..8].copy_from_slice(line);
        }
    }
}

/// Planes to draw upon.
#[derive(Debug, Clone)]
pub(super) struct Canvas {
    pub(super) planes: Planes,
    /// Macroblocks drawn upon since this was last cleared.
    pub(super) touched: Vec<bool>,
    /// Macroblocks that may differ from the picture before.
    pub(super) changed: Vec<bool>,
}

impl Canvas {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self {
            planes: Planes::new(columns, rows),
            touched: vec![false; columns * rows],
            changed: vec![false; columns * rows],
        }
    }

    /// A rectangle; positions and sizes are rounded down to even pixels, what lies outside is not drawn.
    pub(super) fn rect(&mut self, x: i32, y: i32, width: i32, height: i32, colour: Colour) {
        let stride = self.planes.stride();
        let bound = |it: i32, most: usize| usize::try_from(it & !1).unwrap_or(0).min(most);
        let (left, right) = (bound(x, stride), bound(x + width, stride));
        let most = self.planes.rows * MB;
        let (top, bottom) = (bound(y, most), bound(y + height, most));
        if left >= right || top >= bottom {
            return;
        }
        for line in top..bottom {
            self.planes.y[line * stride..][left..right].fill(colour.y);
        }
        for line in top / 2..bottom / 2 {
            let (from, to) = (line * stride / 2 + left / 2, line * stride / 2 + right / 2);
            self.planes.cb[from..to].fill(colour.cb);
            self.planes.cr[from..to].fill(colour.cr);
        }
        for row in top / MB..bottom.div_ceil(MB) {
            let from = row * self.planes.columns;
            self.touched[from + left / MB..from + right.div_ceil(MB)].fill(true);
        }
    }

    /// Text in cells of `16·scale` pixels, as many as there are letters.
    pub(super) fn text(&mut self, x: i32, y: i32, scale: i32, text: &str, ink: Colour) {
        let side = 16 * scale;
        let dot = 2 * scale;
        let mut left = x;
        for letter in text.chars() {
            for (column, bits) in (0..).zip(glyph(letter)) {
                for row in (0..7).filter(|it| bits >> it & 1 == 1) {
                    let at = left + (column + 1) * dot + dot / 2;
                    self.rect(at, y + row * dot + dot / 2, dot, dot, ink);
                }
            }
            left += side;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_stays_inside_and_is_noticed() {
        let mut canvas = Canvas::new(3, 2);
        let red = Colour::new(80, 90, 240);
        canvas.rect(-10, 20, 20, 100, red);
        canvas.rect(100, 0, 10, 10, red);
        assert_eq!(canvas.touched, [false, false, false, true, false, false]);
        let block = canvas.planes.block(3);
        assert_eq!(
            (block[4 * 16], block[4 * 16 + 9], block[4 * 16 + 10]),
            (80, 80, 16)
        );
        assert_eq!((block[256 + 16], block[320 + 16]), (90, 240));
        let mut copy = Planes::new(3, 2);
        copy.set_block(3, &block);
        assert_eq!(copy, canvas.planes);
    }
}

//! H.264 constrained baseline for drawn pictures: skipped, flat and literal macroblocks (ITU-T H.264, 7.3).

use bytes::Bytes;

use super::bits::{BitWriter, escape};
use super::canvas::{Block, Canvas, Planes};
use super::{cavlc, flat};

/// NAL unit types (table 7-1).
pub(super) const SLICE: u8 = 1;
pub(super) const IDR: u8 = 5;
pub(super) const SPS: u8 = 7;
pub(super) const PPS: u8 = 8;

/// `mb_type` in I slices (table 7-11): Intra16x16, DC prediction, no luma AC, without and with chroma DC.
pub(super) const FLAT: u32 = 3;
pub(super) const FLAT_COLOURED: u32 = 7;
pub(super) const PCM: u32 = 25;
/// What P slices add to the types of I slices (table 7-13).
pub(super) const IN_P: u32 = 5;

/// What the sequence parameter set says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fps: u32,
}

impl Format {
    pub(super) const fn columns(self) -> u32 {
        self.width.div_ceil(16)
    }

    pub(super) const fn rows(self) -> u32 {
        self.height.div_ceil(16)
    }

    /// The lowest level whose picture size and macroblocks a second suffice (table A-1).
    const fn level(self) -> u32 {
        let size = self.columns() * self.rows();
        let rate = size * self.fps;
        match (size, rate) {
            (..=1620, ..=40_500) => 30,
            (..=3600, ..=108_000) => 31,
            (..=8192, ..=245_760) => 40,
            (..=8704, ..=522_240) => 42,
            _ => 52,
        }
    }

    /// The sequence parameter set (section 7.3.2.1).
    pub(super) fn sps(self) -> Bytes {
        let mut out = BitWriter::default();
        // Profile 66 with constraint sets 0 and 1: constrained baseline.
        out.put(66, 8);
        out.put(0b1100_0000, 8);
        out.put(self.level(), 8);
        out.ue(0);
        // frame_num of 16 bits; pictures come in the order they are shown; one reference picture.
        out.ue(12);
        out.ue(2);
        out.ue(1);
        out.flag(false);
        out.ue(self.columns() - 1);
        out.ue(self.rows() - 1);
        out.flag(true);
        out.flag(true);
        let (right, bottom) = (
            self.columns() * 16 - self.width,
            self.rows() * 16 - self.height,
        );
        out.flag(right > 0 || bottom > 0);
        if right > 0 || bottom > 0 {
            for it in [0, right / 2, 0, bottom / 2] {
                out.ue(it);
            }
        }
        self.vui(&mut out);
        nal(3 << 5 | SPS, out)
    }

    /// Annex E.1: BT.709 in limited range, the picture rate, nothing to reorder.
    fn vui(self, out: &mut BitWriter) {
        out.flag(true);
        out.put(0b00, 2);
        out.put(0b11_0101, 6);
        for _ in 0..3 {
            out.put(1, 8);
        }
        out.flag(false);
        out.flag(true);
        out.put(1, 32);
        out.put(self.fps * 2, 32);
        out.flag(true);
        out.put(0, 3);
        out.put(0b11, 2);
        for it in [0, 0, 10, 10, 0, 1] {
            out.ue(it);
        }
    }
}

/// The picture parameter set (section 7.3.2.2).
pub(super) fn pps() -> Bytes {
    let mut out = BitWriter::default();
    out.ue(0);
    out.ue(0);
    out.put(0b00, 2);
    out.ue(0);
    out.ue(0);
    out.ue(0);
    out.put(0, 3);
    out.se(flat::QP - 26);
    out.se(0);
    out.se(flat::CHROMA_QP_OFFSET);
    // Slices say whether they are deblocked: they are not.
    out.put(0b100, 3);
    nal(3 << 5 | PPS, out)
}

fn nal(header: u8, rbsp: BitWriter) -> Bytes {
    let mut out = vec![header];
    escape(&rbsp.finish(), &mut out);
    Bytes::from(out)
}

/// What a macroblock becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Skip,
    Flat,
    Pcm,
}

/// Encodes one picture after the other.
#[derive(Debug, Clone)]
pub(super) struct Encoder {
    previous: Planes,
    frame_num: u32,
    idr: u32,
    kinds: Vec<Kind>,
    rbsp: Vec<u8>,
}

impl Encoder {
    pub(super) fn new(columns: usize, rows: usize) -> Self {
        Self {
            previous: Planes::new(columns, rows),
            frame_num: 0,
            idr: 0,
            kinds: vec![Kind::Skip; columns * rows],
            rbsp: Vec::new(),
        }
    }

    /// The picture as one slice. Of an inter picture only changed macroblocks are looked at.
    pub(super) fn encode(&mut self, canvas: &Canvas, key: bool) -> Bytes {
        self.frame_num = if key {
            0
        } else {
            (self.frame_num + 1) & 0xffff
        };
        let mut reuse = std::mem::take(&mut self.rbsp);
        reuse.clear();
        let mut out = BitWriter::over(reuse);
        self.header(&mut out, key);
        let mut skipped = 0;
        for block in 0..canvas.planes.blocks() {
            if !key && !canvas.changed[block] {
                self.kinds[block] = Kind::Skip;
                skipped += 1;
                continue;
            }
            let samples = canvas.planes.block(block);
            if !key && samples == self.previous.block(block) {
                self.kinds[block] = Kind::Skip;
                skipped += 1;
                continue;
            }
            self.previous.set_block(block, &samples);
            if !key {
                out.ue(skipped);
                skipped = 0;
            }
            self.macroblock(&mut out, &canvas.planes, block, &samples, key);
        }
        if skipped > 0 {
            out.ue(skipped);
        }
        let rbsp = out.finish();
        let mut nal = vec![3 << 5 | if key { IDR } else { SLICE }];
        escape(&rbsp, &mut nal);
        self.rbsp = rbsp;
        Bytes::from(nal)
    }

    /// Section 7.3.3.
    fn header(&mut self, out: &mut BitWriter, key: bool) {
        out.ue(0);
        out.ue(if key { 7 } else { 5 });
        out.ue(0);
        out.put(self.frame_num, 16);
        if key {
            self.idr = (self.idr + 1) & 0xffff;
            out.ue(self.idr);
            out.put(0b00, 2);
        } else {
            // One reference as the parameter set says, in order, marked as it comes.
            out.put(0b000, 3);
        }
        out.se(0);
        out.ue(1);
    }

    fn macroblock(
        &mut self,
        out: &mut BitWriter,
        planes: &Planes,
        block: usize,
        samples: &Block,
        key: bool,
    ) {
        let base = if key { 0 } else { IN_P };
        let (y, c) = samples.split_at(256);
        let (cb, cr) = c.split_at(64);
        let one = |it: &[u8]| it.iter().all(|sample| *sample == it[0]);
        if !(one(y) && one(cb) && one(cr)) {
            self.kinds[block] = Kind::Pcm;
            out.ue(base + PCM);
            out.align();
            out.bytes(samples);
            return;
        }
        self.kinds[block] = Kind::Flat;
        let levels = flat::levels(planes, block, y[0], cb[0], cr[0]);
        let coloured = levels.cb != [0; 4] || levels.cr != [0; 4];
        out.ue(base + if coloured { FLAT_COLOURED } else { FLAT });
        // Chroma is predicted by DC too; the quantiser stays.
        out.ue(0);
        out.se(0);
        cavlc::put_luma(out, levels.luma, self.crowded(block));
        if coloured {
            cavlc::put_chroma(out, levels.cb);
            cavlc::put_chroma(out, levels.cr);
        }
    }

    /// Whether nC is 8 or more: an `I_PCM` neighbour counts 16 coefficients, all others none (section 9.2.1).
    fn crowded(&self, block: usize) -> bool {
        let columns = self.previous.columns;
        let left = !block.is_multiple_of(columns) && self.kinds[block - 1] == Kind::Pcm;
        let above = block >= columns && self.kinds[block - columns] == Kind::Pcm;
        left || above
    }
}

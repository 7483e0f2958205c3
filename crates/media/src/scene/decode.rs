//! The other side of the encoder: pictures of a drawn scene, and of nothing else, for tests and checks.
//!
//! Total on any bytes; what the encoder never writes is refused.

use super::bits::{BitReader, unescape};
use super::canvas::{Block, Planes};
use super::encode::{FLAT, FLAT_COLOURED, IDR, IN_P, PCM, PPS, SLICE, SPS};
use super::flat::{self, Levels};
use super::strip::{Luma, Strip, StripError};
use super::{MAX_HEIGHT, MAX_WIDTH, cavlc};

/// Why bytes are no picture of a drawn scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Lengths do not fit.
    #[error("the access unit is cut")]
    Cut,
    /// A picture before its parameters or before a key frame.
    #[error("nothing to build upon")]
    Early,
    /// A picture between is missing.
    #[error("a picture is missing before this one")]
    Missing,
    /// Something a drawn scene never contains.
    #[error("not a drawn scene")]
    Foreign,
}

/// Decodes a drawn scene.
#[derive(Debug, Default)]
pub struct Decoder {
    size: Option<(u32, u32)>,
    planes: Option<Planes>,
    frame_num: u32,
    pcm: Vec<bool>,
}

impl Decoder {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a parameter set or a slice, without start code or length.
    pub fn nal(&mut self, nal: &[u8]) -> Result<(), DecodeError> {
        let (header, rest) = nal.split_first().ok_or(DecodeError::Cut)?;
        match header & 31 {
            SPS => {
                let size = size(&unescape(rest)).ok_or(DecodeError::Foreign)?;
                if self.size != Some(size) {
                    self.size = Some(size);
                    self.planes = None;
                }
                Ok(())
            }
            PPS => Ok(()),
            IDR => self.slice(&unescape(rest), true),
            SLICE => self.slice(&unescape(rest), false),
            _ => Err(DecodeError::Foreign),
        }
    }

    /// Takes an access unit with a length of four bytes before each NAL unit, as in MP4.
    pub fn access_unit(&mut self, mut data: &[u8]) -> Result<(), DecodeError> {
        while !data.is_empty() {
            let (length, rest) = data.split_first_chunk::<4>().ok_or(DecodeError::Cut)?;
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let (nal, rest) = rest.split_at_checked(length).ok_or(DecodeError::Cut)?;
            self.nal(nal)?;
            data = rest;
        }
        Ok(())
    }

    /// Width and height of the visible picture.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.size
    }

    /// The luma plane of the last picture.
    pub fn luma(&self) -> Option<Luma<'_>> {
        let (planes, (width, height)) = (self.planes.as_ref()?, self.size?);
        Some(Luma {
            data: &planes.y,
            stride: planes.stride(),
            width,
            height,
            video_width: width,
        })
    }

    /// What the strip of the last picture says.
    pub fn strip(&self) -> Result<Strip, StripError> {
        Strip::read(&self.luma().ok_or(StripError::TooSmall)?)
    }

    #[cfg(test)]
    pub(super) fn planes(&self) -> Option<&Planes> {
        self.planes.as_ref()
    }

    fn slice(&mut self, rbsp: &[u8], key: bool) -> Result<(), DecodeError> {
        let (width, height) = self.size.ok_or(DecodeError::Early)?;
        let mut bits = BitReader::new(rbsp);
        let frame_num = header(&mut bits, key).ok_or(DecodeError::Foreign)?;
        let side = |it: u32| usize::try_from(it.div_ceil(16)).unwrap_or(0);
        let mut planes = match self.planes.take() {
            Some(planes) => planes,
            None if key => Planes::new(side(width), side(height)),
            None => return Err(DecodeError::Early),
        };
        if !key && frame_num != (self.frame_num + 1) & 0xffff {
            return Err(DecodeError::Missing);
        }
        self.frame_num = frame_num;
        self.pcm.clear();
        self.pcm.resize(planes.blocks(), false);
        self.macroblocks(&mut bits, &mut planes, key)
            .ok_or(DecodeError::Foreign)?;
        self.planes = Some(planes);
        Ok(())
    }

    fn macroblocks(
        &mut self,
        bits: &mut BitReader<'_>,
        planes: &mut Planes,
        key: bool,
    ) -> Option<()> {
        let base = if key { 0 } else { IN_P };
        let mut block = 0;
        while block < planes.blocks() {
            if !key {
                block = block.checked_add(usize::try_from(bits.ue()?).ok()?)?;
                if !bits.more() {
                    break;
                }
            }
            if block >= planes.blocks() {
                return None;
            }
            match bits.ue()?.checked_sub(base)? {
                PCM => {
                    let samples: &Block = bits.bytes(384)?.try_into().ok()?;
                    planes.set_block(block, samples);
                    self.pcm[block] = true;
                }
                kind @ (FLAT | FLAT_COLOURED) => {
                    (bits.ue()? == 0 && bits.se()? == 0).then_some(())?;
                    let mut levels = Levels {
                        luma: 0,
                        cb: [0; 4],
                        cr: [0; 4],
                    };
                    levels.luma = cavlc::take_luma(bits, self.crowded(planes, block))?;
                    if kind == FLAT_COLOURED {
                        levels.cb = cavlc::take_chroma(bits)?;
                        levels.cr = cavlc::take_chroma(bits)?;
                    }
                    planes.set_block(block, &painted(planes, block, &levels));
                }
                _ => return None,
            }
            block += 1;
        }
        (block == planes.blocks() && !bits.more()).then_some(())
    }

    fn crowded(&self, planes: &Planes, block: usize) -> bool {
        let left = !block.is_multiple_of(planes.columns) && self.pcm[block - 1];
        left || (block >= planes.columns && self.pcm[block - planes.columns])
    }
}

fn painted(planes: &Planes, block: usize, levels: &Levels) -> Block {
    let (y, cb, cr) = flat::colours(planes, block, levels);
    let mut out = [y; 384];
    for (chroma, colours) in out[256..].chunks_exact_mut(64).zip([cb, cr]) {
        for (at, sample) in chroma.iter_mut().enumerate() {
            *sample = colours[at / 32 * 2 + at % 8 / 4];
        }
    }
    out
}

/// The slice header as the encoder writes it; gives `frame_num`.
fn header(bits: &mut BitReader<'_>, key: bool) -> Option<u32> {
    let start = (bits.ue()?, bits.ue()?, bits.ue()?);
    (start == (0, if key { 7 } else { 5 }, 0)).then_some(())?;
    let frame_num = bits.take(16)?;
    if key {
        bits.ue()?;
        bits.take(2)?;
    } else {
        (bits.take(3)? == 0).then_some(())?;
    }
    (bits.se()? == 0 && bits.ue()? == 1).then_some(frame_num)
}

/// Visible width and height from a sequence parameter set like the encoder's.
fn size(rbsp: &[u8]) -> Option<(u32, u32)> {
    let mut bits = BitReader::new(rbsp);
    (bits.take(16)? == 66 << 8 | 0b1100_0000).then_some(())?;
    bits.take(8)?;
    let fixed = (bits.ue()?, bits.ue()?, bits.ue()?, bits.ue()?, bits.bit()?);
    (fixed == (0, 12, 2, 1, 0)).then_some(())?;
    let side = |bits: &mut BitReader<'_>| bits.ue()?.checked_add(1)?.checked_mul(16);
    let (mut width, mut height) = (side(&mut bits)?, side(&mut bits)?);
    (bits.take(2)? == 3).then_some(())?;
    if bits.flag()? {
        let mut crop = [0; 4];
        for it in &mut crop {
            *it = bits.ue()?.checked_mul(2)?;
        }
        width = width.checked_sub(crop[0].checked_add(crop[1])?)?;
        height = height.checked_sub(crop[2].checked_add(crop[3])?)?;
    }
    ((1..=MAX_WIDTH).contains(&width) && (1..=MAX_HEIGHT).contains(&height))
        .then_some((width, height))
}

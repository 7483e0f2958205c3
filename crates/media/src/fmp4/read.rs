//! The reader: boxes to samples.

use std::ops::Range;

use super::boxes::{Boxes, Fields, Found, NO_SYNC, find};

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
    let moov = find(bytes, 0..bytes.len(), "moov")?.content;
    let trak = find(bytes, moov.clone(), "trak")?.content;
    find(bytes, moov, "mvex")?;
    let tkhd = find(bytes, trak.clone(), "tkhd")?.content;
    let (track, width, height) = track_header(bytes, tkhd).ok_or(ReadError::Malformed("tkhd"))?;
    let mdia = find(bytes, trak, "mdia")?.content;
    let mdhd = find(bytes, mdia.clone(), "mdhd")?.content;
    let timescale = media_header(bytes, mdhd).filter(|it| *it > 0);
    let minf = find(bytes, mdia, "minf")?.content;
    let stbl = find(bytes, minf, "stbl")?.content;
    let stsd = find(bytes, stbl, "stsd")?.content;
    // Version, flags and the number of entries.
    let entries = stsd.start.checked_add(8).filter(|it| *it <= stsd.end);
    let entries = entries.ok_or(ReadError::Malformed("stsd"))?..stsd.end;
    let entry = Boxes::new(bytes, entries)
        .next()
        .ok_or(ReadError::Missing("sample entry"))??;
    Ok(Init {
        timescale: timescale.ok_or(ReadError::Malformed("mdhd"))?,
        track,
        width,
        height,
        sample_entry: entry.start..entry.content.end,
    })
}

/// Track number, width and height (section 8.3.2).
fn track_header(bytes: &[u8], within: Range<usize>) -> Option<(u32, u32, u32)> {
    let mut fields = Fields::new(bytes, within);
    let (version, _) = fields.full()?;
    fields.skip(if version == 1 { 16 } else { 8 })?;
    let track = fields.u32()?;
    fields.skip(if version == 1 { 12 } else { 8 })?;
    fields.skip(16 + 36)?;
    Some((track, fields.u32()? >> 16, fields.u32()? >> 16))
}

/// Timescale (section 8.4.2).
fn media_header(bytes: &[u8], within: Range<usize>) -> Option<u32> {
    let mut fields = Fields::new(bytes, within);
    let (version, _) = fields.full()?;
    fields.skip(if version == 1 { 16 } else { 8 })?;
    fields.u32()
}

/// Reads fragments, one behind the other; boxes between them that are not ours are skipped.
pub fn read_fragments(bytes: &[u8]) -> Result<Vec<Run>, ReadError> {
    let mut runs = Vec::new();
    // Where the pictures of the last `moof` are, which its `mdat` must cover.
    let mut owed: Option<Range<usize>> = None;
    for found in Boxes::new(bytes, 0..bytes.len()) {
        let found = found?;
        match &found.name {
            b"moof" if owed.is_some() => return Err(ReadError::Missing("mdat")),
            b"moof" => {
                let run = read_moof(bytes, &found)?;
                let of = |it: &Sample| it.data.clone();
                let (first, last) = (run.samples.first().map(of), run.samples.last().map(of));
                owed = first.zip(last).map(|(first, last)| first.start..last.end);
                runs.push(run);
            }
            b"mdat" => {
                let inside = |it: &Range<usize>| {
                    found.content.start <= it.start && it.end <= found.content.end
                };
                if !owed.take().as_ref().is_none_or(inside) {
                    return Err(ReadError::Malformed("trun"));
                }
            }
            _ => {}
        }
    }
    if owed.is_some() {
        return Err(ReadError::Missing("mdat"));
    }
    Ok(runs)
}

fn read_moof(bytes: &[u8], moof: &Found) -> Result<Run, ReadError> {
    let mfhd = find(bytes, moof.content.clone(), "mfhd")?.content;
    let mut fields = Fields::new(bytes, mfhd);
    let sequence = fields.full().and_then(|_| fields.u32());
    let traf = find(bytes, moof.content.clone(), "traf")?.content;
    let tfhd = find(bytes, traf.clone(), "tfhd")?.content;
    let defaults = Defaults::read(bytes, tfhd).ok_or(ReadError::Malformed("tfhd"))?;
    let tfdt = find(bytes, traf.clone(), "tfdt")?.content;
    let time = decode_time(bytes, tfdt).ok_or(ReadError::Malformed("tfdt"))?;
    let trun = find(bytes, traf, "trun")?.content;
    let samples = samples(bytes, trun, moof.start, time, &defaults);
    Ok(Run {
        sequence: sequence.ok_or(ReadError::Malformed("mfhd"))?,
        samples: samples.ok_or(ReadError::Malformed("trun"))?,
    })
}

/// What holds for samples that do not say otherwise (section 8.8.7).
#[derive(Debug, Default)]
struct Defaults {
    duration: Option<u32>,
    size: Option<u32>,
    flags: u32,
}

impl Defaults {
    fn read(bytes: &[u8], within: Range<usize>) -> Option<Self> {
        let mut fields = Fields::new(bytes, within);
        let (_, flags) = fields.full()?;
        fields.u32()?;
        // An offset of its own, or one that counts from elsewhere, is nothing of ours.
        (flags & 0x2_0001 == 0x2_0000).then_some(())?;
        let mut optional = |bit: u32| match flags & bit {
            0 => Some(None),
            _ => fields.u32().map(Some),
        };
        optional(0x2)?;
        Some(Self {
            duration: optional(0x8)?,
            size: optional(0x10)?,
            flags: optional(0x20)?.unwrap_or(0),
        })
    }
}

/// Section 8.8.12.
fn decode_time(bytes: &[u8], within: Range<usize>) -> Option<u64> {
    let mut fields = Fields::new(bytes, within);
    match fields.full()?.0 {
        0 => fields.u32().map(u64::from),
        _ => fields.u64(),
    }
}

/// Section 8.8.8.
fn samples(
    bytes: &[u8],
    within: Range<usize>,
    base: usize,
    mut dts: u64,
    defaults: &Defaults,
) -> Option<Vec<Sample>> {
    let mut fields = Fields::new(bytes, within);
    let (version, flags) = fields.full()?;
    let count = usize::try_from(fields.u32()?).ok()?;
    // The data offset must be there; flags of the first sample alone may be.
    (flags & 0x1 != 0).then_some(())?;
    let mut data = base.checked_add_signed(fields.u32()?.cast_signed().try_into().ok()?)?;
    let first = if flags & 0x4 == 0 {
        None
    } else {
        Some(fields.u32()?)
    };
    let width = (flags & 0xf00).count_ones() as usize * 4;
    // Samples that take no bytes here cannot be counted by them; ours always do.
    (width > 0 && count <= fields.left() / width).then_some(())?;
    let mut samples = Vec::with_capacity(count);
    for n in 0..count {
        let mut optional = |bit: u32| match flags & bit {
            0 => Some(None),
            _ => fields.u32().map(Some),
        };
        let duration = optional(0x100)?.or(defaults.duration)?;
        let size = optional(0x200)?.or(defaults.size)?;
        let own = optional(0x400)?;
        let offset = optional(0x800)?.unwrap_or(0);
        let offset = if version == 0 {
            i64::from(offset)
        } else {
            i64::from(offset.cast_signed())
        };
        let flags = own.or(first.filter(|_| n == 0)).unwrap_or(defaults.flags);
        let end = data.checked_add(usize::try_from(size).ok()?)?;
        (end <= bytes.len()).then_some(())?;
        samples.push(Sample {
            dts,
            pts: i64::try_from(dts).ok()?.checked_add(offset)?,
            duration,
            key: flags & NO_SYNC == 0,
            data: data..end,
        });
        data = end;
        dts = dts.checked_add(u64::from(duration))?;
    }
    Some(samples)
}

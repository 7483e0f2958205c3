//! Several fragments to one file that any player opens.

use std::ops::Range;

use super::boxes::{KEY, NO_KEY, put, put_full, put_u32, put_u64};
use super::write::{TIMESCALE, TRACK, file_type, movie_header, track};
use super::{Init, ReadError, Sample, read_fragments, read_init};
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

/// A sample and the bytes it stands in, at its time in the file.
struct Placed<'a> {
    part: &'a [u8],
    sample: Sample,
}

/// Makes one file of parts that share `init`. Parameters that change need a file of their own. A hole
/// between parts makes the picture before it last longer.
pub fn remux(init: &[u8], parts: &[Part<'_>], layout: Layout) -> Result<Vec<u8>, ReadError> {
    let head = read_init(init)?;
    if head.timescale != TIMESCALE || head.track != TRACK {
        return Err(ReadError::Malformed("moov"));
    }
    let runs = place(parts)?;
    match layout {
        Layout::Fragmented => fragmented(init, &runs),
        Layout::Progressive => {
            let samples: Vec<Placed<'_>> = runs.into_iter().flatten().collect();
            progressive(init, &head, &samples)
        }
    }
}

/// The runs of all parts, each at its time in the file, decoding times without holes.
fn place<'a>(parts: &[Part<'a>]) -> Result<Vec<Vec<Placed<'a>>>, ReadError> {
    let wrong = || ReadError::Malformed("tfdt");
    let mut runs: Vec<Vec<Placed<'a>>> = Vec::new();
    let mut end = 0_u64;
    for part in parts {
        let offset = u64::try_from(part.offset.0).unwrap_or(0).max(end);
        for run in read_fragments(part.bytes)? {
            let Some(first) = run.samples.first() else {
                continue;
            };
            // What an estimate of a duration overshot is moved up; what it missed lengthens the last one.
            let wanted = offset.checked_add(first.dts).ok_or_else(wrong)?;
            let shift = i64::try_from(wanted.max(end)).map_err(|_| wrong())?;
            let shift = shift.checked_sub_unsigned(first.dts).ok_or_else(wrong)?;
            if let Some(last) = runs.last_mut().and_then(|it| it.last_mut()) {
                let longer = wanted.saturating_sub(end);
                let duration = u64::from(last.sample.duration).saturating_add(longer);
                last.sample.duration = u32::try_from(duration).unwrap_or(u32::MAX);
                end = last
                    .sample
                    .dts
                    .saturating_add(u64::from(last.sample.duration));
            }
            let moved = |mut sample: Sample| {
                sample.dts = sample.dts.checked_add_signed(shift)?;
                sample.pts = sample.pts.checked_add(shift)?;
                end = end.max(sample.dts.checked_add(u64::from(sample.duration))?);
                Some(Placed {
                    part: part.bytes,
                    sample,
                })
            };
            let run: Option<Vec<_>> = run.samples.into_iter().map(moved).collect();
            runs.push(run.ok_or_else(wrong)?);
        }
    }
    Ok(runs)
}

fn fragmented(init: &[u8], runs: &[Vec<Placed<'_>>]) -> Result<Vec<u8>, ReadError> {
    let mut out = init.to_vec();
    for (sequence, run) in (1..).zip(runs) {
        let Some(first) = run.first() else {
            continue;
        };
        let start = out.len();
        let mut offset_at = 0;
        put(&mut out, *b"moof", |out| {
            put_full(out, *b"mfhd", 0, 0, |out| put_u32(out, sequence));
            put(out, *b"traf", |out| {
                put_full(out, *b"tfhd", 0, 0x2_0000, |out| put_u32(out, TRACK));
                put_full(out, *b"tfdt", 1, 0, |out| put_u64(out, first.sample.dts));
                put_full(out, *b"trun", 1, 0xf01, |out| {
                    put_u32(out, count(run.len()));
                    offset_at = out.len();
                    put_u32(out, 0);
                    for it in run {
                        put_u32(out, it.sample.duration);
                        put_u32(out, count(it.sample.data.len()));
                        put_u32(out, if it.sample.key { KEY } else { NO_KEY });
                        put_u32(out, it.shown_later().cast_unsigned());
                    }
                });
            });
        });
        let offset = count(out.len() - start + 8);
        out[offset_at..offset_at + 4].copy_from_slice(&offset.to_be_bytes());
        data(run, &mut out)?;
    }
    Ok(out)
}

fn progressive(init: &[u8], head: &Init, samples: &[Placed<'_>]) -> Result<Vec<u8>, ReadError> {
    let duration = samples
        .last()
        .map_or(0, |it| it.sample.dts + u64::from(it.sample.duration));
    let begin = samples.first().map_or(0, |it| it.sample.dts);
    let duration = duration.saturating_sub(begin);
    let delay = delay(samples);
    let shown = samples.iter().map(|it| it.sample.pts).min().unwrap_or(0);
    let shown = shown.saturating_add(delay).saturating_sub_unsigned(begin);
    let shown = u64::try_from(shown).ok().filter(|it| *it > 0);
    let entry: Range<usize> = head.sample_entry.clone();
    let entry = init.get(entry).ok_or(ReadError::Missing("sample entry"))?;
    let side = |it: u32| u16::try_from(it).unwrap_or(u16::MAX);
    let mut out = Vec::new();
    file_type(&mut out, *b"isom");
    let mut offset_at = 0;
    put(&mut out, *b"moov", |out| {
        movie_header(out, duration);
        track(
            out,
            (side(head.width), side(head.height)),
            duration,
            shown,
            entry,
            |out| {
                offset_at = tables(samples, delay, out);
            },
        );
    });
    let offset = count(out.len() + 8);
    out[offset_at..offset_at + 4].copy_from_slice(&offset.to_be_bytes());
    data(samples, &mut out)?;
    Ok(out)
}

/// The tables of samples (sections 8.6 and 8.7), all samples in one chunk; says where the chunk's offset is
/// to be filled in.
fn tables(samples: &[Placed<'_>], delay: i64, out: &mut Vec<u8>) -> usize {
    counted(out, *b"stts", samples.iter().map(|it| it.sample.duration));
    let later = |it: &Placed<'_>| u32::try_from(i64::from(it.shown_later()) + delay).unwrap_or(0);
    let offsets = || samples.iter().map(later);
    if offsets().any(|it| it != 0) {
        counted(out, *b"ctts", offsets());
    }
    let keys = (1..).zip(samples).filter(|it| it.1.sample.key);
    let keys: Vec<u32> = keys.map(|it| it.0).collect();
    put_full(out, *b"stss", 0, 0, |out| {
        put_u32(out, count(keys.len()));
        for it in &keys {
            put_u32(out, *it);
        }
    });
    put_full(out, *b"stsc", 0, 0, |out| {
        for it in [1, 1, count(samples.len()), 1] {
            put_u32(out, it);
        }
    });
    put_full(out, *b"stsz", 0, 0, |out| {
        put_u32(out, 0);
        put_u32(out, count(samples.len()));
        for it in samples {
            put_u32(out, count(it.sample.data.len()));
        }
    });
    let mut offset_at = 0;
    put_full(out, *b"stco", 0, 0, |out| {
        put_u32(out, 1);
        offset_at = out.len();
        put_u32(out, 0);
    });
    offset_at
}

/// By how much all pictures are shown later, so that none is shown before it is decoded: composition offsets below
/// 0 are not read everywhere. An edit list takes it back.
fn delay(samples: &[Placed<'_>]) -> i64 {
    let least = samples.iter().map(|it| i64::from(it.shown_later())).min();
    least.unwrap_or(0).min(0).saturating_neg()
}

/// A table of values, each with how often it comes in a row.
fn counted(out: &mut Vec<u8>, name: [u8; 4], values: impl Iterator<Item = u32>) {
    let mut rows: Vec<(u32, u32)> = Vec::new();
    for value in values {
        match rows.last_mut() {
            Some((times, last)) if *last == value => *times += 1,
            _ => rows.push((1, value)),
        }
    }
    put_full(out, name, 0, 0, |out| {
        put_u32(out, count(rows.len()));
        for (times, value) in rows {
            put_u32(out, times);
            put_u32(out, value);
        }
    });
}

/// `mdat` with the bytes of the samples.
fn data(samples: &[Placed<'_>], out: &mut Vec<u8>) -> Result<(), ReadError> {
    let size: usize = samples.iter().map(|it| it.sample.data.len()).sum();
    // One box of a 32-bit length; a longer export is several files.
    let length = u32::try_from(size + 8).map_err(|_| ReadError::Malformed("mdat"))?;
    put_u32(out, length);
    out.extend_from_slice(b"mdat");
    out.reserve(size);
    for it in samples {
        out.extend_from_slice(it.part.get(it.sample.data.clone()).unwrap_or_default());
    }
    Ok(())
}

impl Placed<'_> {
    /// The composition offset.
    fn shown_later(&self) -> i32 {
        let dts = i64::try_from(self.sample.dts).unwrap_or(i64::MAX);
        let later = self.sample.pts.saturating_sub(dts);
        i32::try_from(later).unwrap_or(0)
    }
}

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

//! The writer: an initialisation segment once, then a fragment for each group of pictures.

use std::ops::Range;
use std::time::Duration;

use base::Timestamp;

use super::boxes::{KEY, NO_KEY, put, put_full, put_u16, put_u32, put_u64};
use crate::{Frame, Parameters, TICKS_PER_SECOND, Ticks};

/// Units of media time in a second.
pub(super) const TIMESCALE: u32 = 90_000;
const _: () = assert!(TIMESCALE as i64 == TICKS_PER_SECOND);
/// The number of our only track.
pub(super) const TRACK: u32 = 1;
/// Unity: the picture is not turned (ISO/IEC 14496-12, section 8.2.2.2).
const MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

fn matrix(out: &mut Vec<u8>) {
    for it in MATRIX {
        put_u32(out, it);
    }
}

/// The initialisation segment: `ftyp` and a `moov` with one empty track in units of 1/90000 s.
pub fn init(parameters: &Parameters) -> Vec<u8> {
    let side = |it: u32| u16::try_from(it).unwrap_or(u16::MAX);
    let size = (side(parameters.width), side(parameters.height));
    let mut out = Vec::with_capacity(700 + parameters.sample_entry.len());
    file_type(&mut out, *b"iso6");
    put(&mut out, *b"moov", |out| {
        movie_header(out, 0);
        track(out, size, 0, None, &parameters.sample_entry, |out| {
            for name in [*b"stts", *b"stsc"] {
                put_full(out, name, 0, 0, |out| put_u32(out, 0));
            }
            put_full(out, *b"stsz", 0, 0, |out| put_u64(out, 0));
            put_full(out, *b"stco", 0, 0, |out| put_u32(out, 0));
        });
        put(out, *b"mvex", |out| {
            put_full(out, *b"trex", 0, 0, |out| {
                for it in [TRACK, 1, 0, 0, 0] {
                    put_u32(out, it);
                }
            });
        });
    });
    out
}

pub(super) fn file_type(out: &mut Vec<u8>, brand: [u8; 4]) {
    put(out, *b"ftyp", |out| {
        out.extend_from_slice(&brand);
        put_u32(out, 0);
        for it in [b"iso6", b"isom", b"mp41"] {
            out.extend_from_slice(it);
        }
    });
}

/// `mvhd` (section 8.2.2), in the units of the track.
pub(super) fn movie_header(out: &mut Vec<u8>, duration: u64) {
    put_full(out, *b"mvhd", 1, 0, |out| {
        put_u64(out, 0);
        put_u64(out, 0);
        put_u32(out, TIMESCALE);
        put_u64(out, duration);
        // Played at its own rate, as loud as it is.
        put_u32(out, 0x1_0000);
        put_u16(out, 0x100);
        out.extend_from_slice(&[0; 10]);
        matrix(out);
        out.extend_from_slice(&[0; 24]);
        put_u32(out, TRACK + 1);
    });
}

/// `trak` with everything but the tables of samples, which `tables` writes. Where `begins` is given, the picture
/// shown first is at that media time.
pub(super) fn track(
    out: &mut Vec<u8>,
    (width, height): (u16, u16),
    duration: u64,
    begins: Option<u64>,
    sample_entry: &[u8],
    tables: impl FnOnce(&mut Vec<u8>),
) {
    put(out, *b"trak", |out| {
        // Enabled and in the presentation (section 8.3.2.3).
        put_full(out, *b"tkhd", 1, 3, |out| {
            put_u64(out, 0);
            put_u64(out, 0);
            put_u32(out, TRACK);
            put_u32(out, 0);
            put_u64(out, duration);
            out.extend_from_slice(&[0; 16]);
            matrix(out);
            put_u32(out, u32::from(width) << 16);
            put_u32(out, u32::from(height) << 16);
        });
        if let Some(begins) = begins {
            put(out, *b"edts", |out| edit(out, duration, begins));
        }
        put(out, *b"mdia", |out| {
            put_full(out, *b"mdhd", 1, 0, |out| {
                put_u64(out, 0);
                put_u64(out, 0);
                put_u32(out, TIMESCALE);
                put_u64(out, duration);
                // The language is undetermined: "und" in three times five bits.
                put_u32(out, 0x55c4_0000);
            });
            put_full(out, *b"hdlr", 0, 0, |out| {
                put_u32(out, 0);
                out.extend_from_slice(b"vide");
                out.extend_from_slice(&[0; 12]);
                out.extend_from_slice(b"Obhut\0");
            });
            put(out, *b"minf", |out| {
                put_full(out, *b"vmhd", 0, 1, |out| put_u64(out, 0));
                put(out, *b"dinf", |out| {
                    put_full(out, *b"dref", 0, 0, |out| {
                        put_u32(out, 1);
                        // The samples are in this file.
                        put_full(out, *b"url ", 0, 1, |_| {});
                    });
                });
                put(out, *b"stbl", |out| {
                    put_full(out, *b"stsd", 0, 0, |out| {
                        put_u32(out, 1);
                        out.extend_from_slice(sample_entry);
                    });
                    tables(out);
                });
            });
        });
    });
}

/// An edit list with one entry (section 8.6.6): all of it, at its own rate, from that media time on.
fn edit(out: &mut Vec<u8>, duration: u64, begins: u64) {
    put_full(out, *b"elst", 1, 0, |out| {
        put_u32(out, 1);
        put_u64(out, duration);
        put_u64(out, begins);
        put_u32(out, 0x1_0000);
    });
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Where `moof` and `mdat` stand in the buffer they were appended to.
    pub bytes: Range<usize>,
    /// When its first picture was taken ([`Frame::wall`] of the one shown first).
    pub start: Timestamp,
    /// How long it lasts, from the picture shown first.
    pub duration: Duration,
    /// Whether it begins with a key frame.
    pub key: bool,
    /// How many pictures it holds.
    pub samples: u32,
}

/// Writes the fragments of one segment. Media time is 0 when the first picture of the first fragment is shown.
///
/// Cameras say when a picture is shown, not when it is decoded. The n-th picture to come is decoded when the
/// n-th picture is shown; with B-frames a picture may so be shown before its decoding time, which signed
/// composition offsets allow (ISO/IEC 14496-12, section 8.8.8, version 1). Decoding times rise from fragment
/// to fragment.
#[derive(Debug, Default)]
pub struct Muxer {
    /// Stream time that is media time 0.
    origin: Option<Ticks>,
    /// The least decoding time of the next fragment.
    next: i64,
    sequence: u32,
    /// Kept for its memory: decoding times of a fragment.
    times: Vec<i64>,
}

/// A composition offset and a duration never need more; an hour of it and the stream is broken anyway.
const LONGEST: i64 = i32::MAX as i64;
/// Bytes of `moof` besides what each sample takes, and of the head of `mdat`.
const HEAD: usize = 100;
/// Bytes each sample takes in `trun`.
const ENTRY: usize = 16;

impl Muxer {
    /// At the beginning of a segment.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `moof` and `mdat` of the pictures, which come in decoding order; `end` is when the next one
    /// begins. The only copy of picture bytes made here is the one into `out`, so that a caller can seal it
    /// in place. Nothing is written, and `None` returned, for no pictures or more than 2 GiB of them.
    pub fn write(&mut self, frames: &[Frame], end: Ticks, out: &mut Vec<u8>) -> Option<Fragment> {
        let first = frames.iter().min_by_key(|it| it.stream_time)?;
        let size: usize = frames.iter().map(|it| it.data.len()).sum();
        let samples = u32::try_from(frames.len()).ok()?;
        let payload = i32::try_from(size).ok()?.cast_unsigned();
        self.decode_at(first.stream_time, frames, end);
        self.sequence = self.sequence.wrapping_add(1);
        let start = out.len();
        out.reserve(HEAD + 8 + frames.len() * ENTRY + size);
        let offset_at = self.head(frames, samples, out);
        let offset = u32::try_from(out.len() - start + 8).unwrap_or(u32::MAX);
        out[offset_at..offset_at + 4].copy_from_slice(&offset.to_be_bytes());
        put_u32(out, payload + 8);
        out.extend_from_slice(b"mdat");
        for frame in frames {
            out.extend_from_slice(&frame.data);
        }
        Some(Fragment {
            bytes: start..out.len(),
            start: first.wall,
            duration: end.minus(first.stream_time).duration(),
            key: frames[0].key,
            samples,
        })
    }

    /// Fills `times` with the decoding time of each picture and, last, that of the next fragment.
    fn decode_at(&mut self, first: Ticks, frames: &[Frame], end: Ticks) {
        let origin = *self.origin.get_or_insert(first);
        let media = |it: Ticks| it.minus(origin).0;
        self.times.clear();
        self.times
            .extend(frames.iter().map(|it| media(it.stream_time)));
        self.times.sort_unstable();
        self.times.push(media(end));
        let mut least = self.next.max(0);
        for time in &mut self.times {
            // A hole is at most as long as one duration can say.
            *time = (*time).clamp(least, least.saturating_add(LONGEST));
            least = time.saturating_add(1);
        }
        self.next = self.times.last().copied().unwrap_or(0);
    }

    /// Writes `moof`; says where the offset of the data is to be filled in.
    fn head(&self, frames: &[Frame], samples: u32, out: &mut Vec<u8>) -> usize {
        let origin = self.origin.unwrap_or_default();
        let mut offset_at = 0;
        put(out, *b"moof", |out| {
            put_full(out, *b"mfhd", 0, 0, |out| put_u32(out, self.sequence));
            put(out, *b"traf", |out| {
                // default-base-is-moof: offsets count from this moof.
                put_full(out, *b"tfhd", 0, 0x2_0000, |out| put_u32(out, TRACK));
                put_full(out, *b"tfdt", 1, 0, |out| {
                    put_u64(out, self.times[0].cast_unsigned());
                });
                // Data offset, and for each sample duration, size, flags and composition offset.
                put_full(out, *b"trun", 1, 0xf01, |out| {
                    put_u32(out, samples);
                    offset_at = out.len();
                    put_u32(out, 0);
                    for (frame, times) in frames.iter().zip(self.times.windows(2)) {
                        let shown = frame.stream_time.minus(origin).0.saturating_sub(times[0]);
                        let shown = i32::try_from(shown.clamp(-LONGEST, LONGEST)).unwrap_or(0);
                        put_u32(out, u32::try_from(times[1] - times[0]).unwrap_or(0));
                        put_u32(out, u32::try_from(frame.data.len()).unwrap_or(0));
                        put_u32(out, if frame.key { KEY } else { NO_KEY });
                        put_u32(out, shown.cast_unsigned());
                    }
                });
            });
        });
        offset_at
    }
}

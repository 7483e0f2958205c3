//! Boxes (ISO/IEC 14496-12, section 4.2): a length, a name, and what is inside.

use std::ops::Range;

use super::ReadError;

/// Flags of a sample that is a key frame: depends on no other (section 8.8.3.1).
pub(super) const KEY: u32 = 0x0200_0000;
/// Flags of one that is none: depends on others, is no sync sample.
pub(super) const NO_KEY: u32 = 0x0101_0000;
/// The bit that says it is no sync sample.
pub(super) const NO_SYNC: u32 = 0x0001_0000;

/// Writes a box; the length is filled in behind.
pub(super) fn put(out: &mut Vec<u8>, name: [u8; 4], inside: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&name);
    inside(out);
    fill(out, start);
}

/// Writes a box with version and flags (section 4.2.2).
pub(super) fn put_full(
    out: &mut Vec<u8>,
    name: [u8; 4],
    version: u8,
    flags: u32,
    inside: impl FnOnce(&mut Vec<u8>),
) {
    put(out, name, |out| {
        put_u32(out, u32::from(version) << 24 | flags);
        inside(out);
    });
}

/// The length of what began at `start`. Nothing we write comes near the end of 32 bits, which the callers see to.
fn fill(out: &mut [u8], start: usize) {
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

pub(super) fn put_u16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(super) fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(super) fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_be_bytes());
}

/// A box that was read: its name and where its content stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: [u8; 4],
    /// Where the whole box begins.
    pub(super) start: usize,
    pub(super) content: Range<usize>,
}

/// The boxes in a part of the bytes.
#[derive(Debug, Clone)]
pub(super) struct Boxes<'a> {
    bytes: &'a [u8],
    rest: Range<usize>,
}

impl<'a> Boxes<'a> {
    /// `within` lies inside `bytes`.
    pub(super) fn new(bytes: &'a [u8], within: Range<usize>) -> Self {
        Self {
            bytes,
            rest: within,
        }
    }

    fn read(&mut self) -> Result<Found, ReadError> {
        let at = self.rest.start;
        let wrong = ReadError::Length { at };
        let mut head = Fields::new(self.bytes, self.rest.clone());
        let short = head.u32().ok_or(wrong.clone())?;
        let name = head.u32().ok_or(wrong.clone())?.to_be_bytes();
        let length = match short {
            // To the end of the file: a writer that was cut off. Ours never does that.
            0 => return Err(wrong),
            1 => usize::try_from(head.u64().ok_or(wrong.clone())?).map_err(|_| wrong.clone())?,
            _ => usize::try_from(short).map_err(|_| wrong.clone())?,
        };
        let end = at
            .checked_add(length)
            .filter(|it| *it <= self.rest.end && *it >= head.at());
        let end = end.ok_or(wrong)?;
        self.rest.start = end;
        Ok(Found {
            name,
            start: at,
            content: head.at()..end,
        })
    }
}

impl Iterator for Boxes<'_> {
    type Item = Result<Found, ReadError>;

    /// After an error there is nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let found = self.read();
        if found.is_err() {
            self.rest.start = self.rest.end;
        }
        Some(found)
    }
}

/// The first box of that name.
pub(super) fn find(
    bytes: &[u8],
    within: Range<usize>,
    name: &'static str,
) -> Result<Found, ReadError> {
    for found in Boxes::new(bytes, within) {
        let found = found?;
        if found.name == name.as_bytes() {
            return Ok(found);
        }
    }
    Err(ReadError::Missing(name))
}

/// Numbers in a part of the bytes; `None` at its end.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    within: Range<usize>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8], within: Range<usize>) -> Self {
        Self { bytes, within }
    }

    /// Where the next number stands.
    pub(super) fn at(&self) -> usize {
        self.within.start
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let part = self.bytes.get(self.within.clone())?;
        let taken = *part.first_chunk::<N>()?;
        self.within.start += N;
        Some(taken)
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        let start = self.within.start.checked_add(count)?;
        (start <= self.within.end).then(|| self.within.start = start)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    /// Version and flags.
    pub(super) fn full(&mut self) -> Option<(u8, u32)> {
        let word = self.u32()?;
        Some((word.to_be_bytes()[0], word & 0x00ff_ffff))
    }

    /// Bytes left.
    pub(super) fn left(&self) -> usize {
        self.within.len()
    }
}

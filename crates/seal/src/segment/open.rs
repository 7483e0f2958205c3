//! Reading a segment.

use aws_lc_rs::aead::{Aad, LessSafeKey};
use zeroize::Zeroizing;

use super::header::{Header, split_head};
use super::{KEY_FRAME, PREFIX, gcm, nonce, scan};
use crate::bucket::BucketKey;
use crate::closing::{Entry, Record, State};
use crate::{SealError, same, sha256};

/// An opened fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Fragment {
    /// When it starts, microseconds since 1970.
    pub start_us: i64,
    /// How long it lasts, microseconds.
    pub duration_us: u32,
    /// Whether it begins with a key frame.
    pub key: bool,
    /// `moof` and `mdat`; pictures are wiped like keys.
    pub mp4: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Fragment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Fragment({} µs, {} bytes)",
            self.start_us,
            self.mp4.len()
        )
    }
}

/// Opens the fragments of one segment, in any order.
pub struct Opener {
    key: LessSafeKey,
    aad: [u8; 32],
    header: Header,
}

impl Opener {
    /// Opens a segment by its beginning: magic, length, header. What follows them does not matter.
    pub fn new(key: &BucketKey, head: &[u8]) -> Result<Self, SealError> {
        let (bytes, _) = split_head(head)?;
        let header = Header::decode(bytes)?;
        if header.bucket != key.bucket() {
            return Err(SealError::Unreadable);
        }
        Ok(Self {
            key: gcm(&key.segment_key(header.segment))?,
            aad: sha256(bytes),
            header,
        })
    }

    /// The header; it is bound to every fragment, so it can be trusted once one was opened.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Opens the fragment with this number, counted from 0.
    pub fn open(&self, number: u32, ciphertext: &[u8]) -> Result<Fragment, SealError> {
        let plain = self.unseal(number, ciphertext, false)?;
        let wrong = SealError::Malformed("fragment");
        let (start, rest) = plain.split_first_chunk::<8>().ok_or(wrong)?;
        let (duration, rest) = rest.split_first_chunk::<4>().ok_or(wrong)?;
        let (flags, _) = rest.split_first().ok_or(wrong)?;
        if flags & !KEY_FRAME != 0 {
            return Err(wrong);
        }
        let (start_us, duration_us) = (i64::from_be_bytes(*start), u32::from_be_bytes(*duration));
        let key = flags & KEY_FRAME != 0;
        let mut mp4 = plain;
        mp4.drain(..PREFIX);
        Ok(Fragment {
            start_us,
            duration_us,
            key,
            mp4,
        })
    }

    /// Checks the empty fragment behind the last; `number` is how many came before it.
    pub fn end(&self, number: u32, ciphertext: &[u8]) -> Result<(), SealError> {
        if self.unseal(number, ciphertext, true)?.is_empty() {
            Ok(())
        } else {
            Err(SealError::Malformed("fragment"))
        }
    }

    fn unseal(
        &self,
        number: u32,
        ciphertext: &[u8],
        last: bool,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut plain = Zeroizing::new(ciphertext.to_vec());
        let nonce = nonce(number, last);
        let length = self
            .key
            .open_in_place(nonce, Aad::from(self.aad), &mut plain)
            .map_err(|_| SealError::Unreadable)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

/// Opens a whole file and compares it with its closing record, which somebody has verified.
///
/// A file without its end is [`SealError::Cut`], unless the record says that it was interrupted.
pub fn open_whole(
    key: &BucketKey,
    file: &[u8],
    record: &Record,
) -> Result<Vec<Fragment>, SealError> {
    let seen = scan(file)?;
    let opener = Opener::new(key, file)?;
    let header = opener.header();
    if record.segment != header.segment
        || record.bucket != header.bucket
        || record.before != header.before
    {
        return Err(SealError::Contradiction("another segment"));
    }
    if !seen.ended && record.state == State::Closed {
        return Err(SealError::Cut);
    }
    if record.length != file.len() as u64 || !same(&record.sha256, &sha256(file)) {
        return Err(SealError::Contradiction("other bytes"));
    }
    if seen.good_len != record.length || seen.ended != (record.state == State::Closed) {
        return Err(SealError::Contradiction("another end"));
    }
    let wrong = SealError::Contradiction("other fragments");
    if seen.fragments.len() != record.index.len() {
        return Err(wrong);
    }
    let mut opened = Vec::with_capacity(seen.fragments.len());
    for (number, (piece, entry)) in (0..).zip(seen.fragments.iter().zip(&record.index)) {
        let fragment = opener.open(number, piece.of(file).ok_or(wrong)?)?;
        let inside = Entry {
            offset: piece.offset,
            length: piece.length,
            start_us: fragment.start_us,
            duration_us: fragment.duration_us,
            key: fragment.key,
        };
        if inside != *entry {
            return Err(wrong);
        }
        opened.push(fragment);
    }
    if let Some(end) = seen.end {
        let count = u32::try_from(opened.len()).map_err(|_| wrong)?;
        opener.end(count, end.of(file).ok_or(wrong)?)?;
    }
    Ok(opened)
}

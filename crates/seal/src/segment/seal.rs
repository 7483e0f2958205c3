//! Writing a segment.

use aws_lc_rs::aead::{Aad, LessSafeKey};

use super::header::{Header, head};
use super::{KEY_FRAME, LENGTH, MAX_FRAGMENT, MAX_FRAGMENTS, PREFIX, TAG, gcm, nonce};
use crate::bucket::BucketKey;
use crate::{SealError, sha256};

/// Seals the fragments of one segment, each with a nonce of its own.
///
/// Can't be copied and ends with [`Sealer::finish`]; a bucket's key gives out each segment once. So no
/// nonce is used twice, whatever the clock does: it is made of a counter alone.
pub struct Sealer {
    key: LessSafeKey,
    aad: [u8; 32],
    next: u32,
}

impl Sealer {
    /// Begins a segment. Gives the sealer and the beginning of the file: magic, length, header.
    pub fn begin(key: &BucketKey, header: &Header) -> Result<(Self, Vec<u8>), SealError> {
        if header.bucket != key.bucket() {
            return Err(SealError::Unreadable);
        }
        let bytes = header.encode()?;
        let sealer = Self {
            key: gcm(&key.fresh_segment_key(header.segment)?)?,
            aad: sha256(&bytes),
            next: 0,
        };
        Ok((sealer, head(&bytes)?))
    }

    /// The next bytes of the file: a fragment with its length before it. A segment that is full
    /// ([`MAX_FRAGMENTS`]) or a fragment beyond [`MAX_FRAGMENT`] is [`SealError::TooLarge`].
    pub fn fragment(
        &mut self,
        start_us: i64,
        duration_us: u32,
        key: bool,
        mp4: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        if mp4.len() > MAX_FRAGMENT || self.next >= MAX_FRAGMENTS {
            return Err(SealError::TooLarge);
        }
        let flags = if key { KEY_FRAME } else { 0 };
        let mut out = Vec::with_capacity(LENGTH + PREFIX + mp4.len() + TAG);
        out.extend_from_slice(&[0; LENGTH]);
        out.extend_from_slice(&start_us.to_be_bytes());
        out.extend_from_slice(&duration_us.to_be_bytes());
        out.push(flags);
        out.extend_from_slice(mp4);
        self.seal(out, false)
    }

    /// The last bytes of the file: the empty fragment.
    pub fn finish(mut self) -> Result<Vec<u8>, SealError> {
        let mut out = Vec::with_capacity(LENGTH + TAG);
        out.extend_from_slice(&[0; LENGTH]);
        self.seal(out, true)
    }

    /// How many fragments were sealed.
    pub const fn count(&self) -> u32 {
        self.next
    }

    /// Seals what lies behind the place of the length, appends the tag and fills the length in.
    fn seal(&mut self, mut out: Vec<u8>, last: bool) -> Result<Vec<u8>, SealError> {
        let nonce = nonce(self.next, last);
        // Counted before the attempt: not even a failure makes a nonce come again.
        self.next += 1;
        let aad = Aad::from(self.aad);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, aad, &mut out[LENGTH..])?;
        out.extend_from_slice(tag.as_ref());
        let length = u32::try_from(out.len() - LENGTH).map_err(|_| SealError::TooLarge)?;
        out[..LENGTH].copy_from_slice(&length.to_be_bytes());
        Ok(out)
    }
}

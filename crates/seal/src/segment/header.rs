//! What a segment says about itself in the clear.

use base::{BucketId, CameraId, RunId, SegmentId};

use super::{LENGTH, MAGIC};
use crate::SealError;
use crate::cbor::{Reader, Writer, only_form};

/// The longest header.
pub(super) const MAX_BYTES: usize = 128 * 1024;

const WHAT: &str = "segment header";
const VERSION: i64 = 1;
const MAX_TEXT: usize = 64;
const MAX_INIT: usize = 64 * 1024;

/// The header of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The camera.
    pub camera: CameraId,
    /// Which of its streams: `main`.
    pub stream: String,
    /// The bucket whose key seals it.
    pub bucket: BucketId,
    /// The bucket's hour, seconds since 1970.
    pub hour_s: i64,
    /// The segment.
    pub segment: SegmentId,
    /// The run of the agent.
    pub run: RunId,
    /// Its number in this run and camera, from 0.
    pub number: u64,
    /// The segment before it in this run and camera.
    pub before: Option<SegmentId>,
    /// Time of the first picture, microseconds since 1970.
    pub started_us: i64,
    /// The codec (RFC 6381), such as `avc1.4d401f`.
    pub codec: String,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// The initialisation segment of the fragmented MP4 (ISO/IEC 14496-12).
    pub init: Vec<u8>,
}

impl Header {
    /// The header as it stands in the file, without its length.
    pub fn encode(&self) -> Result<Vec<u8>, SealError> {
        let bytes = self.write();
        let good = is_word(&self.stream) && is_word(&self.codec);
        let starts_its_run = (self.number == 0) == self.before.is_none();
        if self.init.len() > MAX_INIT {
            Err(SealError::TooLarge)
        } else if good && starts_its_run {
            Ok(bytes)
        } else {
            Err(SealError::Malformed(WHAT))
        }
    }

    /// Reads a header; any other form of the same values is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, SealError> {
        let mut from = Reader::new(bytes, WHAT, MAX_BYTES)?;
        from.map(14)?;
        from.exactly(1)?;
        from.exactly(VERSION)?;
        let mut key = 1;
        let mut next = |from: &mut Reader<'_>| {
            key += 1;
            from.exactly(key)
        };
        next(&mut from)?;
        let camera = from.id()?;
        next(&mut from)?;
        let stream = from.text(MAX_TEXT)?.to_owned();
        next(&mut from)?;
        let bucket = from.id()?;
        next(&mut from)?;
        let hour_s = from.int()?;
        next(&mut from)?;
        let segment = from.id()?;
        next(&mut from)?;
        let run = from.id()?;
        next(&mut from)?;
        let number = from.uint()?;
        next(&mut from)?;
        let before = from.optional_id()?;
        next(&mut from)?;
        let started_us = from.int()?;
        next(&mut from)?;
        let codec = from.text(MAX_TEXT)?.to_owned();
        next(&mut from)?;
        let width = from.number()?;
        next(&mut from)?;
        let height = from.number()?;
        next(&mut from)?;
        let init = from.bytes(MAX_INIT)?.to_vec();
        from.end()?;
        let header = Self {
            camera,
            stream,
            bucket,
            hour_s,
            segment,
            run,
            number,
            before,
            started_us,
            codec,
            width,
            height,
            init,
        };
        only_form(bytes, &header.encode()?, WHAT)?;
        Ok(header)
    }

    fn write(&self) -> Vec<u8> {
        let mut to = Writer::new();
        to.map(14).int(1).int(VERSION);
        to.int(2).id(self.camera);
        to.int(3).text(&self.stream);
        to.int(4).id(self.bucket);
        to.int(5).int(self.hour_s);
        to.int(6).id(self.segment);
        to.int(7).id(self.run);
        to.int(8).uint(self.number);
        to.int(9).optional_id(self.before);
        to.int(10).int(self.started_us);
        to.int(11).text(&self.codec);
        to.int(12).uint(self.width.into());
        to.int(13).uint(self.height.into());
        to.int(14).bytes(&self.init);
        to.finish()
    }
}

/// What stands before the fragments, for an encoded header.
pub(super) fn head(header: &[u8]) -> Result<Vec<u8>, SealError> {
    let length = u32::try_from(header.len()).map_err(|_| SealError::TooLarge)?;
    let mut head = Vec::with_capacity(MAGIC.len() + LENGTH + header.len());
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&length.to_be_bytes());
    head.extend_from_slice(header);
    Ok(head)
}

/// The encoded header out of what stands before the fragments; more may follow.
pub(super) fn split_head(bytes: &[u8]) -> Result<(&[u8], &[u8]), SealError> {
    let wrong = SealError::Malformed("segment");
    let rest = bytes.strip_prefix(MAGIC).ok_or(wrong)?;
    let (length, rest) = rest.split_first_chunk::<LENGTH>().ok_or(wrong)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| wrong)?;
    if length > MAX_BYTES {
        return Err(SealError::TooLarge);
    }
    rest.split_at_checked(length).ok_or(wrong)
}

/// Letters, digits, dots and the like: nothing that could be taken for something else where it is shown.
pub(crate) fn is_word(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
    (1..=MAX_TEXT).contains(&text.len()) && text.bytes().all(good)
}

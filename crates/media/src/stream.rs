//! What all parts share: stream time, a picture as it travels, what a decoder must know.

use std::fmt;
use std::time::Duration;

use base::Timestamp;
use bytes::Bytes;

/// Ticks in a second: the clock of RTP video (RFC 6184, section 8.1; RFC 7798, section 7.1).
pub const TICKS_PER_SECOND: i64 = 90_000;

/// A point in, or a length of, stream time, in units of 1/90000 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticks(pub i64);

impl Ticks {
    /// From microseconds, rounded to the nearest tick.
    pub const fn from_micros(micros: i64) -> Self {
        let product = micros.saturating_mul(9);
        Self(product.saturating_add(if product < 0 { -50 } else { 50 }) / 100)
    }

    /// In microseconds, rounded to the nearest one.
    pub const fn micros(self) -> i64 {
        let product = self.0.saturating_mul(100);
        product.saturating_add(if product < 0 { -4 } else { 4 }) / 9
    }

    /// The length as a duration; nothing when negative.
    pub fn duration(self) -> Duration {
        Duration::from_micros(u64::try_from(self.micros()).unwrap_or(0))
    }

    /// From a duration, rounded to the nearest tick.
    pub fn from_duration(duration: Duration) -> Self {
        Self::from_micros(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }

    /// The sum, held at the ends of the range.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, held at the ends of the range.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

/// Which family of codec a camera sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// H.264 (ITU-T H.264, ISO/IEC 14496-10).
    H264,
    /// H.265 (ITU-T H.265, ISO/IEC 23008-2).
    H265,
}

/// What a decoder must know before the first picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// The family.
    pub codec: Codec,
    /// The codec for browsers (RFC 6381), such as `avc1.4D401F` or `hvc1.1.6.L93.90`.
    pub rfc6381: String,
    /// Width of the visible picture, in pixels.
    pub width: u32,
    /// Height of the visible picture, in pixels.
    pub height: u32,
    /// The whole sample entry box, `avc1` or `hvc1` (ISO/IEC 14496-15), for the initialisation segment.
    pub sample_entry: Bytes,
    /// The content of `avcC` or `hvcC` (ISO/IEC 14496-15): the `description` of WebCodecs.
    pub config: Bytes,
}

/// One picture (access unit) as the camera made it.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// When it is to be shown, on the camera's clock; starts near 0 with the connection, repaired where the
    /// camera's stamps jump. Pictures come in decoding order, so with B-frames this goes back and forth.
    pub stream_time: Ticks,
    /// When its last byte arrived, on the monotonic clock ([`base::Clock::monotonic`]).
    pub received_at: Duration,
    /// When it was taken, as well as we know: see [`crate::rtsp::Timeline`].
    pub wall: Timestamp,
    /// Whether decoding can begin here (IDR or the like).
    pub key: bool,
    /// Whether the parameters changed with this picture; the new ones were reported just before.
    pub params_changed: bool,
    /// The access unit with a length of four bytes before each NAL unit (ISO/IEC 14496-15).
    pub data: Bytes,
}

impl fmt::Debug for Frame {
    /// Everything but the picture.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("stream_time", &self.stream_time.0)
            .field("wall", &self.wall)
            .field("key", &self.key)
            .field("params_changed", &self.params_changed)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ticks_survive_microseconds(ticks in -(1_i64 << 50)..1_i64 << 50) {
            prop_assert_eq!(Ticks::from_micros(Ticks(ticks).micros()), Ticks(ticks));
        }

        #[test]
        fn no_arithmetic_overflows(a: i64, b: i64) {
            let _ = (Ticks(a).plus(Ticks(b)), Ticks(a).minus(Ticks(b)), Ticks(a).micros());
            let _ = (Ticks::from_micros(a), Ticks(a).duration());
        }
    }
}

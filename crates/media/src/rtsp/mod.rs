//! RTSP in: one camera, kept connected, over TCP (RFC 2326; RTP interleaved, section 10.12).
//!
//! Only the video track is ever set up: a camera's microphone stays off (V-07). What a camera says is not
//! trusted: its stamps may jump and its clock may be wrong, see [`Timeline`].

mod camera;
mod source;
mod timeline;
mod unit;

pub use camera::{Camera, Cause, Event, Gap, GapCause, Settings, run};
pub use source::{Password, Source, SourceError};
pub use timeline::{Placed, Role, Timeline};

/// Takes any bytes as a picture, for `fuzz/`.
#[doc(hidden)]
pub fn take_picture(bytes: &[u8]) {
    for codec in [crate::Codec::H264, crate::Codec::H265] {
        let entry = unit::entry(codec, bytes);
        let _ = (unit::role(codec, bytes), unit::has_beginning(codec, bytes));
        let mut gate = unit::Gate::new();
        let opens = gate.admits(entry, crate::Ticks(0));
        assert_eq!(opens, entry != unit::Entry::None);
    }
}

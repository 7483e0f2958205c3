//! RTSP in: one camera, kept connected, over TCP (RFC 2326; RTP interleaved, section 10.12).
//!
//! Only the video track is ever set up: a camera's microphone stays off (V-07). What a camera says is not
//! trusted: its stamps may jump and its clock may be wrong, see [`Timeline`].

mod camera;
mod source;
mod timeline;

pub use camera::{Camera, Cause, Event, Gap, GapCause, Settings, run};
pub use source::{Password, Source, SourceError};
pub use timeline::{Placed, Timeline};

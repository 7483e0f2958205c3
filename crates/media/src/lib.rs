//! RTSP in, fragmented MP4 out, the rule that cuts recordings, and a simulated camera.
//!
//! Nothing here decodes foreign pictures and nothing knows a database. The way of a picture:
//! [`rtsp::Camera`] gives [`Frame`]s, [`cut::Cutter`] groups them into fragments and segments,
//! [`fmp4::Muxer`] writes a group as `moof` and `mdat`. [`rtspd::Simulator`] is a camera of our own, which
//! plays [`scene::Scene`], a drawn picture that says which frame it is and when it was made.

pub mod cut;
pub mod fmp4;
pub mod rtsp;
pub mod rtspd;
pub mod scene;
mod stream;
pub mod wire;

pub use stream::{Codec, Frame, Parameters, TICKS_PER_SECOND, Ticks};

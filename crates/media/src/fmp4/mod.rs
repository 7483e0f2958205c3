//! Fragmented MP4 (ISO/IEC 14496-12), written and read: one video track, 90000 units a second.
//!
//! Writing is for recordings, reading for checks and exports. Reading takes any bytes: what it does not
//! understand is an error, never a panic, and it takes no more memory than the bytes it is given.

mod boxes;
mod read;
mod remux;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Init, ReadError, Run, Sample, read_fragments, read_init};
pub use remux::{Layout, Part, remux};
pub use write::{Fragment, Muxer, init};

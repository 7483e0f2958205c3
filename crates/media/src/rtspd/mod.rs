//! A simulated camera: a small RTSP 1.0 server (RFC 2326) for demo, tests and benches.
//!
//! It listens on loopback unless told otherwise, plays a drawn scene or a file, and can misbehave on
//! purpose. It is no server for anything else.

mod annexb;
mod auth;
mod client;
mod message;
mod mount;
mod options;
mod packet;
mod sdp;
mod server;

pub use options::{Credentials, Faults, Mount, OnSend, Options, Scheme, Sent, Source};
pub use server::{Handle, Simulator, StartError};

/// Takes any bytes as what a client says, for `fuzz/`.
#[doc(hidden)]
pub fn take_messages(mut bytes: &[u8]) {
    while let Ok((found, taken)) = message::next(bytes) {
        assert_eq!(taken == 0, found == message::Next::Nothing);
        if let message::Next::Request(request) = &found {
            assert!(!request.path().starts_with('/'));
            let _ = request.header("Session");
        }
        if taken == 0 {
            return;
        }
        bytes = &bytes[taken..];
    }
}

/// Takes any bytes as a file to play, for `fuzz/`.
#[doc(hidden)]
pub fn take_file(bytes: &[u8]) {
    let file = bytes::Bytes::copy_from_slice(bytes);
    for codec in [crate::Codec::H264, crate::Codec::H265] {
        let units = annexb::units(codec, annexb::nals(&file));
        let mut sets = annexb::Sets::default();
        let mut length = 0;
        for nal in units.iter().flat_map(|it| &it.nals) {
            assert!(!nal.is_empty() && !nal.ends_with(&[0]));
            sets.take(codec, nal);
            length += nal.len();
        }
        assert!(length <= bytes.len());
    }
}

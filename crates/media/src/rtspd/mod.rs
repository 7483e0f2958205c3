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

//! The way of a picture from a simulated camera to a file, over real sockets and in real time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod connection;
mod recording;
mod world;

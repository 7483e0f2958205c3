//! The format of recordings, from outside: what opens, and everything that must not.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod envelopes;
mod lists;
mod live;
mod nonces;
mod segments;
mod vectors;
mod viewing;
mod world;

//! The hub side of cameras through its interface, on both databases, with agents made from `seal` alone.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod agent;
mod circle;
mod enrolment;
mod grants;
mod isolation;
mod live;
mod recordings;
mod retention;
mod storage;
mod timeline;
mod world;

//! People and places from outside, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

mod common;
mod members;
mod sessions;
mod signin;
mod statements;
mod things;

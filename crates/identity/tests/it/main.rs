//! Identity as browsers see it, on both databases; mails by a real mail server.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

mod api;
mod common;
mod isolation;
mod joining;
mod notices;
mod setting_up;
mod signing_in;

//! The shared surface from outside: requests in, answers out.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;
mod device;
mod frame;
mod live;
mod pages;
mod session;

//! The shared surface from outside: requests in, answers out.

mod common;
mod device;
mod frame;
mod live;
mod pages;
mod session;

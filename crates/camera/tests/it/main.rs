//! The agent from outside: a simulated camera on one side, a hub that checks everything on the other, real sockets, real
//! time, and a real folder in between.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_days;
mod enrolment;
mod hub;
mod keys;
mod killed;
mod lists;
mod live;
mod recording;
mod tls;
mod world;

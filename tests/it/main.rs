//! Whole-system tests: the server with real databases, real sockets, real processes.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod alarm;
mod bad_days;
mod cameras;
mod declared;
mod demo;
mod fields;
mod intake;
mod isolation;
mod kill;
mod leaving;
mod neighbours;
mod openapi;
mod push;
mod statements;

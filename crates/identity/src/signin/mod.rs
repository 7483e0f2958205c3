//! Signing in and out.
//!
//! A wrong password and an unknown address get the same answer. A delay is said with its length, and that it
//! holds up nobody who signed in with the same browser before.

pub(crate) mod http;
mod model;

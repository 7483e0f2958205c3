//! Signing in and out.

pub(crate) mod http;
mod model;

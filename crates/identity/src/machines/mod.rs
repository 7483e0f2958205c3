//! Machine keys: made, shown once, rotated, revoked.

pub(crate) mod http;

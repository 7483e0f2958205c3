//! Recordings: buckets and segments as they come from agents, the timeline, and opening them. Ciphertext only.

pub(crate) mod http;
pub(crate) mod intake;
pub(crate) mod model;
pub(crate) mod open;
pub(crate) mod store;
pub(crate) mod timeline;

//! Camera agents: enrolled by a token that works for one key, listed, revoked.

pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod store;

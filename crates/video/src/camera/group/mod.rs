//! Groups of cameras, for which rights are given.

pub(crate) mod http;
pub(crate) mod store;

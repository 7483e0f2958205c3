//! Jobs that were given up: seen, tried again, dropped.

pub(super) mod http;

//! How the file store is: room, and whether it takes what comes.

pub(crate) mod http;

//! Bookmarks: where an alarm lies in the recordings of its unit's cameras. They prolong nothing.

pub(crate) mod http;
pub(crate) mod jobs;
pub(crate) mod store;

//! A person's own key for looking: made in their browser, kept here so that only passphrase or sheet open it.

pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod store;

//! The people of an organisation, their roles and groups.

pub(crate) mod http;

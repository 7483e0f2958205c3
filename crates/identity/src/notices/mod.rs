//! What everybody may read: privacy notice, imprint, help.

pub(crate) mod http;

//! What an organisation says about itself in imprint and privacy notice.

pub(crate) mod http;

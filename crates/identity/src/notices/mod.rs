//! Pages that everybody may see: privacy notice, imprint, help; and the organisation's part of them.

pub(crate) mod http;
pub(crate) mod organisation;

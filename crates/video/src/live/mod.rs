//! Live pictures on their way from an agent to those who look: ciphertext, never kept.

pub(crate) mod http;
pub(crate) mod relay;

//! What is one's own: who I am, my language, my sessions.

pub(crate) mod http;

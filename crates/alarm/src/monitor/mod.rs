//! The screen at a station: signs in with a key of its own and sees the alarms of its unit.

pub(crate) mod http;

//! The live channel of alarms: open ones at first, then each change as its actor may see it.

pub(crate) mod http;

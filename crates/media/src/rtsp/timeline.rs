//! When a picture was taken.

/// Maps stream time to the time of day.
#[derive(Debug, Default)]
pub struct Timeline {}

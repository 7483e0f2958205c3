//! Where agents speak: enrolment, tokens, uploads, and the channel. The words are in `media::wire`.

mod http;
pub(crate) mod setup;

use std::time::Duration;

pub(crate) use http::{Caller, routes};
pub(crate) use setup::push_setup;

/// A route whose body may take long to come, and how long.
pub(crate) const SLOW: (&str, Duration) = (
    "/api/obhut/v1/camera/segments/{id}",
    Duration::from_mins(10),
);

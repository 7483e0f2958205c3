//! Where agents speak: enrolment, tokens, uploads, and the channel. The words are in `media::wire`.

mod auth;
mod channel;
mod enrol;
mod http;
pub(crate) mod setup;

use std::time::Duration;

pub(crate) use auth::Caller;
pub(crate) use setup::push_setup;
use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// A route whose body may take long to come, and how long.
pub(crate) const SLOW: (&str, Duration) = (
    "/api/obhut/v1/camera/segments/{id}",
    Duration::from_mins(10),
);

pub(crate) fn routes(app: &App) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(enrol::routes(app))
        .merge(http::routes())
        .merge(channel::routes())
}

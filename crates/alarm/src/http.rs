//! What every handler has at hand, and all routes of this application.

use axum::Router;
use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use web::Ctx;

use crate::delivery::Pusher;
use crate::incident::Alarms;
use crate::{Counters, delivery, fleet, incident, intake, live, monitor, response};

/// What every handler of this application has at hand.
#[derive(Clone)]
pub struct App {
    /// What is shared with the other applications.
    pub ctx: Ctx,
    /// What can be done to alarms.
    pub alarms: Alarms,
    /// Sends pushes.
    pub pusher: Pusher,
    /// What is counted.
    pub counters: Counters,
    /// Whether the operator has a push service of their own.
    pub local_push: bool,
}

impl FromRef<App> for Ctx {
    fn from_ref(app: &App) -> Self {
        app.ctx.clone()
    }
}

/// The routes of our own API, below `/api/obhut/v1`.
pub fn routes(app: &App) -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .merge(incident::http::routes())
        .merge(response::http::routes())
        .merge(delivery::http::routes())
        .merge(intake::http::routes())
        .merge(fleet::http::routes())
        .merge(monitor::http::routes())
        .merge(live::http::routes())
        .with_state(app.clone())
}

/// The routes that existing programs speak to.
pub fn compatible(app: &App) -> Router<Ctx> {
    intake::http::compatible().with_state(app.clone())
}

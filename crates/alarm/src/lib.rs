//! Alarm: a call comes in, the right people know within a second, they answer, everybody sees who comes.
//!
//! One folder per feature: `intake` takes alarms from machines, `incident` is the alarm itself, `response`
//! the answers, `delivery` the way to phones, `fleet` units with vehicles, `monitor` the station's screen.

pub mod delivery;
pub mod feed;
pub mod fleet;
pub mod incident;
pub mod intake;
mod monitor;
mod privacy;
pub mod response;
pub mod workers;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::FromRef;
use utoipa_axum::router::OpenApiRouter;
use web::Ctx;

pub use privacy::ALARMS;

use delivery::Pusher;
use incident::Alarms;

/// Every statement of this crate.
pub const STATEMENTS: &[&[&store::Sql]] = &[
    delivery::store::STATEMENTS,
    fleet::store::STATEMENTS,
    incident::store::STATEMENTS,
    incident::view::STATEMENTS,
    response::store::STATEMENTS,
];

/// Every insert of many rows.
pub const BULKS: &[&store::Bulk] = &[&delivery::store::TRACES];

/// Every table of this crate.
pub const TABLES: &[&[::privacy::Table]] = &[privacy::TABLES];

/// What has been counted since the start.
#[derive(Debug, Clone, Default)]
pub struct Counters {
    inner: Arc<(AtomicU64, AtomicU64)>,
}

impl Counters {
    /// Counts an alarm that was raised.
    pub fn raised(&self, new: bool) {
        self.inner.0.fetch_add(u64::from(new), Ordering::Relaxed);
    }

    pub(crate) fn handed(&self, pushes: usize) {
        self.inner.1.fetch_add(pushes as u64, Ordering::Relaxed);
    }

    /// Alarms raised.
    pub fn alarms_raised(&self) -> u64 {
        self.inner.0.load(Ordering::Relaxed)
    }

    /// Pushes that a push service took over.
    pub fn pushes_handed(&self) -> u64 {
        self.inner.1.load(Ordering::Relaxed)
    }
}

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
        .merge(feed::routes())
        .with_state(app.clone())
}

/// The routes that existing programs speak to.
pub fn compatible(app: &App) -> axum::Router<Ctx> {
    intake::http::compatible().with_state(app.clone())
}

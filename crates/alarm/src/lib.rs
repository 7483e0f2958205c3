//! Alarm: a call comes in, the right people know within a second, they answer, everybody sees who comes.
//!
//! One folder per feature: `intake` takes alarms from machines, `incident` is the alarm itself, `response`
//! the answers, `delivery` the way to phones, `fleet` units with vehicles, `monitor` the station's screen.

pub mod delivery;
pub mod fleet;
mod http;
pub mod incident;
pub mod intake;
mod live;
mod monitor;
mod privacy;
pub mod response;
pub mod workers;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use http::{App, compatible, routes};
pub use privacy::ALARMS;

/// Every statement of this crate.
pub const STATEMENTS: &[&[&store::Sql]] = &[
    delivery::store::STATEMENTS,
    fleet::store::STATEMENTS,
    incident::store::STATEMENTS,
    incident::view::store::STATEMENTS,
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

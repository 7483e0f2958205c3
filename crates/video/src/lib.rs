//! Video: cameras and their agents, sealed recordings, who can open them, until when.
//!
//! The hub holds ciphertext and one share of each bucket's key, which it gives out through `may()` with a leaf
//! for each look, and destroys when the bucket is due. What opens the rest is made in browsers and never here.
//!
//! One folder per feature: `agent` are the recorders beside the cameras and `uplink` is where they speak,
//! `camera` the cameras, `grants` who may what with those of a group, `viewing_key` and `circle` say who can open what, `recording` is what was recorded,
//! `retention` how it goes, `bookmark` where alarms lie in it, `live` the pictures of this moment.

mod agent;
mod bookmark;
mod camera;
mod check;
mod circle;
mod error;
mod files;
mod form;
mod grants;
mod health;
mod http;
mod live;
mod privacy;
mod recording;
pub mod retention;
mod rights;
mod rows;
pub mod seat;
mod storage;
mod uplink;
mod viewing_key;

use std::sync::Arc;
use std::time::Duration;

use ::privacy::Clockwork;
use ::store::Handler;
use people::tenancy::Exception;

pub use check::{CheckError, Finding, Report, check};
pub use error::VideoError;
pub use http::{App, routes};

/// Every statement of this crate.
pub const STATEMENTS: &[&[&store::Sql]] = &[
    agent::store::STATEMENTS,
    bookmark::store::STATEMENTS,
    camera::store::STATEMENTS,
    camera::group::store::STATEMENTS,
    check::store::STATEMENTS,
    circle::store::STATEMENTS,
    recording::store::STATEMENTS,
    retention::store::STATEMENTS,
    viewing_key::store::STATEMENTS,
];

/// Every table of this crate.
pub const TABLES: &[&[::privacy::Table]] = &[privacy::TABLES];

/// Routes whose bodies come over thin lines, and how long they may take.
pub const PATIENT: &[(&str, Duration)] = &[uplink::SLOW];

/// Statements that serve all organisations alike, or that find out which one it is.
pub const TENANT_EXCEPTIONS: &[Exception] = &[
    exception(
        "video::agent::store::FIND",
        "an agent says its id; secret or signature are checked next",
    ),
    exception(
        "video::agent::store::BY_TOKEN",
        "the token tells whose agent comes",
    ),
    exception(
        "video::agent::store::SWEEP_TOKENS",
        "a clock for all organisations",
    ),
    exception(
        "video::agent::store::SWEEP_ASSERTIONS",
        "a clock for all organisations",
    ),
    exception(
        "video::check::store::SEGMENTS",
        "the operator's check of all files",
    ),
    exception(
        "video::check::store::BUCKETS",
        "the operator's check of all files",
    ),
    exception(
        "video::retention::store::DUE",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::WASTE",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::FORGET",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::FORGET_BOOKMARKS",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::FORGET_GENERATIONS",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::CAMERAS",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::STATE_ALL",
        "a clock for all organisations",
    ),
    exception(
        "video::retention::store::IS_KEPT",
        "a clock for all organisations",
    ),
];

const fn exception(statement: &'static str, reason: &'static str) -> Exception {
    Exception { statement, reason }
}

/// The handlers of this application's jobs.
pub fn handlers(app: &App) -> Vec<Arc<dyn Handler>> {
    vec![Arc::new(bookmark::jobs::BookmarkHandler {
        app: app.clone(),
    })]
}

/// The deletion clocks of this application.
pub fn clocks(app: &App) -> Vec<Arc<dyn Clockwork>> {
    vec![Arc::new(retention::clock::RecordingClock {
        app: app.clone(),
        orphans: retention::orphans::Orphans::default(),
    })]
}

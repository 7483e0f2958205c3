//! What every handler has at hand, and all routes of this application.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::FromRef;
use base::OrgId;
use store::blobs::Room;
use store::{BlobError, Blobs};
use utoipa_axum::router::OpenApiRouter;
use web::Ctx;

use crate::health::Health;
use crate::live::relay::Relay;
use crate::retention::orphans::Unlisted;
use crate::{
    agent, bookmark, camera, circle, grants, live, recording, storage, uplink, viewing_key,
};

/// What every handler of this application has at hand. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What is shared with the other applications.
    pub ctx: Ctx,
    /// Where ciphertext lies.
    pub blobs: Blobs,
    pub(crate) relay: Relay,
    health: Arc<Mutex<Health>>,
    /// What the last sweep of this process found.
    unlisted: Arc<Mutex<BTreeMap<OrgId, Unlisted>>>,
}

impl App {
    /// Puts the pieces together.
    pub fn new(ctx: Ctx, blobs: Blobs) -> Self {
        Self {
            ctx,
            blobs,
            relay: Relay::default(),
            health: Arc::default(),
            unlisted: Arc::default(),
        }
    }

    /// Remembers what went wrong with the file store. `wanted`: how much was to be written.
    pub(crate) fn note_failed(&self, error: &BlobError, wanted: u64) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match error {
            BlobError::Full => health.full(wanted),
            BlobError::Missing | BlobError::Refused(_) => health.refused(),
        }
    }

    /// Remembers that the file store took something.
    pub(crate) fn note_written(&self, bytes: u64, took: Duration) {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        health.written(bytes, took);
    }

    /// Remembers which recordings the index does not know.
    pub(crate) fn note_unlisted(&self, found: BTreeMap<OrgId, Unlisted>) {
        *self.unlisted.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Recordings of an organisation that the index does not know.
    pub(crate) fn unlisted(&self, org: OrgId) -> Option<Unlisted> {
        let unlisted = self.unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        unlisted.get(&org).copied()
    }

    /// How the file store is.
    pub(crate) fn storage(&self) -> (Room, &'static str) {
        let health = *self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match self.blobs.room() {
            Ok(room) => (room, health.word(room.free)),
            Err(_) => (Room { used: 0, free: 0 }, "refusing"),
        }
    }
}

impl FromRef<App> for Ctx {
    fn from_ref(app: &App) -> Self {
        app.ctx.clone()
    }
}

/// The routes of our own API, below `/api/obhut/v1`: those of pages, and those of agents.
pub fn routes(app: &App) -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .merge(viewing_key::http::routes())
        .merge(circle::http::routes())
        .merge(agent::http::routes())
        .merge(camera::http::routes())
        .merge(camera::group::http::routes())
        .merge(grants::http::routes())
        .merge(recording::http::routes())
        .merge(bookmark::http::routes())
        .merge(live::http::routes())
        .merge(storage::http::routes())
        .merge(uplink::routes(app))
        .with_state(app.clone())
}

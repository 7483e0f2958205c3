//! What makes the house worth trusting, over HTTP: the record of processing, deletion periods, the log with its
//! proofs, jobs that were given up, and how the parts of the server are.
//!
//! The rules live further down, in `privacy` and `ledger`; here they meet people's rights.

mod audit;
mod deletion;
mod error;
mod jobs;
mod log;
mod record;
mod state;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ::store::{Sql, Store};
use axum::extract::FromRef;
use ledger::Ledger;
use privacy::{Clocks, Clockwork, LogDetails, Table};
use utoipa_axum::router::OpenApiRouter;
use web::Ctx;

pub use audit::{Audited, audit};

/// Every statement of this part of the server.
pub const STATEMENTS: &[&[&Sql]] = &[store::STATEMENTS];

/// What the handlers here share. Cheap to clone.
#[derive(Clone)]
pub struct Trust {
    inner: Arc<Inner>,
}

struct Inner {
    clocks: Clocks,
    tables: Vec<&'static Table>,
    watch: state::Watch,
}

impl Trust {
    /// Takes the clocks and declarations of the whole house.
    pub fn new(ctx: &Ctx, clocks: Clocks, tables: Vec<&'static Table>) -> Self {
        let watch = state::Watch::new(ctx.clock());
        let inner = Inner {
            clocks,
            tables,
            watch,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    fn clocks(&self) -> &Clocks {
        &self.inner.clocks
    }

    fn tables(&self) -> &[&'static Table] {
        &self.inner.tables
    }

    fn watch(&self) -> &state::Watch {
        &self.inner.watch
    }
}

/// What every handler here has at hand.
#[derive(Clone)]
struct Room {
    ctx: Ctx,
    trust: Trust,
}

impl FromRef<Room> for Ctx {
    fn from_ref(room: &Room) -> Self {
        room.ctx.clone()
    }
}

/// The routes, below the root of our own API.
pub fn routes(ctx: Ctx, trust: Trust) -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .merge(record::http::routes())
        .merge(deletion::http::routes())
        .merge(log::http::routes())
        .merge(jobs::http::routes())
        .merge(state::http::routes())
        .with_state(Room { ctx, trust })
}

/// The deletion clocks of the core.
pub fn clocks(store: &Store, ledger: &Ledger) -> Vec<Arc<dyn Clockwork>> {
    vec![Arc::new(LogDetails::new(store.clone(), ledger.clone()))]
}

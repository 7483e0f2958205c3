//! One SQL text, two databases: SQLite in the program, or PostgreSQL 15 and later.
//!
//! What an act changes, the jobs it causes and the leaf of the log commit together ([`act!`]).
//! Whatever is destroyed in order to delete lies apart, in the [`Keys`]. This is the only crate that names
//! the database driver. It decides nothing about what is stored.

mod act;
pub mod blobs;
mod error;
mod hint;
mod jobs;
mod keys;
mod lease;
mod migrate;
mod numbers;
mod pool;
mod row;
mod runner;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;

#[doc(hidden)]
pub use act::Repeat;
pub use base::Value;
pub use blobs::{BlobError, BlobSettings, Blobs};
pub use error::StoreError;
pub use jobs::{DeadJob, Job, JobFailure, Outcome};
pub use keys::Keys;
pub use lease::Lease;
pub use numbers::WireKind;
pub use pool::{Engine, Settings, Store};
pub use row::{Cols, Row};
pub use runner::{Handler, HandlerFuture, Runner, RunnerSettings, backoff};
pub use sql::{Bulk, Sql};
pub use tx::Tx;

/// Every statement of this crate, for the test that prepares them on both databases.
pub const STATEMENTS: &[&[&Sql]] = &[jobs::STATEMENTS, lease::STATEMENTS, numbers::STATEMENTS];

/// The parameters of a statement, each turned into a [`Value`].
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

//! The Merkle log: append, sequence, checkpoint, proofs, verify.
//!
//! The pure part: `leaf` says what an entry holds, `tree` hashes and proves (RFC 6962), `tile` cuts the tree
//! into the public tile format (C2SP tlog-tiles), `verify` reads a whole log and finds what was changed.
//!
//! The stored part: a [`Pen`] writes leaves inside acts, a sequencer numbers them and signs checkpoints, and
//! [`Ledger`] reads, proves, audits and forgets. Tiles are derived data; leaves and the signed head are not.

mod audit;
mod error;
mod keep;
pub mod leaf;
mod pen;
mod read;
mod sequence;
mod store;
pub mod tile;
pub mod tree;
pub mod verify;

pub use audit::{Report, VerifyError};
pub use error::LedgerError;
pub use keep::Month;
pub use leaf::{LogId as Log, Outcome};
pub use pen::{Entry, Ledger, Pen};
pub use read::{KeyCount, LogEntry, Names, Proof, Waiting};

/// Every statement of this crate, for the test that prepares them on both databases.
pub const STATEMENTS: &[&[&::store::Sql]] = &[crate::store::STATEMENTS];

/// Every insert of many rows.
pub const BULKS: &[&::store::Bulk] = &[&crate::store::PUT_TILES];

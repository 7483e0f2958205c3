//! What can go wrong with a stored log.

use base::{HasKind, Kind};
use seal::SealError;
use store::StoreError;

use crate::leaf::LeafError;
use crate::tree::TreeError;
use crate::verify::Broken;

/// Why the log could not be written, read or forgotten in.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database or the key store.
    #[error("the log's database did not do it")]
    Store(#[from] StoreError),
    /// A key of the log can't be used: damaged, or the host's name does not fit into an origin.
    #[error("a key of the log can't be used")]
    Key(#[source] SealError),
    /// The stored log contradicts itself.
    #[error("the log is damaged")]
    Broken(#[from] Broken),
    /// A stored leaf can't be read.
    #[error("a leaf can't be read")]
    Leaf(#[from] LeafError),
    /// A stored tile is missing or too short.
    #[error("a tile can't be read")]
    Tree(#[from] TreeError),
    /// Another process numbered the same leaves; its work counts.
    #[error("another process was quicker")]
    Overtaken,
}

impl HasKind for LedgerError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Overtaken => Kind::Unavailable,
            Self::Key(_) | Self::Broken(_) | Self::Leaf(_) | Self::Tree(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Key(_) => "ledger_key",
            Self::Broken(_) | Self::Leaf(_) | Self::Tree(_) => "ledger_broken",
            Self::Overtaken => "ledger_busy",
        }
    }
}

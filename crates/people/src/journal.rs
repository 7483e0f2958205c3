//! The way from this crate into the log: a pen for an actor, taken before the act, written with inside it.

use base::{HasKind, Kind, LeafId, OrgId};
use store::{Store, StoreError, Tx};

/// Stand-in until the log itself can be written.
#[derive(Debug, thiserror::Error)]
#[error("the log can't be written")]
pub struct LedgerError;

impl HasKind for LedgerError {
    fn kind(&self) -> Kind {
        Kind::Unavailable
    }
    fn code(&self) -> &'static str {
        "ledger_unavailable"
    }
}

/// Which log.
#[derive(Debug, Clone, Copy)]
pub enum Log {
    /// Of one organisation.
    Org(OrgId),
    /// Of the installation.
    Installation,
}

/// How an act ended.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Denied,
    /// It failed.
    Failed,
}

/// What happened.
#[derive(Debug)]
pub struct Entry {
    /// The act.
    pub action: &'static str,
    /// What it was about.
    pub object: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Readable details.
    pub details: Vec<(&'static str, String)>,
}

/// The log.
#[derive(Clone)]
pub struct Ledger(());

impl Ledger {
    /// Opens it.
    pub fn open(_store: Store, _host: &str) -> Self {
        Self(())
    }

    /// A pen for one actor.
    #[expect(clippy::unused_async, reason = "the log itself makes keys here")]
    pub async fn pen(
        &self,
        _log: Log,
        _actor: &str,
        _subject: Option<&str>,
    ) -> Result<Pen, LedgerError> {
        Ok(Pen(()))
    }
}

/// Writes entries of one actor.
pub struct Pen(());

impl Pen {
    /// Writes one entry.
    #[expect(clippy::unused_async, reason = "the log itself writes here")]
    pub async fn write(&self, tx: &mut Tx, _entry: Entry) -> Result<LeafId, StoreError> {
        Ok(LeafId::new(tx.clock(), tx.rng()))
    }
}

/// An entry that was done, about one thing, without details.
pub(crate) fn done(action: &'static str, object: impl std::fmt::Display) -> Entry {
    Entry {
        action,
        object: Some(object.to_string()),
        outcome: Outcome::Done,
        details: Vec::new(),
    }
}

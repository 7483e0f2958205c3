//! Entries for the log, in the one form this crate mostly needs.

use ledger::{Entry, Outcome};

/// An entry that was done, about one thing, without details.
pub(crate) fn done(action: &'static str, object: impl std::fmt::Display) -> Entry {
    Entry {
        action,
        object: Some(object.to_string()),
        outcome: Outcome::Done,
        details: Vec::new(),
    }
}

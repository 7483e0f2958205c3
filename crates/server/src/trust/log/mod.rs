//! The log of an organisation: entries in words, proofs, checkpoint, tiles.

pub(super) mod http;

use ledger::leaf::Pseudonym;
use ledger::{Log, LogEntry, Names};
use people::{Grant, permit::LedgerRead};

use super::error::TrustError;

/// The name of acts that nobody in particular does.
const SYSTEM: (&str, &str) = ("system", "Obhut");

/// The log that was asked for, if it is that of the grant's organisation. Others do not exist.
fn own(grant: &Grant<LedgerRead>, asked: &str) -> Result<Log, TrustError> {
    let log = Log::Org(grant.org());
    if asked == log.to_string() {
        Ok(log)
    } else {
        Err(TrustError::NotFound)
    }
}

/// A name, or the pseudonym of somebody who is forgotten or has left.
fn called(names: &Names, pseudonym: Pseudonym) -> String {
    let name = names.of(pseudonym).map(str::to_owned);
    name.unwrap_or_else(|| pseudonym.to_string()[..8].to_owned())
}

/// Whether there is something to show in words.
fn pairs(entry: &LogEntry) -> Option<Vec<(String, String)>> {
    let details = entry.details.as_ref()?;
    Some(details.pairs().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! The audit of all logs, for `obhut audit verify`.

use ledger::verify::Broken;
use ledger::{Ledger, LedgerError, Log, Report, VerifyError};

/// What the audit of one log has found.
#[derive(Debug)]
pub struct Audited {
    /// Which log.
    pub log: Log,
    /// What is in it, or what is wrong.
    pub result: Result<Report, VerifyError>,
}

/// Audits every log, each to its end. `earlier`: a signed checkpoint that somebody kept, of whichever log; that
/// log is compared with it.
pub async fn audit(ledger: &Ledger, earlier: Option<&str>) -> Result<Vec<Audited>, LedgerError> {
    let mut logs = ledger.logs().await?;
    let of = earlier.map(log_of).transpose()?;
    logs.extend(of.filter(|log| !logs.contains(log)));
    let mut audited = Vec::with_capacity(logs.len());
    for log in logs {
        let against = earlier.filter(|_| of == Some(log));
        let result = ledger.verify(log, against).await;
        audited.push(Audited { log, result });
    }
    Ok(audited)
}

/// The log of a checkpoint, by its name: host, slash, log.
fn log_of(note: &str) -> Result<Log, LedgerError> {
    let origin = note.lines().next().unwrap_or_default();
    let name = origin.rsplit_once('/').map(|(_, log)| log.parse());
    match name {
        Some(Ok(log)) => Ok(log),
        _ => Err(Broken::OtherLog(origin.chars().take(200).collect()).into()),
    }
}

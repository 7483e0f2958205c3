//! The deletion clock of what the log says in words. It deletes no row: it destroys the keys of whole months,
//! and the log stays as provable as it was.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::store::{Store, StoreError, Tx};
use base::{HasKind as _, OrgId, Timestamp, chain};
use jiff::tz::TimeZone;
use ledger::{Entry, KeyCount, Ledger, LedgerError, Log, Outcome};

use crate::{ClockState, Clockwork, Counting, Period, Rule, Sweeping, period_of, words};

/// Details of the log. Months are those of UTC, because keys are made by them.
pub static LOG_DETAILS: Rule = Rule {
    kind: "log_details",
    name: words("Einzelheiten im Protokoll", "details in the log"),
    start: words(
        "nach Ende des Monats des Eintrags (UTC)",
        "after the end of the entry's month (UTC)",
    ),
    period: "P1Y",
    settable: Some("P3Y"),
};

/// How long a count of keys is good enough; nothing that is written meanwhile is due.
const FRESH: Duration = Duration::from_mins(5);

/// The clock; see [`LOG_DETAILS`].
pub struct LogDetails {
    ledger: Ledger,
    store: Store,
    keys: Mutex<Option<(Duration, Vec<KeyCount>)>>,
}

impl LogDetails {
    /// The clock of the logs in a store.
    pub fn new(store: Store, ledger: Ledger) -> Self {
        let keys = Mutex::default();
        Self {
            ledger,
            store,
            keys,
        }
    }

    /// Keys by log and month, with the instant at which each month is due.
    async fn due(&self, tx: &mut Tx) -> Result<Vec<(KeyCount, Timestamp)>, StoreError> {
        let mut known: Option<(Log, Period)> = None;
        let mut due = Vec::new();
        for count in self.keys().await? {
            let period = match known {
                Some((log, period)) if log == count.log => period,
                _ => period_in(tx, count.log).await?,
            };
            known = Some((count.log, period));
            due.push((count, period.due(count.month.end(), &TimeZone::UTC)));
        }
        Ok(due)
    }

    async fn keys(&self) -> Result<Vec<KeyCount>, StoreError> {
        let now = self.store.clock().monotonic();
        let fresh = |at: Duration| now.saturating_sub(at) < FRESH;
        {
            let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, keys)) = keys.as_ref().filter(|(at, _)| fresh(*at)) {
                return Ok(keys.clone());
            }
        }
        let keys = self.ledger.keys().await.map_err(into_store)?;
        let mut known = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some((now, keys.clone()));
        Ok(keys)
    }

    async fn destroy(&self, due: KeyCount) -> Result<u64, StoreError> {
        let destroyed = self.ledger.forget_month(due.log, due.month).await;
        let destroyed = destroyed.map_err(into_store)?;
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if destroyed > 0 {
            let pen = self.ledger.pen(due.log, "system", None).await;
            let pen = pen.map_err(into_store)?;
            ::store::act!(self.store, |tx| -> Result<(), StoreError> {
                let entry = Entry {
                    action: "log.details_deleted",
                    object: None,
                    outcome: Outcome::Done,
                    details: Vec::new(),
                };
                pen.write(tx, entry).await.map(drop)
            })?;
        }
        Ok(destroyed)
    }
}

/// The log of the installation keeps to the default.
async fn period_in(tx: &mut Tx, log: Log) -> Result<Period, StoreError> {
    match log {
        Log::Org(org) => period_of(tx, org, &LOG_DETAILS).await,
        Log::Installation => Period::of(&LOG_DETAILS).map_err(|error| StoreError::Column {
            column: 0,
            source: Box::new(error),
        }),
    }
}

fn into_store(error: LedgerError) -> StoreError {
    match error {
        LedgerError::Store(error) => error,
        error => {
            let code = error.code();
            tracing::error!(code, error = %chain(&error), "the log's keys can't be used");
            StoreError::Unwrap
        }
    }
}

impl Clockwork for LogDetails {
    fn rule(&self) -> &'static Rule {
        &LOG_DETAILS
    }

    fn sweep<'a>(&'a self, store: &'a Store, now: Timestamp) -> Sweeping<'a> {
        Box::pin(async move {
            let due = self.due(&mut store.read().await?).await?;
            let mut destroyed = 0;
            for (count, at) in due {
                if at <= now {
                    destroyed += self.destroy(count).await?;
                }
            }
            Ok(destroyed)
        })
    }

    fn state<'a>(
        &'a self,
        tx: &'a mut Tx,
        org: Option<OrgId>,
        overdue_since: Timestamp,
    ) -> Counting<'a> {
        Box::pin(async move {
            let wanted = |log: Log| org.is_none_or(|org| log == Log::Org(org));
            let mut state = ClockState::default();
            for (count, at) in self.due(tx).await? {
                if !wanted(count.log) {
                    continue;
                }
                let keys = i64::try_from(count.keys).unwrap_or(i64::MAX);
                state.rows = state.rows.saturating_add(keys);
                state.next_due = Some(state.next_due.map_or(at, |next| next.min(at)));
                if at < overdue_since {
                    state.overdue = state.overdue.saturating_add(keys);
                }
            }
            Ok(state)
        })
    }
}

//! Deletes alarms when their time has come, with answers, traces and everything else that hangs on them.

use ::store::{Store, StoreError, Tx, act};
use base::{HasKind as _, OrgId, Timestamp};
use ledger::{Entry, Ledger, Log, Outcome};
use privacy::{Clockwork, Counting, Rescheduling, Rule, Sweeping};

use super::{RULE, store};

/// The deletion clock of alarms.
pub(crate) struct AlarmClock {
    pub(crate) ledger: Ledger,
}

impl Clockwork for AlarmClock {
    fn rule(&self) -> &'static Rule {
        RULE
    }

    fn sweep<'a>(&'a self, store: &'a Store, now: Timestamp) -> Sweeping<'a> {
        Box::pin(async move {
            let due = store::due(&mut store.read().await?, now).await?;
            let mut gone = 0;
            for (org, id) in due {
                let pen = self.ledger.pen(Log::Org(org), "system", None).await;
                let pen = pen.map_err(|error| {
                    tracing::error!(code = error.code(), "the log gives no pen");
                    StoreError::Unavailable(None)
                })?;
                gone += act!(store, |tx| -> Result<u64, StoreError> {
                    if !store::delete(tx, org, id, now).await? {
                        return Ok(0);
                    }
                    let entry = Entry {
                        action: "alarm.deleted",
                        object: Some(id.to_string()),
                        outcome: Outcome::Done,
                        details: vec![],
                    };
                    pen.write(tx, entry).await?;
                    Ok(1)
                })?;
            }
            Ok(gone)
        })
    }

    fn state<'a>(
        &'a self,
        tx: &'a mut Tx,
        org: Option<OrgId>,
        overdue_since: Timestamp,
    ) -> Counting<'a> {
        Box::pin(async move { store::clock_state(tx, org, overdue_since).await })
    }

    fn reschedule<'a>(&'a self, tx: &'a mut Tx, org: OrgId) -> Rescheduling<'a> {
        Box::pin(async move {
            let period = privacy::period_of(tx, org, RULE).await?;
            let zone = store::zone(tx, org).await?;
            let mut changed = 0;
            for (id, start) in store::schedule(tx, org).await? {
                store::reschedule(tx, org, id, period.due(start, &zone)).await?;
                changed += 1;
            }
            Ok(changed)
        })
    }
}

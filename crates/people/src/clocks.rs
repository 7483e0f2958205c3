//! The deletion clocks of this crate's tables: sessions, links, invitations, counts of failures.

use std::sync::Arc;

use ::privacy::{ClockState, Clockwork, Counting, Rule, Sweeping};
use ::store::{Sql, Store, StoreError, Tx, params};
use base::{OrgId, Timestamp};

use crate::privacy::{FAILURES, INVITATIONS, LINKS, SESSIONS};
use crate::{link, person, session, signin};

/// Rows of one sweep.
const BATCH: i64 = 500;

/// The clocks, for [`privacy::Clocks`](::privacy::Clocks).
pub fn clocks() -> Vec<Arc<dyn Clockwork>> {
    [Due::Session, Due::Link, Due::Invitation, Due::Failure]
        .into_iter()
        .map(|due| Arc::new(due) as Arc<dyn Clockwork>)
        .collect()
}

#[derive(Debug, Clone, Copy)]
enum Due {
    Session,
    Link,
    Invitation,
    Failure,
}

impl Due {
    async fn delete(self, tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
        match self {
            Self::Session => session::sweep_due(tx, now, BATCH).await,
            Self::Link => link::sweep_due(tx, now, BATCH).await,
            Self::Invitation => person::sweep_due(tx, now, BATCH).await,
            Self::Failure => signin::sweep_due(tx, now, BATCH).await,
        }
    }

    fn count(self) -> &'static Sql {
        match self {
            Self::Session => session::store::count_due(),
            Self::Link => link::store::count_due(),
            Self::Invitation => person::store::count_due(),
            Self::Failure => signin::store::count_due(),
        }
    }
}

impl Clockwork for Due {
    fn rule(&self) -> &'static Rule {
        match self {
            Self::Session => &SESSIONS,
            Self::Link => &LINKS,
            Self::Invitation => &INVITATIONS,
            Self::Failure => &FAILURES,
        }
    }

    fn sweep<'a>(&'a self, store: &'a Store, now: Timestamp) -> Sweeping<'a> {
        Box::pin(async move {
            ::store::act!(store, |tx| -> Result<u64, StoreError> {
                self.delete(tx, now).await
            })
        })
    }

    fn state<'a>(
        &'a self,
        tx: &'a mut Tx,
        org: Option<OrgId>,
        overdue_since: Timestamp,
    ) -> Counting<'a> {
        Box::pin(async move {
            // Counts of failures are of nobody's organisation: they are shown to none.
            let row = tx.one(self.count(), params![org, overdue_since]).await?;
            let mut c = row.cols();
            Ok(ClockState {
                rows: c.int()?,
                next_due: c.opt_time()?,
                overdue: c.int()?,
            })
        })
    }
}

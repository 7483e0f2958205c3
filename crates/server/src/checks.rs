//! What the health port answers.

use base::Problem;
use futures_util::future::BoxFuture;
use web::health::{Checks, Counters};

use crate::start::Parts;

/// Asks the parts of a running server.
pub(crate) struct ServerChecks {
    parts: Parts,
}

impl ServerChecks {
    /// Checks of these parts.
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            parts: parts.clone(),
        }
    }

    async fn dead_jobs(&self) -> Result<u64, Problem> {
        let mut tx = self.parts.store.read().await?;
        let jobs = tx.count_jobs().await?;
        let dead = jobs
            .iter()
            .filter(|(_, dead, _)| *dead)
            .map(|(_, _, count)| count)
            .sum::<i64>();
        Ok(u64::try_from(dead).unwrap_or(0))
    }
}

impl Checks for ServerChecks {
    fn ready(&self) -> BoxFuture<'_, Result<(), &'static str>> {
        Box::pin(async { self.dead_jobs().await.map(drop).map_err(|_| "database") })
    }

    fn counters(&self) -> BoxFuture<'_, Option<Counters>> {
        Box::pin(async {
            Some(Counters {
                alarms_raised_total: self.parts.alarm.counters.alarms_raised(),
                pushes_handed_total: self.parts.alarm.counters.pushes_handed(),
                jobs_dead: self.dead_jobs().await.ok()?,
                deletions_overdue: self.parts.clocks.overdue(),
            })
        })
    }
}

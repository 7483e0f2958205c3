//! Runs jobs: those this process emitted at once, all others as soon as a look into the table finds them.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base::{Rng, SignedDuration, Timestamp, chain};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::Store;
use crate::jobs::{self, Job, JobFailure, LEASE, Outcome};

/// What a handler gives back.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<Outcome, JobFailure>> + Send + 'a>>;

/// Does the jobs of one topic. May be called more than once for the same job.
pub trait Handler: Send + Sync + 'static {
    /// The topic it does.
    fn topic(&self) -> &'static str;
    /// Does one job.
    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a>;
    /// How many jobs of the topic run at the same time.
    fn at_once(&self) -> usize {
        4
    }
    /// How often a job is tried before it is given up.
    fn patience(&self) -> i64 {
        12
    }
}

/// How a runner works.
#[derive(Debug, Clone)]
pub struct RunnerSettings {
    /// Different for every process and every start.
    pub owner: String,
    /// How often to look for jobs that others left behind; at most 1 s.
    pub look_every: Duration,
    /// How many jobs to claim at once.
    pub batch: usize,
}

/// Starts jobs until told to stop.
pub struct Runner {
    store: Store,
    settings: RunnerSettings,
    handlers: HashMap<&'static str, (Arc<dyn Handler>, Arc<Semaphore>)>,
    local: UnboundedReceiver<Job>,
}

impl Runner {
    /// Prepares the runner; from now on this process takes the jobs that it emits.
    pub fn new(store: Store, handlers: Vec<Arc<dyn Handler>>, settings: RunnerSettings) -> Self {
        let (sender, local) = unbounded_channel();
        store.run_locally(settings.owner.clone(), sender);
        let handlers = handlers
            .into_iter()
            .map(|h| {
                (
                    h.topic(),
                    (Arc::clone(&h), Arc::new(Semaphore::new(h.at_once()))),
                )
            })
            .collect();
        Self {
            store,
            settings,
            handlers,
            local,
        }
    }

    /// Runs until `stop` turns true; then lets running jobs come to an end.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let clock = self.store.shared_clock();
        let mut running = JoinSet::new();
        loop {
            let capacity = self.settings.batch.saturating_sub(running.len());
            match jobs::claim(&self.store, &self.settings.owner, capacity).await {
                Ok(claimed) => claimed
                    .into_iter()
                    .for_each(|job| self.start(&mut running, job)),
                Err(error) => tracing::warn!(error = %chain(&error), "jobs could not be claimed"),
            }
            let mut pause = clock.sleep(self.settings.look_every);
            loop {
                tokio::select! {
                    biased;
                    () = stopped(&mut stop) => {
                        while running.join_next().await.is_some() {}
                        return;
                    }
                    Some(job) = self.local.recv() => self.start(&mut running, job),
                    Some(_) = running.join_next() => {}
                    () = &mut pause => break,
                }
            }
        }
    }

    fn start(&self, running: &mut JoinSet<()>, job: Job) {
        let Some((handler, limit)) = self.handlers.get(job.topic.as_str()) else {
            tracing::error!(job.topic, "no handler for this topic");
            return;
        };
        let (handler, limit) = (Arc::clone(handler), Arc::clone(limit));
        let (store, owner) = (self.store.clone(), self.settings.owner.clone());
        running.spawn(async move { run_one(&store, &owner, handler.as_ref(), &limit, &job).await });
    }
}

/// Resolves when told to stop, or when nobody is left who could tell.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn run_one(store: &Store, owner: &str, handler: &dyn Handler, limit: &Semaphore, job: &Job) {
    let work = async {
        let Ok(_permit) = limit.acquire().await else {
            return Err(JobFailure::later("stopping"));
        };
        handler.run(job).await
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = keep_lease(store, owner, job) => return,
    };
    let written = match outcome {
        Ok(Outcome::Finished) => Ok(()),
        Ok(Outcome::Nothing) => jobs::finish(store, job).await,
        Err(failure) => fail(store, handler, job, &failure).await,
    };
    if let Err(error) = written {
        // The lease runs out and the job is taken again.
        tracing::warn!(job.id = %job.id, error = %chain(&error), "the end of a job was not written");
    }
}

async fn fail(
    store: &Store,
    handler: &dyn Handler,
    job: &Job,
    failure: &JobFailure,
) -> Result<(), crate::StoreError> {
    let cause = failure
        .source
        .as_ref()
        .map(|e| chain(e.as_ref()).to_string());
    if failure.fatal || job.attempts >= handler.patience() {
        tracing::error!(job.id = %job.id, job.topic, failure.code, cause, "a job was given up");
        return jobs::die(store, job, failure.code).await;
    }
    let pause = failure
        .retry_after
        .unwrap_or_else(|| backoff(job.attempts, store.rng()));
    let pause = pause.min(Duration::from_mins(10));
    tracing::warn!(job.id = %job.id, job.topic, failure.code, cause, "a job will be tried again");
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
    let at = store
        .clock()
        .now()
        .checked_add(pause)
        .unwrap_or(Timestamp::MAX);
    jobs::again(store, job, at, failure.code).await
}

/// Renews the lease for as long as it is polled; never ends by itself. Waits in real time, because leases
/// are kept by the database's clock.
#[expect(
    clippy::disallowed_methods,
    reason = "leases are kept in the database's time, not ours"
)]
async fn keep_lease(store: &Store, owner: &str, job: &Job) {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        if let Err(error) = jobs::renew(store, owner, job).await {
            tracing::warn!(job.id = %job.id, error = %chain(&error), "a lease could not be renewed");
        }
    }
}

/// The pause before the next attempt: 1 s, 2 s, 4 s … up to 5 min, a quarter more or less by chance.
pub fn backoff(attempts: i64, rng: &dyn Rng) -> Duration {
    let exponent = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(0);
    let millis = (1000_u64 << exponent).min(300_000);
    let spread = millis / 2;
    Duration::from_millis(millis - spread / 2 + rng.below(spread + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;

    #[test]
    fn backs_off_within_bounds() {
        let rng = SeededRng::new(1);
        for attempts in -3..40 {
            let pause = backoff(attempts, &rng).as_millis();
            assert!((750..=375_000).contains(&pause), "{attempts}: {pause}");
        }
        assert!(backoff(1, &rng).as_millis() <= 1250);
    }
}

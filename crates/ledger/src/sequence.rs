//! The sequencer: numbers leaves that have none, grows the tiles, signs the new head. All three commit together.
//!
//! A crash at any step leaves the leaves without a number, and the next round goes on. Two processes that
//! number the same log are kept apart by a lease; where it fails, by the head, which moves from one size to
//! the next only. What a signed head does not fit is not built upon.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use ::store::{Lease, Store, StoreError, act};
use base::chain;
use seal::note::Checkpoint;
use tokio::sync::watch;

use crate::leaf::LogId;
use crate::tile::Appender;
use crate::tree::leaf_hash;
use crate::verify::Broken;
use crate::{Ledger, LedgerError, store};

/// How often to look for leaves without a number.
const EVERY: Duration = Duration::from_millis(150);
/// Leaves of one act: a few milliseconds, so that others need not wait.
const BATCH: i64 = 1024;
/// How long a lease lasts, and how long before it is prolonged.
const LEASE: Duration = Duration::from_secs(6);
const RENEW: Duration = Duration::from_secs(2);
/// How long to leave a log alone that can't be numbered.
const PAUSE: Duration = Duration::from_secs(5);

impl Ledger {
    /// Numbers all leaves of a log that have no number; gives how many. 0 also when another process does it.
    pub async fn sequence(&self, log: LogId) -> Result<u64, LedgerError> {
        if !self.hold(log).await? {
            return Ok(0);
        }
        let mut total = 0;
        loop {
            let numbered = self.sequence_batch(log).await?;
            total += u64::try_from(numbered).unwrap_or(0);
            if numbered < BATCH {
                return Ok(total);
            }
        }
    }

    /// Numbers the leaves of all logs until told to stop, and once more then. `owner` names this process in
    /// leases; it is different for every start.
    pub async fn run(self, store: Store, owner: String, mut stop: watch::Receiver<bool>) {
        let clock = store.shared_clock();
        // Set once: whoever numbers by hand before has a name by chance.
        let _ = self.inner.owner.set(owner);
        let mut resting = HashMap::new();
        loop {
            let stopping = *stop.borrow() || stop.has_changed().is_err();
            let pause = self.round(&mut resting).await;
            if stopping {
                self.release().await;
                return;
            }
            tokio::select! {
                () = clock.sleep(pause) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    /// One look at all logs; gives the pause until the next. One that fails rests, and does not hold up others.
    async fn round(&self, resting: &mut HashMap<LogId, Duration>) -> Duration {
        let logs = match self.fresh_logs().await {
            Ok(logs) => logs,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "the log could not be looked at");
                return EVERY * 8;
            }
        };
        let now = self.store().clock().monotonic();
        resting.retain(|_, until| *until > now);
        for log in logs {
            if resting.contains_key(&log) {
                continue;
            }
            if let Err(error) = self.sequence(log).await {
                tracing::error!(%log, error = %chain(&error), "leaves could not be numbered");
                resting.insert(log, now + PAUSE);
            }
        }
        EVERY
    }

    async fn fresh_logs(&self) -> Result<Vec<LogId>, StoreError> {
        store::fresh_logs(&mut self.store().read().await?).await
    }

    async fn sequence_batch(&self, log: LogId) -> Result<i64, LedgerError> {
        let signer = self.inner.keep.signer(log, &self.inner.host).await?;
        act!(self.store(), |tx| -> Result<i64, LedgerError> {
            let head = store::head(tx, log).await?;
            let size = head.as_ref().map_or(0, |head| head.size);
            let bodies = store::number(tx, log, size, BATCH).await?;
            if bodies.is_empty() {
                return Ok(0);
            }
            let tiles = store::edge(tx, log).await?;
            let first = u64::try_from(size).map_err(|_| Broken::Head)?;
            let mut appender = Appender::resume(first, &tiles)?;
            if let Some(head) = &head {
                let signed = Checkpoint::open(head.note.as_bytes(), signer.verifier())
                    .map_err(Broken::Checkpoint)?;
                if signed.size != first {
                    return Err(Broken::Head.into());
                }
                if signed.root != appender.root() {
                    return Err(Broken::Root.into());
                }
            }
            for body in &bodies {
                appender.push(leaf_hash(body));
            }
            store::put_tiles(tx, log, appender.take_changed()).await?;
            let checkpoint = Checkpoint {
                origin: signer.verifier().name().to_owned(),
                size: appender.size(),
                root: appender.root(),
            };
            let note = checkpoint.sign(&signer).map_err(LedgerError::Key)?;
            let count = i64::try_from(bodies.len()).unwrap_or(i64::MAX);
            if !store::move_head(tx, log, size, size + count, &note).await? {
                return Err(LedgerError::Overtaken);
            }
            Ok(count)
        })
    }

    /// Holds the log's lease, asking the database only now and then.
    async fn hold(&self, log: LogId) -> Result<bool, LedgerError> {
        let now = self.store().clock().monotonic();
        {
            let leases = &self.inner.leases;
            let leases = leases.lock().unwrap_or_else(PoisonError::into_inner);
            if leases
                .get(&log)
                .is_some_and(|since| now.saturating_sub(*since) < RENEW)
            {
                return Ok(true);
            }
        }
        let held = self.lease(log).hold(self.store(), LEASE).await?;
        let leases = &self.inner.leases;
        let mut leases = leases.lock().unwrap_or_else(PoisonError::into_inner);
        leases.retain(|_, since| now.saturating_sub(*since) < LEASE);
        if held {
            leases.insert(log, now);
        }
        Ok(held)
    }

    fn lease(&self, log: LogId) -> Lease {
        let by_chance = || seal::b64url_encode(&base::array::<12>(self.store().rng()));
        let owner = self.inner.owner.get_or_init(by_chance);
        Lease::new(format!("ledger:{log}"), owner)
    }

    /// Lets go of all leases, so that the next process need not wait.
    async fn release(&self) {
        let held: Vec<LogId> = {
            let leases = &self.inner.leases;
            let mut leases = leases.lock().unwrap_or_else(PoisonError::into_inner);
            leases.drain().map(|(log, _)| log).collect()
        };
        for log in held {
            if let Err(error) = self.lease(log).release(self.store()).await {
                tracing::debug!(%log, error = %chain(&error), "a lease was not given back");
            }
        }
    }
}

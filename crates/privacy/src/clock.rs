//! Deletion clocks. Each kind of data has one; this decides *when* they run and counts what is overdue.
//! What to delete, and how, each kind knows itself. O(rows due).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::store::{Lease, Store, StoreError, Tx};
use base::{OrgId, SignedDuration, Timestamp, chain};
use tokio::sync::watch;

use crate::Rule;

/// A sweep on its way: gives the number of rows deleted; 0 when nothing is due any more.
pub type Sweeping<'a> = Pin<Box<dyn Future<Output = Result<u64, StoreError>> + Send + 'a>>;
/// A count on its way.
pub type Counting<'a> = Pin<Box<dyn Future<Output = Result<ClockState, StoreError>> + Send + 'a>>;
/// A recomputation on its way: gives the number of rows whose time changed.
pub type Rescheduling<'a> = Pin<Box<dyn Future<Output = Result<u64, StoreError>> + Send + 'a>>;

/// Where a kind of data stands, for one organisation or for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClockState {
    /// Rows that are there.
    pub rows: i64,
    /// When the next one goes.
    pub next_due: Option<Timestamp>,
    /// Rows that should be gone since more than [`LATE`].
    pub overdue: i64,
}

/// What is due longer than this counts as overdue.
pub const LATE: SignedDuration = SignedDuration::from_mins(10);

/// The clock of one kind of data.
pub trait Clockwork: Send + Sync + 'static {
    /// Its deletion rule.
    fn rule(&self) -> &'static Rule;

    /// Deletes a batch of rows that are due at `now`, in one act, with what hangs on them.
    fn sweep<'a>(&'a self, store: &'a Store, now: Timestamp) -> Sweeping<'a>;

    /// Counts; `overdue_since` is the instant before which a due row counts as overdue.
    fn state<'a>(
        &'a self,
        tx: &'a mut Tx,
        org: Option<OrgId>,
        overdue_since: Timestamp,
    ) -> Counting<'a>;

    /// Recomputes `due_us` of an organisation's rows after its period changed.
    fn reschedule<'a>(&'a self, tx: &'a mut Tx, org: OrgId) -> Rescheduling<'a> {
        let _ = (tx, org);
        Box::pin(async { Ok(0) })
    }
}

/// All clocks of the house, and the count of what is overdue.
#[derive(Clone)]
pub struct Clocks {
    works: Arc<Vec<Arc<dyn Clockwork>>>,
    overdue: Arc<AtomicU64>,
}

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(30);

impl Clocks {
    /// Takes the clocks of all applications.
    pub fn new(works: Vec<Arc<dyn Clockwork>>) -> Self {
        Self {
            works: Arc::new(works),
            overdue: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Each clock.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn Clockwork>> {
        self.works.iter()
    }

    /// The clock of one kind of data.
    pub fn of(&self, kind: &str) -> Option<&Arc<dyn Clockwork>> {
        self.works.iter().find(|work| work.rule().kind == kind)
    }

    /// Rows that should be gone, at the last count.
    pub fn overdue(&self) -> u64 {
        self.overdue.load(Ordering::Relaxed)
    }

    /// Deletes all that is due now; gives the number of rows. One kind that fails does not hold up others.
    pub async fn sweep(&self, store: &Store) -> Result<u64, StoreError> {
        let (mut total, mut failed) = (0, None);
        for work in self.works.iter() {
            loop {
                match work.sweep(store, store.clock().now()).await {
                    Ok(0) => break,
                    Ok(rows) => total += rows,
                    Err(error) => {
                        let kind = work.rule().kind;
                        tracing::error!(kind, error = %chain(&error), "a deletion did not run");
                        failed = Some(error);
                        break;
                    }
                }
            }
        }
        self.count(store).await?;
        failed.map_or(Ok(total), Err)
    }

    async fn count(&self, store: &Store) -> Result<(), StoreError> {
        let since = store
            .clock()
            .now()
            .checked_sub(LATE)
            .unwrap_or(Timestamp::MIN);
        let mut tx = store.read().await?;
        let mut overdue = 0;
        for work in self.works.iter() {
            let late = work.state(&mut tx, None, since).await?.overdue;
            if late > 0 {
                tracing::warn!(
                    kind = work.rule().kind,
                    late,
                    "rows are overdue for deletion"
                );
            }
            overdue += u64::try_from(late).unwrap_or(0);
        }
        self.overdue.store(overdue, Ordering::Relaxed);
        Ok(())
    }

    /// Sweeps every half minute until told to stop; one process at a time does it.
    pub async fn run(self, store: Store, owner: String, mut stop: watch::Receiver<bool>) {
        let clock = store.shared_clock();
        let lease = Lease::new("deletion", owner);
        loop {
            match lease.hold(&store, EVERY * 3).await {
                Ok(true) => {
                    // Errors are logged where they happen; the next round tries again.
                    let _ = self.sweep(&store).await;
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(error = %chain(&error), "deletion has no lease"),
            }
            tokio::select! {
                () = clock.sleep(EVERY) => {}
                () = stopped(&mut stop) => return,
            }
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

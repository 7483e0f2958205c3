//! How fast a whole log is verified: every leaf, its details, every tile, the signed head.

use anyhow::{Result, ensure};
use base::{AlarmId, Clock as _};
use ledger::Log;
use server::clock::SystemClock;
use store::{StoreError, act};

use super::ours::Ours;
use super::place::Place;
use crate::Plan;
use crate::report::Report;
use crate::scratch::Scratch;

const LEAVES: usize = 200_000;
/// Leaves of one act.
const AT_ONCE: usize = 2000;

/// Measures.
pub(crate) async fn run(plan: Plan, disk: &Scratch, report: &mut Report) -> Result<()> {
    let wanted = plan.size(LEAVES);
    eprintln!("filling a log with {wanted} leaves");
    let place = Place::make(disk.path(), "verify", None).await?;
    let ours = Ours::open(&place).await?;
    let log = Log::Org(ours.org);
    let pen = ours.ledger.pen(log, "system", None).await?;
    for _ in 0..wanted / AT_ONCE {
        act!(ours.store, |tx| -> Result<(), StoreError> {
            for _ in 0..AT_ONCE {
                let id = AlarmId::new(tx.clock(), tx.rng());
                pen.write(tx, Ours::entry(id)).await?;
            }
            Ok(())
        })?;
    }
    ours.ledger.sequence(log).await?;
    let clock = SystemClock::new();
    for _ in 0..plan.runs {
        let since = clock.monotonic();
        let seen = ours.ledger.verify(log, None).await?;
        let took = clock.monotonic().saturating_sub(since).as_secs_f64();
        ensure!(seen.size == u64::try_from(wanted)?, "leaves are missing");
        ensure!(seen.readable == seen.size, "details were not checked");
        let leaves = f64::from(u32::try_from(seen.size)?);
        report.take("ledger_verify_leaves_per_s", "1/s", leaves / took);
    }
    ours.close().await;
    place.remove().await
}

//! How long a start takes, with nothing and with much in the database; how heavy it then is.

use anyhow::Result;
use base::Clock as _;
use server::clock::SystemClock;
use std::path::Path;
use std::time::Duration;

use crate::Plan;
use crate::child::{Server, binary};
use crate::report::Report;
use crate::scratch::{Scratch, copy};
use crate::seed::Seed;

const PEOPLE: usize = 10_000;
const ALARMS: usize = 5_000;
/// When memory is weighed.
const IDLE: Duration = Duration::from_secs(5);

/// Measures.
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let binary = binary()?;
    let disk = Scratch::on_disk("start")?;
    let memory = Scratch::in_memory("start")?;
    let filled = memory.path().join("filled");
    eprintln!("filling a database");
    let seed = Seed::found(&filled).await?;
    seed.add_people(plan.size(PEOPLE), None).await?;
    seed.add_alarms(plan.size(ALARMS)).await?;
    seed.finish().await?;
    let mut report = Report::new(plan)?;
    for run in 0..plan.runs {
        eprintln!("run {}", run + 1);
        let data = disk.path().join(format!("empty-{run}"));
        let empty = weigh(&binary, &data).await?;
        report.take("start_ready_ms", "ms", empty.ready_ms);
        let data = disk.path().join(format!("filled-{run}"));
        copy(&filled, &data)?;
        let full = weigh(&binary, &data).await?;
        report.take("start_filled_ready_ms", "ms", full.ready_ms);
        // The heavier of the two counts.
        eprintln!(
            "  resident: {:.2} MiB empty, {:.2} MiB filled",
            empty.mib, full.mib
        );
        report.take("start_idle_rss_mib", "MiB", full.mib.max(empty.mib));
        std::fs::remove_dir_all(&data)?;
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "no program is larger than 2^53 bytes"
    )]
    let size = std::fs::metadata(&binary)?.len() as f64 / f64::from(1 << 20);
    report.take("binary_mib", "MiB", size);
    report.print()
}

struct Weighed {
    ready_ms: f64,
    mib: f64,
}

async fn weigh(binary: &Path, data: &Path) -> Result<Weighed> {
    let server = Server::start(binary, data, &[]).await?;
    SystemClock::new().sleep(IDLE).await;
    Ok(Weighed {
        ready_ms: server.ready_after.as_secs_f64() * 1000.0,
        mib: server.resident_mib()?,
    })
}

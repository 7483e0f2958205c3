//! Durable transactions with a fact, an outbox row and a leaf of the log: through our code, and as the same
//! three rows in the same round trips without it.
//!
//! Both sides take turns, each on a database of its own, so that noise hits both alike. The rows without our
//! code are copies of one that our code wrote, but for their ids: as long, in the same tables.

mod ours;
mod place;
mod plain;
mod verify;

use anyhow::{Context as _, Result, ensure};
use base::Clock as _;
use server::clock::SystemClock;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::Engine;
use tokio::task::JoinSet;

use crate::Plan;
use crate::report::Report;
use crate::scratch::Scratch;
use place::Place;

const WRITERS: [usize; 3] = [1, 8, 32];
/// How long one side writes at a stretch.
const STRETCH: Duration = Duration::from_secs(2);
/// How long each side writes before anything counts.
const WARM_UP: Duration = Duration::from_millis(500);
/// The table of facts: what an application would write.
const FACTS: &str = "CREATE TABLE bench_fact (org_id TEXT NOT NULL, id TEXT NOT NULL, \
                     title TEXT NOT NULL, created_us BIGINT NOT NULL, PRIMARY KEY (org_id, id))";
const TITLE: &str = "B3 Wohnungsbrand, Menschenleben in Gefahr";

/// Measures.
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let disk = Scratch::on_disk("store")?;
    let server = std::env::var("OBHUT_TEST_POSTGRES")
        .context("OBHUT_TEST_POSTGRES must name a PostgreSQL server that waits for its disk")?;
    let sqlite = Sides::open(disk.path(), None).await?;
    let postgres = Sides::open(disk.path(), Some(&server)).await?;
    let mut report = Report::new(plan)?;
    for run in 0..plan.runs {
        eprintln!("run {}", run + 1);
        for sides in [&sqlite, &postgres] {
            sides.measure(plan, &mut report).await?;
        }
    }
    sqlite.close().await?;
    postgres.close().await?;
    verify::run(plan, &disk, &mut report).await?;
    report.print()
}

/// Who writes.
trait Writer: Send + Sync + 'static {
    /// One durable transaction.
    fn write(&self) -> impl Future<Output = Result<()>> + Send;
}

/// The same database twice: for our code, and for the rows without it.
struct Sides {
    engine: Engine,
    ours: Arc<ours::Ours>,
    plain: Arc<plain::Plain>,
    places: [Place; 2],
}

impl Sides {
    async fn open(folder: &std::path::Path, postgres: Option<&str>) -> Result<Self> {
        let (engine, word) = match postgres {
            None => (Engine::Sqlite, "sqlite"),
            Some(_) => (Engine::Postgres, "postgres"),
        };
        let first = Place::make(folder, &format!("{word}_ours"), postgres).await?;
        let second = Place::make(folder, &format!("{word}_plain"), postgres).await?;
        let ours = ours::Ours::open(&first).await?;
        // Migrates the other database too.
        let migrated = ours::Ours::open(&second).await?;
        migrated.write().await?;
        migrated.close().await;
        let plain = plain::Plain::open(&second).await?;
        let sides = Self {
            engine,
            ours: Arc::new(ours),
            plain: Arc::new(plain),
            places: [first, second],
        };
        stretch(&sides.ours, 8, WARM_UP).await?;
        stretch(&sides.plain, 8, WARM_UP).await?;
        Ok(sides)
    }

    async fn measure(&self, plan: Plan, report: &mut Report) -> Result<()> {
        let word = match self.engine {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        };
        let time = if plan.quick { STRETCH / 10 } else { STRETCH };
        for writers in WRITERS {
            // Plain, ours, ours, plain: what drifts meanwhile drifts for both.
            let before = stretch(&self.plain, writers, time / 2).await?;
            let ours = stretch(&self.ours, writers, time).await?;
            let after = stretch(&self.plain, writers, time / 2).await?;
            let plain = f64::midpoint(before, after);
            eprintln!("  plain {plain:.0} 1/s");
            let name = format!("store_{word}_tx_per_s_{writers}");
            report.take(&name, "1/s", ours);
            report.take(&format!("{name}_ratio"), "1", ours / plain);
        }
        Ok(())
    }

    async fn close(self) -> Result<()> {
        self.ours.close().await;
        self.plain.close().await;
        for place in self.places {
            place.remove().await?;
        }
        Ok(())
    }
}

/// Lets so many writers write for so long; gives transactions in a second.
async fn stretch<W: Writer>(writer: &Arc<W>, writers: usize, time: Duration) -> Result<f64> {
    let clock = SystemClock::new();
    let since = clock.monotonic();
    let until = since + time;
    let written = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..writers {
        let (writer, written) = (Arc::clone(writer), Arc::clone(&written));
        tasks.spawn(async move {
            while clock.monotonic() < until {
                writer.write().await?;
                written.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let took = clock.monotonic().saturating_sub(since).as_secs_f64();
    let written = u32::try_from(written.load(Ordering::Relaxed))?;
    ensure!(written > 0, "nothing was written");
    Ok(f64::from(written) / took)
}

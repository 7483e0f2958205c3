//! The three rows without our code: `BEGIN`, three inserts, `COMMIT`, each prepared, on pools of the same size.

use anyhow::{Context as _, Result};
use base::{AlarmId, Clock as _, JobId, LeafId, SystemRng};
use server::clock::SystemClock;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::str::FromStr as _;
use std::time::Duration;

use super::place::Place;
use super::{TITLE, Writer};

/// As many connections as the store opens.
const POSTGRES_CONNECTIONS: u32 = 16;
const PATIENCE: Duration = Duration::from_secs(30);

const FACT: &str = "INSERT INTO bench_fact (org_id, id, title, created_us) VALUES ($1, $2, $3, $4)";
const JOB: &str = "INSERT INTO job (id, org_id, topic, object_id, arg, state, attempts, run_at_us, \
                   created_us) VALUES ($1, $2, 'bench.fact', $3, '', 'ready', 0, $4, $4)";
const LEAF: &str =
    "INSERT INTO ledger_leaf (log, id, body, sealed, key_id) VALUES ($1, $2, $3, $4, $5)";
const SAMPLE: &str = "SELECT log, body, sealed, key_id FROM ledger_leaf";

/// Nothing but the driver.
pub(crate) struct Plain {
    pool: Pool,
    sample: Sample,
    clock: SystemClock,
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A leaf that our code wrote; every row is a copy of it.
struct Sample {
    log: String,
    body: Vec<u8>,
    sealed: Vec<u8>,
    key_id: String,
}

/// The columns of [`SAMPLE`].
type Columns = (String, Vec<u8>, Vec<u8>, String);

impl From<Columns> for Sample {
    fn from((log, body, sealed, key_id): Columns) -> Self {
        Self {
            log,
            body,
            sealed,
            key_id,
        }
    }
}

impl Plain {
    /// Opens a database that our code made and wrote one leaf to.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let (pool, sample): (_, Option<Columns>) = match &place.postgres {
            None => {
                let pool = sqlite(place).await?;
                let sample = sqlx::query_as(SAMPLE).fetch_optional(&pool).await?;
                (Pool::Sqlite(pool), sample)
            }
            Some(url) => {
                let pool = PgPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(PATIENCE)
                    .test_before_acquire(false)
                    .connect_with(PgConnectOptions::from_str(url)?)
                    .await?;
                let sample = sqlx::query_as(SAMPLE).fetch_optional(&pool).await?;
                (Pool::Postgres(pool), sample)
            }
        };
        Ok(Self {
            pool,
            sample: sample.context("there is no leaf to copy")?.into(),
            clock: SystemClock::new(),
        })
    }

    /// Closes it.
    pub(crate) async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn sqlite(place: &Place) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(place.folder.join("obhut.db"))
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false);
    Ok(pool.connect_with(options).await?)
}

macro_rules! rows {
    ($pool:expr, $begin:expr, $sample:expr, $clock:expr) => {{
        let mut tx = $pool.begin_with($begin).await?;
        let fact = AlarmId::new($clock, &SystemRng).to_string();
        let now = $clock.now().as_microsecond();
        let org = $sample.log.as_str();
        let insert = sqlx::query(FACT)
            .bind(org)
            .bind(&fact)
            .bind(TITLE)
            .bind(now);
        insert.execute(&mut *tx).await?;
        let job = JobId::new($clock, &SystemRng).to_string();
        let insert = sqlx::query(JOB).bind(job).bind(org).bind(&fact).bind(now);
        insert.execute(&mut *tx).await?;
        let leaf = LeafId::new($clock, &SystemRng).to_string();
        let insert = sqlx::query(LEAF)
            .bind(org)
            .bind(leaf)
            .bind($sample.body.as_slice());
        let insert = insert.bind($sample.sealed.as_slice()).bind(&$sample.key_id);
        insert.execute(&mut *tx).await?;
        tx.commit().await
    }};
}

impl Plain {
    async fn try_write(&self) -> sqlx::Result<()> {
        match &self.pool {
            Pool::Sqlite(pool) => rows!(pool, "BEGIN IMMEDIATE", self.sample, &self.clock),
            Pool::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE";
                rows!(pool, begin, self.sample, &self.clock)
            }
        }
    }
}

impl Writer for Plain {
    async fn write(&self) -> Result<()> {
        loop {
            match self.try_write().await {
                // Without our code somebody has to try again too.
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("40001") => {}
                done => return Ok(done?),
            }
        }
    }
}

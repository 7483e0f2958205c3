//! Opening a database, and the two ways to use it: an act that changes, a look that reads.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use base::{Clock, Rng};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use tokio::sync::mpsc::UnboundedSender;

use crate::jobs::Job;
use crate::tx::{Inner as TxInner, SqliteWriter, Tx};
use crate::{Keys, StoreError, migrate};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// In the program, one file.
    Sqlite,
    /// A server of its own.
    Postgres,
}

/// How to open the store.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder with `obhut.db` and `keys.db`; must exist.
    pub folder: PathBuf,
    /// A PostgreSQL address; without it SQLite is used.
    pub postgres: Option<String>,
    /// Wraps everything in the key store; kept outside every backup.
    pub root_key: seal::RootKey,
    /// How long to wait for a connection.
    pub patience: Duration,
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pools: Pools,
    keys: Keys,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    local: OnceLock<Local>,
    // Held for the life of the store: one process for one SQLite file.
    _lock: Option<std::fs::File>,
}

/// Where jobs of this process go once they are committed.
struct Local {
    owner: String,
    jobs: Mutex<UnboundedSender<Job>>,
}

pub(crate) enum Pools {
    Sqlite { write: SqlitePool, read: SqlitePool },
    Postgres(PgPool),
}

impl Store {
    /// Opens or creates the database and brings its schema up to date.
    pub async fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, StoreError> {
        let lock = match &settings.postgres {
            None => Some(lock(&settings.folder)?),
            Some(_) => None,
        };
        let store = Self::connect(&settings, clock, rng, lock, false).await?;
        if store.engine() == Engine::Sqlite {
            // The lock file says that nobody else is there, so every lease is of a process that ended.
            crate::jobs::void_all_leases(&store).await?;
        }
        Ok(store)
    }

    /// Opens a database beside a server that may be running, only to look: for audits.
    pub async fn open_to_read(
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, StoreError> {
        if settings.postgres.is_none() && !settings.folder.join("obhut.db").exists() {
            return Err(StoreError::File {
                what: format!("there is no database in {}", settings.folder.display()),
                source: std::io::ErrorKind::NotFound.into(),
            });
        }
        Self::connect(&settings, clock, rng, None, true).await
    }

    async fn connect(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        lock: Option<std::fs::File>,
        only_look: bool,
    ) -> Result<Self, StoreError> {
        let pools = match &settings.postgres {
            None => open_sqlite(settings).await?,
            Some(url) => open_postgres(url, settings.patience)?,
        };
        if only_look {
            migrate::check_applied(&pools).await?;
        } else {
            migrate::run(&pools, clock.as_ref()).await?;
        }
        let keys = Keys::open(settings, &pools, Arc::clone(&clock), Arc::clone(&rng)).await?;
        let inner = Inner {
            pools,
            keys,
            clock,
            rng,
            local: OnceLock::new(),
            _lock: lock,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Which database this is.
    pub fn engine(&self) -> Engine {
        match self.inner.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// The clock it was opened with.
    pub fn clock(&self) -> &dyn Clock {
        self.inner.clock.as_ref()
    }

    /// The same clock, to keep.
    pub fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// The randomness it was opened with.
    pub fn rng(&self) -> &dyn Rng {
        self.inner.rng.as_ref()
    }

    /// The keys whose destruction deletes.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// A transaction that changes things; use [`act!`](crate::act).
    #[doc(hidden)]
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await
    }

    /// For job claims and leases alone, which must not fail because of one another.
    pub(crate) async fn begin_claim(&self) -> Result<Tx, StoreError> {
        self.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED")
            .await
    }

    async fn begin_with(&self, postgres: &'static str) -> Result<Tx, StoreError> {
        let inner = match &self.inner.pools {
            Pools::Sqlite { write, .. } => {
                TxInner::Writing(SqliteWriter::begin(write.acquire().await?).await?)
            }
            Pools::Postgres(pool) => TxInner::Postgres(begin_postgres(pool, postgres).await?),
        };
        Ok(Tx::new(self.clone(), inner))
    }

    /// A consistent look at the data that changes nothing.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        let inner = match &self.inner.pools {
            Pools::Sqlite { read, .. } => TxInner::Sqlite(read.begin_with("BEGIN DEFERRED").await?),
            Pools::Postgres(pool) => TxInner::Postgres(
                begin_postgres(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?,
            ),
        };
        Ok(Tx::new(self.clone(), inner))
    }

    /// From now on this process takes the jobs that it emits.
    pub(crate) fn run_locally(&self, owner: String, jobs: UnboundedSender<Job>) {
        let local = Local {
            owner,
            jobs: Mutex::new(jobs),
        };
        if self.inner.local.set(local).is_err() {
            tracing::warn!("this store has a job runner already");
        }
    }

    pub(crate) fn local_owner(&self) -> Option<String> {
        self.inner.local.get().map(|local| local.owner.clone())
    }

    pub(crate) fn hand_over(&self, jobs: Vec<Job>) {
        let Some(local) = self.inner.local.get() else {
            return;
        };
        let sender = local.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        for job in jobs {
            // When the runner is gone the lease runs out and another process takes the job.
            let _ = sender.send(job);
        }
    }

    pub(crate) fn pools(&self) -> &Pools {
        &self.inner.pools
    }

    /// Ends all connections; SQLite folds its log into the file.
    pub async fn close(&self) {
        match &self.inner.pools {
            Pools::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
        self.inner.keys.close().await;
    }
}

/// A connection that died while it lay in the pool is found by using it, which costs nothing when all is
/// well; then the next one is tried.
async fn begin_postgres(
    pool: &PgPool,
    begin: &'static str,
) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, StoreError> {
    for _ in 0..pool.size() {
        match pool.begin_with(begin).await {
            Err(sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) => {}
            Err(sqlx::Error::Database(e)) if e.code().is_some_and(|c| c.starts_with("57P")) => {}
            done => return Ok(done?),
        }
    }
    Ok(pool.begin_with(begin).await?)
}

fn lock(folder: &Path) -> Result<std::fs::File, StoreError> {
    let path = folder.join("obhut.lock");
    let fail = |source| StoreError::File {
        what: format!("could not lock {}", path.display()),
        source,
    };
    let file = std::fs::File::create(&path).map_err(fail)?;
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => fail(std::io::Error::new(
            std::io::ErrorKind::WouldBlock,
            "another obhut process uses this data folder; stop it first",
        )),
        std::fs::TryLockError::Error(error) => fail(error),
    })?;
    Ok(file)
}

pub(crate) fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .statement_cache_capacity(512)
        .pragma("trusted_schema", "OFF")
}

async fn open_sqlite(settings: &Settings) -> Result<Pools, StoreError> {
    let options = sqlite_options(&settings.folder.join("obhut.db"));
    // One writer that waits its turn in a fair queue beats many that poll a busy lock.
    let pool = |most: u32| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .acquire_timeout(settings.patience)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let write = pool(1).connect_with(options.clone()).await?;
    let read = pool(4).connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(Pools::Sqlite { write, read })
}

fn open_postgres(url: &str, patience: Duration) -> Result<Pools, StoreError> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("obhut")
        .statement_cache_capacity(512)
        .options([("timezone", "UTC")]);
    let pool = PgPoolOptions::new()
        .max_connections(16)
        .acquire_timeout(patience)
        .test_before_acquire(false)
        .connect_lazy_with(options);
    Ok(Pools::Postgres(pool))
}

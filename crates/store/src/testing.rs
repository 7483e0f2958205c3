//! Databases for tests: each test gets its own, on both engines. Compiled only for tests.
//!
//! PostgreSQL is taken from `OBHUT_TEST_POSTGRES` (an address of its maintenance database); `./x test` sets
//! it. A migrated template is made once and copied.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Rng, SystemRng};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::{Engine, Settings, Store, migrate};

/// A folder and a database that vanish at the end of the test.
pub struct TestDb {
    /// Where files lie.
    pub folder: PathBuf,
    /// The PostgreSQL address, if it is one.
    pub postgres: Option<String>,
    database: Option<(String, String)>,
    root_key: seal::RootKey,
}

impl TestDb {
    /// Both engines, or SQLite alone when no PostgreSQL is at hand and none is demanded.
    ///
    /// # Panics
    /// When `CI` is set and there is no PostgreSQL: then a test would silently cover half.
    pub fn engines() -> Vec<Engine> {
        if std::env::var_os("OBHUT_TEST_POSTGRES").is_some() {
            vec![Engine::Sqlite, Engine::Postgres]
        } else {
            assert!(
                std::env::var_os("CI").is_none(),
                "run the tests with ./x test"
            );
            vec![Engine::Sqlite]
        }
    }

    /// A new, empty place for a database.
    ///
    /// # Panics
    /// When the place can't be made.
    pub async fn new(engine: Engine) -> Self {
        let suffix = hex(&base::array::<8>(&SystemRng));
        let folder = std::env::temp_dir().join(format!("obhut-test-{suffix}"));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        let (mut postgres, mut database) = (None, None);
        if engine == Engine::Postgres {
            let server = std::env::var("OBHUT_TEST_POSTGRES").expect("OBHUT_TEST_POSTGRES");
            let name = format!("obhut_test_{suffix}");
            make_database(&server, &name).await;
            postgres = Some(with_database(&server, &name));
            database = Some((server, name));
        }
        let root_key = seal::RootKey::generate(&SystemRng);
        Self {
            folder,
            postgres,
            database,
            root_key,
        }
    }

    /// Settings to open it with.
    pub fn settings(&self) -> Settings {
        Settings {
            folder: self.folder.clone(),
            postgres: self.postgres.clone(),
            root_key: self.root_key.clone(),
            patience: Duration::from_secs(10),
        }
    }

    /// Cuts every connection to the PostgreSQL database and lets no new one in, or lets them in again.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn cut_off(&self, yes: bool) {
        self.alter(&format!("ALLOW_CONNECTIONS {}", !yes)).await;
    }

    /// Lets nobody write to the PostgreSQL database, or lets everybody again; connections begin anew.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn read_only(&self, yes: bool) {
        let word = if yes { "on" } else { "off" };
        self.alter(&format!("SET default_transaction_read_only = {word}"))
            .await;
    }

    /// Changes the PostgreSQL database and cuts every connection to it, because settings hold for new ones.
    async fn alter(&self, how: &str) {
        let Some((server, name)) = &self.database else {
            return;
        };
        let mut connection = connect(server)
            .await
            .expect("the PostgreSQL server for tests");
        let sql = format!(
            "ALTER DATABASE {name} {how}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        );
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .expect("an answer");
    }

    /// Lets each leaf of the log in PostgreSQL meet a device that is full, or takes that back. The server itself
    /// writes to `/dev/full`, so what it answers (53100) is what the kernel tells it of a disk without space.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn full(&self, yes: bool) {
        let Some(url) = &self.postgres else { return };
        let sql = if yes {
            "CREATE FUNCTION meet_full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN COPY (SELECT 1) TO '/dev/full'; RETURN NEW; END $$; \
             CREATE TRIGGER full_disk BEFORE INSERT ON ledger_leaf \
             FOR EACH ROW EXECUTE FUNCTION meet_full_disk()"
        } else {
            "DROP FUNCTION meet_full_disk CASCADE"
        };
        let mut connection = connect(url).await.expect("the database");
        sqlx::raw_sql(sql)
            .execute(&mut connection)
            .await
            .expect("an answer");
    }

    /// How many jobs wait, seen from outside while a server is running.
    ///
    /// # Panics
    /// When the database can't be read.
    pub async fn ready_jobs(&self) -> i64 {
        let sql = "SELECT count(*) FROM job WHERE state = 'ready'";
        if let Some(url) = &self.postgres {
            let mut connection = connect(url).await.expect("the database");
            return sqlx::query_scalar(sql)
                .fetch_one(&mut connection)
                .await
                .expect("a count");
        }
        let options = crate::pool::sqlite_options(&self.folder.join("obhut.db"));
        let mut connection = sqlx::SqliteConnection::connect_with(&options)
            .await
            .expect("the database");
        sqlx::query_scalar(sql)
            .fetch_one(&mut connection)
            .await
            .expect("a count")
    }

    /// Opens it.
    ///
    /// # Panics
    /// When it can't be opened.
    pub async fn open(&self, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Store {
        Store::open(self.settings(), clock, rng)
            .await
            .expect("a database that opens")
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        let Some((server, name)) = self.database.take() else {
            return;
        };
        // A runtime of its own: drop is not async, and the test's runtime may be busy ending.
        let dropping = std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            else {
                return;
            };
            runtime.block_on(async {
                if let Ok(mut connection) = connect(&server).await {
                    let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    let _ = sqlx::raw_sql(AssertSqlSafe(sql))
                        .execute(&mut connection)
                        .await;
                }
            });
        });
        let _ = dropping.join();
    }
}

async fn connect(server: &str) -> Result<PgConnection, sqlx::Error> {
    PgConnection::connect_with(&PgConnectOptions::from_str(server)?).await
}

/// The same server, another database: replaces the path of the address.
fn with_database(server: &str, name: &str) -> String {
    let (head, query) = server.split_once('?').map_or((server, ""), |(h, q)| (h, q));
    let start = head.find("://").map_or(0, |i| i + 3);
    let base = head[start..].find('/').map_or(head, |i| &head[..start + i]);
    if query.is_empty() {
        format!("{base}/{name}")
    } else {
        format!("{base}/{name}?{query}")
    }
}

async fn make_database(server: &str, name: &str) {
    let mut connection = connect(server)
        .await
        .expect("the PostgreSQL server for tests");
    let template = format!("obhut_template_{}", migrate::fingerprint());
    for _ in 0..200 {
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        match sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
        {
            Ok(_) => return,
            Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("3D000") => {
                make_template(server, &mut connection, &template).await;
            }
            // Somebody is connected to the template at this moment.
            Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("55006") => pause().await,
            Err(error) => panic!("no test database: {error}"),
        }
    }
    panic!("no test database: the template stays in use");
}

#[expect(
    clippy::disallowed_methods,
    reason = "waits for a real server between tests"
)]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

/// Several test processes may race; the first to rename wins, the others drop theirs.
async fn make_template(server: &str, connection: &mut PgConnection, template: &str) {
    let own = format!("{template}_{}", hex(&base::array::<4>(&SystemRng)));
    let create = format!("CREATE DATABASE {own}");
    sqlx::raw_sql(AssertSqlSafe(create))
        .execute(&mut *connection)
        .await
        .expect("a template");
    let folder = std::env::temp_dir();
    let settings = Settings {
        folder,
        postgres: Some(with_database(server, &own)),
        root_key: seal::RootKey::generate(&SystemRng),
        patience: Duration::from_secs(10),
    };
    let clock = Arc::new(base::SimClock::at(base::Timestamp::UNIX_EPOCH));
    let store = Store::open(settings, clock, Arc::new(SystemRng))
        .await
        .expect("a schema");
    store.close().await;
    let rename = format!("ALTER DATABASE {own} RENAME TO {template}");
    if sqlx::raw_sql(AssertSqlSafe(rename))
        .execute(&mut *connection)
        .await
        .is_err()
    {
        let drop = format!("DROP DATABASE IF EXISTS {own} WITH (FORCE)");
        let _ = sqlx::raw_sql(AssertSqlSafe(drop))
            .execute(&mut *connection)
            .await;
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Store {
    /// Prepares a text on this database without running it; for the test of all statements.
    pub async fn prepare(&self, text: &str) -> Result<(), crate::StoreError> {
        use sqlx::{AssertSqlSafe, Executor as _, SqlSafeStr as _};
        let text = AssertSqlSafe(text.to_owned()).into_sql_str();
        match self.pools() {
            crate::pool::Pools::Sqlite { write, .. } => drop(write.prepare(text).await?),
            crate::pool::Pools::Postgres(pool) => drop(pool.prepare(text).await?),
        }
        Ok(())
    }

    /// Runs a text on this database; for tests that damage or inspect it.
    pub async fn raw(&self, text: &str) -> Result<Vec<crate::Row>, crate::StoreError> {
        use sqlx::AssertSqlSafe;
        Ok(match self.pools() {
            crate::pool::Pools::Sqlite { write, .. } => sqlx::query(AssertSqlSafe(text.to_owned()))
                .fetch_all(write)
                .await?
                .into_iter()
                .map(crate::Row::Sqlite)
                .collect(),
            crate::pool::Pools::Postgres(pool) => sqlx::query(AssertSqlSafe(text.to_owned()))
                .fetch_all(pool)
                .await?
                .into_iter()
                .map(crate::Row::Postgres)
                .collect(),
        })
    }

    /// Every table, column, type and nullability of the main schema, normalised over both engines:
    /// `(table, column, type, required)`.
    pub async fn schema(&self) -> Result<Vec<(String, String, String, bool)>, crate::StoreError> {
        let text = match self.engine() {
            Engine::Sqlite => {
                "SELECT m.name, p.name, lower(p.type), p.\"notnull\" OR p.pk FROM sqlite_master m \
                 JOIN pragma_table_info(m.name) p WHERE m.type = 'table' \
                 AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
            }
            Engine::Postgres => {
                "SELECT c.table_name::text, c.column_name::text, c.data_type::text, \
                 c.is_nullable = 'NO' FROM information_schema.columns c \
                 WHERE c.table_schema = 'public' ORDER BY \
                 c.table_name::text COLLATE \"C\", c.column_name::text COLLATE \"C\""
            }
        };
        self.raw(text)
            .await?
            .iter()
            .map(|row| {
                let mut c = row.cols();
                let (table, column, kind) = (c.text()?, c.text()?, c.text()?);
                let kind = match kind.as_str() {
                    "bytea" => "blob".to_owned(),
                    "double precision" => "real".to_owned(),
                    "integer" => "bigint".to_owned(),
                    other => other.to_owned(),
                };
                Ok((table, column, kind, c.boolean()?))
            })
            .collect()
    }
}

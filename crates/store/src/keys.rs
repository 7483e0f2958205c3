//! Keys whose destruction deletes what they protect. They lie apart from the data: SQLite file `keys.db`,
//! PostgreSQL schema `keys`. Each is wrapped by the root key, which lies outside every backup.
//!
//! Write the key first, then what it protects; destroy the key first, then what it protected. "Destroyed"
//! is reported only after the freed pages are overwritten (`secure_delete` and a truncated log, or
//! `VACUUM`). Backups of keys live at most 7 days.

use base::{Clock, OrgId, Rng, chain};
use seal::Zeroizing;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, PgPool, Row as _, SqlitePool};
use std::sync::Arc;

use crate::StoreError;
use crate::pool::{Pools, Settings, sqlite_options};

pub(crate) const POSTGRES_SCHEMA: &str = "CREATE SCHEMA IF NOT EXISTS keys; \
    CREATE TABLE IF NOT EXISTS keys.secret (id TEXT COLLATE \"C\" PRIMARY KEY, kind TEXT NOT NULL, \
    org_id TEXT COLLATE \"C\", wrapped BYTEA NOT NULL, created_us BIGINT NOT NULL)";
const SQLITE_SCHEMA: &str = "CREATE TABLE IF NOT EXISTS secret (id TEXT PRIMARY KEY, kind TEXT NOT NULL, \
    org_id TEXT, wrapped BLOB NOT NULL, created_us BIGINT NOT NULL)";

/// The key store.
pub struct Keys {
    pool: Pool,
    root: seal::RootKey,
    rng: Arc<dyn Rng>,
    clock: Arc<dyn Clock>,
}

enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

macro_rules! on {
    ($self:expr, $pool:ident, $table:ident, $body:expr) => {
        match &$self.pool {
            Pool::Sqlite($pool) => {
                let $table = "secret";
                $body
            }
            Pool::Postgres($pool) => {
                let $table = "keys.secret";
                $body
            }
        }
    };
}

impl Keys {
    pub(crate) async fn open(
        settings: &Settings,
        pools: &Pools,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, StoreError> {
        let pool = match pools {
            Pools::Sqlite { .. } => {
                let options =
                    sqlite_options(&settings.folder.join("keys.db")).pragma("secure_delete", "ON");
                let pool = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(settings.patience)
                    .test_before_acquire(false)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .connect_with(options)
                    .await?;
                sqlx::raw_sql(SQLITE_SCHEMA).execute(&pool).await?;
                Pool::Sqlite(pool)
            }
            Pools::Postgres(pool) => {
                sqlx::raw_sql(POSTGRES_SCHEMA).execute(pool).await?;
                Pool::Postgres(pool.clone())
            }
        };
        Ok(Self {
            pool,
            root: settings.root_key.clone(),
            rng,
            clock,
        })
    }

    /// Keeps a key. When one with this id is there already, that one stays and is returned.
    pub async fn put(
        &self,
        id: &str,
        kind: &'static str,
        org: Option<OrgId>,
        secret: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let wrapped = self.root.wrap(id.as_bytes(), secret, self.rng.as_ref());
        let now = self.clock.now().as_microsecond();
        let org = org.map(|org| org.to_string());
        on!(self, pool, table, {
            let text = format!(
                "INSERT INTO {table} (id, kind, org_id, wrapped, created_us) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING"
            );
            sqlx::query(AssertSqlSafe(text))
                .bind(id)
                .bind(kind)
                .bind(org)
                .bind(wrapped)
                .bind(now)
                .execute(pool)
                .await?;
        });
        self.get(id).await?.ok_or(StoreError::Missing)
    }

    /// A key, or `None` when it was destroyed or never there.
    pub async fn get(&self, id: &str) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let wrapped: Option<Vec<u8>> = on!(self, pool, table, {
            let text = format!("SELECT wrapped FROM {table} WHERE id = $1");
            let row = sqlx::query(AssertSqlSafe(text))
                .bind(id)
                .fetch_optional(pool)
                .await?;
            row.map(|row| row.try_get(0)).transpose()?
        });
        wrapped
            .map(|wrapped| {
                let key = self.root.unwrap_key(id.as_bytes(), &wrapped);
                key.map_err(|_| StoreError::Unwrap)
            })
            .transpose()
    }

    /// The ids of all keys of a kind that are older than an instant, for sweeping orphans.
    pub async fn ids(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        on!(self, pool, table, {
            let text = format!("SELECT id FROM {table} WHERE kind = $1 ORDER BY id");
            let rows = sqlx::query(AssertSqlSafe(text))
                .bind(kind)
                .fetch_all(pool)
                .await?;
            rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
        })
    }

    /// Destroys keys for good and gives the number of those that were there.
    pub async fn destroy(&self, ids: &[String]) -> Result<u64, StoreError> {
        let mut destroyed = 0;
        on!(self, pool, table, {
            let text = format!("DELETE FROM {table} WHERE id = $1");
            for id in ids {
                let query = sqlx::query(AssertSqlSafe(text.clone())).bind(id);
                destroyed += query.execute(pool).await?.rows_affected();
            }
        });
        match &self.pool {
            Pool::Sqlite(pool) => {
                sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                    .execute(pool)
                    .await?;
            }
            Pool::Postgres(pool) => {
                sqlx::raw_sql("VACUUM keys.secret").execute(pool).await?;
            }
        }
        Ok(destroyed)
    }

    pub(crate) async fn close(&self) {
        if let Pool::Sqlite(pool) = &self.pool {
            if let Err(error) = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(pool)
                .await
            {
                let error = StoreError::from(error);
                tracing::debug!(error = %chain(&error), "the key store was not folded at the end");
            }
            pool.close().await;
        }
    }
}

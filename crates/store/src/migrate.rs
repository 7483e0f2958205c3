//! Bringing the schema up to date. Migrations come in pairs, one text for each database, under one number;
//! they only go forward, and each is applied in one transaction.

use base::Clock;
use sqlx::{AssertSqlSafe, Row as _};

use crate::StoreError;
use crate::pool::Pools;

struct Migration {
    number: u32,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!("../migrations/", $name, ".sqlite.sql")),
            postgres: include_str!(concat!("../migrations/", $name, ".postgres.sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![
    1 "0001_store",
    2 "0002_ledger",
    3 "0003_privacy",
    4 "0004_people",
    5 "0005_mail",
    6 "0006_alarm",
    7 "0007_video",
    8 "0008_aside",
];

const LEDGER_OF_MIGRATIONS: &str = "CREATE TABLE IF NOT EXISTS migration \
    (number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_us BIGINT NOT NULL)";

/// A short mark by which a changed migration is noticed; not a secret, so 64 bits are enough.
fn checksum(text: &str) -> String {
    let digest = seal::sha256(text.as_bytes());
    seal::b64url_encode(&digest[..8])
}

macro_rules! apply {
    ($pool:expr, $clock:expr, $side:ident, $lock:expr) => {{
        let mut tx = $pool.begin_with($lock.0).await?;
        sqlx::raw_sql(LEDGER_OF_MIGRATIONS).execute(&mut *tx).await?;
        if let Some(lock) = $lock.1 {
            sqlx::raw_sql(lock).execute(&mut *tx).await?;
        }
        let rows = sqlx::query("SELECT number, checksum FROM migration ORDER BY number")
            .fetch_all(&mut *tx)
            .await?;
        let mut done = Vec::new();
        for row in rows {
            done.push((row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?));
        }
        check(&done, |m| m.$side)?;
        for migration in MIGRATIONS.iter().skip(done.len()) {
            sqlx::raw_sql(AssertSqlSafe(migration.$side)).execute(&mut *tx).await?;
            sqlx::query(
                "INSERT INTO migration (number, name, checksum, applied_us) VALUES ($1, $2, $3, $4)",
            )
            .bind(i64::from(migration.number))
            .bind(migration.name)
            .bind(checksum(migration.$side))
            .bind($clock.now().as_microsecond())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
    }};
}

/// Applies what is missing. A database from a newer program, or a changed migration, is refused.
pub(crate) async fn run(pools: &Pools, clock: &dyn Clock) -> Result<(), StoreError> {
    match pools {
        Pools::Sqlite { write, .. } => {
            apply!(
                write,
                clock,
                sqlite,
                ("BEGIN IMMEDIATE", None::<&'static str>)
            );
        }
        Pools::Postgres(pool) => {
            let lock = Some("LOCK TABLE migration IN EXCLUSIVE MODE");
            apply!(pool, clock, postgres, ("BEGIN", lock));
        }
    }
    Ok(())
}

/// Whether the schema is the one this program knows, without changing it.
pub(crate) async fn check_applied(pools: &Pools) -> Result<(), StoreError> {
    const APPLIED: &str = "SELECT number, checksum FROM migration ORDER BY number";
    let mut done: Vec<(i64, String)> = Vec::new();
    match pools {
        Pools::Sqlite { read, .. } => {
            for row in sqlx::query(APPLIED).fetch_all(read).await? {
                done.push((row.try_get(0)?, row.try_get(1)?));
            }
            check(&done, |m| m.sqlite)?;
        }
        Pools::Postgres(pool) => {
            for row in sqlx::query(APPLIED).fetch_all(pool).await? {
                done.push((row.try_get(0)?, row.try_get(1)?));
            }
            check(&done, |m| m.postgres)?;
        }
    }
    match MIGRATIONS.get(done.len()) {
        None => Ok(()),
        Some(missing) => Err(StoreError::Migration {
            number: missing.number,
            reason: "is not applied yet; start the server once with this program".to_owned(),
        }),
    }
}

fn check(
    done: &[(i64, String)],
    text: impl Fn(&Migration) -> &'static str,
) -> Result<(), StoreError> {
    for (i, (number, sum)) in done.iter().enumerate() {
        let Some(known) = MIGRATIONS.get(i) else {
            return Err(StoreError::Migration {
                number: u32::try_from(*number).unwrap_or(u32::MAX),
                reason: "this database was written by a newer Obhut; start that one".to_owned(),
            });
        };
        if i64::from(known.number) != *number || checksum(text(known)) != *sum {
            return Err(StoreError::Migration {
                number: known.number,
                reason: "was changed after it had been applied".to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(feature = "testing")]
pub(crate) fn fingerprint() -> String {
    let all: String = MIGRATIONS.iter().map(|m| m.postgres).collect();
    crate::testing::hex(&seal::sha256((all + crate::keys::POSTGRES_SCHEMA).as_bytes())[..8])
}

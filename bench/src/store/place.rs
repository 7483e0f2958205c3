//! Where a database of the bench lies.

use anyhow::{Context as _, Result, ensure};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

/// A folder, and for PostgreSQL a database of its own on a server.
pub(crate) struct Place {
    /// Where files lie.
    pub(crate) folder: PathBuf,
    /// The address of the database, if it is one on a server.
    pub(crate) postgres: Option<String>,
    server: Option<(String, String)>,
}

impl Place {
    /// Makes it, empty.
    pub(crate) async fn make(above: &Path, name: &str, server: Option<&str>) -> Result<Self> {
        let folder = above.join(name);
        std::fs::create_dir_all(&folder)?;
        let Some(server) = server else {
            return Ok(Self {
                folder,
                postgres: None,
                server: None,
            });
        };
        let name = format!("obhut_bench_{name}_{}", std::process::id());
        let mut connection = connect(server).await?;
        ensure_durable(&mut connection).await?;
        let sql = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
        Ok(Self {
            folder,
            postgres: Some(with_database(server, &name)),
            server: Some((server.to_owned(), name)),
        })
    }

    /// Drops what is not a file.
    pub(crate) async fn remove(self) -> Result<()> {
        if let Some((server, name)) = &self.server {
            let mut connection = connect(server).await?;
            let sql = format!("DROP DATABASE {name} WITH (FORCE)");
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await?;
        }
        Ok(())
    }
}

async fn connect(server: &str) -> Result<PgConnection> {
    let options = PgConnectOptions::from_str(server)?;
    PgConnection::connect_with(&options)
        .await
        .context("the PostgreSQL server of OBHUT_TEST_POSTGRES does not answer")
}

/// A server that does not wait for its disk would make every figure worthless.
async fn ensure_durable(connection: &mut PgConnection) -> Result<()> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let sql = format!("SHOW {setting}");
        let value: String = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *connection)
            .await?;
        ensure!(
            value == "on",
            "the PostgreSQL server has {setting} = {value}; unset OBHUT_TEST_POSTGRES, then \
             ./x bench store starts one that waits for its disk"
        );
    }
    Ok(())
}

/// The same server, another database: replaces the path of the address.
fn with_database(server: &str, name: &str) -> String {
    let (head, query) = match server.split_once('?') {
        Some((head, query)) => (head, format!("?{query}")),
        None => (server, String::new()),
    };
    let start = head.find("://").map_or(0, |at| at + 3);
    let end = head[start..].find('/').map_or(head.len(), |at| start + at);
    format!("{}/{name}{query}", &head[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_is_replaced() {
        let cases = [
            (
                "postgres:///postgres?host=/tmp/pg",
                "postgres:///b?host=/tmp/pg",
            ),
            ("postgres://u@h:1/x", "postgres://u@h:1/b"),
            ("postgres://u@h", "postgres://u@h/b"),
        ];
        for (server, want) in cases {
            assert_eq!(with_database(server, "b"), want);
        }
    }
}

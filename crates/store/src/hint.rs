//! Hints between servers that share one PostgreSQL (`LISTEN` and `NOTIFY`). A hint may be lost, and never says more
//! than where to look: whoever needs to know looks by itself as well, only later.

use base::chain;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::time::Duration;

use crate::pool::Pools;
use crate::{Store, StoreError};

const CHANNEL: &str = "obhut_hint";
/// How long to wait before listening again where it failed.
const PAUSE: Duration = Duration::from_secs(1);

impl Store {
    /// Tells every server on this database something of at most 8000 bytes, this one included. Call it after the
    /// commit. Nothing on SQLite, where there is one server alone.
    pub async fn hint(&self, text: &str) -> Result<(), StoreError> {
        if let Pools::Postgres(pool) = self.pools() {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(text)
                .execute(pool)
                .await?;
        }
        Ok(())
    }

    /// Hears what is told by [`Store::hint`], for as long as it is polled. On SQLite that is nothing.
    pub async fn hear(&self, mut heard: impl FnMut(&str)) {
        let Pools::Postgres(pool) = self.pools() else {
            return std::future::pending().await;
        };
        loop {
            if let Err(error) = listen(pool, &mut heard).await {
                let error = StoreError::from(error);
                tracing::debug!(error = %chain(&error), "hints of other servers can't be heard");
            }
            self.clock().sleep(PAUSE).await;
        }
    }
}

/// Ends by an error alone. The listener connects anew by itself when its connection was cut.
async fn listen(pool: &PgPool, heard: &mut impl FnMut(&str)) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        heard(listener.recv().await?.payload());
    }
}

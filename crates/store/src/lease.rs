//! Leases: who does something that only one process may do at a time. Kept by the database's clock.

use std::time::Duration;

use crate::{Store, StoreError, params};

crate::statements! {
    /// Takes or prolongs a lease; no row when somebody else holds it.
    TAKE = "INSERT INTO lease (name, owner, until_us) VALUES ($1, $2, {now_us} + $3) \
            ON CONFLICT (name) DO UPDATE SET owner = $2, until_us = {now_us} + $3 \
            WHERE lease.owner = $2 OR lease.until_us < {now_us} RETURNING name";
    /// Gives a lease back.
    DROP = "DELETE FROM lease WHERE name = $1 AND owner = $2";
}

/// A named lease and who asks for it.
#[derive(Debug, Clone)]
pub struct Lease {
    name: String,
    owner: String,
}

impl Lease {
    /// A lease that is not held yet. `owner` is different for every process.
    pub fn new(name: impl Into<String>, owner: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            owner: owner.into(),
        }
    }

    /// Takes or prolongs it; `false` when another process holds it.
    pub async fn hold(&self, store: &Store, lasting: Duration) -> Result<bool, StoreError> {
        let micros = i64::try_from(lasting.as_micros()).unwrap_or(i64::MAX / 4);
        let mut tx = store.begin_claim().await?;
        let row = tx
            .opt(&TAKE, params![&self.name, &self.owner, micros])
            .await?;
        tx.commit().await?;
        Ok(row.is_some())
    }

    /// Lets go of it, so that the next process need not wait.
    pub async fn release(&self, store: &Store) -> Result<(), StoreError> {
        let mut tx = store.begin_claim().await?;
        tx.exec(&DROP, params![&self.name, &self.owner]).await?;
        tx.commit().await
    }
}

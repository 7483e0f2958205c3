//! The three rows through our code: a pen, an act, a fact, an outbox row, a leaf.

use anyhow::Result;
use base::{AlarmId, OrgId, SystemRng};
use ledger::{Entry, Ledger, Log, Outcome};
use seal::RootKey;
use server::clock::SystemClock;
use std::sync::Arc;
use std::time::Duration;
use store::{Settings, Sql, Store, StoreError, act, params};

use super::place::Place;
use super::{FACTS, TITLE, Writer};

static FACT: Sql = Sql::new(
    "bench::FACT",
    "INSERT INTO bench_fact (org_id, id, title, created_us) VALUES ($1, $2, $3, $4)",
);
static MAKE_FACTS: Sql = Sql::new("bench::MAKE_FACTS", FACTS);

/// Our code.
pub(crate) struct Ours {
    pub(super) store: Store,
    pub(super) ledger: Ledger,
    pub(super) org: OrgId,
}

impl Ours {
    /// Opens a new database.
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let settings = Settings {
            folder: place.folder.clone(),
            postgres: place.postgres.clone(),
            root_key: RootKey::generate(&SystemRng),
            patience: Duration::from_secs(30),
        };
        let clock = Arc::new(SystemClock::new());
        let store = Store::open(settings, clock, Arc::new(SystemRng)).await?;
        let ledger = Ledger::open(store.clone(), "bench.example");
        let org = OrgId::new(store.clock(), store.rng());
        act!(store, |tx| -> Result<(), StoreError> {
            tx.exec(&MAKE_FACTS, params![]).await.map(drop)
        })?;
        Ok(Self { store, ledger, org })
    }

    /// Closes it.
    pub(crate) async fn close(&self) {
        self.store.close().await;
    }

    /// What an act of an application's writes into the log.
    pub(super) fn entry(id: AlarmId) -> Entry {
        Entry {
            action: "alarm.raised",
            object: Some(id.to_string()),
            outcome: Outcome::Done,
            details: vec![("recipients", "42".to_owned())],
        }
    }
}

impl Writer for Ours {
    async fn write(&self) -> Result<()> {
        let log = Log::Org(self.org);
        let pen = self.ledger.pen(log, "system", None).await?;
        act!(self.store, |tx| -> Result<(), StoreError> {
            let id = AlarmId::new(tx.clock(), tx.rng());
            let now = tx.clock().now();
            tx.exec(&FACT, params![self.org, id, TITLE, now]).await?;
            tx.emit("bench.fact", Some(self.org), id.to_string(), "")
                .await?;
            pen.write(tx, Self::entry(id)).await?;
            Ok(())
        })?;
        Ok(())
    }
}

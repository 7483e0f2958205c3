//! The stored log on both databases: numbering, reading, forgetting, and whatever somebody may change in it.

use std::sync::Arc;
use std::time::Duration;

use base::{OrgId, Rng, SeededRng, SimClock, SystemRng};
use ledger::verify::Broken;
use ledger::{Entry, Ledger, LedgerError, Log, Outcome, VerifyError};
use store::testing::TestDb;
use store::{Engine, Store, StoreError};

pub(crate) const HOST: &str = "feuerwehr.example";

/// A stored log under test.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) ledger: Ledger,
    pub(crate) org: OrgId,
    pub(crate) log: Log,
}

impl World {
    pub(crate) async fn write(&self, actor: &str, subject: Option<&str>, reason: &str) {
        let pen = self.ledger.pen(self.log, actor, subject).await.unwrap();
        let details = if reason.is_empty() {
            Vec::new()
        } else {
            vec![("reason", reason.to_owned())]
        };
        store::act!(self.store, |tx| -> Result<_, LedgerError> {
            let entry = Entry {
                action: "alarm.raised",
                object: Some("alm_1".to_owned()),
                outcome: Outcome::Done,
                details: details.clone(),
            };
            Ok(pen.write(tx, entry).await?)
        })
        .unwrap();
    }

    /// Writes and numbers leaves, some with details.
    pub(crate) async fn fill(&self, leaves: usize) {
        let pen = self.ledger.pen(self.log, "per_a", None).await.unwrap();
        store::act!(self.store, |tx| -> Result<(), LedgerError> {
            for number in 0..leaves {
                let details = vec![("number", number.to_string()); usize::from(number % 3 == 0)];
                let entry = Entry {
                    action: "test.filled",
                    object: None,
                    outcome: Outcome::Done,
                    details,
                };
                pen.write(tx, entry).await?;
            }
            Ok(())
        })
        .unwrap();
        let numbered = self.ledger.sequence(self.log).await.unwrap();
        assert_eq!(numbered, leaves as u64);
        self.clock.advance(Duration::from_millis(1));
    }

    async fn broken(&self, earlier: Option<&str>) -> Option<Broken> {
        match self.ledger.verify(self.log, earlier).await {
            Ok(_) => None,
            Err(VerifyError::Broken(broken)) => Some(broken),
            Err(error) => panic!("{}", base::chain(&error)),
        }
    }
}

pub(crate) async fn each<F: AsyncFn(World)>(test: F) {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let org = OrgId::new(clock.as_ref(), &SystemRng);
        let ledger = Ledger::open(store.clone(), HOST);
        test(World {
            store: store.clone(),
            clock,
            ledger,
            org,
            log: Log::Org(org),
        })
        .await;
        store.close().await;
    }
}

#[tokio::test]
async fn every_statement_prepares_on_both() {
    each(async |world| {
        for sql in ledger::STATEMENTS.iter().flat_map(|list| list.iter()) {
            let prepared = world.store.prepare(sql.text(world.store.engine())).await;
            assert!(prepared.is_ok(), "{}: {prepared:?}", sql.name());
        }
    })
    .await;
}

#[tokio::test]
async fn entries_are_numbered_proven_and_read() {
    each(async |world| {
        let (ledger, log) = (&world.ledger, world.log);
        assert_eq!(ledger.sequence(log).await.unwrap(), 0);
        assert_eq!(ledger.checkpoint(log).await.unwrap(), None);
        assert_eq!(ledger.verify(log, None).await.unwrap().size, 0);
        world.write("per_a", None, "Übung").await;
        world.write("key_b", Some("per_a"), "Rückmeldung").await;
        world.write("system", None, "").await;
        assert_eq!(ledger.waiting().await.unwrap().leaves, 3);
        assert_eq!(ledger.entries(log, None, 10).await.unwrap().len(), 0);
        assert_eq!(ledger.sequence(log).await.unwrap(), 3);
        assert_eq!(ledger.waiting().await.unwrap(), ledger::Waiting::default());

        let entries = ledger.entries(log, None, 10).await.unwrap();
        let reasons: Vec<_> = entries
            .iter()
            .map(|entry| entry.details.as_ref().and_then(|d| d.get("reason")))
            .collect();
        assert_eq!(reasons, [None, Some("Rückmeldung"), Some("Übung")]);
        assert!(entries.iter().all(|entry| !entry.erased && !entry.damaged));
        let pairs = [("per_a", "Anna"), ("key_b", "Leitstelle"), ("per_c", "C")];
        let pairs = pairs.map(|(id, name)| (id.to_owned(), name.to_owned()));
        let names = ledger.names(log, &pairs).await.unwrap();
        assert_eq!(names.of(entries[2].leaf.actor), Some("Anna"));
        assert_eq!(names.of(entries[1].leaf.actor), Some("Leitstelle"));
        assert_eq!(names.of(entries[1].leaf.subject.unwrap()), Some("Anna"));
        assert_eq!(names.of(entries[0].leaf.actor), None);

        let older = ledger.entries(log, Some(2), 1).await.unwrap();
        assert_eq!(older.len(), 1);
        assert_eq!(older[0].index, 1);
        for entry in &entries {
            let proof = ledger.proof(log, entry.index).await.unwrap().unwrap();
            assert_eq!((proof.size, proof.leaf), (3, entry.hash));
        }
        assert_eq!(ledger.proof(log, 3).await.unwrap(), None);
        let report = ledger.verify(log, None).await.unwrap();
        assert_eq!((report.size, report.readable, report.erased), (3, 2, 0));
        assert_eq!(report.origin, format!("{HOST}/{}", world.org));
        assert_eq!(ledger.check(log).await.unwrap().unwrap().root, report.root);
        assert_eq!(ledger.logs().await.unwrap(), [log]);
    })
    .await;
}

#[tokio::test]
async fn a_name_of_the_host_that_changes_leaves_the_log_its_name() {
    each(async |world| {
        world.fill(2).await;
        let moved = Ledger::open(world.store.clone(), "elsewhere.example");
        let report = moved.verify(world.log, None).await.unwrap();
        assert_eq!(report.origin, format!("{HOST}/{}", world.org));
    })
    .await;
}

#[tokio::test]
async fn logs_grow_over_tiles_and_batches() {
    each(async |world| {
        let mut notes = Vec::new();
        for leaves in [1, 254, 1, 1, 300, 1500] {
            world.fill(leaves).await;
            notes.push(world.ledger.checkpoint(world.log).await.unwrap().unwrap());
        }
        for note in &notes {
            let report = world.ledger.verify(world.log, Some(note)).await.unwrap();
            assert_eq!(report.size, 2057);
        }
        for index in [0, 255, 256, 2056] {
            assert!(
                world
                    .ledger
                    .proof(world.log, index)
                    .await
                    .unwrap()
                    .is_some()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn each_log_is_its_own() {
    each(async |world| {
        world.fill(3).await;
        let pen = world
            .ledger
            .pen(Log::Installation, "system", None)
            .await
            .unwrap();
        store::act!(world.store, |tx| -> Result<_, StoreError> {
            let entry = Entry {
                action: "setup.done",
                object: None,
                outcome: Outcome::Done,
                details: Vec::new(),
            };
            pen.write(tx, entry).await
        })
        .unwrap();
        assert_eq!(world.ledger.sequence(Log::Installation).await.unwrap(), 1);
        let installation = world.ledger.verify(Log::Installation, None).await.unwrap();
        assert_eq!(installation.origin, format!("{HOST}/installation"));
        assert_eq!(installation.size, 1);
        let note = installation.note;
        let other = world.broken(Some(&note)).await;
        assert!(matches!(other, Some(Broken::OtherLog(_))), "{other:?}");
        assert_eq!(world.ledger.logs().await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn forgetting_leaves_the_tree_and_takes_the_words() {
    each(async |world| {
        let (ledger, log) = (&world.ledger, world.log);
        world.write("per_a", None, "first").await;
        world.clock.advance(Duration::from_hours(40 * 24));
        world.write("per_b", Some("per_a"), "second").await;
        world.write("per_a", Some("per_b"), "third").await;
        ledger.sequence(log).await.unwrap();
        let note = ledger.checkpoint(log).await.unwrap().unwrap();
        // Two months' keys and the salt.
        assert_eq!(ledger.forget(world.org, "per_a").await.unwrap(), 3);
        assert_eq!(ledger.forget(world.org, "per_a").await.unwrap(), 0);
        let entries = ledger.entries(log, None, 10).await.unwrap();
        let erased: Vec<bool> = entries.iter().map(|entry| entry.erased).collect();
        assert_eq!(erased, [false, true, true]);
        assert_eq!(
            entries[0].details.as_ref().unwrap().get("reason"),
            Some("third")
        );
        let pair = [("per_a".to_owned(), "Anna".to_owned())];
        let names = ledger.names(log, &pair).await.unwrap();
        assert_eq!(names.of(entries[0].leaf.actor), None);
        let report = ledger.verify(log, Some(&note)).await.unwrap();
        assert_eq!((report.readable, report.erased), (1, 2));
        // Somebody who comes back is somebody new.
        world.write("per_a", None, "again").await;
        ledger.sequence(log).await.unwrap();
        let entries = ledger.entries(log, None, 10).await.unwrap();
        assert_ne!(entries[0].leaf.actor, entries[1].leaf.actor);
        let names = ledger.names(log, &pair).await.unwrap();
        assert_eq!(names.of(entries[0].leaf.actor), Some("Anna"));
    })
    .await;
}

#[tokio::test]
async fn months_are_forgotten_one_by_one() {
    each(async |world| {
        let (ledger, log) = (&world.ledger, world.log);
        world.write("per_a", None, "november").await;
        world.clock.advance(Duration::from_hours(20 * 24));
        world.write("per_a", None, "december").await;
        world.write("per_b", None, "december").await;
        ledger.sequence(log).await.unwrap();
        let keys = ledger.keys().await.unwrap();
        let counts: Vec<u64> = keys.iter().map(|count| count.keys).collect();
        assert_eq!(counts, [1, 2]);
        assert_eq!(ledger.forget_month(log, keys[0].month).await.unwrap(), 1);
        let entries = ledger.entries(log, None, 10).await.unwrap();
        let erased: Vec<bool> = entries.iter().map(|entry| entry.erased).collect();
        assert_eq!(erased, [false, false, true]);
        assert!(ledger.verify(log, None).await.is_ok());
        assert_eq!(ledger.keys().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_processes_never_number_twice() {
    each(async |world| {
        let other = Ledger::open(world.store.clone(), HOST);
        world.write("per_a", None, "first").await;
        assert_eq!(world.ledger.sequence(world.log).await.unwrap(), 1);
        world.write("per_a", None, "second").await;
        assert_eq!(other.sequence(world.log).await.unwrap(), 0, "no lease");
        // The lease is lost, and both believe to hold it.
        world.store.raw("DELETE FROM lease").await.unwrap();
        let mut total = other.sequence(world.log).await.unwrap();
        for _ in 0..20 {
            world.write("per_a", None, "more").await;
            let (a, b) = tokio::join!(world.ledger.sequence(world.log), other.sequence(world.log));
            total += a.unwrap_or(0) + b.unwrap_or(0);
        }
        total += world.ledger.sequence(world.log).await.unwrap();
        assert_eq!(total, 21);
        assert_eq!(world.ledger.verify(world.log, None).await.unwrap().size, 22);
    })
    .await;
}

#[tokio::test]
async fn the_worker_numbers_while_people_write_and_stops_when_told() {
    each(async |world| {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(world.ledger.clone().run(
            world.store.clone(),
            "serve-1".to_owned(),
            stopped,
        ));
        for _ in 0..30 {
            world.write("per_a", None, "busy").await;
            world.clock.advance(Duration::from_millis(150));
            tokio::task::yield_now().await;
        }
        stop.send(true).unwrap();
        worker.await.unwrap();
        let report = world.ledger.verify(world.log, None).await.unwrap();
        assert_eq!((report.size, report.waiting), (30, 0));
    })
    .await;
}

#[tokio::test]
async fn what_was_changed_is_not_signed_anew() {
    each(async |world| {
        world.fill(5).await;
        let forge = "UPDATE ledger_tile SET bytes = ";
        let zeros = literal(&world.store, &Field::Bytes(vec![0; 160]));
        world.store.raw(&format!("{forge}{zeros}")).await.unwrap();
        world.write("per_a", None, "next").await;
        let refused = world.ledger.sequence(world.log).await;
        assert!(matches!(refused, Err(LedgerError::Broken(Broken::Root))));
        assert_eq!(world.ledger.waiting().await.unwrap().leaves, 1);
    })
    .await;
}

/// Rewriting with the log's own key: the rows of the end are taken out and numbered anew.
#[tokio::test]
async fn a_rewritten_log_shows_to_whoever_kept_a_checkpoint() {
    each(async |world| {
        let (ledger, log) = (&world.ledger, world.log);
        world.fill(3).await;
        let kept = ledger.checkpoint(log).await.unwrap().unwrap();
        for text in [
            "DELETE FROM ledger_leaf WHERE idx = 1",
            "UPDATE ledger_leaf SET idx = NULL",
            "DELETE FROM ledger_tile",
            "DELETE FROM ledger_head",
        ] {
            world.store.raw(text).await.unwrap();
        }
        assert_eq!(world.broken(Some(&kept)).await, Some(Broken::NoHead));
        assert_eq!(ledger.sequence(log).await.unwrap(), 2);
        assert_eq!(world.broken(None).await, None, "it fits itself");
        assert_eq!(world.broken(Some(&kept)).await, Some(Broken::Rewritten(3)));
        world.fill(10).await;
        assert_eq!(world.broken(None).await, None);
        assert_eq!(world.broken(Some(&kept)).await, Some(Broken::Rewritten(3)));
        let spoilt = kept.replace("\n3\n", "\n4\n");
        assert!(matches!(
            world.broken(Some(&spoilt)).await,
            Some(Broken::Earlier(_))
        ));
    })
    .await;
}

/// A stored value.
#[derive(Debug, Clone, PartialEq)]
enum Field {
    Text(String),
    Int(i64),
    Bytes(Vec<u8>),
}

/// Reads the first column of a row.
type Read = fn(&mut store::Cols<'_>) -> Result<Option<Field>, StoreError>;

const COLUMNS: &[(&str, &str, Read)] = &[
    ("ledger_leaf", "log", |c| Ok(c.opt_text()?.map(Field::Text))),
    ("ledger_leaf", "id", |c| Ok(c.opt_text()?.map(Field::Text))),
    ("ledger_leaf", "idx", |c| Ok(c.opt_int()?.map(Field::Int))),
    ("ledger_leaf", "body", |c| {
        Ok(c.opt_bytes()?.map(Field::Bytes))
    }),
    ("ledger_leaf", "sealed", |c| {
        Ok(c.opt_bytes()?.map(Field::Bytes))
    }),
    ("ledger_leaf", "key_id", |c| {
        Ok(c.opt_text()?.map(Field::Text))
    }),
    ("ledger_tile", "log", |c| Ok(c.opt_text()?.map(Field::Text))),
    ("ledger_tile", "level", |c| Ok(c.opt_int()?.map(Field::Int))),
    ("ledger_tile", "number", |c| {
        Ok(c.opt_int()?.map(Field::Int))
    }),
    ("ledger_tile", "width", |c| Ok(c.opt_int()?.map(Field::Int))),
    ("ledger_tile", "bytes", |c| {
        Ok(c.opt_bytes()?.map(Field::Bytes))
    }),
    ("ledger_head", "log", |c| Ok(c.opt_text()?.map(Field::Text))),
    ("ledger_head", "size", |c| Ok(c.opt_int()?.map(Field::Int))),
    ("ledger_head", "note", |c| {
        Ok(c.opt_text()?.map(Field::Text))
    }),
];

/// Changes one byte, one bit of a number, or takes a value away or makes one up.
fn change(field: Option<Field>, rng: &dyn Rng, nullable: bool) -> Option<Field> {
    let place = |length: usize| usize::try_from(rng.below(length as u64)).unwrap();
    match field {
        Some(_) if nullable && rng.below(4) == 0 => None,
        Some(Field::Text(text)) => {
            let mut chars: Vec<char> = text.chars().collect();
            let at = place(chars.len());
            chars[at] = if chars[at] == 'q' { 'x' } else { 'q' };
            Some(Field::Text(chars.into_iter().collect()))
        }
        Some(Field::Int(number)) => Some(Field::Int(number ^ (1 << rng.below(40)))),
        Some(Field::Bytes(mut bytes)) => {
            match (rng.below(4), bytes.len()) {
                (0, _) => bytes.push(0),
                (1, 1..) => drop(bytes.pop()),
                (_, 1..) => {
                    let at = place(bytes.len());
                    bytes[at] ^= 1 << rng.below(8);
                }
                _ => bytes.push(1),
            }
            Some(Field::Bytes(bytes))
        }
        None => Some(Field::Bytes(vec![0])),
    }
}

fn literal(store: &Store, field: &Field) -> String {
    match field {
        Field::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Field::Int(number) => number.to_string(),
        Field::Bytes(bytes) => {
            let hex = bytes
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
            match store.engine() {
                Engine::Sqlite => format!("X'{hex}'"),
                Engine::Postgres => format!("'\\x{hex}'::bytea"),
            }
        }
    }
}

#[tokio::test]
async fn any_changed_field_of_any_table_is_found() {
    each(async |world| {
        for leaves in [1, 255, 44] {
            world.fill(leaves).await;
        }
        let seed = base::array::<8>(&SystemRng);
        let rng = SeededRng::new(u64::from_le_bytes(seed));
        let store = &world.store;
        let snapshot = Snapshot::take(store).await;
        for round in 0..300_usize {
            let (table, column, read) = COLUMNS[round % COLUMNS.len()];
            let row = any_row(store, table, &rng).await;
            let one = format!("SELECT {column} FROM {table} WHERE {row}");
            let before = read(&mut store.raw(&one).await.unwrap()[0].cols()).unwrap();
            let nullable = ["idx", "sealed", "key_id"].contains(&column);
            let after = match (&before, column) {
                (None, "key_id") => Some(Field::Text("sky_00000000000000000000000000".to_owned())),
                _ => change(before.clone(), &rng, nullable),
            };
            let after = after.map_or("NULL".to_owned(), |field| literal(store, &field));
            let what = format!("{table}.{column} of {row}: {before:?} to {after}, seed {seed:?}");
            let set = format!("UPDATE {table} SET {column} = {after} WHERE {row}");
            match store.raw(&set).await {
                Ok(_) => assert!(world.broken(None).await.is_some(), "{what}"),
                // The number is taken already: the database itself refuses.
                Err(StoreError::Unique(_)) => {}
                Err(error) => panic!("{what}: {}", base::chain(&error)),
            }
            snapshot.put_back(store, table).await;
        }
        assert_eq!(world.broken(None).await, None);
    })
    .await;
}

#[tokio::test]
async fn any_missing_row_is_found() {
    each(async |world| {
        world.fill(300).await;
        let rng = SeededRng::new(1);
        let snapshot = Snapshot::take(&world.store).await;
        for (table, rounds) in [("ledger_leaf", 20), ("ledger_tile", 3), ("ledger_head", 1)] {
            for _ in 0..rounds {
                let row = any_row(&world.store, table, &rng).await;
                let drop = format!("DELETE FROM {table} WHERE {row}");
                world.store.raw(&drop).await.unwrap();
                assert!(world.broken(None).await.is_some(), "{table} {row}");
                snapshot.put_back(&world.store, table).await;
            }
        }
        assert_eq!(world.broken(None).await, None);
    })
    .await;
}

/// The condition that names one row of a table.
async fn any_row(store: &Store, table: &str, rng: &dyn Rng) -> String {
    let key = match store.engine() {
        Engine::Sqlite => "CAST(rowid AS TEXT)",
        Engine::Postgres => "CAST(ctid AS TEXT)",
    };
    let all = format!("SELECT {key} FROM {table} ORDER BY 1");
    let rows = store.raw(&all).await.unwrap();
    let row = usize::try_from(rng.below(rows.len() as u64)).unwrap();
    format!("{key} = '{}'", rows[row].cols().text().unwrap())
}

/// Copies of the tables, to put back what a test has changed.
struct Snapshot;

impl Snapshot {
    async fn take(store: &Store) -> Self {
        for table in ["ledger_leaf", "ledger_tile", "ledger_head"] {
            let copy = format!("CREATE TABLE copy_{table} AS SELECT * FROM {table}");
            store.raw(&copy).await.unwrap();
        }
        Self
    }

    async fn put_back(&self, store: &Store, table: &str) {
        store.raw(&format!("DELETE FROM {table}")).await.unwrap();
        let back = format!("INSERT INTO {table} SELECT * FROM copy_{table}");
        store.raw(&back).await.unwrap();
    }
}

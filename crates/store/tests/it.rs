//! The store from outside, on both databases.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, OrgId, SimClock, SystemRng, Timestamp};
use store::testing::TestDb;
use store::{
    Engine, Handler, HandlerFuture, Job, JobFailure, Lease, Outcome, Runner, RunnerSettings, Store,
    StoreError, WireKind, params,
};
use tokio::sync::{Mutex, watch};

store::statements! {
    INSERT_LEASE = "INSERT INTO lease (name, owner, until_us) VALUES ($1, $2, 0)";
    COUNT_LEASE = "SELECT count(*) FROM lease WHERE name = $1";
    ADD_LEASE = "UPDATE lease SET until_us = until_us + 1 WHERE name = $1";
    READ_LEASE = "SELECT until_us FROM lease WHERE name = $1";
}

async fn each<F: AsyncFn(Store, Arc<SimClock>)>(test: F) {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        test(store.clone(), clock).await;
        store.close().await;
    }
}

#[tokio::test]
async fn every_statement_prepares_on_both() {
    each(async |store, _| {
        for sql in store::STATEMENTS.iter().flat_map(|list| list.iter()) {
            let prepared = store.prepare(sql.text(store.engine())).await;
            assert!(
                prepared.is_ok(),
                "{} on {:?}: {prepared:?}",
                sql.name(),
                store.engine()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn an_act_is_whole_or_nothing() {
    each(async |store, _| {
        let failed = store::act!(store, |tx| -> Result<(), StoreError> {
            tx.exec(&INSERT_LEASE, params!["a", "x"]).await?;
            Err(StoreError::Missing)
        });
        assert!(failed.is_err());
        let mut tx = store.read().await.unwrap();
        assert_eq!(
            tx.one(&COUNT_LEASE, params!["a"])
                .await
                .unwrap()
                .cols()
                .int()
                .unwrap(),
            0
        );
    })
    .await;
}

#[tokio::test]
async fn acts_in_each_others_way_are_repeated_and_lose_nothing() {
    each(async |store, _| {
        store::act!(store, |tx| -> Result<_, StoreError> {
            tx.exec(&INSERT_LEASE, params!["n", "x"]).await.map(drop)
        })
        .unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let store = store.clone();
            tasks.spawn(async move {
                let mut done = 0;
                for _ in 0..10 {
                    let act = store::act!(store, |tx| -> Result<u64, StoreError> {
                        tx.exec(&ADD_LEASE, params!["n"]).await
                    });
                    done += i64::from(act.is_ok());
                }
                done
            });
        }
        let done: i64 = tasks.join_all().await.into_iter().sum();
        let mut tx = store.read().await.unwrap();
        let counted = tx
            .one(&READ_LEASE, params!["n"])
            .await
            .unwrap()
            .cols()
            .int()
            .unwrap();
        assert_eq!(
            counted, done,
            "every act that said yes is there, and no other"
        );
        assert!(done >= 30, "repeating helps: {done} of 40");
    })
    .await;
}

#[tokio::test]
async fn a_nul_is_refused_before_the_database_sees_it() {
    each(async |store, _| {
        let act = store::act!(store, |tx| -> Result<u64, StoreError> {
            tx.exec(&INSERT_LEASE, params!["a\0", "x"]).await
        });
        assert!(matches!(act, Err(StoreError::Nul)));
    })
    .await;
}

#[tokio::test]
async fn only_one_holds_a_lease() {
    each(async |store, _| {
        let (a, b) = (Lease::new("log", "a"), Lease::new("log", "b"));
        assert!(a.hold(&store, Duration::from_mins(1)).await.unwrap());
        assert!(!b.hold(&store, Duration::from_mins(1)).await.unwrap());
        assert!(a.hold(&store, Duration::from_mins(1)).await.unwrap());
        a.release(&store).await.unwrap();
        assert!(b.hold(&store, Duration::from_mins(1)).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn numbers_are_found_both_ways() {
    each(async |store, clock| {
        let org = OrgId::new(clock.as_ref(), &SystemRng);
        let number = store::act!(store, |tx| -> Result<_, StoreError> {
            tx.number(org, WireKind::Org, org).await
        })
        .unwrap();
        let mut tx = store.read().await.unwrap();
        assert_eq!(tx.number_of(org, org).await.unwrap(), Some(number));
        assert_eq!(
            tx.numbered(org, WireKind::Org, number).await.unwrap(),
            Some(org)
        );
        assert_eq!(
            tx.numbered::<OrgId>(org, WireKind::Unit, number)
                .await
                .unwrap(),
            None
        );
    })
    .await;
}

#[tokio::test]
async fn a_destroyed_key_is_gone_from_the_files() {
    each(async |store, _| {
        let keys = store.keys();
        let kept = keys
            .put("k1", "test", None, b"the very secret")
            .await
            .unwrap();
        assert_eq!(kept.as_slice(), b"the very secret");
        let kept = keys.put("k1", "test", None, b"another").await.unwrap();
        assert_eq!(kept.as_slice(), b"the very secret", "the first one stays");
        assert_eq!(keys.ids("test").await.unwrap(), ["k1"]);
        assert_eq!(keys.destroy(&["k1".to_owned()]).await.unwrap(), 1);
        assert_eq!(keys.get("k1").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_schemas_are_the_same() {
    let mut schemas = Vec::new();
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
        let store = db.open(clock, Arc::new(SystemRng)).await;
        schemas.push(store.schema().await.unwrap());
        store.close().await;
    }
    assert!(schemas[0].len() > 10);
    if let [sqlite, postgres] = &schemas[..] {
        for (a, b) in sqlite.iter().zip(postgres) {
            assert_eq!(a, b);
        }
        assert_eq!(sqlite.len(), postgres.len());
    }
}

#[tokio::test]
async fn a_second_process_is_kept_off_the_sqlite_file() {
    let db = TestDb::new(Engine::Sqlite).await;
    let clock: Arc<dyn Clock> = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
    let _first = db.open(clock.clone(), Arc::new(SystemRng)).await;
    let second = Store::open(db.settings(), clock, Arc::new(SystemRng)).await;
    assert!(matches!(second, Err(StoreError::File { .. })));
}

/// Notes what it was asked to do; fails as often as it is told.
struct Noting {
    store: Store,
    seen: Arc<Mutex<Vec<(String, i64)>>>,
    fail: i64,
    fatal: bool,
}

impl Handler for Noting {
    fn topic(&self) -> &'static str {
        "test.note"
    }

    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a> {
        Box::pin(async move {
            self.seen
                .lock()
                .await
                .push((job.object.clone(), job.attempts));
            if self.fatal {
                return Err(JobFailure::fatal("no_use"));
            }
            if job.attempts <= self.fail {
                return Err(JobFailure::later("not_yet"));
            }
            store::act!(self.store, |tx| -> Result<bool, StoreError> {
                tx.finish(job).await
            })?;
            Ok(Outcome::Finished)
        })
    }
}

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    for _ in 0..2000 {
        if done().await {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "waits for real tasks")]
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never happened: {what}");
}

async fn counts(store: &Store) -> Vec<(String, bool, i64)> {
    store.read().await.unwrap().count_jobs().await.unwrap()
}

fn start(
    store: &Store,
    seen: &Arc<Mutex<Vec<(String, i64)>>>,
    fail: i64,
    fatal: bool,
) -> watch::Sender<bool> {
    let handler = Noting {
        store: store.clone(),
        seen: Arc::clone(seen),
        fail,
        fatal,
    };
    let settings = RunnerSettings {
        owner: "one".to_owned(),
        look_every: Duration::from_secs(1),
        batch: 64,
    };
    let runner = Runner::new(store.clone(), vec![Arc::new(handler)], settings);
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(runner.run(stopped));
    stop
}

async fn emit(store: &Store, object: &'static str) {
    store::act!(store, |tx| -> Result<_, StoreError> {
        tx.emit("test.note", None, object, "").await
    })
    .unwrap();
}

#[tokio::test]
async fn a_job_runs_after_the_commit_and_is_retried_until_it_works() {
    each(async |store, clock| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let _stop = start(&store, &seen, 2, false);
        emit(&store, "a").await;
        until("the third try", async || {
            clock.advance(Duration::from_secs(1));
            seen.lock().await.len() >= 3 && counts(&store).await.is_empty()
        })
        .await;
        let seen = seen.lock().await.clone();
        assert_eq!(
            seen,
            [
                ("a".to_owned(), 1),
                ("a".to_owned(), 2),
                ("a".to_owned(), 3)
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_hopeless_job_shows_as_dead_and_can_be_revived() {
    each(async |store, clock| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let _stop = start(&store, &seen, 0, true);
        emit(&store, "b").await;
        until("its death", async || {
            counts(&store).await == [("test.note".to_owned(), true, 1)]
        })
        .await;
        let org = OrgId::new(clock.as_ref(), &SystemRng);
        let dead = store.read().await.unwrap().dead_jobs(org).await.unwrap();
        assert_eq!(dead[0].error.as_deref(), Some("no_use"));
        let id = dead[0].id;
        assert!(
            store::act!(store, |tx| -> Result<_, StoreError> {
                tx.revive_job(org, id).await
            })
            .unwrap()
        );
        until("another try", async || {
            clock.advance(Duration::from_secs(1));
            seen.lock().await.len() == 2
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn jobs_of_a_dead_process_and_of_a_stepped_clock_are_found() {
    each(async |store, clock| {
        emit(&store, "left behind").await;
        // Written before the clock stepped back by a day.
        clock.step_to("2026-11-21T12:00:00Z".parse().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let _stop = start(&store, &seen, 0, false);
        until("the job", async || {
            clock.advance(Duration::from_secs(1));
            seen.lock().await.len() == 1 && counts(&store).await.is_empty()
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn done_jobs_are_forgotten_after_seven_days() {
    each(async |store, clock| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let _stop = start(&store, &seen, 0, false);
        emit(&store, "c").await;
        until("its end", async || {
            !seen.lock().await.is_empty() && counts(&store).await.is_empty()
        })
        .await;
        clock.advance(Duration::from_secs(7 * 24 * 3600 - 1));
        assert_eq!(
            store::act!(store, |tx| -> Result<_, StoreError> {
                tx.sweep_jobs().await
            })
            .unwrap(),
            0
        );
        clock.advance(Duration::from_secs(2));
        assert_eq!(
            store::act!(store, |tx| -> Result<_, StoreError> {
                tx.sweep_jobs().await
            })
            .unwrap(),
            1
        );
    })
    .await;
}

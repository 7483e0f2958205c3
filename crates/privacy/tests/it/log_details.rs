//! What the log says in words goes a year after its month, and not a second before.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock as _, OrgId, SimClock, SystemRng, Timestamp};
use ledger::{Entry, Ledger, Log, LogEntry, Outcome};
use privacy::{Clocks, Clockwork as _, LATE, LOG_DETAILS, LogDetails, Period, set_period};
use store::testing::TestDb;
use store::{Store, StoreError};

async fn write(store: &Store, ledger: &Ledger, log: Log) {
    let pen = ledger.pen(log, "per_a", None).await.unwrap();
    store::act!(store, |tx| -> Result<_, StoreError> {
        let entry = Entry {
            action: "test.done",
            object: None,
            outcome: Outcome::Done,
            details: vec![("why", "practice".to_owned())],
        };
        pen.write(tx, entry).await
    })
    .unwrap();
    ledger.sequence(log).await.unwrap();
}

/// The test's own entries, oldest first.
async fn entries(ledger: &Ledger, log: Log) -> Vec<LogEntry> {
    ledger.sequence(log).await.unwrap();
    let mut entries = ledger.entries(log, None, 100).await.unwrap();
    entries.retain(|entry| entry.leaf.action.as_str() == "test.done");
    entries.reverse();
    entries
}

#[tokio::test]
async fn details_go_with_their_month() {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-30T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let ledger = Ledger::open(store.clone(), "localhost");
        let log = Log::Org(OrgId::new(clock.as_ref(), &SystemRng));
        let other = OrgId::new(clock.as_ref(), &SystemRng);
        write(&store, &ledger, log).await;
        write(&store, &ledger, Log::Org(other)).await;
        clock.advance(Duration::from_hours(24));
        write(&store, &ledger, log).await;
        let note = ledger.checkpoint(log).await.unwrap().unwrap();

        // The other organisation keeps them longer.
        let longer = Period::parse("P2Y").unwrap();
        store::act!(store, |tx| -> Result<(), StoreError> {
            set_period(tx, other, &LOG_DETAILS, &longer).await
        })
        .unwrap();

        let work = Arc::new(LogDetails::new(store.clone(), ledger.clone()));
        let clocks = Clocks::new(vec![work.clone()]);
        let due: Timestamp = "2027-12-01T00:00:00Z".parse().unwrap();
        let Log::Org(org) = log else { unreachable!() };
        let state = async |org| {
            let since = store.clock().now().checked_sub(LATE).unwrap();
            let mut tx = store.read().await.unwrap();
            work.state(&mut tx, org, since).await.unwrap()
        };
        assert_eq!(state(Some(org)).await.next_due, Some(due));
        assert_eq!(state(Some(org)).await.rows, 2);
        assert_eq!(state(None).await.rows, 3);

        let to = |at: Timestamp| {
            let by = at.duration_since(clock.now()).unsigned_abs();
            clock.advance(by);
        };
        to(due.checked_sub(Duration::from_secs(1)).unwrap());
        assert_eq!(clocks.sweep(&store).await.unwrap(), 0);
        assert!(!entries(&ledger, log).await[0].erased);
        clock.advance(Duration::from_secs(1));
        assert_eq!(state(Some(org)).await.overdue, 0);
        assert_eq!(clocks.sweep(&store).await.unwrap(), 1);
        let erased: Vec<bool> = entries(&ledger, log)
            .await
            .iter()
            .map(|e| e.erased)
            .collect();
        assert_eq!(erased, [true, false]);
        assert!(!entries(&ledger, Log::Org(other)).await[0].erased);
        assert!(ledger.verify(log, Some(&note)).await.is_ok());
        // Another month later nothing has run for an hour.
        to("2028-01-01T01:00:00Z".parse().unwrap());
        assert_eq!(state(Some(org)).await.overdue, 1);
        assert_eq!(clocks.sweep(&store).await.unwrap(), 1);
        assert_eq!(clocks.overdue(), 0);
        to("2029-01-01T00:00:00Z".parse().unwrap());
        assert!(clocks.sweep(&store).await.unwrap() >= 1);
        assert!(entries(&ledger, Log::Org(other)).await[0].erased);
        store.close().await;
    }
}

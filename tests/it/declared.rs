//! What is personal says so: the declarations and the real schema are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::{SimClock, SystemRng, Timestamp};
use testkit::TestDb;

#[tokio::test]
async fn every_column_of_every_table_is_declared() {
    let mut declared: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for table in server::registry::tables() {
        let columns = table
            .technical
            .iter()
            .copied()
            .chain(table.personal.iter().map(|c| c.0));
        let before = declared.insert(table.name, columns.clone().collect());
        assert!(before.is_none(), "{} is declared twice", table.name);
        let count = columns.count();
        assert_eq!(
            count,
            declared[table.name].len(),
            "{}: a column twice",
            table.name
        );
    }
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
        let store = db.open(clock, Arc::new(SystemRng)).await;
        let mut real: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (table, column, _, _) in store.schema().await.unwrap() {
            real.entry(table).or_default().insert(column);
        }
        store.close().await;
        let said: BTreeMap<String, BTreeSet<String>> = declared
            .iter()
            .map(|(table, columns)| {
                (
                    (*table).to_owned(),
                    columns.iter().map(|c| (*c).to_owned()).collect(),
                )
            })
            .collect();
        for (table, columns) in &real {
            assert_eq!(said.get(table), Some(columns), "{engine:?}: table {table}");
        }
        assert_eq!(
            said.len(),
            real.len(),
            "{engine:?}: a declared table is not there"
        );
    }
}

#[test]
fn what_is_personal_has_a_purpose_and_an_end() {
    let tables = server::registry::tables();
    for table in &tables {
        let personal = !table.personal.is_empty();
        assert_eq!(personal, table.purpose.is_some(), "{}", table.name);
        match table.deletion {
            privacy::Deletion::NotPersonal => assert!(!personal, "{} has no end", table.name),
            privacy::Deletion::With(other) => {
                assert!(
                    tables.iter().any(|t| t.name == other),
                    "{} hangs on {other}",
                    table.name
                );
            }
            privacy::Deletion::Rule(rule) => {
                assert!(
                    privacy::Period::of(rule).is_ok(),
                    "{}: {}",
                    table.name,
                    rule.period
                );
            }
            privacy::Deletion::Until(_) => {}
        }
    }
}

#[tokio::test]
async fn every_rule_has_a_clock() {
    let app = testkit::TestApp::start(testkit::Engine::Sqlite).await;
    let clocks: BTreeSet<&str> = app
        .running
        .parts
        .clocks
        .iter()
        .map(|work| work.rule().kind)
        .collect();
    for table in server::registry::tables() {
        if let privacy::Deletion::Rule(rule) = table.deletion {
            assert!(
                clocks.contains(rule.kind),
                "{}: nobody deletes {}",
                table.name,
                rule.kind
            );
        }
    }
}

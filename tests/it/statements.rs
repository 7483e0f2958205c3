//! Every statement of the house is understood by both databases, and stays inside its organisation.

use std::sync::Arc;

use base::{SimClock, SystemRng, Timestamp};
use testkit::TestDb;

#[tokio::test]
async fn every_statement_prepares_on_both_databases() {
    let statements = server::registry::statements();
    assert!(
        statements.len() > 150,
        "only {} statements",
        statements.len()
    );
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
        let store = db.open(clock, Arc::new(SystemRng)).await;
        let mut wrong = Vec::new();
        for sql in &statements {
            if let Err(error) = store.prepare(sql.text(engine)).await {
                wrong.push(format!("{}: {}", sql.name(), base::chain(&error)));
            }
        }
        for bulk in server::registry::bulks() {
            for rows in [1, 2, 256] {
                if let Err(error) = store.prepare(&bulk.text(engine, rows)).await {
                    wrong.push(format!("{} x {rows}: {}", bulk.name(), base::chain(&error)));
                }
            }
        }
        store.close().await;
        assert!(wrong.is_empty(), "{engine:?}:\n{}", wrong.join("\n"));
    }
}

/// Statements of workers that serve all organisations alike; each takes the organisation out of the row.
const ALL_ORGANISATIONS: &[&str] = &[
    "alarm::incident::store::CLOSING",
    "alarm::incident::store::CHANGED",
    "alarm::incident::store::DUE",
    "alarm::incident::store::STATE_ALL",
];

/// Crates whose tables serve the whole installation and name the organisation only for information.
const BELOW_ORGANISATIONS: &[&str] = &["store::", "ledger::"];

#[tokio::test]
async fn no_statement_on_a_tenant_table_forgets_the_organisation() {
    let db = TestDb::new(testkit::Engine::Sqlite).await;
    let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
    let store = db.open(clock, Arc::new(SystemRng)).await;
    let schema = store.schema().await.unwrap();
    let tenant: std::collections::BTreeSet<String> = schema
        .iter()
        .filter(|(table, column, _, _)| column == "org_id" && table != "wire_number")
        .map(|(table, _, _, _)| table.clone())
        .collect();
    assert!(tenant.len() > 20, "{tenant:?}");
    let known: Vec<&str> = people::tenancy::EXCEPTIONS
        .iter()
        .chain(mail::TENANT_EXCEPTIONS)
        .chain(video::TENANT_EXCEPTIONS)
        .map(|exception| exception.statement)
        .chain(ALL_ORGANISATIONS.iter().copied())
        .collect();
    let mut wrong = Vec::new();
    for sql in server::registry::statements() {
        let below = BELOW_ORGANISATIONS
            .iter()
            .any(|prefix| sql.name().starts_with(prefix));
        if below || known.contains(&sql.name()) {
            continue;
        }
        if let Err(unscoped) = people::tenancy::check_tenant_scope(sql.source(), &tenant) {
            wrong.push(format!("{}: {:?}", sql.name(), unscoped.tables));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

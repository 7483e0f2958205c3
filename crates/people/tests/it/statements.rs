//! Every statement is understood by both databases, stays inside its organisation, and every column is declared.

use std::collections::BTreeSet;

use people::tenancy::{EXCEPTIONS, check_tenant_scope};

use crate::common::each;

#[tokio::test]
async fn every_statement_prepares_on_both() {
    each(async |world| {
        for sql in people::STATEMENTS.iter().flat_map(|list| list.iter()) {
            let prepared = world.store.prepare(sql.text(world.store.engine())).await;
            assert!(prepared.is_ok(), "{}: {prepared:?}", sql.name());
        }
    })
    .await;
}

#[tokio::test]
async fn no_statement_leaves_its_organisation() {
    each(async |world| {
        let schema = world.store.schema().await.unwrap();
        let tenant: BTreeSet<String> = schema
            .into_iter()
            .filter(|(_, column, ..)| column == "org_id")
            .map(|(table, ..)| table)
            .collect();
        assert!(tenant.contains("membership"));
        let mut needed = Vec::new();
        for sql in people::STATEMENTS.iter().flat_map(|list| list.iter()) {
            let verdict = check_tenant_scope(sql.source(), &tenant);
            let excepted = EXCEPTIONS.iter().any(|e| e.statement == sql.name());
            assert!(verdict.is_ok() || excepted, "{}: {verdict:?}", sql.name());
            if verdict.is_err() {
                needed.push(sql.name());
            }
        }
        for exception in EXCEPTIONS {
            assert!(
                needed.contains(&exception.statement),
                "{exception:?} is not needed"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn every_column_is_declared() {
    const TABLES: [&str; 16] = [
        "organisation",
        "unit",
        "unit_group",
        "group_member",
        "qualification",
        "membership_qualification",
        "person",
        "membership",
        "role",
        "role_permission",
        "membership_role",
        "session",
        "link",
        "machine_key",
        "device",
        "signin_delay",
    ];
    each(async |world| {
        let there: BTreeSet<(String, String)> = world
            .store
            .schema()
            .await
            .unwrap()
            .into_iter()
            .filter(|(table, ..)| TABLES.contains(&table.as_str()))
            .map(|(table, column, ..)| (table, column))
            .collect();
        let declared: BTreeSet<(String, String)> = people::TABLES
            .iter()
            .flat_map(|list| list.iter())
            .flat_map(|table| {
                let personal = table.personal.iter().map(|(column, _)| *column);
                let columns = table.technical.iter().copied().chain(personal);
                columns.map(|column| (table.name.to_owned(), column.to_owned()))
            })
            .collect();
        assert_eq!(there, declared);
    })
    .await;
}

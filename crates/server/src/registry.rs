//! Every statement and every declaration of the house in one place: tests prepare the ones on both databases
//! and compare the others with the real schema; the record of processing is made from them.

use store::{Bulk, Sql};

/// Every statement.
pub fn statements() -> Vec<&'static Sql> {
    [
        store::STATEMENTS,
        ledger::STATEMENTS,
        privacy::STATEMENTS,
        people::STATEMENTS,
        mail::STATEMENTS,
        alarm::STATEMENTS,
        video::STATEMENTS,
        // server::trust::STATEMENTS
        crate::trust::STATEMENTS,
    ]
    .iter()
    .flat_map(|lists| lists.iter())
    .flat_map(|list| list.iter().copied())
    .collect()
}

/// Every insert of many rows.
pub fn bulks() -> Vec<&'static Bulk> {
    [ledger::BULKS, alarm::BULKS].concat()
}

/// What every table keeps.
pub fn tables() -> Vec<&'static privacy::Table> {
    let lists = [people::TABLES, mail::TABLES, alarm::TABLES, video::TABLES];
    privacy::TABLES
        .iter()
        .chain(
            lists
                .iter()
                .flat_map(|lists| lists.iter())
                .flat_map(|list| list.iter()),
        )
        .collect()
}

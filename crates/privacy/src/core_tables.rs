//! Declarations for the tables of `store` and of this crate.

use crate::Table;

/// What the core keeps. Jobs hold ids alone and go 7 days after they are done.
pub const TABLES: &[Table] = &[
    Table::technical("migration", &["number", "name", "checksum", "applied_us"]),
    Table::technical(
        "job",
        &[
            "id",
            "org_id",
            "topic",
            "object_id",
            "arg",
            "state",
            "attempts",
            "run_at_us",
            "lease_owner",
            "lease_until_us",
            "created_us",
            "error_code",
            "due_us",
        ],
    ),
    Table::technical("lease", &["name", "owner", "until_us"]),
    Table::technical("wire_number", &["number", "org_id", "kind", "id"]),
    Table::technical(
        "deletion_period",
        &["org_id", "kind", "period", "changed_us"],
    ),
];

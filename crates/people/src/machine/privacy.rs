//! What the tables of this feature keep: machines, not people.

use ::privacy::Table;

/// The tables.
pub(crate) const TABLES: &[Table] = &[Table::technical(
    "machine_key",
    &[
        "org_id",
        "id",
        "unit_id",
        "kind",
        "name",
        "digest",
        "hint",
        "created_us",
        "last_used_us",
    ],
)];

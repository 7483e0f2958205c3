//! Declarations for the tables of `store`, of `ledger` and of this crate.

use crate::{Basis, Category, Deletion, LOG_DETAILS, Purpose, Recipient, Subject, Table, words};

/// Being able to prove what was done, also against those who run the server.
static ACCOUNTABILITY: Purpose = Purpose {
    key: "accountability",
    name: words(
        "Protokoll (Rechenschaft, Art. 5 Abs. 2 DSGVO)",
        "log (accountability, Art. 5(2) GDPR)",
    ),
    why: words(
        "Nachweisen, wer wann was getan hat, so dass jede nachträgliche Änderung auffällt.",
        "To prove who did what and when, so that every later change shows.",
    ),
    basis: &[Basis::LegalDuty],
};

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
    // Leaves stay for good: they hold pseudonyms and numbers, and hang together. What can be read goes with
    // its key; the pseudonym is nobody's once the salt is destroyed.
    Table {
        name: "ledger_leaf",
        purpose: Some(&ACCOUNTABILITY),
        subjects: &[Subject::Member],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::Rule(&LOG_DETAILS),
        technical: &["log", "id", "idx"],
        personal: &[
            ("body", Category::LogEntry),
            ("sealed", Category::LogEntry),
            ("key_id", Category::LogEntry),
        ],
    },
    Table::technical("ledger_tile", &["log", "level", "number", "width", "bytes"]),
    Table::technical("ledger_head", &["log", "size", "note"]),
    Table::technical("lease", &["name", "owner", "until_us"]),
    Table::technical("wire_number", &["number", "org_id", "kind", "id"]),
    Table::technical(
        "deletion_period",
        &["org_id", "kind", "period", "changed_us"],
    ),
];

//! What the tables of this feature keep.

use ::privacy::{Category, Deletion, Subject, Table};

use crate::privacy::{FAILURES, SIGN_IN};

/// The tables.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "signin_delay",
    purpose: Some(&SIGN_IN),
    subjects: &[Subject::Member],
    recipients: &[],
    deletion: Deletion::Rule(&FAILURES),
    technical: &["due_us"],
    personal: &[
        ("account", Category::Credential),
        ("failures", Category::Activity),
        ("blocked_until_us", Category::Activity),
    ],
}];

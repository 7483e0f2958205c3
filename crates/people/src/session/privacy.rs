//! What the tables of this feature keep.

use ::privacy::{Category, Deletion, Subject, Table};

use crate::privacy::{SESSIONS, SIGN_IN};

/// The tables.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "session",
    purpose: Some(&SIGN_IN),
    subjects: &[Subject::Member],
    recipients: &[],
    deletion: Deletion::Rule(&SESSIONS),
    technical: &["org_id", "id", "stay"],
    personal: &[
        ("person_id", Category::Membership),
        ("membership_id", Category::Membership),
        ("token_digest", Category::Credential),
        ("previous_digest", Category::Credential),
        ("previous_until_us", Category::Activity),
        ("browser", Category::Device),
        ("created_us", Category::Activity),
        ("rotated_us", Category::Activity),
        ("last_seen_us", Category::Activity),
        ("expires_us", Category::Activity),
    ],
}];

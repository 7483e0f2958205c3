//! What the tables of this feature keep.

use ::privacy::{Category, Deletion, Subject, Table};

use crate::privacy::{LINKS, SIGN_IN};

/// The tables.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "link",
    purpose: Some(&SIGN_IN),
    subjects: &[Subject::Invited],
    recipients: &[],
    deletion: Deletion::Rule(&LINKS),
    technical: &["org_id", "id", "purpose", "due_us"],
    personal: &[
        ("membership_id", Category::Membership),
        ("digest", Category::Credential),
        ("created_us", Category::Activity),
        ("valid_until_us", Category::Activity),
        ("used_us", Category::Activity),
    ],
}];

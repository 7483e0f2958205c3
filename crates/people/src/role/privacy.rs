//! What the tables of this feature keep.

use ::privacy::{Category, Deletion, Recipient, Subject, Table};

use crate::privacy::ADMINISTRATION;

/// The tables.
pub(crate) const TABLES: &[Table] = &[
    Table::technical("role", &["org_id", "id", "name", "built_in", "created_us"]),
    Table::technical(
        "role_permission",
        &[
            "org_id",
            "role_id",
            "permission",
            "scope",
            "scope_id",
            "look_back_us",
            "second_factor",
            "four_eyes",
        ],
    ),
    Table {
        name: "membership_role",
        purpose: Some(&ADMINISTRATION),
        subjects: &[Subject::Member, Subject::Invited],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::With("membership"),
        technical: &["org_id"],
        personal: &[
            ("membership_id", Category::Membership),
            ("role_id", Category::Membership),
        ],
    },
];

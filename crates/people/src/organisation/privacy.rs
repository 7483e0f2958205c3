//! What the tables of this feature keep: nothing about a person but who is in which group and can do what.

use ::privacy::{Category, Deletion, Recipient, Subject, Table, words};

use crate::privacy::ADMINISTRATION;

/// The tables.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "organisation",
        purpose: Some(&ADMINISTRATION),
        subjects: &[Subject::Member],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::Until(words(
            "bis die Organisation gelöscht wird; die Angaben sind öffentlich (Impressum)",
            "until the organisation is deleted; the texts are public (imprint)",
        )),
        technical: &[
            "org_id",
            "name",
            "zone",
            "language",
            "familiar",
            "created_us",
        ],
        personal: &[
            ("address", Category::Contact),
            ("contact", Category::Contact),
            ("protection_officer", Category::Contact),
        ],
    },
    Table::technical("unit", &["org_id", "id", "name", "created_us"]),
    Table::technical(
        "unit_group",
        &["org_id", "id", "unit_id", "name", "ric", "created_us"],
    ),
    Table {
        name: "group_member",
        purpose: Some(&ADMINISTRATION),
        subjects: &[Subject::Member, Subject::Invited],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::With("membership"),
        technical: &["org_id"],
        personal: &[
            ("group_id", Category::Membership),
            ("membership_id", Category::Membership),
        ],
    },
    Table::technical("qualification", &["org_id", "id", "short", "name"]),
    Table {
        name: "membership_qualification",
        purpose: Some(&ADMINISTRATION),
        subjects: &[Subject::Member, Subject::Invited],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::With("membership"),
        technical: &["org_id"],
        personal: &[
            ("membership_id", Category::Membership),
            ("qualification_id", Category::Membership),
        ],
    },
];

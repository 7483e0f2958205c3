//! What the tables of this feature keep.

use ::privacy::{Category, Deletion, Recipient, Subject, Table, words};

use crate::privacy::{ADMINISTRATION, INVITATIONS, SIGN_IN};

/// The tables.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "person",
        purpose: Some(&SIGN_IN),
        subjects: &[Subject::Member, Subject::Invited],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::Until(words(
            "bis keine Organisation die Person mehr führt",
            "until no organisation knows the person any more",
        )),
        technical: &["id", "created_us"],
        personal: &[
            ("email", Category::Contact),
            ("password_hash", Category::Credential),
            ("language", Category::Preference),
        ],
    },
    // The rule deletes who was invited and never joined; members stay until they leave.
    Table {
        name: "membership",
        purpose: Some(&ADMINISTRATION),
        subjects: &[Subject::Member, Subject::Invited],
        recipients: &[Recipient::OwnOrganisation],
        deletion: Deletion::Rule(&INVITATIONS),
        technical: &["org_id", "id", "due_us"],
        personal: &[
            ("person_id", Category::Membership),
            ("unit_id", Category::Membership),
            ("given_name", Category::Name),
            ("family_name", Category::Name),
            ("state", Category::Membership),
            ("invited_us", Category::Activity),
            ("joined_us", Category::Activity),
        ],
    },
];

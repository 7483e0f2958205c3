//! What the tables of this feature keep.

use ::privacy::{Category, Deletion, Recipient, Subject, Table, words};

use crate::privacy::REACHING;

/// The tables.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "device",
    purpose: Some(&REACHING),
    subjects: &[Subject::Member],
    recipients: &[Recipient::OwnOrganisation, Recipient::PushService],
    deletion: Deletion::Until(words(
        "bis die Person das Gerät entfernt oder die Organisation verlässt",
        "until the person removes the device or leaves the organisation",
    )),
    technical: &["org_id", "id"],
    personal: &[
        ("person_id", Category::Membership),
        ("membership_id", Category::Membership),
        ("name", Category::Device),
        ("platform", Category::Device),
        ("public_key", Category::Credential),
        ("push_endpoint", Category::Device),
        ("push_p256dh", Category::Credential),
        ("push_auth", Category::Credential),
        ("push_family", Category::Device),
        ("enrolled_us", Category::Activity),
        ("last_seen_us", Category::Activity),
    ],
}];

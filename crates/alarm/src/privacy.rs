//! What the alarm application keeps about people, why, and until when.

use privacy::{Basis, Category, Deletion, Purpose, Recipient, Rule, Subject, Table, words};

/// Alarming and organising responders.
pub(crate) static ALARMING: Purpose = Purpose {
    key: "alarming",
    name: words("Alarmierung und Rückmeldung", "alarming and answers"),
    why: words(
        "Einsatzkräfte alarmieren, ihre Rückmeldung erfassen und die Alarmierung nachweisen.",
        "Alarm responders, record their answers and prove that the alarm went out.",
    ),
    basis: &[Basis::PublicTask, Basis::VitalInterests],
};

/// Alarms and all that hangs on them.
pub static ALARMS: Rule = Rule {
    kind: "alarms",
    name: words(
        "Alarme mit Rückmeldungen und Zustellnachweis",
        "alarms with answers and delivery trace",
    ),
    start: words("nach Ende des Alarms", "after the end of the alarm"),
    period: "P30D",
    settable: Some("P10Y"),
};

const MEMBERS: &[Subject] = &[Subject::Member];
const OWN: &[Recipient] = &[Recipient::OwnOrganisation];

/// Every table of this application.
pub(crate) const TABLES: &[Table] = &[
    Table::technical(
        "vehicle",
        &["org_id", "id", "unit_id", "name", "call_sign", "ric"],
    ),
    Table::technical(
        "unit_need",
        &["org_id", "unit_id", "qualification_id", "needed"],
    ),
    Table::technical(
        "answer_option",
        &[
            "org_id", "id", "unit_id", "position", "meaning", "label", "minutes",
        ],
    ),
    Table::technical(
        "intake_setting",
        &["org_id", "key_id", "merge_by_number", "merge_window_s"],
    ),
    Table {
        name: "alarm",
        purpose: Some(&ALARMING),
        subjects: &[Subject::Affected, Subject::Member],
        recipients: &[Recipient::OwnOrganisation, Recipient::PushService],
        deletion: Deletion::Rule(&ALARMS),
        technical: &[
            "org_id",
            "id",
            "version",
            "unit_id",
            "state",
            "priority",
            "source_kind",
            "idempotency_key",
            "raised_us",
            "created_us",
            "changed_us",
            "closes_us",
            "closed_us",
            "due_us",
        ],
        personal: &[
            ("title", Category::EventContent),
            ("foreign_number", Category::EventContent),
            ("text", Category::EventContent),
            ("address", Category::Location),
            ("lat", Category::Location),
            ("lng", Category::Location),
            ("scene_object", Category::EventContent),
            ("caller", Category::EventContent),
            ("patient", Category::EventContent),
            ("remark", Category::EventContent),
            ("units", Category::EventContent),
            ("destination", Category::Location),
            ("destination_address", Category::Location),
            ("destination_lat", Category::Location),
            ("destination_lng", Category::Location),
            ("additional_text", Category::EventContent),
            ("source_id", Category::Activity),
        ],
    },
    Table::technical("alarm_group", &["org_id", "alarm_id", "group_id"]),
    Table::technical("alarm_vehicle", &["org_id", "alarm_id", "vehicle_id"]),
    Table {
        name: "alarm_recipient",
        purpose: Some(&ALARMING),
        subjects: MEMBERS,
        recipients: OWN,
        deletion: Deletion::With("alarm"),
        technical: &["org_id", "alarm_id"],
        personal: &[
            ("membership_id", Category::Membership),
            ("added_us", Category::Activity),
        ],
    },
    Table {
        name: "alarm_answer",
        purpose: Some(&ALARMING),
        subjects: MEMBERS,
        recipients: OWN,
        deletion: Deletion::With("alarm"),
        technical: &["org_id", "alarm_id"],
        personal: &[
            ("membership_id", Category::Membership),
            ("answer_id", Category::Answer),
            ("answered_us", Category::Activity),
        ],
    },
    Table {
        name: "alarm_delivery",
        purpose: Some(&ALARMING),
        subjects: MEMBERS,
        recipients: OWN,
        deletion: Deletion::With("alarm"),
        technical: &["org_id", "alarm_id", "error_code"],
        personal: &[
            ("membership_id", Category::Membership),
            ("device", Category::Device),
            ("handed_us", Category::Activity),
            ("received_us", Category::Activity),
            ("shown_us", Category::Activity),
            ("opened_us", Category::Activity),
            ("answered_us", Category::Activity),
        ],
    },
    Table::technical("push_family", &["org_id", "family", "enabled_us"]),
];

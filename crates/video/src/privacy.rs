//! What the video application keeps about people, why, and until when.

use privacy::{Basis, Category, Deletion, Purpose, Recipient, Rule, Subject, Table, words};

/// Recording what cameras see.
static SURVEILLANCE: Purpose = Purpose {
    key: "video.recording",
    name: words("Videoaufzeichnung", "video recording"),
    why: words(
        "Eigentum und Menschen schützen und Ereignisse aufklären; verschlüsselt ab der Kamera, für kurze Zeit.",
        "Protect people and property and clear up events; sealed from the camera on, for a short time.",
    ),
    basis: &[Basis::PublicTask, Basis::LegitimateInterest],
};

/// Deciding who can open recordings.
static ACCESS: Purpose = Purpose {
    key: "video.access",
    name: words("Zugang zu Aufzeichnungen", "access to recordings"),
    why: words(
        "Aufzeichnungen nur denen öffnen, die es dürfen, und niemandem sonst, auch nicht dem Betreiber.",
        "Open recordings to those who may and to nobody else, the operator included.",
    ),
    basis: &[Basis::LegalDuty, Basis::LegitimateInterest],
};

/// Recordings and what hangs on them.
pub static RECORDINGS: Rule = Rule {
    kind: "recordings",
    name: words("Videoaufzeichnungen", "video recordings"),
    start: words(
        "ab Beginn der Stunde, in der aufgezeichnet wurde; bis zu 59 Minuten gehen also früher",
        "from the beginning of the hour of the recording, so that up to 59 minutes go early",
    ),
    period: "PT72H",
    settable: Some("P90D"),
};

const OWN: &[Recipient] = &[Recipient::OwnOrganisation];
const IN_VIEW: &[Subject] = &[Subject::InView];
const MEMBERS: &[Subject] = &[Subject::Member];

/// Every table of this application.
pub(crate) const TABLES: &[Table] = &[
    Table::technical(
        "camera_agent",
        &[
            "org_id",
            "id",
            "name",
            "secret",
            "secret_until_us",
            "public_key",
            "created_us",
            "enrolled_us",
            "second_try_us",
            "revoked_us",
            "connected",
            "last_seen_us",
            "version",
            "list_number",
            "refused_number",
            "refused_why",
            "spool_bytes",
            "spool_free",
            "spool_waiting",
            "spool_oldest_us",
            "aside",
            "aside_bytes",
            "aside_us",
        ],
    ),
    Table::technical(
        "camera_token",
        &["org_id", "digest", "agent_id", "until_us"],
    ),
    Table::technical(
        "camera_assertion",
        &["org_id", "agent_id", "digest", "until_us"],
    ),
    Table::technical("camera_group", &["org_id", "id", "name", "created_us"]),
    Table::technical(
        "camera",
        &[
            "org_id",
            "id",
            "agent_id",
            "label",
            "name",
            "place",
            "unit_id",
            "group_id",
            "armed",
            "period",
            "listed",
            "state",
            "cause",
            "since_us",
            "codec",
            "width",
            "height",
            "fps",
            "kbit",
            "last_picture_us",
            "created_us",
            "deleted_us",
        ],
    ),
    Table::technical("camera_armed", &["org_id", "camera_id", "from_us", "to_us"]),
    Table {
        name: "viewing_key",
        purpose: Some(&ACCESS),
        subjects: MEMBERS,
        recipients: OWN,
        deletion: Deletion::With("membership"),
        technical: &["org_id"],
        personal: &[
            ("id", Category::Credential),
            ("membership_id", Category::Membership),
            ("public_key", Category::Credential),
            ("salt", Category::Credential),
            ("pass", Category::Credential),
            ("sheet", Category::Credential),
            ("created_us", Category::Activity),
        ],
    },
    Table::technical("viewing_role", &["org_id", "id", "kind", "created_us"]),
    Table::technical(
        "viewing_generation",
        &[
            "org_id",
            "id",
            "role_id",
            "public_key",
            "handed",
            "created_us",
            "replaced_us",
            "replaced_list",
        ],
    ),
    Table {
        name: "viewing_holder",
        purpose: Some(&ACCESS),
        subjects: MEMBERS,
        recipients: OWN,
        deletion: Deletion::With("membership"),
        technical: &["org_id", "generation_id"],
        personal: &[
            ("membership_id", Category::Membership),
            ("viewing_key_id", Category::Credential),
            ("wrapped", Category::Credential),
            ("created_us", Category::Activity),
        ],
    },
    Table::technical("recipient_list", &["org_id", "number", "issued_us", "cose"]),
    Table {
        name: "video_bucket",
        purpose: Some(&SURVEILLANCE),
        subjects: IN_VIEW,
        recipients: OWN,
        deletion: Deletion::Rule(&RECORDINGS),
        technical: &[
            "org_id",
            "id",
            "camera_id",
            "agent_id",
            "stream",
            "sensitivity",
            "run_id",
            "list_number",
            "agent_key",
            "digest",
            "created_us",
            "due_us",
            "destroyed_us",
            "emptied_us",
        ],
        personal: &[
            ("hour_us", Category::Recording),
            ("bytes", Category::Recording),
            ("role_share", Category::Recording),
            ("role_share_2", Category::Recording),
            ("role_share_3", Category::Recording),
        ],
    },
    Table {
        name: "video_segment",
        purpose: Some(&SURVEILLANCE),
        subjects: IN_VIEW,
        recipients: OWN,
        deletion: Deletion::With("video_bucket"),
        technical: &[
            "org_id",
            "id",
            "bucket_id",
            "camera_id",
            "state",
            "received_us",
        ],
        personal: &[
            ("started_us", Category::Recording),
            ("ended_us", Category::Recording),
            ("bytes", Category::Recording),
            ("hash", Category::Recording),
            ("record", Category::Recording),
        ],
    },
    Table::technical(
        "camera_gap",
        &["org_id", "id", "camera_id", "from_us", "to_us", "cause"],
    ),
    Table::technical(
        "camera_bookmark",
        &["org_id", "id", "camera_id", "alarm_id", "at_us", "due_us"],
    ),
];

-- Vehicles of a unit (Fahrzeuge).
CREATE TABLE vehicle (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    unit_id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    call_sign TEXT NOT NULL,
    ric TEXT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id)
);
CREATE INDEX vehicle_ric ON vehicle (org_id, ric);

-- How many people of a qualification an alarm of the unit needs.
CREATE TABLE unit_need (
    org_id TEXT COLLATE "C" NOT NULL,
    unit_id TEXT COLLATE "C" NOT NULL,
    qualification_id TEXT COLLATE "C" NOT NULL,
    needed BIGINT NOT NULL,
    PRIMARY KEY (org_id, unit_id, qualification_id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id),
    FOREIGN KEY (org_id, qualification_id) REFERENCES qualification (org_id, id)
);

-- The answers a unit offers its people.
CREATE TABLE answer_option (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    unit_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    meaning TEXT NOT NULL CHECK (meaning IN ('coming', 'later', 'not_coming', 'other')),
    label TEXT NOT NULL,
    minutes BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id)
);
CREATE INDEX answer_option_unit ON answer_option (org_id, unit_id, position);

-- How an intake key merges calls of the v1 interface into an open alarm.
CREATE TABLE intake_setting (
    org_id TEXT COLLATE "C" NOT NULL,
    key_id TEXT COLLATE "C" NOT NULL,
    merge_by_number BOOLEAN NOT NULL,
    merge_window_s BIGINT NOT NULL,
    PRIMARY KEY (org_id, key_id)
);

-- An alarm. It closes at closes_us and goes at due_us, with all that hangs on it.
CREATE TABLE alarm (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    unit_id TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    title TEXT NOT NULL,
    foreign_number TEXT,
    text TEXT NOT NULL,
    address TEXT NOT NULL,
    lat DOUBLE PRECISION,
    lng DOUBLE PRECISION,
    scene_object TEXT NOT NULL,
    caller TEXT NOT NULL,
    patient TEXT NOT NULL,
    remark TEXT NOT NULL,
    units TEXT NOT NULL,
    destination TEXT NOT NULL,
    destination_address TEXT NOT NULL,
    destination_lat DOUBLE PRECISION,
    destination_lng DOUBLE PRECISION,
    additional_text TEXT NOT NULL,
    priority BOOLEAN NOT NULL,
    source_kind TEXT NOT NULL CHECK (source_kind IN ('machine', 'person')),
    source_id TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT,
    raised_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    changed_us BIGINT NOT NULL,
    closes_us BIGINT NOT NULL,
    closed_us BIGINT,
    due_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id)
);
CREATE INDEX alarm_open ON alarm (org_id, created_us) WHERE state = 'open';
CREATE INDEX alarm_closing ON alarm (closes_us) WHERE state = 'open';
CREATE INDEX alarm_due ON alarm (due_us);
CREATE INDEX alarm_changed ON alarm (changed_us);
CREATE UNIQUE INDEX alarm_idempotency ON alarm (org_id, source_id, idempotency_key);

CREATE TABLE alarm_group (
    org_id TEXT COLLATE "C" NOT NULL,
    alarm_id TEXT COLLATE "C" NOT NULL,
    group_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, alarm_id, group_id),
    FOREIGN KEY (org_id, group_id) REFERENCES unit_group (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, alarm_id) REFERENCES alarm (org_id, id) ON DELETE CASCADE
);

CREATE TABLE alarm_vehicle (
    org_id TEXT COLLATE "C" NOT NULL,
    alarm_id TEXT COLLATE "C" NOT NULL,
    vehicle_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, alarm_id, vehicle_id),
    FOREIGN KEY (org_id, vehicle_id) REFERENCES vehicle (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, alarm_id) REFERENCES alarm (org_id, id) ON DELETE CASCADE
);

-- Who was alarmed.
CREATE TABLE alarm_recipient (
    org_id TEXT COLLATE "C" NOT NULL,
    alarm_id TEXT COLLATE "C" NOT NULL,
    membership_id TEXT COLLATE "C" NOT NULL,
    added_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, alarm_id, membership_id),
    FOREIGN KEY (org_id, alarm_id) REFERENCES alarm (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE INDEX alarm_recipient_member ON alarm_recipient (org_id, membership_id);

-- Who answered what; the last answer counts.
CREATE TABLE alarm_answer (
    org_id TEXT COLLATE "C" NOT NULL,
    alarm_id TEXT COLLATE "C" NOT NULL,
    membership_id TEXT COLLATE "C" NOT NULL,
    answer_id TEXT COLLATE "C" NOT NULL,
    answered_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, alarm_id, membership_id),
    FOREIGN KEY (org_id, alarm_id) REFERENCES alarm (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);

-- What became of the alarm on the way to each device. device is a device's id, or 'page' for an open page.
CREATE TABLE alarm_delivery (
    org_id TEXT COLLATE "C" NOT NULL,
    alarm_id TEXT COLLATE "C" NOT NULL,
    membership_id TEXT COLLATE "C" NOT NULL,
    device TEXT COLLATE "C" NOT NULL,
    handed_us BIGINT,
    received_us BIGINT,
    shown_us BIGINT,
    opened_us BIGINT,
    answered_us BIGINT,
    error_code TEXT,
    PRIMARY KEY (org_id, alarm_id, membership_id, device),
    FOREIGN KEY (org_id, alarm_id) REFERENCES alarm (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);

-- Push services an organisation switched on. None is on by default.
CREATE TABLE push_family (
    org_id TEXT COLLATE "C" NOT NULL,
    family TEXT NOT NULL,
    enabled_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, family)
);

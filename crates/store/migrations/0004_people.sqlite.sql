-- People and places. Every table of an organisation begins with org_id, and refers to others together
-- with it, so that no row can point into another organisation.

-- A tenant. The texts are for the imprint and the privacy notice.
CREATE TABLE organisation (
    org_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    language TEXT NOT NULL,
    -- German pages say "du" instead of "Sie".
    familiar BOOLEAN NOT NULL,
    address TEXT NOT NULL,
    contact TEXT NOT NULL,
    protection_officer TEXT NOT NULL,
    created_us BIGINT NOT NULL
);

-- A station or site.
CREATE TABLE unit (
    org_id TEXT NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- People of a unit who are alarmed together. ric: the address in radio paging networks that means them.
CREATE TABLE unit_group (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    name TEXT NOT NULL,
    ric TEXT,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id) ON DELETE CASCADE
);
CREATE INDEX unit_group_unit ON unit_group (org_id, unit_id);
CREATE INDEX unit_group_ric ON unit_group (org_id, ric) WHERE ric IS NOT NULL;

-- What somebody is trained for. short: as it stands on the strength bar (AGT, Ma, GF).
CREATE TABLE qualification (
    org_id TEXT NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    short TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX qualification_short ON qualification (org_id, short);

-- Somebody who signs in; one for the whole installation. No password hash until the invitation was taken.
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    password_hash TEXT,
    language TEXT NOT NULL,
    created_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX person_email ON person (email);

-- What one organisation knows of a person; everything else of theirs there hangs on it.
-- state: 'invited' (due_us says until when) or 'active' (joined_us says since when). Only the active are
-- alarmed: filter by it.
CREATE TABLE membership (
    org_id TEXT NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    person_id TEXT NOT NULL REFERENCES person (id),
    unit_id TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active')),
    invited_us BIGINT NOT NULL,
    joined_us BIGINT,
    due_us BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id)
);
CREATE UNIQUE INDEX membership_person ON membership (person_id, org_id);
CREATE INDEX membership_unit ON membership (org_id, unit_id);
CREATE INDEX membership_due ON membership (due_us) WHERE due_us IS NOT NULL;

-- Who is in which group. The people of a group: join membership by (org_id, membership_id), state 'active'.
CREATE TABLE group_member (
    org_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    PRIMARY KEY (org_id, group_id, membership_id),
    FOREIGN KEY (org_id, group_id) REFERENCES unit_group (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE INDEX group_member_membership ON group_member (org_id, membership_id);

-- Who has which qualification.
CREATE TABLE membership_qualification (
    org_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    qualification_id TEXT NOT NULL,
    PRIMARY KEY (org_id, membership_id, qualification_id),
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, qualification_id) REFERENCES qualification (org_id, id) ON DELETE CASCADE
);
CREATE INDEX membership_qualification_of ON membership_qualification (org_id, qualification_id);

-- A set of permissions with a name. built_in: which of the roles made with the organisation, if one.
CREATE TABLE role (
    org_id TEXT NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    built_in TEXT,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- scope: 'org' (scope_id empty), 'unit' or 'group'. The limits are null or false where there is none.
CREATE TABLE role_permission (
    org_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('org', 'unit', 'group')),
    scope_id TEXT NOT NULL,
    look_back_us BIGINT,
    second_factor BOOLEAN NOT NULL,
    four_eyes BOOLEAN NOT NULL,
    PRIMARY KEY (org_id, role_id, permission, scope, scope_id),
    FOREIGN KEY (org_id, role_id) REFERENCES role (org_id, id) ON DELETE CASCADE
);

-- Who has which role.
CREATE TABLE membership_role (
    org_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (org_id, membership_id, role_id),
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, role_id) REFERENCES role (org_id, id)
);
CREATE INDEX membership_role_of ON membership_role (org_id, role_id);

-- A signed-in browser. Only digests of its token; the one before is accepted for a minute.
CREATE TABLE session (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    token_digest BLOB NOT NULL,
    previous_digest BLOB,
    previous_until_us BIGINT,
    stay BOOLEAN NOT NULL,
    browser TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    rotated_us BIGINT NOT NULL,
    last_seen_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX session_token ON session (token_digest);
CREATE INDEX session_previous ON session (previous_digest) WHERE previous_digest IS NOT NULL;
CREATE INDEX session_membership ON session (org_id, membership_id);
CREATE INDEX session_expires ON session (expires_us);

-- A link that works once: set-up (no organisation yet) or an invitation.
CREATE TABLE link (
    id TEXT PRIMARY KEY,
    org_id TEXT,
    membership_id TEXT,
    purpose TEXT NOT NULL CHECK (purpose IN ('setup', 'invitation')),
    digest BLOB NOT NULL,
    created_us BIGINT NOT NULL,
    valid_until_us BIGINT NOT NULL,
    used_us BIGINT,
    due_us BIGINT NOT NULL,
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX link_digest ON link (digest);
CREATE INDEX link_membership ON link (org_id, membership_id);
CREATE INDEX link_due ON link (due_us);

-- A program that may do one thing for one unit: 'intake' brings alarms, 'monitor' shows them.
CREATE TABLE machine_key (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('intake', 'monitor')),
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    -- The last characters, to tell keys apart.
    hint TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    last_used_us BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX machine_key_digest ON machine_key (digest);
CREATE INDEX machine_key_unit ON machine_key (org_id, unit_id);

-- A browser that its owner enrolled to be alarmed; it outlives the session. public_key: uncompressed P-256
-- point of the key that signs its answers. The four push columns are all null or all set.
-- The devices to push to: of active memberships, push_endpoint not null.
CREATE TABLE device (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    membership_id TEXT NOT NULL,
    name TEXT NOT NULL,
    platform TEXT NOT NULL,
    public_key BLOB NOT NULL,
    push_endpoint TEXT,
    push_p256dh BLOB,
    push_auth BLOB,
    push_family TEXT,
    enrolled_us BIGINT NOT NULL,
    last_seen_us BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX device_id ON device (id);
CREATE INDEX device_membership ON device (org_id, membership_id);
CREATE INDEX device_endpoint ON device (push_endpoint) WHERE push_endpoint IS NOT NULL;

-- Failed attempts to sign in, counted for each typed address whether it is known or not. account: a keyed
-- hash of the address, or of the address and a browser that signed in before.
CREATE TABLE signin_delay (
    account BLOB PRIMARY KEY,
    failures BIGINT NOT NULL,
    blocked_until_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL
);
CREATE INDEX signin_delay_due ON signin_delay (due_us);

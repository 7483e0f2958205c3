-- A right may hold for the cameras of one camera group.
ALTER TABLE role_permission DROP CONSTRAINT role_permission_scope_check;
ALTER TABLE role_permission ADD CONSTRAINT role_permission_scope_check
    CHECK (scope IN ('org', 'unit', 'group', 'cameras'));

-- Roles that were made before there were cameras.
INSERT INTO role_permission (org_id, role_id, permission, scope, scope_id, look_back_us, second_factor, four_eyes)
    SELECT r.org_id, r.id, p.permission, 'org', '', NULL, FALSE, FALSE FROM role r
    CROSS JOIN (SELECT 'video.live' AS permission UNION ALL SELECT 'video.playback'
                UNION ALL SELECT 'video.configure') AS p
    WHERE r.built_in = 'administrator' OR (r.built_in = 'officer' AND p.permission <> 'video.configure')
    ON CONFLICT DO NOTHING;

-- Camera agents: the recorders beside the cameras. secret: digest of the enrolment token's secret.
CREATE TABLE camera_agent (
    org_id TEXT COLLATE "C" NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    secret BYTEA NOT NULL,
    secret_until_us BIGINT NOT NULL,
    public_key BYTEA,
    created_us BIGINT NOT NULL,
    enrolled_us BIGINT,
    second_try_us BIGINT,
    revoked_us BIGINT,
    connected BOOLEAN NOT NULL,
    last_seen_us BIGINT,
    version TEXT NOT NULL,
    list_number BIGINT,
    refused_number BIGINT,
    refused_why TEXT,
    spool_bytes BIGINT,
    spool_free BIGINT,
    spool_waiting BIGINT,
    spool_oldest_us BIGINT,
    PRIMARY KEY (org_id, id)
);

-- Access tokens of agents, as digests, for a quarter of an hour.
CREATE TABLE camera_token (
    org_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    until_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, digest),
    FOREIGN KEY (org_id, agent_id) REFERENCES camera_agent (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX camera_token_digest ON camera_token (digest);
CREATE INDEX camera_token_agent ON camera_token (org_id, agent_id);

-- Assertions that were used, until they have run out anyway.
CREATE TABLE camera_assertion (
    org_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    until_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, agent_id, digest),
    FOREIGN KEY (org_id, agent_id) REFERENCES camera_agent (org_id, id) ON DELETE CASCADE
);

-- Groups of cameras that rights are given for.
CREATE TABLE camera_group (
    org_id TEXT COLLATE "C" NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Cameras; one that was deleted stays, without its names, until its last bucket is gone. listed: whether the agent's file still names it. state, cause, since: as the agent last said.
CREATE TABLE camera (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    unit_id TEXT COLLATE "C",
    group_id TEXT COLLATE "C" NOT NULL,
    armed BOOLEAN NOT NULL,
    period TEXT,
    listed BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('recording', 'armed_waiting', 'off', 'fault')),
    cause TEXT,
    since_us BIGINT,
    codec TEXT,
    width BIGINT,
    height BIGINT,
    fps DOUBLE PRECISION,
    kbit BIGINT,
    last_picture_us BIGINT,
    created_us BIGINT NOT NULL,
    deleted_us BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, agent_id) REFERENCES camera_agent (org_id, id),
    FOREIGN KEY (org_id, group_id) REFERENCES camera_group (org_id, id),
    FOREIGN KEY (org_id, unit_id) REFERENCES unit (org_id, id)
);
CREATE UNIQUE INDEX camera_label ON camera (org_id, agent_id, label);
CREATE INDEX camera_unit ON camera (org_id, unit_id);

-- When a camera was armed, so that holes in what was recorded can be told from rest.
CREATE TABLE camera_armed (
    org_id TEXT COLLATE "C" NOT NULL,
    camera_id TEXT COLLATE "C" NOT NULL,
    from_us BIGINT NOT NULL,
    to_us BIGINT,
    PRIMARY KEY (org_id, camera_id, from_us),
    FOREIGN KEY (org_id, camera_id) REFERENCES camera (org_id, id) ON DELETE CASCADE
);

-- A person's own key for looking. pass and sheet: its private half, sealed so that only they open it.
CREATE TABLE viewing_key (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    membership_id TEXT COLLATE "C" NOT NULL,
    public_key BYTEA NOT NULL,
    salt BYTEA NOT NULL,
    pass BYTEA NOT NULL,
    sheet BYTEA NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX viewing_key_member ON viewing_key (org_id, membership_id);

-- Who can open what: recordings, live pictures, and the custodian who signs recipient lists.
CREATE TABLE viewing_role (
    org_id TEXT COLLATE "C" NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('custodian', 'recording', 'live')),
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX viewing_role_kind ON viewing_role (org_id, kind);

-- A role's key pair, public half; the one without replaced_us is in force. handed: to how many it was given.
CREATE TABLE viewing_generation (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    role_id TEXT COLLATE "C" NOT NULL,
    public_key BYTEA NOT NULL,
    handed BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    replaced_us BIGINT,
    replaced_list BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, role_id) REFERENCES viewing_role (org_id, id)
);
CREATE UNIQUE INDEX viewing_generation_current ON viewing_generation (org_id, role_id) WHERE replaced_us IS NULL;

-- Who holds a generation: its private half, sealed to their viewing key. Without one they wait for it again.
CREATE TABLE viewing_holder (
    org_id TEXT COLLATE "C" NOT NULL,
    generation_id TEXT COLLATE "C" NOT NULL,
    membership_id TEXT COLLATE "C" NOT NULL,
    viewing_key_id TEXT COLLATE "C",
    wrapped BYTEA,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, generation_id, membership_id),
    FOREIGN KEY (org_id, generation_id) REFERENCES viewing_generation (org_id, id) ON DELETE CASCADE,
    FOREIGN KEY (org_id, membership_id) REFERENCES membership (org_id, id) ON DELETE CASCADE
);
CREATE INDEX viewing_holder_member ON viewing_holder (org_id, membership_id);

-- To whom agents may seal, signed by the custodian.
CREATE TABLE recipient_list (
    org_id TEXT COLLATE "C" NOT NULL REFERENCES organisation (org_id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    issued_us BIGINT NOT NULL,
    cose BYTEA NOT NULL,
    PRIMARY KEY (org_id, number)
);

-- What one key seals: camera, stream, hour, sensitivity, run. Its hub share lies in the key store under
-- video/ID. After destroyed_us the share is gone; after emptied_us the files too. digest: what was
-- announced. agent_key: with what its closing records are signed.
CREATE TABLE video_bucket (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    camera_id TEXT COLLATE "C" NOT NULL,
    agent_id TEXT COLLATE "C" NOT NULL,
    stream TEXT NOT NULL,
    hour_us BIGINT NOT NULL,
    sensitivity BIGINT NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    list_number BIGINT NOT NULL,
    role_share BYTEA,
    role_share_2 BYTEA,
    role_share_3 BYTEA,
    agent_key BYTEA NOT NULL,
    bytes BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    created_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    destroyed_us BIGINT,
    emptied_us BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, camera_id) REFERENCES camera (org_id, id),
    FOREIGN KEY (org_id, agent_id) REFERENCES camera_agent (org_id, id)
);
CREATE INDEX video_bucket_camera ON video_bucket (org_id, camera_id, hour_us);
CREATE INDEX video_bucket_due ON video_bucket (due_us) WHERE destroyed_us IS NULL;
CREATE INDEX video_bucket_waste ON video_bucket (destroyed_us) WHERE destroyed_us IS NOT NULL;

-- A file of a bucket. record: what the agent signed when it was over.
CREATE TABLE video_segment (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    bucket_id TEXT COLLATE "C" NOT NULL,
    camera_id TEXT COLLATE "C" NOT NULL,
    started_us BIGINT NOT NULL,
    ended_us BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('closed', 'interrupted')),
    hash BYTEA NOT NULL,
    record BYTEA NOT NULL,
    received_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, bucket_id) REFERENCES video_bucket (org_id, id)
);
CREATE INDEX video_segment_bucket ON video_segment (org_id, bucket_id);
CREATE INDEX video_segment_time ON video_segment (org_id, camera_id, started_us);

-- Why nothing was recorded, as the agent says.
CREATE TABLE camera_gap (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    camera_id TEXT COLLATE "C" NOT NULL,
    from_us BIGINT NOT NULL,
    to_us BIGINT,
    cause TEXT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, camera_id) REFERENCES camera (org_id, id) ON DELETE CASCADE
);
CREATE INDEX camera_gap_time ON camera_gap (org_id, camera_id, from_us);

-- Where an alarm lies in a camera's recordings. It goes with the bucket of its hour.
CREATE TABLE camera_bookmark (
    org_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    camera_id TEXT COLLATE "C" NOT NULL,
    alarm_id TEXT COLLATE "C" NOT NULL,
    at_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, camera_id) REFERENCES camera (org_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX camera_bookmark_alarm ON camera_bookmark (org_id, camera_id, alarm_id);
CREATE INDEX camera_bookmark_due ON camera_bookmark (due_us);
CREATE INDEX camera_bookmark_of ON camera_bookmark (org_id, alarm_id);

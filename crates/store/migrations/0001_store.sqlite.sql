-- Jobs of the outbox. object_id and arg hold ids only; rows go 7 days after they are done.
CREATE TABLE job (
    id TEXT PRIMARY KEY,
    org_id TEXT,
    topic TEXT NOT NULL,
    object_id TEXT NOT NULL,
    arg TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ready', 'done', 'dead')),
    attempts BIGINT NOT NULL,
    run_at_us BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until_us BIGINT,
    created_us BIGINT NOT NULL,
    error_code TEXT,
    due_us BIGINT
);
CREATE INDEX job_ready ON job (run_at_us, id) WHERE state = 'ready';
CREATE INDEX job_due ON job (due_us) WHERE due_us IS NOT NULL;

-- Who does what only one process may do.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    until_us BIGINT NOT NULL
);

-- Whole numbers that the compatible API shows instead of ids.
CREATE TABLE wire_number (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL
);
CREATE UNIQUE INDEX wire_number_id ON wire_number (org_id, id);

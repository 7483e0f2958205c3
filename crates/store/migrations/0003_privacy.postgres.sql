-- Periods that an organisation set instead of the default; kind is the key of a deletion rule.
CREATE TABLE deletion_period (
    org_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    period TEXT NOT NULL,
    changed_us BIGINT NOT NULL,
    PRIMARY KEY (org_id, kind)
);

-- The log. A leaf is born without a number; whoever holds the log's lease numbers it. log is an
-- organisation's id or 'installation'. body is what is hashed; sealed holds the readable details under a key
-- of the key store, which key_id names.
CREATE TABLE ledger_leaf (
    log TEXT NOT NULL,
    id TEXT NOT NULL,
    idx BIGINT,
    body BLOB NOT NULL,
    sealed BLOB,
    key_id TEXT,
    PRIMARY KEY (log, id)
);
CREATE UNIQUE INDEX ledger_leaf_idx ON ledger_leaf (log, idx) WHERE idx IS NOT NULL;
CREATE INDEX ledger_leaf_new ON ledger_leaf (log, id) WHERE idx IS NULL;

-- Hashes of the tree, 256 to a tile; derived from the leaves. One tile of each level is still growing.
CREATE TABLE ledger_tile (
    log TEXT NOT NULL,
    level BIGINT NOT NULL,
    number BIGINT NOT NULL,
    width BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (log, level, number)
);
CREATE INDEX ledger_tile_edge ON ledger_tile (log) WHERE width < 256;

-- The latest signed checkpoint of each log: how many leaves, and the root over them.
CREATE TABLE ledger_head (
    log TEXT PRIMARY KEY NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL
);

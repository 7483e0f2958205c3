//! The log's tables: leaves, tiles, heads.

use ::store::{Bulk, Row, StoreError, Tx, params};
use base::{LeafId, SubjectKeyId};

use crate::leaf::{Leaf, LogId};
use crate::tile::{self, TileId, Tiles};

::store::statements! {
    /// A new leaf, without a number.
    INSERT = "INSERT INTO ledger_leaf (log, id, body, sealed, key_id) VALUES ($1, $2, $3, $4, $5)";
    /// Numbers leaves that have no number, by their ids.
    NUMBER = "UPDATE ledger_leaf SET idx = $2 + fresh.place FROM (SELECT id, \
              row_number() OVER (ORDER BY id) - 1 AS place FROM ledger_leaf \
              WHERE log = $1 AND idx IS NULL ORDER BY id LIMIT $3) AS fresh \
              WHERE ledger_leaf.log = $1 AND ledger_leaf.id = fresh.id RETURNING idx, body";
    /// Logs with leaves that have no number.
    FRESH_LOGS = "SELECT DISTINCT log FROM ledger_leaf WHERE idx IS NULL";
    /// How many leaves have no number, and the oldest of them.
    FRESH_COUNT = "SELECT CAST(count(*) AS BIGINT), min(id) FROM ledger_leaf WHERE idx IS NULL";
    /// Leaves of a log that have no number.
    FRESH = "SELECT idx, id, body, sealed, key_id FROM ledger_leaf \
             WHERE log = $1 AND idx IS NULL AND id > $2 ORDER BY id LIMIT $3";
    /// Logs with a head.
    LOGS = "SELECT log FROM ledger_head";
    /// The head of a log.
    HEAD = "SELECT size, note FROM ledger_head WHERE log = $1";
    /// Moves the head on, if it is where it was thought to be.
    MOVE_HEAD = "INSERT INTO ledger_head (log, size, note) VALUES ($1, $3, $4) \
                 ON CONFLICT (log) DO UPDATE SET size = $3, note = $4 WHERE ledger_head.size = $2";
    /// The tiles of the right edge.
    EDGE = "SELECT level, number, bytes FROM ledger_tile WHERE log = $1 AND width < 256";
    /// One tile.
    TILE = "SELECT width, bytes FROM ledger_tile WHERE log = $1 AND level = $2 AND number = $3";
    /// How many tiles there are.
    TILE_COUNT = "SELECT CAST(count(*) AS BIGINT) FROM ledger_tile WHERE log = $1";
    /// Leaves from a number upwards.
    FROM = "SELECT idx, id, body, sealed, key_id FROM ledger_leaf \
            WHERE log = $1 AND idx >= $2 ORDER BY idx LIMIT $3";
    /// Leaves below a number downwards.
    BELOW = "SELECT idx, id, body, sealed, key_id FROM ledger_leaf \
             WHERE log = $1 AND idx < $2 ORDER BY idx DESC LIMIT $3";
}

/// Tiles, in place of what was there.
pub(crate) static PUT_TILES: Bulk = Bulk::new(
    "ledger::store::PUT_TILES",
    "INSERT INTO ledger_tile (log, level, number, width, bytes)",
    5,
    "ON CONFLICT (log, level, number) DO UPDATE SET width = excluded.width, bytes = excluded.bytes",
);

/// The signed head of a log as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) size: i64,
    pub(crate) note: String,
}

/// A leaf as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredLeaf {
    pub(crate) index: Option<i64>,
    pub(crate) id: LeafId,
    pub(crate) body: Vec<u8>,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) key: Option<SubjectKeyId>,
}

/// Puts a leaf in, with its sealed details beside it.
pub(crate) async fn insert(
    tx: &mut Tx,
    leaf: &Leaf,
    sealed: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let key = leaf.details.map(|details| details.key);
    let row = params![leaf.log.to_string(), leaf.id, leaf.encode(), sealed, key];
    tx.exec(&INSERT, row).await.map(drop)
}

/// Numbers up to `most` leaves from `first` on; gives their bodies in order.
pub(crate) async fn number(
    tx: &mut Tx,
    log: LogId,
    first: i64,
    most: i64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows = tx
        .all(&NUMBER, params![log.to_string(), first, most])
        .await?;
    let mut numbered = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut c = row.cols();
        numbered.push((c.int()?, c.bytes()?));
    }
    numbered.sort_unstable_by_key(|(index, _)| *index);
    Ok(numbered.into_iter().map(|(_, body)| body).collect())
}

/// Logs with leaves to number. What is not the name of a log is skipped here and found by the audit.
pub(crate) async fn fresh_logs(tx: &mut Tx) -> Result<Vec<LogId>, StoreError> {
    logs_of(&tx.all(&FRESH_LOGS, params![]).await?)
}

/// All logs that were ever numbered.
pub(crate) async fn logs(tx: &mut Tx) -> Result<Vec<LogId>, StoreError> {
    logs_of(&tx.all(&LOGS, params![]).await?)
}

fn logs_of(rows: &[Row]) -> Result<Vec<LogId>, StoreError> {
    let mut logs = Vec::with_capacity(rows.len());
    for row in rows {
        logs.extend(row.cols().text()?.parse::<LogId>().ok());
    }
    Ok(logs)
}

/// How many leaves have no number, and the oldest.
pub(crate) async fn fresh_count(tx: &mut Tx) -> Result<(i64, Option<LeafId>), StoreError> {
    let row = tx.one(&FRESH_COUNT, params![]).await?;
    let mut c = row.cols();
    Ok((c.int()?, c.opt_id()?))
}

/// Leaves without a number, behind an id.
pub(crate) async fn fresh(
    tx: &mut Tx,
    log: LogId,
    after: &str,
    most: i64,
) -> Result<Vec<StoredLeaf>, StoreError> {
    leaves(
        &tx.all(&FRESH, params![log.to_string(), after, most])
            .await?,
    )
}

/// Where a log stands; `None` before its first leaf is numbered.
pub(crate) async fn head(tx: &mut Tx, log: LogId) -> Result<Option<Head>, StoreError> {
    let row = tx.opt(&HEAD, params![log.to_string()]).await?;
    row.map(|row| {
        let mut c = row.cols();
        let (size, note) = (c.int()?, c.text()?);
        Ok(Head { size, note })
    })
    .transpose()
}

/// Moves the head from one size to another; `false` when somebody else did.
pub(crate) async fn move_head(
    tx: &mut Tx,
    log: LogId,
    from: i64,
    to: i64,
    note: &str,
) -> Result<bool, StoreError> {
    let params = params![log.to_string(), from, to, note];
    Ok(tx.exec(&MOVE_HEAD, params).await? == 1)
}

/// The tiles that still grow.
pub(crate) async fn edge(tx: &mut Tx, log: LogId) -> Result<Tiles, StoreError> {
    let mut tiles = Tiles::new();
    for row in tx.all(&EDGE, params![log.to_string()]).await? {
        let mut c = row.cols();
        let (level, number, bytes) = (c.int()?, c.int()?, c.bytes()?);
        if let (Ok(level), Ok(number)) = (level.try_into(), number.try_into()) {
            tiles.insert(level, number, bytes);
        }
    }
    Ok(tiles)
}

/// Puts tiles in, or in place of narrower ones.
pub(crate) async fn put_tiles(
    tx: &mut Tx,
    log: LogId,
    tiles: Vec<(TileId, Vec<u8>)>,
) -> Result<(), StoreError> {
    let log = log.to_string();
    let row = |(id, bytes): (TileId, Vec<u8>)| {
        let tile::Row::Level(level) = id.row else {
            return None;
        };
        let number = i64::try_from(id.index).ok()?;
        let level = u16::from(level);
        Some(params![&log, level, number, id.width, bytes])
    };
    let rows = tiles.into_iter().filter_map(row).collect();
    tx.bulk(&PUT_TILES, rows).await.map(drop)
}

/// A tile: its width and bytes.
pub(crate) async fn tile(
    tx: &mut Tx,
    log: LogId,
    level: u8,
    number: u64,
) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let Ok(number) = i64::try_from(number) else {
        return Ok(None);
    };
    let params = params![log.to_string(), u16::from(level), number];
    let row = tx.opt(&TILE, params).await?;
    row.map(|row| {
        let mut c = row.cols();
        Ok((c.int()?, c.bytes()?))
    })
    .transpose()
}

/// How many tiles a log has.
pub(crate) async fn tile_count(tx: &mut Tx, log: LogId) -> Result<i64, StoreError> {
    let row = tx.one(&TILE_COUNT, params![log.to_string()]).await?;
    row.cols().int()
}

/// Leaves from a number upwards.
pub(crate) async fn from(
    tx: &mut Tx,
    log: LogId,
    index: i64,
    most: i64,
) -> Result<Vec<StoredLeaf>, StoreError> {
    leaves(&tx.all(&FROM, params![log.to_string(), index, most]).await?)
}

/// Leaves below a number, the highest first.
pub(crate) async fn below(
    tx: &mut Tx,
    log: LogId,
    index: i64,
    most: i64,
) -> Result<Vec<StoredLeaf>, StoreError> {
    leaves(
        &tx.all(&BELOW, params![log.to_string(), index, most])
            .await?,
    )
}

fn leaves(rows: &[Row]) -> Result<Vec<StoredLeaf>, StoreError> {
    let read = |row: &Row| {
        let mut c = row.cols();
        Ok(StoredLeaf {
            index: c.opt_int()?,
            id: c.id()?,
            body: c.bytes()?,
            sealed: c.opt_bytes()?,
            key: c.opt_id()?,
        })
    };
    rows.iter().map(read).collect()
}

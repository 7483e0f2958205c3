//! Reading a log: entries with what may still be read, proofs, tiles; and forgetting.

use std::collections::{HashMap, HashSet};

use ::store::Tx;
use base::{Id as _, Timestamp};
use seal::note::Checkpoint;

use crate::keep::Month;
use crate::leaf::{Details, Leaf, LogId, Pseudonym};
use crate::store::{self, Head, StoredLeaf};
use crate::tile::{Row, TileId, Tiles, WIDTH, bundle, edge, holding};
use crate::tree::{Frontier, Hash, Node, inclusion, inclusion_nodes, leaf_hash, verify_inclusion};
use crate::verify::Broken;
use crate::{Ledger, LedgerError};

/// The most entries of one page.
const PAGE: u32 = 200;

/// Whose pseudonyms these are, as far as the caller knows them and they are not forgotten.
#[derive(Debug, Clone, Default)]
pub struct Names(HashMap<Pseudonym, String>);

impl Names {
    /// The name behind a pseudonym.
    pub fn of(&self, pseudonym: Pseudonym) -> Option<&str> {
        self.0.get(&pseudonym).map(String::as_str)
    }
}

/// An entry of a log.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// Its number.
    pub index: u64,
    /// What is hashed into the tree.
    pub leaf: Leaf,
    /// The hash of the leaf.
    pub hash: Hash,
    /// The readable part; `None` where there is none, or none any more.
    pub details: Option<Details>,
    /// There were details, and the key to them is destroyed.
    pub erased: bool,
    /// There are details, and they are not those the leaf commits to.
    pub damaged: bool,
}

/// That an entry is in the log, checked against the signed head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The number of the entry.
    pub index: u64,
    /// The number of entries in the tree.
    pub size: u64,
    /// The hash of the entry.
    pub leaf: Hash,
    /// The hashes that lead from the entry to the root (RFC 6962, section 2.1.1).
    pub path: Vec<Hash>,
    /// The root.
    pub root: Hash,
    /// The signed note that says so.
    pub note: String,
}

/// Leaves that have no number yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// How many.
    pub leaves: u64,
    /// Since when the oldest waits, to the millisecond.
    pub since: Option<Timestamp>,
}

/// How many keys for details a log has from one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCount {
    /// Whose log.
    pub log: LogId,
    /// The month of the entries.
    pub month: Month,
    /// Subjects with a key.
    pub keys: u64,
}

impl Ledger {
    /// Finds the pseudonyms of people and machines, given as `(id, how to show them)`.
    pub async fn names(
        &self,
        log: LogId,
        candidates: &[(String, String)],
    ) -> Result<Names, LedgerError> {
        let keep = &self.inner.keep;
        let salted: HashSet<String> = keep.salted(log).await?.into_iter().collect();
        let mut names = HashMap::new();
        for (id, display) in candidates {
            if salted.contains(id)
                && let Some(pseudonym) = keep.known_pseudonym(log, id).await?
            {
                names.insert(pseudonym, display.clone());
            }
        }
        Ok(Names(names))
    }

    /// Entries below a number, or the newest, the newest first.
    pub async fn entries(
        &self,
        log: LogId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<LogEntry>, LedgerError> {
        let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
        let limit = i64::from(limit.min(PAGE));
        let rows = {
            let mut tx = self.store().read().await?;
            store::below(&mut tx, log, before, limit).await?
        };
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            entries.push(self.shown(log, row).await?);
        }
        Ok(entries)
    }

    async fn shown(&self, log: LogId, row: StoredLeaf) -> Result<LogEntry, LedgerError> {
        let leaf = Leaf::decode(&row.body)?;
        let index = row.index.and_then(|index| u64::try_from(index).ok());
        let mut entry = LogEntry {
            index: index.ok_or(Broken::Row)?,
            hash: leaf_hash(&row.body),
            details: None,
            erased: false,
            damaged: false,
            leaf,
        };
        let Some(committed) = entry.leaf.details else {
            return Ok(entry);
        };
        let Some(key) = self.inner.keep.bucket_key(log, committed.key).await? else {
            entry.erased = true;
            return Ok(entry);
        };
        let sealed = row.sealed.unwrap_or_default();
        match Details::open(&key, entry.leaf.id, &sealed, &committed.hash) {
            Ok(details) => entry.details = Some(details),
            Err(error) => {
                tracing::error!(%log, entry.index, %error, "details of the log were changed");
                entry.damaged = true;
            }
        }
        Ok(entry)
    }

    /// The signed head as a note; `None` as long as the log is empty.
    pub async fn checkpoint(&self, log: LogId) -> Result<Option<String>, LedgerError> {
        let mut tx = self.store().read().await?;
        let head = store::head(&mut tx, log).await?;
        Ok(head.map(|head| head.note))
    }

    /// Checks the signature of the head, and that the right edge of the tree makes its root. O(log n);
    /// [`Ledger::verify`] reads everything.
    pub async fn check(&self, log: LogId) -> Result<Option<Checkpoint>, LedgerError> {
        let mut tx = self.store().read().await?;
        let Some(head) = store::head(&mut tx, log).await? else {
            return Ok(None);
        };
        let checkpoint = self.opened(log, &head).await?;
        let mut tiles = Tiles::new();
        for id in edge(checkpoint.size) {
            load(&mut tx, log, id.row, id.index, &mut tiles).await?;
        }
        let root = Frontier::at(checkpoint.size, &tiles)?.root();
        if root != checkpoint.root {
            return Err(Broken::Root.into());
        }
        Ok(Some(checkpoint))
    }

    /// Proves that an entry is in the log, and checks the proof. `None` when there is no such entry.
    pub async fn proof(&self, log: LogId, index: u64) -> Result<Option<Proof>, LedgerError> {
        let mut tx = self.store().read().await?;
        let Some(head) = store::head(&mut tx, log).await? else {
            return Ok(None);
        };
        let checkpoint = self.opened(log, &head).await?;
        let (size, root) = (checkpoint.size, checkpoint.root);
        let Some(at) = i64::try_from(index).ok().filter(|_| index < size) else {
            return Ok(None);
        };
        let row = store::from(&mut tx, log, at, 1).await?.pop();
        let row = row.filter(|row| row.index == Some(at));
        let leaf = leaf_hash(&row.ok_or(Broken::Gap(index))?.body);
        let mut tiles = Tiles::new();
        for node in inclusion_nodes(index, size)? {
            load_node(&mut tx, log, node, &mut tiles).await?;
        }
        let path = inclusion(index, size, &tiles)?;
        verify_inclusion(&leaf, index, size, &path, &root)?;
        Ok(Some(Proof {
            index,
            size,
            leaf,
            path,
            root,
            note: head.note,
        }))
    }

    async fn opened(&self, log: LogId, head: &Head) -> Result<Checkpoint, LedgerError> {
        let signer = self.inner.keep.known_signer(log).await?;
        let signer = signer.ok_or(Broken::NoHead)?;
        let checkpoint = Checkpoint::open(head.note.as_bytes(), signer.verifier())
            .map_err(Broken::Checkpoint)?;
        if i64::try_from(checkpoint.size) != Ok(head.size) {
            return Err(Broken::Head.into());
        }
        Ok(checkpoint)
    }

    /// A tile or bundle by its path (C2SP tlog-tiles): `tile/0/x001/234.p/5`, `tile/entries/000`. `None` when
    /// the log has not got so far.
    pub async fn tile(&self, log: LogId, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(id) = TileId::parse(path) else {
            return Ok(None);
        };
        let mut tx = self.store().read().await?;
        let Row::Level(level) = id.row else {
            return bundle_of(&mut tx, log, id).await;
        };
        let stored = store::tile(&mut tx, log, level, id.index).await?;
        Ok(stored.and_then(|(_, mut bytes)| {
            let whole = bytes.len() >= id.bytes();
            bytes.truncate(id.bytes());
            whole.then_some(bytes)
        }))
    }

    /// The public key of a log in the form of signed notes, for whoever verifies; `None` before its first entry.
    pub async fn public_key(&self, log: LogId) -> Result<Option<String>, LedgerError> {
        let signer = self.inner.keep.known_signer(log).await?;
        Ok(signer.map(|signer| signer.verifier().to_string()))
    }

    /// All logs with entries, also those whose first leaf has no number yet.
    pub async fn logs(&self) -> Result<Vec<LogId>, LedgerError> {
        let mut tx = self.store().read().await?;
        let mut logs = store::logs(&mut tx).await?;
        logs.extend(store::fresh_logs(&mut tx).await?);
        logs.sort_unstable();
        logs.dedup();
        Ok(logs)
    }

    /// Leaves of all logs that have no number yet.
    pub async fn waiting(&self) -> Result<Waiting, LedgerError> {
        let mut tx = self.store().read().await?;
        let (leaves, oldest) = store::fresh_count(&mut tx).await?;
        let leaves = u64::try_from(leaves).unwrap_or(0);
        let since = oldest.and_then(|id| {
            let millis = id.bytes()[..6]
                .iter()
                .fold(0, |all, byte| all << 8 | i64::from(*byte));
            Timestamp::from_millisecond(millis).ok()
        });
        Ok(Waiting { leaves, since })
    }

    /// Destroys the keys to everything a log says about somebody: details can't be read any more, and the
    /// pseudonym is nobody's. The tree stays as it is. Gives the number of keys.
    pub async fn forget(&self, log: impl Into<LogId>, subject: &str) -> Result<u64, LedgerError> {
        self.inner.keep.forget(log.into(), subject).await
    }

    /// How many keys for details there are, by log and month.
    pub async fn keys(&self) -> Result<Vec<KeyCount>, LedgerError> {
        let mut counts: HashMap<(LogId, Month), u64> = HashMap::new();
        for (log, key) in self.inner.keep.buckets().await? {
            *counts.entry((log, Month::of_key(key))).or_default() += 1;
        }
        let count = |((log, month), keys)| KeyCount { log, month, keys };
        let mut counts: Vec<KeyCount> = counts.into_iter().map(count).collect();
        counts.sort_unstable_by_key(|count| (count.log, count.month));
        Ok(counts)
    }

    /// Destroys a log's keys of one month: its details can't be read any more. Gives the number of keys.
    pub async fn forget_month(&self, log: LogId, month: Month) -> Result<u64, LedgerError> {
        let keep = &self.inner.keep;
        let due = |(of, key): &(LogId, _)| *of == log && Month::of_key(*key) == month;
        let keys = keep.buckets().await?;
        let keys: Vec<_> = keys.into_iter().filter(due).map(|(_, key)| key).collect();
        Ok(keep.destroy(log, &keys).await?)
    }
}

/// Entries of a bundle, if the signed head counts them.
async fn bundle_of(tx: &mut Tx, log: LogId, id: TileId) -> Result<Option<Vec<u8>>, LedgerError> {
    let first = id.index.checked_mul(u64::from(WIDTH));
    let Some(first) = first.and_then(|first| i64::try_from(first).ok()) else {
        return Ok(None);
    };
    let width = i64::from(id.width);
    let size = store::head(tx, log).await?.map_or(0, |head| head.size);
    if first.checked_add(width).is_none_or(|end| end > size) {
        return Ok(None);
    }
    let rows = store::from(tx, log, first, width).await?;
    let bodies = rows.iter().map(|row| row.body.as_slice());
    Ok(bundle(bodies).ok())
}

async fn load_node(
    tx: &mut Tx,
    log: LogId,
    node: Node,
    tiles: &mut Tiles,
) -> Result<(), LedgerError> {
    let (level, index) = holding(node);
    load(tx, log, Row::Level(level), index, tiles).await
}

async fn load(
    tx: &mut Tx,
    log: LogId,
    row: Row,
    index: u64,
    tiles: &mut Tiles,
) -> Result<(), LedgerError> {
    if let Row::Level(level) = row
        && tiles.get(level, index).is_none()
        && let Some((_, bytes)) = store::tile(tx, log, level, index).await?
    {
        tiles.insert(level, index, bytes);
    }
    Ok(())
}

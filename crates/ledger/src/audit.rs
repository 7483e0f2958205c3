//! The audit: reads all that is stored of a log and finds what was changed.

use std::collections::HashMap;

use ::store::{StoreError, Tx};
use base::{HasKind, Kind, SubjectKeyId};
use seal::Secret;
use seal::note::{Checkpoint, Verifier};

use crate::leaf::{Leaf, LogId, commit};
use crate::store::{self, StoredLeaf};
use crate::tile::{Row, TileId};
use crate::tree::Hash;
use crate::verify::{Audit, Broken};
use crate::{Ledger, LedgerError};

/// Leaves that are read at once.
const PAGE: i64 = 1000;
/// Keys in memory while reading.
const KEYS: usize = 4096;

/// What an audit has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which log.
    pub log: LogId,
    /// Its name; empty as long as it has no entry.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// The signed head; to be kept, so that a later audit shows every rewriting until then.
    pub note: String,
    /// Entries whose details were checked.
    pub readable: u64,
    /// Entries whose details nobody can read any more.
    pub erased: u64,
    /// Leaves that have no number yet, and so are in no tree.
    pub waiting: u64,
}

/// Why an audit did not end well.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The log was changed.
    #[error("the log was changed")]
    Broken(#[source] Broken),
    /// The log could not be read.
    #[error("the log could not be read")]
    Unread(#[source] LedgerError),
}

impl HasKind for VerifyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Broken(_) => Kind::Internal,
            Self::Unread(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Broken(_) => "ledger_broken",
            Self::Unread(error) => error.code(),
        }
    }
}

impl From<Broken> for VerifyError {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<LedgerError> for VerifyError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Broken(broken) => Self::Broken(broken),
            LedgerError::Store(error) => error.into(),
            error => Self::Unread(error),
        }
    }
}

impl From<StoreError> for VerifyError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Column { .. } => Self::Broken(Broken::Row),
            error => Self::Unread(error.into()),
        }
    }
}

impl Ledger {
    /// Reads a whole log: leaves, what lies beside them, tiles, head. `earlier` is a signed note that somebody
    /// kept: with it a rewriting shows also when it was done with the log's own key. Repairs nothing.
    pub async fn verify(&self, log: LogId, earlier: Option<&str>) -> Result<Report, VerifyError> {
        let signer = self.inner.keep.known_signer(log).await?;
        let mut tx = self.store().read().await?;
        let head = store::head(&mut tx, log).await?;
        let (Some(head), Some(signer)) = (&head, &signer) else {
            return self.verify_empty(&mut tx, log, earlier).await;
        };
        let key = signer.verifier();
        let earlier = earlier.map(|note| open_earlier(note, key)).transpose()?;
        let audit = Audit::new(head.note.as_bytes(), key, Some(log), earlier.as_ref())?;
        let said = audit.checkpoint().clone();
        if i64::try_from(said.size) != Ok(head.size) {
            return Err(Broken::Head.into());
        }
        let reading = Reading {
            ledger: self,
            keys: HashMap::new(),
            report: Report {
                log,
                origin: said.origin,
                size: said.size,
                root: said.root,
                note: head.note.clone(),
                readable: 0,
                erased: 0,
                waiting: 0,
            },
        };
        reading.run(&mut tx, audit).await
    }

    /// A log without a head has no numbered leaf, no tile, and no past.
    async fn verify_empty(
        &self,
        tx: &mut Tx,
        log: LogId,
        earlier: Option<&str>,
    ) -> Result<Report, VerifyError> {
        let numbered = store::from(tx, log, i64::MIN, 1).await?;
        let tiles = store::tile_count(tx, log).await?;
        let head = store::head(tx, log).await?;
        if earlier.is_some() || head.is_some() || !numbered.is_empty() || tiles != 0 {
            return Err(Broken::NoHead.into());
        }
        let report = Report {
            log,
            origin: String::new(),
            size: 0,
            root: crate::tree::empty_root(),
            note: String::new(),
            readable: 0,
            erased: 0,
            waiting: 0,
        };
        let keys = HashMap::new();
        let mut reading = Reading {
            ledger: self,
            keys,
            report,
        };
        reading.unnumbered(tx).await?;
        Ok(reading.report)
    }
}

fn open_earlier(note: &str, key: &Verifier) -> Result<Checkpoint, Broken> {
    // The name first: the note of another log is not a forgery.
    if let Some(origin) = note.lines().next()
        && origin != key.name()
    {
        return Err(Broken::OtherLog(origin.chars().take(200).collect()));
    }
    Checkpoint::open(note.as_bytes(), key).map_err(Broken::Earlier)
}

/// An audit under way.
struct Reading<'l> {
    ledger: &'l Ledger,
    keys: HashMap<SubjectKeyId, Option<Secret<32>>>,
    report: Report,
}

impl Reading<'_> {
    async fn run(mut self, tx: &mut Tx, mut audit: Audit) -> Result<Report, VerifyError> {
        let log = self.report.log;
        let (mut next, mut tiles) = (i64::MIN, 0);
        loop {
            let page = store::from(tx, log, next, PAGE).await?;
            let Some(last) = page.last() else { break };
            next = last.index.unwrap_or(0).saturating_add(1);
            for row in page {
                let index = audit.size();
                if row.index != i64::try_from(index).ok() {
                    return Err(Broken::Gap(index).into());
                }
                let leaf = audit.leaf(&row.body)?;
                if !self.beside(&leaf, &row, index).await? {
                    return Err(Broken::Beside(index).into());
                }
            }
            tiles += compare(tx, log, audit.take_full()).await?;
        }
        tiles += compare(tx, log, audit.finish()?).await?;
        if store::tile_count(tx, log).await? != tiles {
            return Err(Broken::Tiles.into());
        }
        self.unnumbered(tx).await?;
        Ok(self.report)
    }

    /// Leaves without a number: nobody has signed them yet, but they must be well formed.
    async fn unnumbered(&mut self, tx: &mut Tx) -> Result<(), VerifyError> {
        let log = self.report.log;
        let mut after = String::new();
        loop {
            let page = store::fresh(tx, log, &after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = last.id.to_string();
            for row in page {
                let leaf = Leaf::decode(&row.body).map_err(|_| Broken::Unnumbered)?;
                if leaf.log != log || !self.beside(&leaf, &row, 0).await? {
                    return Err(Broken::Unnumbered.into());
                }
                self.report.waiting += 1;
            }
        }
    }

    /// Whether id, key and details beside a leaf are those it speaks of.
    async fn beside(
        &mut self,
        leaf: &Leaf,
        row: &StoredLeaf,
        index: u64,
    ) -> Result<bool, VerifyError> {
        if row.id != leaf.id || row.key != leaf.details.map(|details| details.key) {
            return Ok(false);
        }
        let (Some(committed), Some(sealed)) = (leaf.details, &row.sealed) else {
            return Ok(leaf.details.is_none() && row.sealed.is_none());
        };
        match self.key(committed.key).await? {
            None => self.report.erased += 1,
            Some(key) if commit(&key, leaf.id, sealed) == committed.hash => {
                self.report.readable += 1;
            }
            Some(_) => return Err(Broken::Details(index).into()),
        }
        Ok(true)
    }

    async fn key(&mut self, id: SubjectKeyId) -> Result<Option<Secret<32>>, VerifyError> {
        if let Some(known) = self.keys.get(&id) {
            return Ok(known.clone());
        }
        let keep = &self.ledger.inner.keep;
        let key = keep.bucket_key(self.report.log, id).await?;
        if self.keys.len() >= KEYS {
            self.keys.clear();
        }
        self.keys.insert(id, key.clone());
        Ok(key)
    }
}

/// Compares stored tiles with those the leaves make; gives their number.
async fn compare(
    tx: &mut Tx,
    log: LogId,
    wanted: Vec<(TileId, Vec<u8>)>,
) -> Result<i64, VerifyError> {
    let mut seen = 0;
    for (id, bytes) in wanted {
        let Row::Level(level) = id.row else { continue };
        if store::tile(tx, log, level, id.index).await? != Some((i64::from(id.width), bytes)) {
            return Err(Broken::Tile(id).into());
        }
        seen += 1;
    }
    Ok(seen)
}

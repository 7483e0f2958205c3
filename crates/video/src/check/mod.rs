//! `obhut video check`: whether index and files agree.

pub(crate) mod store;

use std::collections::HashSet;

use ::store::{BlobError, Blobs, Store, StoreError};
use base::Timestamp;
use futures_util::TryStreamExt as _;
use seal::Sha256;
use seal::closing::Record;

use self::store::Known;
use crate::files::{ROOT, SHARE_KIND, parse_share_id, segment_path, share_id};
use crate::retention::stray::{self, Place};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments that were looked at.
    pub segments: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A segment whose file is not there.
    MissingFile(String),
    /// A file that no segment knows.
    StrayFile(String),
    /// A recording that no segment knows, and until when it is kept: perhaps the database is an older one.
    KeptFile(String, Timestamp),
    /// A file that is not what the index says.
    WrongHash(String),
    /// A closing record that is not the agent's, or tells something else than the index.
    WrongRecord(String),
    /// A bucket that can't be opened because its share is not in the key store.
    MissingShare(String),
    /// A share that protects nothing.
    StrayShare(String),
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, id) = match self {
            Self::MissingFile(id) => ("file is missing", id),
            Self::StrayFile(id) => ("file belongs to no segment", id),
            Self::KeptFile(id, until) => {
                return write!(
                    f,
                    "{id}: recording that the database does not know, perhaps because it is an older one; \
                     kept until {until}"
                );
            }
            Self::WrongHash(id) => ("file is not what the index says", id),
            Self::WrongRecord(id) => ("closing record is not the agent's", id),
            Self::MissingShare(id) => ("share of the key is missing", id),
            Self::StrayShare(id) => ("share of a key protects nothing", id),
        };
        write!(f, "{id}: {what}")
    }
}

/// Why a check could not come to an end.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The database.
    #[error("the database can't be read")]
    Store(#[from] StoreError),
    /// The files.
    #[error("the files can't be read")]
    Blob(#[from] BlobError),
}

/// Reads the whole index and every file.
pub async fn check(store: &Store, blobs: &Blobs) -> Result<Report, CheckError> {
    let mut report = Report::default();
    let mut known: HashSet<String> = HashSet::new();
    // What lies there is listed first: what comes meanwhile is in the index and not yet in the list.
    let there = blobs.list(ROOT).await?;
    let mut last: Option<Known> = None;
    loop {
        let mut tx = store.read().await?;
        let segments = self::store::segments(&mut tx, last.as_ref()).await?;
        drop(tx);
        if segments.is_empty() {
            break;
        }
        for segment in &segments {
            let path = segment_path(segment.org, segment.bucket, segment.id);
            known.insert(path.clone());
            if !segment.destroyed {
                look(blobs, segment, &path, &mut report).await?;
            }
        }
        last = segments.into_iter().last();
    }
    let mut kept = HashSet::new();
    for (path, size) in there {
        if known.contains(&path) {
            continue;
        }
        if let Some(until) = until(store, blobs, &path, size).await? {
            kept.extend(Place::parse(&path).map(|it| share_id(it.bucket)));
            report.findings.push(Finding::KeptFile(path, until));
        } else {
            report.findings.push(Finding::StrayFile(path));
        }
    }
    shares(store, &kept, &mut report).await?;
    Ok(report)
}

/// Until when a file is kept that no segment knows.
async fn until(
    store: &Store,
    blobs: &Blobs,
    path: &str,
    size: u64,
) -> Result<Option<Timestamp>, CheckError> {
    let label = stray::label(blobs, path, size).await?;
    let (Some(place), Some(label)) = (Place::parse(path), label) else {
        return Ok(None);
    };
    let mut tx = store.read().await?;
    let standing = stray::standing(&mut tx, place.org, place.bucket).await?;
    Ok(stray::until(&mut tx, place.org, &standing, label).await?)
}

async fn look(
    blobs: &Blobs,
    segment: &Known,
    path: &str,
    report: &mut Report,
) -> Result<(), CheckError> {
    report.segments += 1;
    let id = segment.id.to_string();
    let record = Record::verify(&segment.record, &segment.key, segment.agent);
    let fits = record.is_ok_and(|it| {
        it.segment == segment.id
            && it.bucket == segment.bucket
            && it.length == segment.bytes
            && it.sha256.as_slice() == segment.hash
    });
    if !fits {
        report.findings.push(Finding::WrongRecord(id.clone()));
    }
    let Some(size) = blobs.size(path).await? else {
        report.findings.push(Finding::MissingFile(id));
        return Ok(());
    };
    let mut hash = Sha256::new();
    let mut pieces = std::pin::pin!(blobs.read(path, 0, size));
    while let Some(bytes) = pieces.try_next().await? {
        report.bytes += bytes.len() as u64;
        hash.update(&bytes);
    }
    if size != segment.bytes || hash.finish().as_slice() != segment.hash {
        report.findings.push(Finding::WrongHash(id));
    }
    Ok(())
}

/// `unlisted`: shares of recordings that are kept although the index does not know them.
async fn shares(
    store: &Store,
    unlisted: &HashSet<String>,
    report: &mut Report,
) -> Result<(), CheckError> {
    let kept: HashSet<String> = store.keys().ids(SHARE_KIND).await?.into_iter().collect();
    let mut tx = store.read().await?;
    let wanted = self::store::buckets(&mut tx).await?;
    let wanted: HashSet<String> = wanted.into_iter().map(share_id).collect();
    drop(tx);
    let name = |id: &str| parse_share_id(id).map_or_else(|| id.to_owned(), |it| it.to_string());
    let mut missing: Vec<_> = wanted.difference(&kept).map(|id| name(id)).collect();
    let stray = kept
        .difference(&wanted)
        .filter(|id| !unlisted.contains(*id));
    let mut stray: Vec<_> = stray.map(|id| name(id)).collect();
    missing.sort_unstable();
    stray.sort_unstable();
    let missing = missing.into_iter().map(Finding::MissingShare);
    report.findings.extend(missing);
    report
        .findings
        .extend(stray.into_iter().map(Finding::StrayShare));
    Ok(())
}

//! What a crash left behind: keys that protect nothing, files that are no recording. And recordings that the index does
//! not know, see [`stray`].
//!
//! Keys and files are written before the row that needs them, so what looks left behind may just be on its way: it goes
//! when it is found again after an hour.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use ::store::StoreError;
use base::{BucketId, OrgId, SignedDuration, Timestamp, chain};

use super::{store, stray};
use crate::files::{ROOT, SHARE_KIND, bucket_path, parse_share_id, share_id};
use crate::{App, VideoError};

/// How often to look.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What was found last time.
#[derive(Debug, Default)]
pub(crate) struct Orphans {
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// When to look again.
    next: Option<Timestamp>,
    /// What may have been left behind, and when it was first seen.
    keys: HashMap<BucketId, Timestamp>,
    /// The same.
    files: HashMap<String, Timestamp>,
    /// Recordings that the index does not know.
    unlisted: HashSet<String>,
}

/// Recordings of one organisation that the index does not know, and that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unlisted {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// When the last of them goes.
    pub(crate) until: Timestamp,
}

/// What one look at the files found.
#[derive(Default)]
struct Looked {
    files: HashMap<String, Timestamp>,
    unlisted: HashSet<String>,
    /// Buckets of such, which the index does not know either.
    buckets: HashSet<BucketId>,
    told: BTreeMap<OrgId, Unlisted>,
    /// When the first of them goes.
    due: Option<Timestamp>,
    gone: u64,
}

impl Orphans {
    /// Looks once an hour, and when something unlisted is due.
    pub(crate) async fn sweep(&self, app: &App, now: Timestamp) {
        let mut before = {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            if found.next.is_some_and(|next| now < next) {
                return;
            }
            let before = std::mem::take(&mut *found);
            found.next = now.checked_add(EVERY).ok();
            before
        };
        before.next = now.checked_add(EVERY).ok();
        match files(app, &before, now).await {
            Ok(looked) => {
                let due = looked.due.filter(|due| *due > now);
                before.next = before.next.into_iter().chain(due).min();
                match keys(app, &before.keys, &looked.buckets, now).await {
                    Ok(keys) => before.keys = keys,
                    Err(error) => {
                        tracing::warn!(error = %chain(&error), "keys without recordings can't be looked for");
                    }
                }
                before.files = looked.files;
                before.unlisted = looked.unlisted;
                app.note_unlisted(looked.told);
            }
            // Without the files nobody knows which keys protect some of them.
            Err(error) => {
                tracing::warn!(error = %chain(&error), "files without recordings can't be looked for");
            }
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = before;
    }
}

/// Whether something was seen so long ago that it can't be on its way any more; remembers it otherwise.
fn is_old<K: std::hash::Hash + Eq>(
    before: &HashMap<K, Timestamp>,
    seen: &mut HashMap<K, Timestamp>,
    what: K,
    now: Timestamp,
) -> bool {
    let first = before.get(&what).copied().unwrap_or(now);
    let old = first.checked_add(EVERY).is_ok_and(|at| at <= now);
    if !old {
        seen.insert(what, first);
    }
    old
}

async fn keys(
    app: &App,
    before: &HashMap<BucketId, Timestamp>,
    unlisted: &HashSet<BucketId>,
    now: Timestamp,
) -> Result<HashMap<BucketId, Timestamp>, StoreError> {
    let database = app.ctx.store();
    let ids = database.keys().ids(SHARE_KIND).await?;
    let mut tx = database.read().await?;
    let (mut gone, mut suspects) = (Vec::new(), HashMap::new());
    for bucket in ids.iter().filter_map(|id| parse_share_id(id)) {
        if unlisted.contains(&bucket) || store::is_kept(&mut tx, bucket).await? {
            continue;
        }
        if is_old(before, &mut suspects, bucket, now) {
            gone.push(share_id(bucket));
        }
    }
    drop(tx);
    if !gone.is_empty() {
        database.keys().destroy(&gone).await?;
        tracing::info!(keys = gone.len(), "destroyed keys that protected nothing");
    }
    Ok(suspects)
}

async fn files(app: &App, before: &Found, now: Timestamp) -> Result<Looked, VideoError> {
    let mut looked = Looked::default();
    for org in app.blobs.folders(ROOT).await? {
        let Ok(org) = org.parse::<OrgId>() else {
            continue;
        };
        for bucket in app.blobs.folders(&format!("{ROOT}/{org}")).await? {
            if let Ok(bucket) = bucket.parse() {
                look(app, before, &mut looked, org, bucket, now).await?;
            }
        }
    }
    if looked.gone > 0 {
        tracing::info!(
            files = looked.gone,
            "deleted files that belonged to no recording"
        );
    }
    let files: u64 = looked.told.values().map(|it| it.files).sum();
    if files > 0 {
        tracing::warn!(
            files,
            "recordings lie here that the index does not know; perhaps the database is an older one. \
             They are kept until they are due"
        );
    }
    Ok(looked)
}

/// Looks at the files of one bucket.
async fn look(
    app: &App,
    before: &Found,
    looked: &mut Looked,
    org: OrgId,
    bucket: BucketId,
    now: Timestamp,
) -> Result<(), VideoError> {
    // First what lies there, then what is known: a file that comes meanwhile is not seen.
    let there = app.blobs.list(&bucket_path(org, bucket)).await?;
    let mut tx = app.ctx.store().read().await?;
    let standing = stray::standing(&mut tx, org, bucket).await?;
    drop(tx);
    let mut over = Vec::new();
    for (path, size) in there {
        let name = path.rsplit('/').next().unwrap_or_default();
        if matches!(&standing, stray::Standing::Kept(_, known) if known.contains(name)) {
            continue;
        }
        let label = stray::label(&app.blobs, &path, size).await?;
        let until = match label {
            Some(label) => {
                let mut tx = app.ctx.store().read().await?;
                stray::until(&mut tx, org, &standing, label).await?
            }
            None => None,
        };
        match until {
            // The clock of recordings ends it together with its bucket.
            Some(until) if until > now || standing != stray::Standing::Unknown => {
                looked.keep(before, org, path, size, until);
                if standing == stray::Standing::Unknown {
                    looked.buckets.insert(bucket);
                }
            }
            Some(_) => over.push(path),
            None => {
                if is_old(&before.files, &mut looked.files, path.clone(), now) {
                    looked.gone += u64::from(app.blobs.remove(&path).await?);
                }
            }
        }
    }
    if !over.is_empty() {
        // The key first, as always.
        let share = [share_id(bucket)];
        app.ctx.store().keys().destroy(&share).await?;
        for path in over {
            looked.gone += u64::from(app.blobs.remove(&path).await?);
        }
    }
    Ok(())
}

impl Looked {
    /// Remembers a recording that is kept. One that is seen for the first time may just be on its way into the index and
    /// is not told.
    fn keep(&mut self, before: &Found, org: OrgId, path: String, size: u64, until: Timestamp) {
        self.due = self.due.into_iter().chain([until]).min();
        if before.unlisted.contains(&path) {
            let told = self.told.entry(org).or_insert(Unlisted {
                files: 0,
                bytes: 0,
                until,
            });
            told.files += 1;
            told.bytes += size;
            told.until = told.until.max(until);
        }
        self.unlisted.insert(path);
    }
}

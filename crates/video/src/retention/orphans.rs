//! What a crash left behind: keys that protect nothing, files that nobody knows.
//!
//! Both are written before the row that needs them, so what looks left behind may just be on its way: it goes
//! when it was found twice, an hour apart.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use ::store::StoreError;
use base::{BucketId, OrgId, SignedDuration, Timestamp, chain};

use super::store;
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
    at: Option<Timestamp>,
    keys: HashSet<BucketId>,
    files: HashSet<String>,
}

impl Orphans {
    /// Looks once an hour; what was found then and is found again goes.
    pub(crate) async fn sweep(&self, app: &App, now: Timestamp) {
        let mut before = {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = found
                .at
                .and_then(|at| at.checked_add(EVERY).ok())
                .is_some_and(|next| now < next);
            if fresh {
                return;
            }
            found.at = Some(now);
            std::mem::take(&mut *found)
        };
        before.at = Some(now);
        match keys(app, &before.keys).await {
            Ok(keys) => before.keys = keys,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "keys without recordings can't be looked for");
            }
        }
        match files(app, &before.files).await {
            Ok(files) => before.files = files,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "files without recordings can't be looked for");
            }
        }
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = before;
    }
}

async fn keys(app: &App, before: &HashSet<BucketId>) -> Result<HashSet<BucketId>, StoreError> {
    let database = app.ctx.store();
    let ids = database.keys().ids(SHARE_KIND).await?;
    let mut tx = database.read().await?;
    let (mut gone, mut suspects) = (Vec::new(), HashSet::new());
    for bucket in ids.iter().filter_map(|id| parse_share_id(id)) {
        if store::is_kept(&mut tx, bucket).await? {
            continue;
        }
        if before.contains(&bucket) {
            gone.push(share_id(bucket));
        } else {
            suspects.insert(bucket);
        }
    }
    drop(tx);
    if !gone.is_empty() {
        database.keys().destroy(&gone).await?;
        tracing::info!(keys = gone.len(), "destroyed keys that protected nothing");
    }
    Ok(suspects)
}

async fn files(app: &App, before: &HashSet<String>) -> Result<HashSet<String>, VideoError> {
    let (mut gone, mut suspects) = (0, HashSet::new());
    for org_text in app.blobs.folders(ROOT).await? {
        let Ok(org) = org_text.parse::<OrgId>() else {
            continue;
        };
        for bucket_text in app.blobs.folders(&format!("{ROOT}/{org}")).await? {
            let Ok(bucket) = bucket_text.parse::<BucketId>() else {
                continue;
            };
            let folder = bucket_path(org, bucket);
            // First what lies there, then what is known: a file that comes meanwhile is not seen.
            let there = app.blobs.list(&folder).await?;
            let mut tx = app.ctx.store().read().await?;
            let known = store::files(&mut tx, org, bucket).await?;
            drop(tx);
            let known = known.unwrap_or_default();
            for (path, _) in there {
                let name = path.rsplit('/').next().unwrap_or_default();
                if known.iter().any(|it| it == name) {
                    continue;
                }
                if before.contains(&path) {
                    gone += u64::from(app.blobs.remove(&path).await?);
                } else {
                    suspects.insert(path);
                }
            }
        }
    }
    if gone > 0 {
        tracing::info!(files = gone, "deleted files that belonged to no recording");
    }
    Ok(suspects)
}

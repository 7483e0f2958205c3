//! The deletion clock of recordings: the key first, then the files, a leaf for each.

use ::store::{Store, StoreError, Tx, act};
use base::{BucketId, HasKind as _, OrgId, SignedDuration, Timestamp, chain};
use ledger::{Entry, Ledger, Log, Outcome, Pen};
use privacy::{Clockwork, Counting, Rescheduling, Rule, Sweeping};

use super::orphans::Orphans;
use super::{Keeping, RECORDINGS, store};
use crate::files::{bucket_path, share_id};
use crate::{App, VideoError, agent};

/// Buckets in one sweep.
const BATCH: u64 = 64;
/// How long an agent that comes late is told that a bucket is gone; then its row goes too.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The deletion clock of recordings.
pub(crate) struct RecordingClock {
    pub(crate) app: App,
    pub(crate) orphans: Orphans,
}

async fn pen(ledger: &Ledger, org: OrgId) -> Result<Pen, StoreError> {
    let pen = ledger.pen(Log::Org(org), "system", None).await;
    pen.map_err(|error| {
        tracing::error!(code = error.code(), "the log gives no pen");
        StoreError::Unavailable(None)
    })
}

fn entry(action: &'static str, id: BucketId, details: Vec<(&'static str, String)>) -> Entry {
    Entry {
        action,
        object: Some(id.to_string()),
        outcome: Outcome::Done,
        details,
    }
}

/// Destroys the shares of buckets that are due; gives their number.
async fn destroy(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let database = app.ctx.store();
    let mut tx = database.read().await?;
    let due = store::due(&mut tx, now, store::batch(BATCH)).await?;
    drop(tx);
    if due.is_empty() {
        return Ok(0);
    }
    // First the keys, so that nothing can be opened any more whatever happens next; then it is written down.
    let ids: Vec<String> = due.iter().map(|(_, id)| share_id(*id)).collect();
    database.keys().destroy(&ids).await?;
    let mut gone = 0;
    for (org, id) in due {
        let pen = pen(app.ctx.ledger(), org).await?;
        gone += act!(database, |tx| -> Result<u64, StoreError> {
            if !store::destroyed(tx, org, id, now).await? {
                return Ok(0);
            }
            pen.write(tx, entry("video.share_destroyed", id, vec![]))
                .await?;
            Ok(1)
        })?;
    }
    Ok(gone)
}

/// Deletes the files of buckets that nobody can open any more; gives the number of those that are done.
async fn empty(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let database = app.ctx.store();
    let mut tx = database.read().await?;
    let waste = store::waste(&mut tx, store::batch(BATCH)).await?;
    drop(tx);
    let mut gone = 0;
    for (org, id) in waste {
        if let Err(error) = app.blobs.clear(&bucket_path(org, id)).await {
            tracing::warn!(error = %chain(&error), "files of a recording could not be deleted");
            continue;
        }
        let pen = pen(app.ctx.ledger(), org).await?;
        gone += act!(database, |tx| -> Result<u64, StoreError> {
            let Some(files) = store::emptied(tx, org, id, now).await? else {
                return Ok(0);
            };
            let details = vec![("files", files.to_string())];
            pen.write(tx, entry("video.files_deleted", id, details))
                .await?;
            Ok(1)
        })?;
    }
    Ok(gone)
}

/// Destroys and deletes all that is due, without waiting for the clock.
pub(crate) async fn destroy_now(app: &App) -> Result<(), VideoError> {
    let now = app.ctx.clock().now();
    while destroy(app, now).await? > 0 {}
    while empty(app, now).await? > 0 {}
    Ok(())
}

/// Forgets what hung on recordings: old rows, bookmarks, gaps, tokens.
async fn forget(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let database = app.ctx.store();
    let kept_until = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
    act!(database, |tx| -> Result<(), StoreError> {
        store::forget(tx, now, kept_until).await?;
        agent::store::sweep(tx, now).await?;
        let mut keeping: Option<(OrgId, Keeping)> = None;
        for (org, camera, own) in store::cameras(tx).await? {
            if keeping.as_ref().is_none_or(|it| it.0 != org) {
                keeping = Some((org, Keeping::of(tx, org).await?));
            }
            if let Some((_, keeping)) = &keeping {
                let before = keeping.begins(own.as_deref(), now);
                store::forget_times(tx, org, camera, before).await?;
                // By the longest period it ever could have had.
                let before = keeping.begins(None, now);
                store::forget_camera(tx, org, camera, before).await?;
            }
        }
        Ok(())
    })
}

impl Clockwork for RecordingClock {
    fn rule(&self) -> &'static Rule {
        &RECORDINGS
    }

    fn sweep<'a>(&'a self, _: &'a Store, now: Timestamp) -> Sweeping<'a> {
        Box::pin(async move {
            let gone = destroy(&self.app, now).await? + empty(&self.app, now).await?;
            if gone == 0 {
                forget(&self.app, now).await?;
                self.orphans.sweep(&self.app, now).await;
            }
            Ok(gone)
        })
    }

    fn state<'a>(
        &'a self,
        tx: &'a mut Tx,
        org: Option<OrgId>,
        overdue_since: Timestamp,
    ) -> Counting<'a> {
        Box::pin(async move { store::clock_state(tx, org, overdue_since).await })
    }

    fn reschedule<'a>(&'a self, tx: &'a mut Tx, org: OrgId) -> Rescheduling<'a> {
        Box::pin(async move {
            let keeping = Keeping::of(tx, org).await?;
            let mut changed = 0;
            for (camera, own) in store::periods(tx, org).await? {
                changed += store::reschedule(tx, org, camera, own.as_deref(), &keeping).await?;
            }
            Ok(changed)
        })
    }
}

//! Opening a recording: the share of each bucket's key, one leaf for each, and where its segments are.

use ::store::act;
use base::{OrgId, SignedDuration, Timestamp};
use ledger::{Entry, Outcome};
use people::Grant;
use people::permit::VideoPlayback;
use seal::Zeroizing;

use super::model::Span;
use super::store::{self, Sealed, Segment};
use crate::camera::model::Camera;
use crate::files::share_id;
use crate::retention::Keeping;
use crate::retention::model::{hour_end, hour_of};
use crate::{App, VideoError, rights};

/// The longest piece that is opened at once.
const LONGEST: SignedDuration = SignedDuration::from_hours(2);

/// A bucket on its way to somebody who may open it.
pub(crate) struct Opened {
    pub(crate) bucket: Sealed,
    pub(crate) hub_share: Zeroizing<Vec<u8>>,
    pub(crate) segments: Vec<Segment>,
}

/// What may be opened of a wish.
pub(crate) fn clip(
    grant: &Grant<VideoPlayback>,
    wish: Span,
    now: Timestamp,
) -> Result<Span, VideoError> {
    if wish.to <= wish.from {
        return Err(VideoError::wrong(
            "to",
            "not_after_from",
            "must lie after from",
        ));
    }
    if wish.to.duration_since(wish.from) > LONGEST {
        return Err(VideoError::wrong(
            "to",
            "too_long",
            "at most two hours at once",
        ));
    }
    let earliest = rights::earliest(grant, now);
    if wish.to <= earliest {
        return Err(VideoError::wrong(
            "from",
            "too_far_back",
            "lies further back than this right goes",
        ));
    }
    Ok(Span {
        from: wish.from.max(earliest),
        to: wish.to,
    })
}

/// The hours whose buckets can hold something of a window; a segment ends a little after its hour.
fn hours(window: Span) -> Span {
    let before = window.from.checked_sub(SignedDuration::from_secs(10));
    Span {
        from: hour_of(before.unwrap_or(window.from)),
        to: window.to,
    }
}

/// Opens a piece of a camera's recordings.
pub(crate) async fn open(
    app: &App,
    grant: &Grant<VideoPlayback>,
    camera: &Camera,
    wish: Span,
) -> Result<Vec<Opened>, VideoError> {
    let (database, org) = (app.ctx.store(), grant.org());
    let now = app.ctx.clock().now();
    let window = clip(grant, wish, now)?;
    let mut tx = database.read().await?;
    let buckets = store::buckets(&mut tx, org, camera.id, hours(window)).await?;
    let (mut found, mut gone) = (Vec::new(), false);
    for bucket in buckets {
        if bucket.gone {
            gone |= hour_end(bucket.hour) > window.from;
            continue;
        }
        let segments = store::segments(&mut tx, org, bucket.id, window).await?;
        if !segments.is_empty() {
            found.push((bucket, segments));
        }
    }
    let begins = Keeping::of(&mut tx, org)
        .await?
        .begins(camera.period.as_deref(), now);
    drop(tx);
    let mut opened = Vec::new();
    for (bucket, segments) in found {
        match database.keys().get(&share_id(bucket.id)).await? {
            Some(hub_share) => opened.push(Opened {
                bucket,
                hub_share,
                segments,
            }),
            None => gone = true,
        }
    }
    if opened.is_empty() && (gone || window.to <= begins) {
        return Err(VideoError::recording_gone());
    }
    note(app, grant, org, camera, window, &opened).await?;
    Ok(opened)
}

/// One leaf for each bucket, before anybody gets its share.
async fn note(
    app: &App,
    grant: &Grant<VideoPlayback>,
    org: OrgId,
    camera: &Camera,
    window: Span,
    opened: &[Opened],
) -> Result<(), VideoError> {
    if opened.is_empty() {
        return Ok(());
    }
    let actor = grant.actor().ledger_name();
    let pen = app
        .ctx
        .ledger()
        .pen(ledger::Log::Org(org), &actor, None)
        .await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        for it in opened {
            let entry = Entry {
                action: "video.recording_opened",
                object: Some(format!("{}/{}", camera.id, it.bucket.id)),
                outcome: Outcome::Done,
                details: vec![
                    ("from", window.from.to_string()),
                    ("to", window.to.to_string()),
                ],
            };
            pen.write(tx, entry).await?;
        }
        Ok(())
    })
}

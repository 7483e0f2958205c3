//! A camera's timeline: what is recorded, what is missing and why, what goes when.

use ::store::Tx;
use base::{AlarmId, BookmarkId, OrgId, SignedDuration, Timestamp};
use people::Grant;
use people::permit::VideoPlayback;

use super::model::{Facts, Gap, Span, gaps, join, without};
use super::store;
use crate::agent::model::Presence;
use crate::camera::model::Camera;
use crate::retention::Keeping;
use crate::retention::model::{hour_end, hour_of};
use crate::{VideoError, bookmark, camera, rights};

/// The longest timeline.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 8);

/// A timeline.
pub(crate) struct Timeline {
    pub(crate) window: Span,
    pub(crate) earliest: Timestamp,
    pub(crate) spans: Vec<Span>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) bookmarks: Vec<(BookmarkId, AlarmId, Timestamp)>,
    pub(crate) due: Vec<(Span, Timestamp)>,
}

/// Makes a timeline of what may be seen and is kept.
pub(crate) async fn timeline(
    tx: &mut Tx,
    grant: &Grant<VideoPlayback>,
    camera: &Camera,
    wish: Span,
) -> Result<Timeline, VideoError> {
    let now = tx.clock().now();
    if wish.to <= wish.from || wish.to.duration_since(wish.from) > LONGEST {
        return Err(VideoError::wrong(
            "to",
            "wrong_range",
            "must lie after from, by eight days at most",
        ));
    }
    let org = grant.org();
    let begins = Keeping::of(tx, org)
        .await?
        .begins(camera.period.as_deref(), now);
    let earliest = begins.max(rights::earliest(grant, now));
    let window = Span {
        from: wish.from.max(earliest),
        to: wish.to.min(now),
    };
    let mut timeline = Timeline {
        window: wish,
        earliest,
        spans: Vec::new(),
        gaps: Vec::new(),
        bookmarks: Vec::new(),
        due: Vec::new(),
    };
    if window.from >= window.to {
        return Ok(timeline);
    }
    fill(tx, org, camera, window, &mut timeline).await?;
    Ok(timeline)
}

async fn fill(
    tx: &mut Tx,
    org: OrgId,
    camera: &Camera,
    window: Span,
    timeline: &mut Timeline,
) -> Result<(), VideoError> {
    let now = tx.clock().now();
    let recorded = store::times(tx, org, camera.id, window).await?;
    let last = store::last(tx, org, camera.id).await?;
    let facts = Facts {
        last: last.unwrap_or(Timestamp::MIN),
        window,
        now,
        armed: camera::store::armed(tx, org, camera.id, window.from, window.to).await?,
        reported: store::gaps(tx, org, camera.id, window).await?,
        pending: camera.presence != Presence::Online || camera.agent_waiting > 0,
        recorded,
    };
    timeline.gaps = gaps(&facts);
    let missing: Vec<Span> = timeline.gaps.iter().map(|it| it.span).collect();
    let within = |span: Span| span.within(window);
    let recorded = join(facts.recorded).into_iter().filter_map(within);
    timeline.spans = without(&recorded.collect::<Vec<Span>>(), &missing);
    timeline.bookmarks =
        bookmark::store::of_camera(tx, org, camera.id, window.from, window.to).await?;
    let hours = Span {
        from: hour_of(window.from),
        to: window.to,
    };
    timeline.due = store::hours(tx, org, camera.id, hours)
        .await?
        .into_iter()
        .map(|(hour, due)| {
            let span = Span {
                from: hour,
                to: hour_end(hour),
            };
            (span, due)
        })
        .collect();
    Ok(())
}

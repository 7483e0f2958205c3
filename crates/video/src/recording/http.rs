//! `/video/cameras/{id}/timeline`, `/video/cameras/{id}/open`, `/video/segments/{id}/bytes`.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base::{CameraId, SegmentId};
use people::permit::VideoPlayback;
use seal::b64url_encode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Path, Query, Signed};

use super::model::{Gap, Span};
use super::open::{Opened, open};
use super::store;
use super::timeline::timeline;
use crate::camera::http::allowed;
use crate::files::segment_path;
use crate::rows::parse_time;
use crate::{App, VideoError, rights};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_timeline))
        .routes(routes!(open_recording))
        .routes(routes!(get_segment_bytes))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// From this instant,
    from: String,
    /// to before this one; at most eight days.
    to: String,
}

/// What is kept of a camera, what is missing and why.
#[derive(Debug, Serialize, ToSchema)]
struct TimelineView {
    /// As asked for.
    from: String,
    /// As asked for.
    to: String,
    /// Nothing before this can be opened: it is deleted, or lies further back than the right goes.
    earliest: String,
    /// Up to so many minutes go before the period is over, because whole hours go.
    forgets_early_minutes: u32,
    /// What is recorded.
    spans: Vec<SpanView>,
    /// What is missing while the camera was armed.
    gaps: Vec<GapView>,
    /// Alarms.
    bookmarks: Vec<BookmarkView>,
    /// What goes when.
    due: Vec<DueView>,
}

/// From an instant to before another.
#[derive(Debug, Serialize, ToSchema)]
struct SpanView {
    /// The first instant.
    from: String,
    /// The instant after the last.
    to: String,
}

/// A time without recording.
#[derive(Debug, Serialize, ToSchema)]
struct GapView {
    /// Since when.
    from: String,
    /// Until when; null while it lasts.
    to: Option<String>,
    /// What the agent said; `pending` when it may still come, `unknown` when nobody knows.
    cause: String,
}

impl GapView {
    fn of(gap: &Gap) -> Self {
        Self {
            from: gap.span.from.to_string(),
            to: (!gap.open).then(|| gap.span.to.to_string()),
            cause: gap.cause.clone(),
        }
    }
}

/// An alarm on the timeline.
#[derive(Debug, Serialize, ToSchema)]
struct BookmarkView {
    /// Its id.
    id: String,
    /// When the alarm was raised.
    at: String,
    /// The alarm.
    alarm: String,
}

/// When an hour goes.
#[derive(Debug, Serialize, ToSchema)]
struct DueView {
    /// The hour's first instant.
    from: String,
    /// The hour's end.
    to: String,
    /// When it goes.
    due_at: String,
}

/// A camera's timeline.
#[utoipa::path(get, path = "/video/cameras/{id}/timeline", tag = "video",
    params(("id" = String, Path), TimelineQuery),
    responses((status = 200, body = TimelineView), ReadProblems))]
async fn get_timeline(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraId>,
    Query(query): Query<TimelineQuery>,
) -> Result<Json<TimelineView>, Failure> {
    let (camera, grant) = allowed::<VideoPlayback>(&app, &actor, id).await?;
    let wish = Span {
        from: parse_time("from", &query.from)?,
        to: parse_time("to", &query.to)?,
    };
    let mut tx = app.ctx.store().read().await?;
    let it = timeline(&mut tx, &grant, &camera, wish).await?;
    let span = |span: &Span| (span.from.to_string(), span.to.to_string());
    Ok(Json(TimelineView {
        from: it.window.from.to_string(),
        to: it.window.to.to_string(),
        earliest: it.earliest.to_string(),
        forgets_early_minutes: 59,
        spans: it
            .spans
            .iter()
            .map(span)
            .map(|(from, to)| SpanView { from, to })
            .collect(),
        gaps: it.gaps.iter().map(GapView::of).collect(),
        bookmarks: it
            .bookmarks
            .iter()
            .map(|(id, alarm, at)| BookmarkView {
                id: id.to_string(),
                at: at.to_string(),
                alarm: alarm.to_string(),
            })
            .collect(),
        due: it
            .due
            .iter()
            .map(|(hour, due)| {
                let (from, to) = span(hour);
                let due_at = due.to_string();
                DueView { from, to, due_at }
            })
            .collect(),
    }))
}

/// What is to be opened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenRecordingRequest {
    /// From this instant,
    from: String,
    /// to before this one; at most two hours.
    to: String,
}

/// What is needed to open a piece of a recording. Bytes are base64url.
#[derive(Debug, Serialize, ToSchema)]
struct OpenedView {
    /// In the order of their hours.
    buckets: Vec<OpenedBucketView>,
}

/// A bucket with the hub's share of its key.
#[derive(Debug, Serialize, ToSchema)]
struct OpenedBucketView {
    /// Its id.
    id: String,
    /// Its hour's first instant.
    hour: String,
    /// The agent's run.
    run: String,
    /// H, 32 bytes.
    hub_share: String,
    /// The envelopes of R₁ [, R₂, R₃].
    role_shares: Vec<String>,
    /// The agent.
    agent: String,
    /// The agent's point, for the closing records.
    agent_key: String,
    /// In the order of their beginning.
    segments: Vec<SegmentView>,
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
struct SegmentView {
    /// Its id.
    id: String,
    /// First picture, as the record says.
    started_at: String,
    /// End of the last picture, as the record says.
    ended_at: String,
    /// Bytes of its file.
    bytes: i64,
    /// `closed` or `interrupted`.
    state: String,
    /// The closing record.
    record: String,
}

impl OpenedBucketView {
    fn of(opened: &Opened) -> Self {
        let bucket = &opened.bucket;
        let segments = opened.segments.iter().map(|it| SegmentView {
            id: it.id.to_string(),
            started_at: it.started.to_string(),
            ended_at: it.ended.to_string(),
            bytes: it.bytes,
            state: it.state.clone(),
            record: b64url_encode(&it.record),
        });
        Self {
            id: bucket.id.to_string(),
            hour: bucket.hour.to_string(),
            run: bucket.run.clone(),
            hub_share: b64url_encode(&opened.hub_share),
            role_shares: bucket
                .role_shares
                .iter()
                .map(|it| b64url_encode(it))
                .collect(),
            agent: bucket.agent.to_string(),
            agent_key: bucket.agent_key.to_b64(),
            segments: segments.collect(),
        }
    }
}

/// Opens a piece of a recording: gives the hub's shares, and a leaf of the log for each.
#[utoipa::path(post, path = "/video/cameras/{id}/open", tag = "video", params(("id" = String, Path)),
    request_body = OpenRecordingRequest,
    responses((status = 200, body = OpenedView),
        (status = 410, description = "The recording has been deleted.", body = web::ProblemBody,
            content_type = "application/problem+json"), Problems))]
async fn open_recording(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraId>,
    Json(request): Json<OpenRecordingRequest>,
) -> Result<Json<OpenedView>, Failure> {
    let (camera, grant) = allowed::<VideoPlayback>(&app, &actor, id).await?;
    let wish = Span {
        from: parse_time("from", &request.from)?,
        to: parse_time("to", &request.to)?,
    };
    let opened = open(&app, &grant, &camera, wish).await?;
    Ok(Json(OpenedView {
        buckets: opened.iter().map(OpenedBucketView::of).collect(),
    }))
}

/// Bytes of a segment: ciphertext. Understands `Range` with one range.
#[utoipa::path(get, path = "/video/segments/{id}/bytes", tag = "video", params(("id" = String, Path)),
    responses((status = 200, description = "The whole file.", content_type = "application/octet-stream"),
        (status = 206, description = "The range.", content_type = "application/octet-stream"), ReadProblems))]
async fn get_segment_bytes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<SegmentId>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let org = actor.org();
    let mut tx = app.ctx.store().read().await?;
    let file = store::file(&mut tx, org, id).await?;
    drop(tx);
    let file = file.ok_or(VideoError::NotFound("segment"))?;
    let (_, grant) = allowed::<VideoPlayback>(&app, &actor, file.camera).await?;
    if file.gone {
        return Err(VideoError::recording_gone().into());
    }
    if file.span.to <= rights::earliest(&grant, app.ctx.clock().now()) {
        let what = "lies further back than this right goes";
        return Err(VideoError::wrong("id", "too_far_back", what).into());
    }
    let path = segment_path(org, file.bucket, id);
    let wanted = range(&headers, file.bytes);
    let (status, from, to) = match wanted {
        Wanted::All => (StatusCode::OK, 0, file.bytes),
        Wanted::Part(from, to) => (StatusCode::PARTIAL_CONTENT, from, to),
        Wanted::Nothing => {
            let value = text(&format!("bytes */{}", file.bytes));
            let headers = [(header::CONTENT_RANGE, value)];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response());
        }
    };
    // What is not there is told now: later it would only be a cut connection.
    if app.blobs.size(&path).await? != Some(file.bytes) {
        let error = VideoError::Gone {
            code: "file_missing",
            what: "the file of this recording is missing",
        };
        return Err(error.into());
    }
    let mut response = Response::new(Body::from_stream(app.blobs.read(&path, from, to)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let octets = HeaderValue::from_static("application/octet-stream");
    headers.insert(header::CONTENT_TYPE, octets);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to - from));
    headers.insert(
        header::ETAG,
        text(&format!("\"{}\"", b64url_encode(&file.hash))),
    );
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {from}-{}/{}", to - 1, file.bytes);
        headers.insert(header::CONTENT_RANGE, text(&range));
    }
    Ok(response)
}

fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Part(u64, u64),
    Nothing,
}

/// One range (RFC 9110, section 14.2); several, or another unit, mean the whole.
fn range(headers: &HeaderMap, length: u64) -> Wanted {
    let Some(value) = headers.get(header::RANGE).and_then(|it| it.to_str().ok()) else {
        return Wanted::All;
    };
    let Some((first, last)) = value
        .strip_prefix("bytes=")
        .and_then(|it| it.split_once('-'))
    else {
        return Wanted::All;
    };
    let (from, to) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(last)) if last >= from => (from, last.saturating_add(1).min(length)),
        (Ok(from), Err(_)) if last.is_empty() => (from, length),
        (Err(_), Ok(tail)) if first.is_empty() => (length.saturating_sub(tail), length),
        _ => return Wanted::All,
    };
    if from < to {
        Wanted::Part(from, to)
    } else {
        Wanted::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(value: &str) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(value).unwrap());
        range(&headers, 100)
    }

    #[test]
    fn ranges_are_read() {
        assert_eq!(range(&HeaderMap::new(), 100), Wanted::All);
        for (value, want) in [
            ("bytes=0-9", Wanted::Part(0, 10)),
            ("bytes=90-", Wanted::Part(90, 100)),
            ("bytes=-10", Wanted::Part(90, 100)),
            ("bytes=-1000", Wanted::Part(0, 100)),
            ("bytes=50-1000", Wanted::Part(50, 100)),
            ("bytes=100-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=9-0", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("lines=0-1", Wanted::All),
            ("bytes=", Wanted::All),
        ] {
            assert_eq!(of(value), want, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_range_stays_in_the_file(value in "bytes=[0-9,-]{0,24}") {
            if let Wanted::Part(from, to) = of(&value) {
                prop_assert!(from < to && to <= 100);
            }
        }
    }
}

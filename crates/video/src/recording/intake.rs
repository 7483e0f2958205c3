//! What agents bring: buckets and segments. Each can come again and is then the same.

use std::time::Duration;

use ::store::{BlobError, act};
use base::{SegmentId, SignedDuration, Timestamp};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use media::wire;
use seal::Sha256;
use seal::closing::{Record, State};
use seal::recipients::List;

use super::model::Announced;
use super::store::{self, Bucket, NewSegment};
use crate::circle::hub_key;
use crate::files::{SHARE_KIND, segment_path, share_id};
use crate::retention::Keeping;
use crate::retention::model::hour_end;
use crate::rows::instant;
use crate::uplink::Caller;
use crate::{App, VideoError, camera, circle};

fn past_deadline() -> VideoError {
    VideoError::wrong("hour", "past_deadline", "is due for deletion already")
}

fn bucket_gone() -> VideoError {
    VideoError::Gone {
        code: "bucket_gone",
        what: "this bucket has been deleted",
    }
}

fn other_bucket() -> VideoError {
    VideoError::conflict("other_bucket", "there is another bucket with this id")
}

/// What a bucket that is there already means for one that comes.
fn again(there: &Bucket, caller: &Caller, new: &Announced) -> Result<(), VideoError> {
    if there.agent != caller.agent {
        Err(other_bucket())
    } else if there.destroyed {
        Err(bucket_gone())
    } else if there.digest == new.digest {
        Ok(())
    } else {
        Err(other_bucket())
    }
}

/// Takes a bucket in: first its share into the key store, then its row.
pub(crate) async fn bucket(
    app: &App,
    caller: &Caller,
    request: &wire::BucketRequest,
) -> Result<(), VideoError> {
    let (database, org) = (app.ctx.store(), caller.org);
    let now = app.ctx.clock().now();
    let new = Announced::read(request, now)?;
    let mut tx = database.read().await?;
    let owned = own_camera(&mut tx, caller, new.camera).await;
    if owned.is_ok()
        && let Some(there) = store::bucket(&mut tx, org, new.id).await?
    {
        return again(&there, caller, &new);
    }
    let keeping = Keeping::of(&mut tx, org).await?;
    // Nobody may keep it, whoever's it is. A deleted camera is remembered until this holds for all that it recorded, so
    // that an agent is never left with pieces of a camera that nobody knows.
    if keeping.due(None, new.hour) <= now {
        return Err(past_deadline());
    }
    owned?;
    let camera = camera::store::by_id(&mut tx, org, new.camera).await?;
    let own = camera.and_then(|camera| camera.period);
    let due = keeping.due(own.as_deref(), new.hour);
    let list = circle::store::list(&mut tx, org, new.list).await?;
    drop(tx);
    if due <= now {
        return Err(past_deadline());
    }
    let unknown_list = VideoError::wrong("list", "unknown_list", "is no list of ours");
    let list = list.ok_or(unknown_list)?;
    let list = List::read_unverified(&list).map_err(VideoError::HubKey)?;
    new.check_shares(&list)?;
    let hub = hub_key(database, org).await?;
    let share = seal::bucket::open_hub_share(new.id, &request.hub_share.0, &hub);
    let share = share.map_err(|_| {
        VideoError::wrong("hub_share", "not_sealed_to_hub", "is not sealed to our key")
    })?;
    let keys = database.keys();
    let kept = keys
        .put(&share_id(new.id), SHARE_KIND, Some(org), share.as_slice())
        .await?;
    if !seal::same(&kept, share.as_slice()) {
        return Err(other_bucket());
    }
    act!(database, |tx| -> Result<(), VideoError> {
        match store::bucket(tx, org, new.id).await? {
            Some(there) => again(&there, caller, &new),
            None => Ok(store::add_bucket(tx, org, caller.agent, &caller.key, &new, due).await?),
        }
    })
}

/// Refuses a camera that is not the caller's, or not there any more.
pub(crate) async fn own_camera(
    tx: &mut ::store::Tx,
    caller: &Caller,
    camera: base::CameraId,
) -> Result<(), VideoError> {
    match camera::store::owner(tx, caller.org, camera).await? {
        None => Err(VideoError::NotFound("camera")),
        Some((agent, _)) if agent != caller.agent => Err(VideoError::ForeignCamera),
        Some((_, true)) => Err(VideoError::Gone {
            code: wire::CAMERA_DELETED,
            what: "this camera has been deleted, and its recordings with it",
        }),
        Some((_, false)) => Ok(()),
    }
}

/// How much later than its hour the last picture of a segment may end.
const OVERHANG: SignedDuration = SignedDuration::from_secs(10);

/// Takes a segment in: record and file in one body, see `media::wire`.
pub(crate) async fn segment<E>(
    app: &App,
    caller: &Caller,
    id: SegmentId,
    body: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<(), VideoError> {
    let mut body = Pieces {
        stream: body,
        rest: Bytes::new(),
    };
    let done = take(app, caller, id, &mut body).await;
    // Whoever is refused while still sending would only see a broken connection.
    body.drain().await;
    done
}

async fn take<E, S: Stream<Item = Result<Bytes, E>> + Unpin>(
    app: &App,
    caller: &Caller,
    id: SegmentId,
    body: &mut Pieces<S>,
) -> Result<(), VideoError> {
    let (database, org) = (app.ctx.store(), caller.org);
    let (new, bucket) = announced(app, caller, id, body).await?;
    let mut tx = database.read().await?;
    let there = store::hash(&mut tx, org, id).await?;
    drop(tx);
    if let Some(hash) = there {
        return same_segment(&hash, &new);
    }
    if bucket.due <= app.ctx.clock().now() {
        return Err(bucket_gone());
    }
    let path = segment_path(org, new.bucket, id);
    write(app, &path, &new, body).await?;
    let written = act!(database, |tx| -> Result<(), VideoError> {
        if let Some(hash) = store::hash(tx, org, id).await? {
            return same_segment(&hash, &new);
        }
        match store::bucket(tx, org, new.bucket).await? {
            Some(bucket) if !bucket.destroyed => Ok(store::add_segment(tx, org, &new).await?),
            _ => Err(bucket_gone()),
        }
    });
    if let Err(VideoError::Gone { .. }) = &written {
        // The bucket went while its file came. What can't be removed now is found by the sweep of orphans.
        let _ = app.blobs.remove(&path).await;
    }
    written
}

fn same_segment(hash: &[u8], new: &NewSegment) -> Result<(), VideoError> {
    if hash == new.hash {
        Ok(())
    } else {
        Err(VideoError::conflict(
            "other_segment",
            "there is another segment with this id",
        ))
    }
}

/// Reads the closing record, and whether it fits its bucket.
async fn announced<E, S: Stream<Item = Result<Bytes, E>> + Unpin>(
    app: &App,
    caller: &Caller,
    id: SegmentId,
    body: &mut Pieces<S>,
) -> Result<(NewSegment, Bucket), VideoError> {
    let length = body.exactly(4).await?;
    let length = length
        .iter()
        .fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
    if length > wire::RECORD_LIMIT {
        return Err(VideoError::TooLarge);
    }
    let bytes = body.exactly(length).await?;
    let claimed = Record::read_unverified(&bytes).map_err(|_| wrong_record())?;
    if claimed.segment != id {
        return Err(wrong_record());
    }
    let mut tx = app.ctx.store().read().await?;
    let bucket = store::bucket(&mut tx, caller.org, claimed.bucket).await?;
    drop(tx);
    let bucket = bucket.ok_or(VideoError::NotFound("bucket"))?;
    if bucket.agent != caller.agent {
        return Err(VideoError::ForeignCamera);
    }
    if bucket.destroyed {
        return Err(bucket_gone());
    }
    let record = Record::verify(&bytes, &bucket.agent_key, caller.agent);
    let record = record.map_err(|_| wrong_record())?;
    let new = described(&record, bytes.to_vec(), &bucket)?;
    Ok((new, bucket))
}

fn wrong_record() -> VideoError {
    VideoError::wrong(
        "record",
        "wrong_record",
        "is no closing record of this segment by this agent",
    )
}

/// What a verified record says, if it fits its bucket.
fn described(record: &Record, bytes: Vec<u8>, bucket: &Bucket) -> Result<NewSegment, VideoError> {
    if record.length > wire::SEGMENT_LIMIT {
        return Err(VideoError::TooLarge);
    }
    let first = record.index.first().ok_or_else(wrong_record)?;
    let (started, ended) = (instant(first.start_us), instant(record.ended_us));
    let end = hour_end(bucket.hour);
    let latest = end.checked_add(OVERHANG).unwrap_or(Timestamp::MAX);
    if started < bucket.hour || started >= end || ended < started || ended > latest {
        return Err(VideoError::wrong(
            "record",
            "outside_hour",
            "lies outside its bucket's hour",
        ));
    }
    Ok(NewSegment {
        id: record.segment,
        bucket: record.bucket,
        camera: bucket.camera,
        started,
        ended,
        bytes: record.length,
        interrupted: record.state == State::Interrupted,
        hash: record.sha256,
        record: bytes,
    })
}

/// Writes the file, and puts it in its place when it is what the record says.
async fn write<E, S: Stream<Item = Result<Bytes, E>> + Unpin>(
    app: &App,
    path: &str,
    new: &NewSegment,
    body: &mut Pieces<S>,
) -> Result<(), VideoError> {
    let noted = |error: BlobError| {
        app.note_failed(&error, new.bytes);
        VideoError::Blob(error)
    };
    let clock = app.ctx.clock();
    let mut upload = app.blobs.begin(path, new.bytes).await.map_err(noted)?;
    let (mut hash, mut length, mut took) = (Sha256::new(), 0_u64, Duration::ZERO);
    while let Some(piece) = body.next().await? {
        length += piece.len() as u64;
        if length > new.bytes {
            upload.abort().await?;
            return Err(not_the_file());
        }
        hash.update(&piece);
        let began = clock.monotonic();
        upload.write(piece).await.map_err(noted)?;
        took += clock.monotonic().saturating_sub(began);
    }
    if length != new.bytes || hash.finish() != new.hash {
        upload.abort().await?;
        return Err(not_the_file());
    }
    let began = clock.monotonic();
    upload.finish().await.map_err(noted)?;
    took += clock.monotonic().saturating_sub(began);
    app.note_written(new.bytes, took);
    Ok(())
}

fn not_the_file() -> VideoError {
    VideoError::wrong("file", "not_the_file", "is not what the record says")
}

/// A body piece by piece.
struct Pieces<S> {
    stream: S,
    rest: Bytes,
}

impl<E, S: Stream<Item = Result<Bytes, E>> + Unpin> Pieces<S> {
    async fn next(&mut self) -> Result<Option<Bytes>, VideoError> {
        if !self.rest.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rest)));
        }
        self.stream.next().await.transpose().map_err(|_| cut())
    }

    async fn exactly(&mut self, length: usize) -> Result<Bytes, VideoError> {
        let mut whole = BytesMut::new();
        while whole.len() < length {
            let mut piece = self.next().await?.ok_or_else(cut)?;
            let wanted = (length - whole.len()).min(piece.len());
            whole.extend_from_slice(&piece.split_to(wanted));
            self.rest = piece;
        }
        Ok(whole.freeze())
    }

    /// Reads on until the end, within what anybody may send.
    async fn drain(&mut self) {
        let mut left = wire::SEGMENT_LIMIT + wire::RECORD_LIMIT as u64;
        while left > 0
            && let Ok(Some(piece)) = self.next().await
        {
            left = left.saturating_sub(piece.len().max(1) as u64);
        }
    }
}

fn cut() -> VideoError {
    VideoError::wrong("body", "truncated_body", "ended before it was complete")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    fn pieces(parts: &[&'static [u8]]) -> Pieces<impl Stream<Item = Result<Bytes, ()>> + Unpin> {
        let parts: Vec<_> = parts.iter().map(|it| Ok(Bytes::from_static(it))).collect();
        Pieces {
            stream: stream::iter(parts),
            rest: Bytes::new(),
        }
    }

    #[tokio::test]
    async fn a_body_is_read_however_it_is_cut() {
        for parts in [&[b"abcdef".as_slice()][..], &[b"a", b"bc", b"", b"def"]] {
            let mut body = pieces(parts);
            assert_eq!(&body.exactly(4).await.unwrap()[..], b"abcd");
            let mut rest = Vec::new();
            while let Some(piece) = body.next().await.unwrap() {
                rest.extend_from_slice(&piece);
            }
            assert_eq!(rest, b"ef");
        }
        let mut short = pieces(&[b"abc"]);
        assert!(short.exactly(4).await.is_err());
        assert_eq!(&pieces(&[]).exactly(0).await.unwrap()[..], b"");
    }
}

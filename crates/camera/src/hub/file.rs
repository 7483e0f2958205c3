//! A request's body out of a file, without holding the file.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, StreamBody};
use reqwest::Body;

/// Bytes read at once.
const PIECE: usize = 128 * 1024;

/// The parts, then the file; and how long that is together. The file must not grow meanwhile: what is closed does not.
pub(super) fn body(parts: &[&[u8]], path: &Path) -> io::Result<(Body, u64)> {
    let file = File::open(path)?;
    let head = Bytes::from(parts.concat());
    let length = file.metadata()?.len();
    let whole = length + head.len() as u64;
    let first = stream::once(async { Ok::<_, io::Error>(head) });
    let rest = stream::try_unfold((file, length), |(file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        // Mostly from the page cache, but a cold or tired disk must not hold up pictures.
        let (piece, file) = tokio::task::spawn_blocking(move || piece(file, left))
            .await
            .map_err(io::Error::other)??;
        let left = left - piece.len() as u64;
        Ok(Some((piece, (file, left))))
    });
    let frames = first.chain(rest).map(|it| it.map(hyper::body::Frame::data));
    let body: BoxBody<Bytes, io::Error> = BodyExt::boxed(StreamBody::new(frames));
    Ok((Body::wrap(body), whole))
}

fn piece(mut file: File, left: u64) -> io::Result<(Bytes, File)> {
    let wanted = usize::try_from(left).map_or(PIECE, |it| it.min(PIECE));
    let mut buffer = vec![0; wanted];
    file.read_exact(&mut buffer)?;
    Ok((Bytes::from(buffer), file))
}

//! Reading and writing columns that several features share.

use base::Timestamp;
use seal::{Point, b64url_decode};
use store::{Cols, StoreError};

use crate::VideoError;

/// A point of P-256.
pub(crate) fn point(c: &mut Cols<'_>) -> Result<Point, StoreError> {
    read_point(&c.bytes()?)
}

/// A point of P-256, or null.
pub(crate) fn opt_point(c: &mut Cols<'_>) -> Result<Option<Point>, StoreError> {
    c.opt_bytes()?.as_deref().map(read_point).transpose()
}

fn read_point(bytes: &[u8]) -> Result<Point, StoreError> {
    Point::from_slice(bytes).map_err(|error| StoreError::Column {
        column: 0,
        source: Box::new(error),
    })
}

/// A whole number that can't be negative.
pub(crate) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A whole number on its way into a table.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A public key in a request.
pub(crate) fn parse_point(field: &'static str, text: &str) -> Result<Point, VideoError> {
    Point::from_b64(text)
        .map_err(|_| VideoError::wrong(field, "not_a_key", "is not a point on P-256"))
}

/// Bytes in a request, at most so many.
pub(crate) fn parse_bytes(
    field: &'static str,
    text: &str,
    most: usize,
) -> Result<Vec<u8>, VideoError> {
    let long = text.len() > most.saturating_mul(4).div_ceil(3) + 4;
    let bytes = b64url_decode(text)
        .ok()
        .filter(|it| !long && it.len() <= most);
    bytes.ok_or(VideoError::wrong(
        field,
        "malformed",
        "is not base64url of a fitting length",
    ))
}

/// An instant in a request.
pub(crate) fn parse_time(field: &'static str, text: &str) -> Result<Timestamp, VideoError> {
    text.parse()
        .map_err(|_| VideoError::wrong(field, "not_a_time", "is not an instant after RFC 3339"))
}

/// Microseconds since 1970 as an instant; what lies outside all time is the end of time.
pub(crate) fn instant(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(Timestamp::MAX)
}

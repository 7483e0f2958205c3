//! Requests made by a foreign page in somebody's name: refused by what browsers say themselves.
//!
//! Browsers send `Sec-Fetch-Site` (and `Origin` with every unsafe request); no token is needed in a form, so
//! forms work without script.

use base::{Kind, Problem};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method};

use crate::surface::Surface;
use crate::{Ctx, cookie};

/// Refuses an unsafe request that a foreign page made.
///
/// With a session's cookie the browser must say that the page is ours. Without one nothing can be done in
/// somebody's name, but a foreign page may still not sign somebody in on our own surfaces.
pub(crate) fn check(
    ctx: &Ctx,
    surface: Surface,
    method: &Method,
    headers: &HeaderMap,
) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let cookie = cookie::session_token(ctx, headers).is_some();
    match verdict(ctx, headers) {
        Verdict::Ours => Ok(()),
        Verdict::Silent if !cookie => Ok(()),
        Verdict::Foreign if !cookie && surface == Surface::Compatible => Ok(()),
        Verdict::Silent | Verdict::Foreign => Err(foreign()),
    }
}

/// Refuses a live connection that a foreign page opens. Browsers always send `Origin` with it.
pub fn check_socket(ctx: &Ctx, headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(ORIGIN) && origin_is_ours(ctx, headers) {
        Ok(())
    } else {
        Err(foreign())
    }
}

fn foreign() -> Problem {
    let detail = "the request comes from another site; open it from a page of this server";
    Problem::new(Kind::Denied, "foreign_origin", detail)
}

enum Verdict {
    Ours,
    Foreign,
    Silent,
}

fn verdict(ctx: &Ctx, headers: &HeaderMap) -> Verdict {
    match headers
        .get("sec-fetch-site")
        .map(http::HeaderValue::as_bytes)
    {
        Some(b"same-origin" | b"none") => Verdict::Ours,
        None if !headers.contains_key(ORIGIN) => Verdict::Silent,
        None if origin_is_ours(ctx, headers) => Verdict::Ours,
        Some(_) | None => Verdict::Foreign,
    }
}

/// The configured origin, or the very host that was asked: a page can't choose the `Host` of its requests.
fn origin_is_ours(ctx: &Ctx, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN).and_then(|it| it.to_str().ok()) else {
        return false;
    };
    if origin.eq_ignore_ascii_case(ctx.origin()) {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let host = headers.get(HOST).and_then(|it| it.to_str().ok());
    let same_scheme = scheme == if ctx.secure() { "https" } else { "http" };
    same_scheme && host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

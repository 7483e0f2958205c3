//! The built browser code, inside the program: files with their type, caching and tag; the pages' shells.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base::Kind;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::auth::Visitor;
use crate::{Ctx, Failure, pages};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}
pub(crate) use embedded::{TEMPLATES, TEXTS};

/// One file of the browser code.
struct File {
    bytes: &'static [u8],
    content_type: &'static str,
    /// First 8 characters of the hash, as the build of the browser code counts it.
    version: String,
    tag: HeaderValue,
    hashed: bool,
}

static FILES: LazyLock<HashMap<&'static str, File>> = LazyLock::new(|| {
    embedded::FILES
        .iter()
        .map(|(path, bytes)| (*path, File::new(path, bytes)))
        .collect()
});

impl File {
    fn new(path: &str, bytes: &'static [u8]) -> Self {
        let mut version = seal::b64url_encode(&seal::sha256(bytes));
        version.truncate(8);
        // Weak, because the same file goes out in several encodings.
        let tag = HeaderValue::try_from(format!("W/\"{version}\""));
        Self {
            bytes,
            content_type: content_type(path),
            version,
            tag: tag.unwrap_or(HeaderValue::from_static("W/\"\"")),
            hashed: is_hashed(path),
        }
    }
}

/// The routes of all files: `/assets/…`, `/sw.js`, `/manifest.webmanifest`, the icon browsers ask for.
pub fn routes() -> Router<Ctx> {
    Router::new()
        .route(
            "/assets/{*path}",
            get(async |Path(path): Path<String>, request: Request| {
                file(&format!("assets/{path}"), &request)
            }),
        )
        .route("/sw.js", get(async |request: Request| worker(&request)))
        .route(
            "/manifest.webmanifest",
            get(async |request: Request| file("manifest.webmanifest", &request)),
        )
        .route(
            "/favicon.ico",
            get(async |request: Request| file("assets/icon.svg", &request)),
        )
}

fn worker(request: &Request) -> Result<Response, Failure> {
    let mut response = file("sw.js", request)?;
    response.headers_mut().insert(
        HeaderName::from_static("service-worker-allowed"),
        HeaderValue::from_static("/"),
    );
    Ok(response)
}

fn file(path: &str, request: &Request) -> Result<Response, Failure> {
    let file = FILES.get(path).ok_or_else(Failure::not_found)?;
    let asked = request.uri().query().and_then(|it| it.strip_prefix("v="));
    let for_ever = file.hashed || asked == Some(&file.version);
    let caching = if for_ever {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = if is_known(request.headers(), &file.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(Bytes::from_static(file.bytes)))
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(ETAG, file.tag.clone());
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if is_passphrase_worker(path) {
        let policy = HeaderValue::from_static(PASSPHRASE_WORKER_SECURITY);
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|one| one.trim() == "*" || one.trim().as_bytes() == tag.as_bytes())
}

/// The address of a file under `/assets/`, with its version, so that it may be kept for ever.
pub(crate) fn address(name: &str) -> String {
    match FILES.get(format!("assets/{name}").as_str()) {
        Some(file) if !file.hashed => format!("/assets/{name}?v={}", file.version),
        _ => format!("/assets/{name}"),
    }
}

/// Whether the browser code is in the program at all.
pub fn is_complete() -> bool {
    FILES.contains_key("index.html") && FILES.contains_key("monitor.html")
}

/// A page that the browser code fills: `index.html` or `monitor.html`, in the visitor's language. `data` become
/// `data-…` attributes of its root, the only way in which anything is handed to the page's code.
pub fn shell(visitor: &Visitor, name: &str, data: &[(&str, &str)]) -> Result<Response, Failure> {
    let page = FILES
        .get(name)
        .and_then(|file| std::str::from_utf8(file.bytes).ok())
        .ok_or_else(|| {
            Failure::new(
                Kind::Unavailable,
                "no_browser_code",
                "this program was built without its browser code; build it with ./x run",
            )
        })?;
    let lang = format!("<html lang=\"{}\"", visitor.lang.code());
    let mut root = "<div id=\"app\"".to_owned();
    for (key, value) in data {
        root.extend([" data-", key, "=\"", &pages::escape(value), "\""]);
    }
    let page = page
        .replacen("<html lang=\"de\"", &lang, 1)
        .replacen("<div id=\"app\"", &root, 1);
    Ok(Html(page).into_response())
}

/// Whether the build put a hash into the name: eight characters behind the last part's dash, not all of them
/// small letters as in a plain word.
fn is_hashed(path: &str) -> bool {
    let Some(name) = path.strip_prefix("assets/") else {
        return false;
    };
    let stem = name.split('.').next().unwrap_or("");
    let Some((before, hash)) = stem
        .len()
        .checked_sub(8)
        .and_then(|at| stem.split_at_checked(at))
    else {
        return false;
    };
    let known = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
    before.len() > 1
        && before.ends_with('-')
        && hash.bytes().all(known)
        && hash.bytes().any(|c| c.is_ascii_uppercase() || c == b'_')
}

/// What the worker that makes a key of a passphrase may do: compile WebAssembly, which no page may, and nothing
/// else. A worker's policy is that of its own answer; it can reach no network.
const PASSPHRASE_WORKER_SECURITY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

fn is_passphrase_worker(path: &str) -> bool {
    path.strip_prefix("assets/worker-passphrase-")
        .and_then(|rest| rest.strip_suffix(".js"))
        .is_some_and(|hash| hash.len() == 8)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_known() {
        for (path, hashed) in [
            ("assets/app-BVt_DSB1.js", true),
            ("assets/PeopleArea-C3EUy91d.js", true),
            ("assets/a-b-B-t_DSB1.js", true),
            ("assets/look.css", false),
            ("assets/icon-maskable-512.png", false),
            ("assets/icon-180.png", false),
            ("assets/atkinson-ext.woff2", false),
            ("assets/some-standard.css", false),
            ("app-BVt_DSB1.js", false),
            ("assets/-BVt_DSB1.js", false),
            ("assets/ä-ö.js", false),
        ] {
            assert_eq!(is_hashed(path), hashed, "{path}");
        }
    }

    #[test]
    fn one_worker_alone_may_compile_webassembly() {
        assert!(is_passphrase_worker("assets/worker-passphrase-DyMTiGmJ.js"));
        for path in [
            "assets/worker-passphrase-DyMTiGmJ.css",
            "assets/worker-passphrase-.js",
            "assets/worker-keys-DyMTiGmJ.js",
            "assets/app-DyMTiGmJ.js",
            "worker-passphrase-DyMTiGmJ.js",
            "sw.js",
        ] {
            assert!(!is_passphrase_worker(path), "{path}");
        }
        for path in FILES.keys() {
            let request = Request::get("/").body(Body::empty()).unwrap();
            let response = super::file(path, &request).unwrap();
            let policy = response.headers().get(CONTENT_SECURITY_POLICY);
            let wasm = policy.is_some_and(|it| it.to_str().unwrap().contains("wasm-unsafe-eval"));
            assert_eq!(wasm, is_passphrase_worker(path), "{path}");
        }
        assert!(!crate::CONTENT_SECURITY.contains("wasm"));
    }

    #[test]
    fn what_is_built_in_can_be_asked_for() {
        for (path, file) in FILES.iter() {
            let request = Request::get("/").body(Body::empty()).unwrap();
            let response = super::file(path, &request).unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_ne!(file.content_type, "application/octet-stream", "{path}");
            let request = Request::get("/")
                .header(IF_NONE_MATCH, &file.tag)
                .body(Body::empty())
                .unwrap();
            let response = super::file(path, &request).unwrap();
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        }
        let request = Request::get("/").body(Body::empty()).unwrap();
        assert!(super::file("assets/nothing.js", &request).is_err());
    }
}

//! The frame around all routes: reference, foreign pages, patience, panics, problems, strict headers, log.
//!
//! One line of log per request: method, the route's pattern, status, duration, bytes. Never an address, a query
//! string, an id from the path, or anything of a body.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use base::{Clock, Kind, Problem, chain};
use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use http::header::{ACCEPT, ALLOW, CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::body::{Frame, SizeHint};
use tower_http::compression::predicate::{NotForContentType, Predicate as _};
use tower_http::compression::{CompressionLayer, CompressionLevel, DefaultPredicate};

use crate::auth::Visitor;
use crate::problem::{METHOD_NOT_ALLOWED, Shape, Told, add_headers, write};
use crate::surface::Surface;
use crate::{Ctx, Failure, cookie, csrf, headers, pages};

/// The most a request's body may hold, unless its route says otherwise.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Puts the frame around all routes. Called once, by the server, after everything is merged.
pub fn frame(ctx: &Ctx, routes: Router<Ctx>) -> Router {
    let worth_it = DefaultPredicate::new()
        .and(NotForContentType::new("font/"))
        .and(NotForContentType::new("audio/"))
        .and(NotForContentType::new("video/"))
        .and(NotForContentType::new("application/octet-stream"));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(worth_it);
    routes
        .fallback(async || Failure::not_found())
        .method_not_allowed_fallback(async || {
            Failure::new(
                Kind::NotFound,
                METHOD_NOT_ALLOWED,
                "this address knows other methods",
            )
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(compression)
        .layer(from_fn_with_state(ctx.clone(), around))
        .with_state(ctx.clone())
}

/// Cookies that extractors want to set; the frame adds them to the answer.
#[derive(Clone, Default)]
pub(crate) struct Jar(Arc<Mutex<Vec<HeaderValue>>>);

impl Jar {
    pub(crate) fn add(&self, cookie: Option<HeaderValue>) {
        let mut cookies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.extend(cookie);
    }
}

async fn around(State(ctx): State<Ctx>, mut request: Request, next: Next) -> Response {
    let started = ctx.clock().monotonic();
    ctx.proxies().look_behind(&mut request);
    let seen = Seen::of(&request);
    let jar = Jar::default();
    request.extensions_mut().insert(jar.clone());
    let chosen = pages::chosen_lang(request.uri().query());
    if let Some(lang) = chosen {
        jar.add(cookie::set_lang(&ctx, lang));
    }
    let mut visitor = Visitor::anonymous(&ctx, request.headers(), request.uri());

    let mut response = match csrf::check(&ctx, seen.surface, request.method(), request.headers()) {
        Ok(()) => within(&ctx, seen.route(), next.run(request)).await,
        Err(problem) => Failure::from(problem).into_response(),
    };
    if let Some(told) = told(&mut response, seen.surface) {
        visitor.path.clear();
        response = retell(&ctx, &seen, &visitor, &told, &response);
    }
    headers::complete(response.headers_mut(), ctx.secure());
    let cookies = std::mem::take(&mut *jar.0.lock().unwrap_or_else(PoisonError::into_inner));
    for cookie in cookies {
        // What a handler sets itself (signing in, signing out) wins over a renewal on the way.
        if !sets_same(response.headers(), &cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    seen.log_at_end(&ctx, started, response)
}

fn sets_same(headers: &HeaderMap, cookie: &HeaderValue) -> bool {
    let name = |value: &HeaderValue| {
        let bytes = value.as_bytes();
        let end = bytes.iter().position(|b| *b == b'=').unwrap_or(0);
        bytes[..end].to_vec()
    };
    let wanted = name(cookie);
    headers
        .get_all(SET_COOKIE)
        .iter()
        .any(|it| name(it) == wanted)
}

/// Runs the routes; a panic becomes a 500, too long a wait a 503.
async fn within(ctx: &Ctx, route: &str, run: impl Future<Output = Response>) -> Response {
    let run = std::pin::pin!(AssertUnwindSafe(run).catch_unwind());
    match select(run, ctx.clock().sleep(ctx.patience(route))).await {
        Either::Left((Ok(response), _)) => response,
        Either::Left((Err(panic), _)) => {
            let mut problem = Problem::new(Kind::Internal, "internal", "");
            problem.source = Some(panic_text(panic.as_ref()).into());
            Failure::from(problem).into_response()
        }
        Either::Right(_) => {
            let problem = Problem::new(Kind::Unavailable, "timeout", "it took too long; try again");
            Failure::from(problem.retry_after(2)).into_response()
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panicked: {}", text.unwrap_or("without words"))
}

/// The problem of a response. What a library refused in plain words becomes one too.
fn told(response: &mut Response, surface: Surface) -> Option<Told> {
    let shape = match surface {
        Surface::Compatible => Shape::Compatible,
        Surface::Own | Surface::Page => Shape::Own,
    };
    if let Some(told) = response.extensions_mut().remove::<Told>() {
        let forced = told.shape == Shape::Compatible;
        let shape = if forced { told.shape } else { shape };
        return Some(Told { shape, ..told });
    }
    let status = response.status();
    let plain = response
        .headers()
        .get(CONTENT_TYPE)
        .is_none_or(|it| it.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return None;
    }
    let (kind, code) = match status {
        StatusCode::UNAUTHORIZED => (Kind::Unauthenticated, "not_signed_in"),
        StatusCode::FORBIDDEN => (Kind::Denied, "denied"),
        StatusCode::NOT_FOUND => (Kind::NotFound, "not_found"),
        StatusCode::METHOD_NOT_ALLOWED => (Kind::NotFound, METHOD_NOT_ALLOWED),
        StatusCode::PAYLOAD_TOO_LARGE => (Kind::TooLarge, "too_large"),
        StatusCode::TOO_MANY_REQUESTS => (Kind::RateLimited, "too_often"),
        StatusCode::SERVICE_UNAVAILABLE => (Kind::Unavailable, "unavailable"),
        _ if status.is_server_error() => (Kind::Internal, "internal"),
        _ => (Kind::Invalid, "malformed_request"),
    };
    let detail = status.canonical_reason().unwrap_or("refused");
    let problem = Arc::new(Problem::new(kind, code, detail));
    Some(Told { problem, shape })
}

/// Says a problem again, with its reference, in the caller's shape; logs it once.
fn retell(ctx: &Ctx, seen: &Seen, visitor: &Visitor, told: &Told, old: &Response) -> Response {
    let problem = told.problem.as_ref();
    let reference = reference(ctx);
    if problem.kind == Kind::Internal {
        let cause = problem.source.as_deref().map(|it| chain(it).to_string());
        tracing::error!(
            reference,
            http.route = seen.route(),
            problem.code = problem.code,
            error = cause.as_deref().unwrap_or(&problem.detail),
            "A request failed"
        );
    } else {
        tracing::debug!(
            reference,
            http.route = seen.route(),
            problem.code = problem.code,
            "A request was refused"
        );
    }
    let mut response = if told.shape == Shape::Own && seen.wants_page {
        pages::error_page(ctx, visitor, problem, &reference)
    } else {
        write(problem, told.shape, Some(&reference))
    };
    let status = response.status();
    add_headers(problem, status, response.headers_mut());
    for name in [ALLOW, SET_COOKIE] {
        for value in old.headers().get_all(&name) {
            response.headers_mut().append(name.clone(), value.clone());
        }
    }
    response
}

/// Ten characters that name one occurrence: 50 random bits, easy to read out on the telephone.
fn reference(ctx: &Ctx) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    base::array::<10>(ctx.rng())
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte & 31)]))
        .collect()
}

/// What is remembered of a request for its line in the log.
struct Seen {
    method: Method,
    route: Option<MatchedPath>,
    surface: Surface,
    wants_page: bool,
}

impl Seen {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let surface = Surface::of(path);
        let accept = request.headers().get(ACCEPT).map(HeaderValue::as_bytes);
        let names = |what: &[u8]| {
            accept.is_some_and(|it| it.windows(what.len()).any(|window| window == what))
        };
        let file = path.starts_with("/assets/") || path == "/sw.js";
        Self {
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            surface,
            wants_page: surface == Surface::Page
                && !file
                && (names(b"text/html") || !names(b"json")),
        }
    }

    fn route(&self) -> &str {
        self.route.as_ref().map_or("none", MatchedPath::as_str)
    }

    /// Writes the line when the last byte of the body is out, or the caller is gone.
    fn log_at_end(self, ctx: &Ctx, started: Duration, response: Response) -> Response {
        if !tracing::enabled!(tracing::Level::INFO) {
            return response;
        }
        let status = response.status();
        response.map(|body| {
            Body::new(Counted {
                body,
                bytes: 0,
                line: Line {
                    seen: self,
                    status,
                    started,
                    clock: ctx.store().shared_clock(),
                },
            })
        })
    }
}

struct Line {
    seen: Seen,
    status: StatusCode,
    started: Duration,
    clock: Arc<dyn Clock>,
}

/// A body that knows how much of it went out.
struct Counted {
    body: Body,
    bytes: u64,
    line: Line,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let took = self
            .line
            .clock
            .monotonic()
            .saturating_sub(self.line.started);
        tracing::info!(
            http.method = self.line.seen.method.as_str(),
            http.route = self.line.seen.route(),
            http.status = self.line.status.as_u16(),
            duration_ms = took.as_millis(),
            response.bytes = self.bytes,
            "Answered"
        );
    }
}

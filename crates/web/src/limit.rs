//! How often anonymous callers may ask: token buckets in memory, keyed by a keyed hash of the address prefix.
//!
//! An address is never kept, and nothing of it for longer than fifteen minutes. The number of buckets is
//! bounded; who fills it with invented prefixes pushes out the ones that were not used for longest.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse as _, Response};
use base::{Clock, Kind, Problem};
use futures_util::future::BoxFuture;
use tower::{Layer, Service};

use crate::{Ctx, Failure};

/// What sort of request is counted; each is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Signing in, by password or by a monitor's key.
    SignIn,
    /// Forms behind a mailed or printed link.
    Link,
    /// Alarms coming in, by machine key.
    Intake,
    /// Requests with a key that nobody has; counted by address.
    WrongKey,
    /// Requests signed by a device; a whole station shares one address.
    Device,
    /// Pages that anybody can open.
    Page,
}

impl Class {
    /// How many at once, and how long until one more.
    const fn rate(self) -> (u32, Duration) {
        match self {
            Self::SignIn => (30, Duration::from_secs(2)),
            Self::Link => (40, Duration::from_secs(2)),
            Self::Intake => (120, Duration::from_millis(500)),
            Self::WrongKey => (30, Duration::from_secs(5)),
            Self::Device => (4000, Duration::from_millis(10)),
            Self::Page => (600, Duration::from_millis(50)),
        }
    }
}

/// Whoever is counted.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// By address; only its prefix counts.
    Address(Option<IpAddr>),
    /// By the id of a machine key.
    Key(&'a str),
}

const MOST: usize = 65_536;
const FORGET: Duration = Duration::from_mins(15);
const SWEEP: Duration = Duration::from_secs(30);

/// The buckets.
pub struct Limiter {
    clock: Arc<dyn Clock>,
    secret: [u8; 32],
    on: bool,
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    buckets: HashMap<[u8; 16], Bucket>,
    swept: Duration,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// When it will be full again; full since then if that is over.
    full_at: Duration,
    used_at: Duration,
}

impl Limiter {
    pub(crate) fn new(clock: Arc<dyn Clock>, secret: [u8; 32], on: bool) -> Self {
        Self {
            clock,
            secret,
            on,
            most: MOST,
            state: Mutex::default(),
        }
    }

    /// Counts one request, or says that it is too often.
    pub fn take(&self, class: Class, caller: Caller<'_>) -> Result<(), Problem> {
        match self.try_take(class, caller) {
            Ok(()) => Ok(()),
            Err(wait) => {
                let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
                let problem = Problem::new(Kind::RateLimited, "too_often", "asked too often");
                Err(problem.retry_after(seconds.max(1)))
            }
        }
    }

    fn try_take(&self, class: Class, caller: Caller<'_>) -> Result<(), Duration> {
        if !self.on {
            return Ok(());
        }
        let (burst, every) = class.rate();
        let whole = every * burst;
        let key = self.key(class, caller);
        let now = self.clock.monotonic();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(state.swept) >= SWEEP {
            sweep(&mut state, now);
        }
        if state.buckets.len() >= self.most && !state.buckets.contains_key(&key) {
            make_room(&mut state);
        }
        let bucket = state.buckets.entry(key).or_insert(Bucket {
            full_at: now,
            used_at: now,
        });
        bucket.used_at = now;
        // Time to fill up grows by `every` with each request; the bucket is empty when it reaches the whole.
        let next = bucket.full_at.max(now) + every;
        if next > now + whole {
            return Err(next.saturating_sub(now + whole));
        }
        bucket.full_at = next;
        Ok(())
    }

    fn key(&self, class: Class, caller: Caller<'_>) -> [u8; 16] {
        let class = [class as u8];
        let hash = match caller {
            Caller::Address(address) => {
                let prefix = address.map(prefix).unwrap_or_default();
                seal::hmac_sha256_parts(&self.secret, &[&class, &[0], &prefix])
            }
            Caller::Key(id) => {
                seal::hmac_sha256_parts(&self.secret, &[&class, &[1], id.as_bytes()])
            }
        };
        let mut key = [0; 16];
        key.copy_from_slice(&hash[..16]);
        key
    }
}

fn sweep(state: &mut State, now: Duration) {
    state.swept = now;
    state
        .buckets
        .retain(|_, it| it.full_at > now && now.saturating_sub(it.used_at) < FORGET);
}

/// Drops the least recently used of a handful: close enough to the oldest, at a fixed price.
fn make_room(state: &mut State) {
    let oldest = state
        .buckets
        .iter()
        .take(16)
        .min_by_key(|(_, it)| it.used_at)
        .map(|(key, _)| *key);
    if let Some(key) = oldest {
        state.buckets.remove(&key);
    }
}

/// The part of an address that is counted: 24 bits of IPv4, 48 of IPv6.
fn prefix(address: IpAddr) -> [u8; 7] {
    let mut out = [0; 7];
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            out[0] = 4;
            out[1..4].copy_from_slice(&v4.octets()[..3]);
        }
        IpAddr::V6(v6) => {
            out[0] = 6;
            out[1..].copy_from_slice(&v6.octets()[..6]);
        }
    }
    out
}

/// The caller's address, when the server knows it.
pub fn address(extensions: &http::Extensions) -> Option<IpAddr> {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip())
}

/// Counts requests of this class by address before they reach the route.
pub fn limit(ctx: &Ctx, class: Class) -> LimitLayer {
    LimitLayer {
        ctx: ctx.clone(),
        class,
    }
}

/// See [`limit`].
#[derive(Clone)]
pub struct LimitLayer {
    ctx: Ctx,
    class: Class,
}

impl<S> Layer<S> for LimitLayer {
    type Service = Limited<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Limited {
            inner,
            ctx: self.ctx.clone(),
            class: self.class,
        }
    }
}

/// A route that is counted. See [`limit`].
#[derive(Clone)]
pub struct Limited<S> {
    inner: S,
    ctx: Ctx,
    class: Class,
}

impl<S> Service<Request> for Limited<S>
where
    S: Service<Request, Response = Response>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let caller = Caller::Address(address(request.extensions()));
        match self.ctx.limiter().take(self.class, caller) {
            Ok(()) => Box::pin(self.inner.call(request)),
            Err(problem) => {
                let response = Failure::from(problem).into_response();
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{SimClock, Timestamp};

    fn limiter(most: usize) -> (Arc<SimClock>, Limiter) {
        let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
        let mut limiter = Limiter::new(Arc::clone(&clock) as _, [7; 32], true);
        limiter.most = most;
        (clock, limiter)
    }

    fn from(text: &str) -> Caller<'static> {
        Caller::Address(Some(text.parse().unwrap()))
    }

    #[test]
    fn a_burst_and_then_one_by_one() {
        let (clock, limiter) = limiter(MOST);
        let me = from("192.0.2.1");
        for _ in 0..30 {
            assert!(limiter.take(Class::SignIn, me).is_ok());
        }
        let problem = limiter.take(Class::SignIn, me).unwrap_err();
        assert_eq!(problem.retry_after, Some(2));
        assert!(
            limiter.take(Class::SignIn, from("192.0.2.99")).is_err(),
            "same /24"
        );
        assert!(
            limiter.take(Class::SignIn, from("192.0.3.1")).is_ok(),
            "another /24"
        );
        assert!(limiter.take(Class::Link, me).is_ok(), "another class");
        clock.advance(Duration::from_millis(1999));
        assert!(limiter.take(Class::SignIn, me).is_err());
        clock.advance(Duration::from_millis(1));
        assert!(limiter.take(Class::SignIn, me).is_ok());
        assert!(limiter.take(Class::SignIn, me).is_err());
    }

    #[test]
    fn mapped_addresses_count_as_what_they_are() {
        let (_, limiter) = limiter(MOST);
        for _ in 0..30 {
            assert!(
                limiter
                    .take(Class::SignIn, from("::ffff:192.0.2.1"))
                    .is_ok()
            );
        }
        assert!(limiter.take(Class::SignIn, from("192.0.2.1")).is_err());
        assert!(limiter.take(Class::SignIn, from("2001:db8::1")).is_ok());
        assert!(limiter.take(Class::SignIn, Caller::Key("key_1")).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_forgets() {
        let (clock, limiter) = limiter(100);
        for n in 0..1000_u32 {
            let address = IpAddr::from((n << 8).to_be_bytes());
            assert!(
                limiter
                    .take(Class::SignIn, Caller::Address(Some(address)))
                    .is_ok()
            );
        }
        assert!(limiter.state.lock().unwrap().buckets.len() <= 100);
        clock.advance(FORGET);
        assert!(limiter.take(Class::SignIn, from("192.0.2.1")).is_ok());
        assert_eq!(limiter.state.lock().unwrap().buckets.len(), 1);
    }
}

//! A push service of our own, for the demo and for tests: checks the sender's token, decrypts, remembers.
//!
//! It speaks the protocol of the real ones (RFC 8030, 8291, 8292), so that the same sender serves both. It
//! holds the receivers' private keys, which no real push service does.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use base::{Clock, Rng, Timestamp};
use bytes::Bytes;
use seal::webpush::{ReceiverKeys, decrypt};

/// What a receiver's browser would hand to the page.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Where to push.
    pub endpoint: String,
    /// The receiver's public point, base64url.
    pub p256dh: String,
    /// The shared secret, base64url.
    pub auth: String,
    /// The last part of the endpoint.
    pub token: String,
}

/// A push that came in and was read.
#[derive(Debug, Clone)]
pub struct Caught {
    /// When.
    pub at: Timestamp,
    /// For whom: the last part of the endpoint.
    pub token: String,
    /// The message, if it could be decrypted.
    pub payload: String,
    /// The `Topic` header.
    pub topic: String,
    /// The `Urgency` header.
    pub urgency: String,
    /// The `TTL` header.
    pub ttl: String,
}

/// How the service behaves; tests make it behave badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes everything.
    Well,
    /// Answers with a status, and perhaps how many seconds to wait.
    Status(u16, Option<u32>),
    /// Takes so long.
    Slow(Duration),
}

/// The push service.
#[derive(Clone)]
pub struct PushCatcher {
    inner: Arc<Inner>,
}

struct Inner {
    origin: String,
    clock: Arc<dyn Clock>,
    receivers: Mutex<HashMap<String, ReceiverKeys>>,
    caught: Mutex<VecDeque<Caught>>,
    manner: Mutex<Manner>,
    taken: AtomicU64,
    decrypt_one_in: u64,
}

/// How many pushes are remembered.
const REMEMBERED: usize = 500;
/// The path below which endpoints lie.
pub const PATH: &str = "/demo/push-service";

impl PushCatcher {
    /// A service at an origin. `decrypt_one_in` 1 reads every message, 100 one in a hundred.
    pub fn new(origin: impl Into<String>, clock: Arc<dyn Clock>, decrypt_one_in: u64) -> Self {
        let inner = Inner {
            origin: origin.into(),
            clock,
            receivers: Mutex::default(),
            caught: Mutex::default(),
            manner: Mutex::new(Manner::Well),
            taken: AtomicU64::new(0),
            decrypt_one_in: decrypt_one_in.max(1),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Makes a receiver. The same randomness gives the same one.
    ///
    /// # Errors
    /// When the crypto library gives no key.
    pub fn subscribe(&self, rng: &dyn Rng) -> Result<Subscription, seal::SealError> {
        let keys = ReceiverKeys::generate(rng)?;
        let token = seal::token::random128(rng);
        let subscription = Subscription {
            endpoint: format!("{}{PATH}/{token}", self.inner.origin),
            p256dh: seal::b64url_encode(keys.p256dh()),
            auth: seal::b64url_encode(keys.auth()),
            token: token.clone(),
        };
        lock(&self.inner.receivers).insert(token, keys);
        Ok(subscription)
    }

    /// Its only route: `POST PATH/{token}`.
    pub fn router(&self) -> Router {
        Router::new()
            .route(&format!("{PATH}/{{token}}"), post(take))
            .layer(DefaultBodyLimit::max(8192))
            .with_state(self.clone())
    }

    /// From now on it behaves like this.
    pub fn behave(&self, manner: Manner) {
        *lock(&self.inner.manner) = manner;
    }

    /// How many pushes it took.
    pub fn taken(&self) -> u64 {
        self.inner.taken.load(Ordering::SeqCst)
    }

    /// What it remembers, oldest first.
    pub fn caught(&self) -> Vec<Caught> {
        lock(&self.inner.caught).iter().cloned().collect()
    }

    /// Forgets a receiver, as when somebody uninstalls a browser.
    pub fn forget(&self, token: &str) {
        lock(&self.inner.receivers).remove(token);
    }

    fn read(&self, token: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), StatusCode> {
        let text = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let now = self.inner.clock.now();
        let number = self.inner.taken.load(Ordering::Relaxed);
        let receivers = lock(&self.inner.receivers);
        let keys = receivers.get(token).ok_or(StatusCode::GONE)?;
        if body.len() > seal::webpush::MAX_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        if text("content-encoding") != "aes128gcm" || text("ttl").parse::<u32>().is_err() {
            return Err(StatusCode::BAD_REQUEST);
        }
        if !number.is_multiple_of(self.inner.decrypt_one_in) {
            return Ok(());
        }
        seal::vapid::verify(&text("authorization"), &self.inner.origin, now.as_second())
            .map_err(|_| StatusCode::FORBIDDEN)?;
        let payload = decrypt(keys, body).map_err(|_| StatusCode::BAD_REQUEST)?;
        let caught = Caught {
            at: now,
            token: token.to_owned(),
            payload: String::from_utf8_lossy(&payload).into_owned(),
            topic: text("topic"),
            urgency: text("urgency"),
            ttl: text("ttl"),
        };
        let mut list = lock(&self.inner.caught);
        if list.len() >= REMEMBERED {
            list.pop_front();
        }
        list.push_back(caught);
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn take(
    State(service): State<PushCatcher>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let manner = *lock(&service.inner.manner);
    match manner {
        Manner::Well => {}
        Manner::Slow(pause) => service.inner.clock.sleep(pause).await,
        Manner::Status(status, retry_after) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut response = status.into_response();
            if let Some(seconds) = retry_after {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            return response;
        }
    }
    match service.read(&token, &headers, &body) {
        Ok(()) => {
            service.inner.taken.fetch_add(1, Ordering::SeqCst);
            StatusCode::CREATED.into_response()
        }
        Err(status) => status.into_response(),
    }
}

//! Delivery: alarms as Web Push to the devices of everybody who was called.
//!
//! One job for each batch of 256 devices. A batch is encrypted and sent with bounded concurrency over
//! connections that are kept, then its traces and the end of its job commit together. What a service refuses
//! for now is sent again after the pause it asks for; what was handed over is not.

pub mod http;
mod jobs;
pub mod model;
pub(crate) mod store;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::http::{HeaderValue, Request, Uri, header};
use ::store::{Store, StoreError, Tx};
use base::{HasKind as _, Timestamp};
use bytes::Bytes;
use ledger::{Entry, Outcome, Pen};
use people::Grant;
use people::device::PushFamily;
use people::permit::OrgConfigure;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use web::outbound::Outbound;

use crate::incident::model::AlarmError;
pub use jobs::{PushHandler, TestPushHandler};
use model::{Handed, Notice, Target};

/// The topic of a batch of pushes.
pub const TOPIC: &str = "alarm.push";
/// The topic of a test push to one device.
pub const TEST_TOPIC: &str = "device.test";

/// How long a push service keeps a message for a device that is away.
const TTL_S: u32 = 4 * 3600;
/// How long a token for a push service is used; services take at most 24 h.
const TOKEN_LIFE_S: i64 = 12 * 3600;
/// Pushes on their way at the same time, over all batches.
const AT_ONCE: usize = 512;
/// Pushes of one batch on their way at the same time.
const AT_ONCE_IN_BATCH: usize = 128;
const PATIENCE: Duration = Duration::from_secs(10);

/// Switches a push service on.
pub async fn switch_on(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    family: PushFamily,
) -> Result<(), AlarmError> {
    switch(tx, pen, grant, family, true).await
}

pub(crate) async fn switch(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<OrgConfigure>,
    family: PushFamily,
    on: bool,
) -> Result<(), AlarmError> {
    store::switch(tx, grant.org(), family, on).await?;
    let entry = Entry {
        action: if on {
            "push.switched_on"
        } else {
            "push.switched_off"
        },
        object: Some(format!("push:{}", family.word())),
        outcome: Outcome::Done,
        details: vec![],
    };
    pen.write(tx, entry).await?;
    Ok(())
}

/// Sends pushes. Cheap to clone.
#[derive(Clone)]
pub struct Pusher {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    outbound: Outbound,
    key: seal::vapid::Key,
    contact: String,
    origin: String,
    tokens: Mutex<HashMap<String, (HeaderValue, i64)>>,
    permits: Semaphore,
}

impl Pusher {
    /// Takes the installation's key out of the key store, or makes one at the first start.
    pub async fn open(
        store: Store,
        outbound: Outbound,
        origin: String,
        contact: Option<String>,
    ) -> Result<Self, StoreError> {
        let fresh = seal::vapid::Key::generate(store.rng()).and_then(|key| key.to_pkcs8());
        let fresh = fresh.map_err(|_| StoreError::Unwrap)?;
        let kept = store.keys().put("vapid", "vapid", None, &fresh).await?;
        let key = seal::vapid::Key::from_pkcs8(&kept).map_err(|_| StoreError::Unwrap)?;
        let contact = contact.unwrap_or_else(|| origin.clone());
        let inner = Inner {
            store,
            outbound,
            key,
            contact,
            origin,
            tokens: Mutex::new(HashMap::new()),
            permits: Semaphore::new(AT_ONCE),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The public key that browsers subscribe with.
    pub fn public_key(&self) -> &str {
        self.inner.key.public_b64()
    }

    /// Signs once, for nobody: the first signature of a process waits for the library to gather chance, tens of
    /// milliseconds that no alarm should wait for.
    pub async fn warm_up(&self) {
        let pusher = self.clone();
        let signing = spawn_blocking(move || {
            let at = pusher.inner.store.clock().now().as_second();
            let made = pusher.inner.key.token("https://localhost", "", at);
            made.is_ok()
        });
        if !matches!(signing.await, Ok(true)) {
            tracing::warn!("tokens for push services can't be signed");
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// Sends a message to many devices; gives what became of each, with the time.
    pub(crate) async fn send_all(
        &self,
        targets: Vec<Target>,
        notice: &Notice<'_>,
    ) -> Vec<(Target, Handed, Timestamp)> {
        let payload: Arc<[u8]> = notice.payload().into();
        let topic: Arc<str> = notice.topic().into();
        let send = |target: Target| {
            let (pusher, payload, topic) = (self.clone(), Arc::clone(&payload), Arc::clone(&topic));
            async move {
                let handed = pusher.send(&target, &payload, &topic).await;
                (target, handed, pusher.inner.store.clock().now())
            }
        };
        let mut waiting = targets.into_iter();
        let mut done = Vec::with_capacity(waiting.len());
        // A task each, so that encryption takes every core while the first one connects. Dropped, all end.
        let mut sending = JoinSet::new();
        for target in waiting.by_ref().take(AT_ONCE_IN_BATCH) {
            sending.spawn(send(target));
        }
        while let Some(sent) = sending.join_next().await {
            match sent {
                Ok(sent) => done.push(sent),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
            if let Some(target) = waiting.next() {
                sending.spawn(send(target));
            }
        }
        done
    }

    async fn send(&self, target: &Target, payload: &[u8], topic: &str) -> Handed {
        let Ok(_permit) = self.inner.permits.acquire().await else {
            return Handed::Later("stopping", None);
        };
        let rng = self.inner.store.rng();
        let Ok(body) = seal::webpush::encrypt(&target.p256dh, &target.auth, payload, rng) else {
            return Handed::Refused("push_bad_subscription");
        };
        let Some(request) = self.request(target, body, topic) else {
            return Handed::Refused("push_bad_subscription");
        };
        match self.inner.outbound.send_within(request, PATIENCE).await {
            Ok(answer) => {
                let wait = answer
                    .headers()
                    .get(header::RETRY_AFTER)
                    .and_then(|value| value.to_str().ok()?.trim().parse().ok())
                    .map(Duration::from_secs);
                Handed::from_answer(answer.status().as_u16(), wait)
            }
            Err(error) if matches!(error.kind(), base::Kind::Denied | base::Kind::Invalid) => {
                Handed::Refused("push_service_not_allowed")
            }
            Err(_) => Handed::Later("push_service_unreachable", None),
        }
    }

    fn request(&self, target: &Target, body: Vec<u8>, topic: &str) -> Option<Request<Bytes>> {
        let uri: Uri = target.endpoint.parse().ok()?;
        let authorization = self.authorization(&uri)?;
        Request::post(uri)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", TTL_S)
            .header("urgency", "high")
            .header("topic", topic)
            .body(Bytes::from(body))
            .ok()
    }

    /// One token for each push service, made new when half of its life is over.
    fn authorization(&self, uri: &Uri) -> Option<HeaderValue> {
        let audience = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
        let now = self.inner.store.clock().now().as_second();
        let mut tokens = self
            .inner
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((token, made)) = tokens.get(&audience)
            && (0..TOKEN_LIFE_S / 2).contains(&(now - made))
        {
            return Some(token.clone());
        }
        let token = self
            .inner
            .key
            .token(&audience, &self.inner.contact, now + TOKEN_LIFE_S)
            .ok()?;
        let mut value = HeaderValue::from_str(&self.inner.key.authorization(&token)).ok()?;
        value.set_sensitive(true);
        tokens.insert(audience, (value.clone(), now));
        Some(value)
    }
}

//! The live channel: open pages hear at once what changed. Hints travel, never data: whoever gets a hint asks
//! again what its own actor may see.

mod socket;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use base::{OrgId, Problem};
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::broadcast;

use people::Actor;

pub use socket::{SESSION_ENDED, serve};

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In this organisation.
    pub org: OrgId,
    /// The id of what changed, with its prefix.
    pub object: Arc<str>,
}

/// What an application shows on the live channel.
pub trait Feed: Send + Sync + 'static {
    /// Everything that is open now, as the first message after connecting.
    fn snapshot<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Value, Problem>>;

    /// The message about one changed thing; `None` when it is none of this actor's business.
    fn change<'a>(
        &'a self,
        actor: &'a Actor,
        object: &'a str,
    ) -> BoxFuture<'a, Result<Option<Value>, Problem>>;
}

/// Hints on their way, per organisation. A page that lags behind gets a new snapshot instead.
const WAITING: usize = 256;

type Relay = Box<dyn Fn(&Change) + Send + Sync>;

/// Carries hints from whoever changed something to the open pages. Cheap to clone.
#[derive(Clone, Default)]
pub struct LiveHub {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    orgs: Mutex<HashMap<OrgId, broadcast::Sender<Change>>>,
    relay: OnceLock<Relay>,
    stopped: AtomicBool,
}

impl LiveHub {
    /// A hub without listeners.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells open pages, here and on other servers, that something changed. Call it after the commit.
    pub fn notify(&self, org: OrgId, object: &str) {
        let change = Change {
            org,
            object: object.into(),
        };
        if let Some(relay) = self.inner.relay.get() {
            relay(&change);
        }
        self.send(change);
    }

    /// Tells the open pages of this server alone; for what came from another server.
    pub fn notify_here(&self, org: OrgId, object: &str) {
        self.send(Change {
            org,
            object: object.into(),
        });
    }

    /// Where hints go besides the pages of this server. Set once, by whoever connects several servers.
    pub fn relay_to(&self, relay: impl Fn(&Change) + Send + Sync + 'static) {
        if self.inner.relay.set(Box::new(relay)).is_err() {
            tracing::warn!("the live hub has a relay already");
        }
    }

    /// Listens to the changes of one organisation.
    pub fn subscribe(&self, org: OrgId) -> broadcast::Receiver<Change> {
        let mut orgs = self.lock();
        if self.is_stopped() {
            // Closed at once, which ends the connection.
            return broadcast::channel(1).1;
        }
        orgs.entry(org)
            .or_insert_with(|| broadcast::channel(WAITING).0)
            .subscribe()
    }

    /// Ends all live connections, now and from now on, because the server stops. Pages connect again elsewhere
    /// or later.
    pub fn stop(&self) {
        self.inner.stopped.store(true, Ordering::SeqCst);
        self.lock().clear();
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.inner.stopped.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrgId, broadcast::Sender<Change>>> {
        self.inner
            .orgs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The organisations somebody here listens to; others need not be polled.
    pub fn listening(&self) -> Vec<OrgId> {
        let mut orgs = self.lock();
        orgs.retain(|_, sender| sender.receiver_count() > 0);
        orgs.keys().copied().collect()
    }

    fn send(&self, change: Change) {
        let mut orgs = self.lock();
        let org = change.org;
        if let Some(sender) = orgs.get(&org)
            && sender.send(change).is_err()
        {
            orgs.remove(&org);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: OrgId = OrgId::from_bytes([1; 16]);
    const B: OrgId = OrgId::from_bytes([2; 16]);

    #[test]
    fn hints_stay_in_their_organisation() {
        let hub = LiveHub::new();
        let mut a = hub.subscribe(A);
        let mut b = hub.subscribe(B);
        hub.notify(A, "alm_1");
        assert_eq!(&*a.try_recv().unwrap().object, "alm_1");
        assert!(b.try_recv().is_err());
        drop((a, b));
        assert_eq!(hub.listening(), []);
        hub.notify(A, "alm_2");
    }

    #[test]
    fn a_relay_hears_what_happened_here_and_not_what_it_brought() {
        let hub = LiveHub::new();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&heard);
        hub.relay_to(move |change| sink.lock().unwrap().push(change.object.to_string()));
        let mut pages = hub.subscribe(A);
        hub.notify(A, "alm_1");
        hub.notify_here(A, "alm_2");
        assert_eq!(*heard.lock().unwrap(), ["alm_1"]);
        assert_eq!(&*pages.try_recv().unwrap().object, "alm_1");
        assert_eq!(&*pages.try_recv().unwrap().object, "alm_2");
    }
}

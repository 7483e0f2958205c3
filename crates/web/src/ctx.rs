//! What every handler has at hand.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, HasKind, Kind, Rng};
use people::People;
use store::Store;

use crate::limit::Limiter;
use crate::live::LiveHub;
use crate::pages::Pages;
use crate::proxy::Proxies;

/// What the server decides once, at start.
pub struct Settings {
    /// Who is known; store, log, clock and chance are taken from it.
    pub people: People,
    /// Scheme, host and port as browsers see them, such as `https://alarm.example.org`.
    pub origin: String,
    /// Whether this is the demo.
    pub demo: bool,
    /// Whether anonymous requests are counted; off for benches alone.
    pub limits: bool,
    /// Whose word is taken for who really asks.
    pub proxies: Proxies,
    /// How long a handler may take.
    pub patience: Duration,
    /// Routes whose handlers may take longer, because much comes in over thin lines.
    pub patient: &'static [(&'static str, Duration)],
}

impl Settings {
    /// Settings with the usual values.
    pub fn new(people: People, origin: impl Into<String>) -> Self {
        Self {
            people,
            origin: origin.into(),
            demo: false,
            limits: true,
            proxies: Proxies::default(),
            patience: Duration::from_secs(30),
            patient: &[],
        }
    }
}

/// What every handler has at hand. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    inner: Arc<Inner>,
}

struct Inner {
    people: People,
    origin: String,
    secure: bool,
    demo: bool,
    patience: Duration,
    patient: &'static [(&'static str, Duration)],
    limiter: Limiter,
    proxies: Proxies,
    live: LiveHub,
    pages: Pages,
}

/// Why the context can't be made.
#[derive(Debug, thiserror::Error)]
pub enum CtxError {
    /// The origin is not `http(s)://host[:port]`.
    #[error("the origin {0} is not of the form http(s)://host[:port]")]
    Origin(String),
    /// A template or a text file is broken.
    #[error("the pages can't be prepared: {0}")]
    Pages(String),
}

impl HasKind for CtxError {
    fn kind(&self) -> Kind {
        Kind::Internal
    }

    fn code(&self) -> &'static str {
        "internal"
    }
}

impl Ctx {
    /// Prepares everything.
    pub fn new(settings: Settings) -> Result<Self, CtxError> {
        let origin = normal_origin(&settings.origin)
            .ok_or_else(|| CtxError::Origin(settings.origin.clone()))?;
        let store = settings.people.store();
        let clock = store.shared_clock();
        let secret = base::array(store.rng());
        let inner = Inner {
            secure: origin.starts_with("https://"),
            origin,
            limiter: Limiter::new(clock, secret, settings.limits),
            proxies: settings.proxies,
            live: LiveHub::new(),
            pages: Pages::load()?,
            people: settings.people,
            demo: settings.demo,
            patience: settings.patience,
            patient: settings.patient,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The database.
    pub fn store(&self) -> &Store {
        self.inner.people.store()
    }

    /// The log.
    pub fn ledger(&self) -> &ledger::Ledger {
        self.inner.people.ledger()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.store().clock()
    }

    /// The randomness.
    pub fn rng(&self) -> &dyn Rng {
        self.store().rng()
    }

    /// Who is known: signing in, pens for the log.
    pub fn people(&self) -> &People {
        &self.inner.people
    }

    /// Scheme, host and port as browsers see them, without a slash at the end.
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// Host, and port unless it is the usual one.
    pub fn host(&self) -> &str {
        let origin = &self.inner.origin;
        origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// Whether browsers come by https.
    pub fn secure(&self) -> bool {
        self.inner.secure
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.inner.proxies
    }

    /// Whether this is the demo.
    pub fn demo(&self) -> bool {
        self.inner.demo
    }

    /// Counts what is asked too often.
    pub fn limiter(&self) -> &Limiter {
        &self.inner.limiter
    }

    /// Tells open pages what changed.
    pub fn live(&self) -> &LiveHub {
        &self.inner.live
    }

    /// Templates and texts.
    pub fn pages(&self) -> &Pages {
        &self.inner.pages
    }

    /// How long the handler of a route may take.
    pub(crate) fn patience(&self, route: &str) -> Duration {
        let own = self.inner.patient.iter().find(|it| it.0 == route);
        own.map_or(self.inner.patience, |it| it.1)
    }
}

/// The origin as browsers write it: lower case, no port where it is the usual one, no path.
fn normal_origin(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let ours = matches!(url.scheme(), "http" | "https");
    let nobody = url.username().is_empty() && url.password().is_none();
    (plain && ours && nobody && url.host_str().is_some())
        .then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_do() {
        let fine = [
            ("http://localhost:8080", "http://localhost:8080"),
            (
                "HTTPS://Alarm.Example.org:443/",
                "https://alarm.example.org",
            ),
            ("http://[::1]:80", "http://[::1]"),
        ];
        for (given, want) in fine {
            assert_eq!(normal_origin(given).as_deref(), Some(want));
        }
        for wrong in [
            "",
            "localhost:8080",
            "ftp://a",
            "https://a/b",
            "https://u@a",
            "https://a?b",
        ] {
            assert_eq!(normal_origin(wrong), None, "{wrong}");
        }
    }
}

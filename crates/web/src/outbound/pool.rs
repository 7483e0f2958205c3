//! Connections that are kept and shared. Many requests at once open one connection, not one each; only when the
//! other side takes no more requests on it, a few others follow.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::Clock;
use futures_util::future::{Either, select};
use http::header::HOST;
use http::{HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connect::{Body, Connection, Connector};
use super::{OutboundError, Route};

/// A connection that was idle for so long may be dead without anybody having said so.
const IDLE: Duration = Duration::from_mins(1);
/// Connections per origin that speaks HTTP/1 only, where each carries one request at a time.
const H1_CONNECTIONS: usize = 16;
/// Origins that are remembered before idle ones are forgotten.
const ORIGINS: usize = 512;
/// How often a request that never left is given to another connection.
const ATTEMPTS: usize = 3;

pub(super) struct Pool {
    connector: Arc<Connector>,
    clock: Arc<dyn Clock>,
    most: usize,
    origins: Mutex<HashMap<Route, Arc<Place>>>,
}

/// Everything about one origin.
struct Place {
    route: Route,
    /// Held while the first connection is made, so that many requests wait for one handshake.
    first: tokio::sync::Mutex<()>,
    h1_permits: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    h2: Vec<Arc<Shared>>,
    h1: Vec<Idle>,
    speaks_h1: bool,
    growing: bool,
}

struct Idle {
    sender: http1::SendRequest<Body>,
    since: Duration,
}

/// A connection that many requests share.
struct Shared {
    sender: http2::SendRequest<Body>,
    streams: Arc<AtomicUsize>,
    in_flight: AtomicUsize,
    /// Once it has answered, its settings are known.
    answered: AtomicBool,
    used: Mutex<Duration>,
}

impl Shared {
    fn new(sender: http2::SendRequest<Body>, streams: Arc<AtomicUsize>, now: Duration) -> Self {
        Self {
            sender,
            streams,
            in_flight: AtomicUsize::new(0),
            answered: AtomicBool::new(false),
            used: Mutex::new(now),
        }
    }

    /// Whether it takes no more requests at once.
    fn is_full(&self) -> bool {
        self.answered.load(Ordering::Relaxed) && self.load() > self.streams.load(Ordering::Relaxed)
    }

    fn load(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    fn is_usable(&self, now: Duration) -> bool {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        !self.sender.is_closed() && (self.load() > 0 || now.saturating_sub(used) < IDLE)
    }
}

/// One request's place on a shared connection.
struct Riding(Arc<Shared>, Arc<dyn Clock>);

impl Riding {
    fn on(shared: &Arc<Shared>, clock: &Arc<dyn Clock>) -> Self {
        shared.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shared), Arc::clone(clock))
    }
}

impl Drop for Riding {
    fn drop(&mut self) {
        *self.0.used.lock().unwrap_or_else(PoisonError::into_inner) = self.1.monotonic();
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A way to the other side for one request.
enum Way {
    H2(Riding),
    H1(http1::SendRequest<Body>, OwnedSemaphorePermit),
}

/// Kept until the answer's body is read: then an HTTP/1 connection can serve again. Dropped early it is closed.
pub(super) struct Return {
    way: Way,
    place: Arc<Place>,
    clock: Arc<dyn Clock>,
}

impl Return {
    /// The body was read to its end.
    pub(super) fn done(self) {
        if let Way::H1(sender, _permit) = self.way
            && !sender.is_closed()
        {
            let since = self.clock.monotonic();
            self.place.lock().h1.push(Idle { sender, since });
        }
    }
}

impl Place {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(super) fn new(connector: Connector, most: usize, clock: Arc<dyn Clock>) -> Self {
        Self {
            connector: Arc::new(connector),
            clock,
            most,
            origins: Mutex::default(),
        }
    }

    /// Sends a request on a connection that is there, or on a new one.
    pub(super) async fn send(
        &self,
        route: &Route,
        mut request: Request<Body>,
    ) -> Result<(Response<Incoming>, Return), OutboundError> {
        let place = self.place(route);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut way = self.way(&place).await?;
            match way.send(request).await {
                Ok(response) => {
                    let clock = Arc::clone(&self.clock);
                    return Ok((response, Return { way, place, clock }));
                }
                // It never left, so another connection may take it.
                Err((_, Some(back))) if attempt < ATTEMPTS => request = back,
                Err((error, _)) => return Err(OutboundError::Broken(Box::new(error))),
            }
        }
    }

    fn place(&self, route: &Route) -> Arc<Place> {
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = origins.get(route) {
            return Arc::clone(place);
        }
        if origins.len() >= ORIGINS {
            let now = self.clock.monotonic();
            origins.retain(|_, place| {
                let mut state = place.lock();
                state.prune(now);
                Arc::strong_count(place) > 1 || !state.h2.is_empty() || !state.h1.is_empty()
            });
        }
        let place = Arc::new(Place {
            route: route.clone(),
            first: tokio::sync::Mutex::default(),
            h1_permits: Arc::new(Semaphore::new(H1_CONNECTIONS)),
            state: Mutex::default(),
        });
        origins.insert(route.clone(), Arc::clone(&place));
        place
    }

    async fn way(&self, place: &Arc<Place>) -> Result<Way, OutboundError> {
        if let Some(riding) = self.ride(place) {
            return Ok(Way::H2(riding));
        }
        if place.lock().speaks_h1 {
            return self.way_of_h1(place).await;
        }
        let turn = place.first.lock().await;
        if let Some(riding) = self.ride(place) {
            return Ok(Way::H2(riding));
        }
        if place.lock().speaks_h1 {
            drop(turn);
            return self.way_of_h1(place).await;
        }
        match self.connect(&place.route).await? {
            Connection::H2 { sender, streams } => Ok(Way::H2(self.share(place, sender, streams))),
            Connection::H1(sender) => {
                place.lock().speaks_h1 = true;
                drop(turn);
                let permit = permit(place).await?;
                Ok(Way::H1(sender, permit))
            }
        }
    }

    /// A place on a shared connection; starts another one when all are full.
    fn ride(&self, place: &Arc<Place>) -> Option<Riding> {
        let mut state = place.lock();
        state.prune(self.clock.monotonic());
        let shared = state.h2.iter().min_by_key(|it| it.load())?;
        let riding = Riding::on(shared, &self.clock);
        if shared.is_full() && !state.growing && state.h2.len() < self.most {
            state.growing = true;
            drop(state);
            self.grow(place);
        }
        Some(riding)
    }

    fn grow(&self, place: &Arc<Place>) {
        let (connector, clock) = (Arc::clone(&self.connector), Arc::clone(&self.clock));
        let place = Arc::clone(place);
        tokio::spawn(async move {
            let connected = connect(&connector, clock.as_ref(), &place.route).await;
            let mut state = place.lock();
            state.growing = false;
            // When it fails, what is there goes on; the next request that finds it full tries again.
            if let Ok(Connection::H2 { sender, streams }) = connected {
                let shared = Shared::new(sender, streams, clock.monotonic());
                state.h2.push(Arc::new(shared));
            }
        });
    }

    fn share(
        &self,
        place: &Arc<Place>,
        sender: http2::SendRequest<Body>,
        streams: Arc<AtomicUsize>,
    ) -> Riding {
        let shared = Arc::new(Shared::new(sender, streams, self.clock.monotonic()));
        let riding = Riding::on(&shared, &self.clock);
        place.lock().h2.push(shared);
        riding
    }

    async fn way_of_h1(&self, place: &Arc<Place>) -> Result<Way, OutboundError> {
        let permit = permit(place).await?;
        loop {
            let idle = {
                let mut state = place.lock();
                state.prune(self.clock.monotonic());
                state.h1.pop()
            };
            let Some(mut idle) = idle else { break };
            if idle.sender.ready().await.is_ok() {
                return Ok(Way::H1(idle.sender, permit));
            }
        }
        match self.connect(&place.route).await? {
            Connection::H1(sender) => Ok(Way::H1(sender, permit)),
            Connection::H2 { sender, streams } => {
                place.lock().speaks_h1 = false;
                Ok(Way::H2(self.share(place, sender, streams)))
            }
        }
    }

    async fn connect(&self, route: &Route) -> Result<Connection, OutboundError> {
        connect(&self.connector, self.clock.as_ref(), route).await
    }
}

async fn connect(
    connector: &Connector,
    clock: &dyn Clock,
    route: &Route,
) -> Result<Connection, OutboundError> {
    let connecting = std::pin::pin!(connector.connect(route));
    match select(connecting, clock.sleep(connector.patience)).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(OutboundError::Timeout),
    }
}

async fn permit(place: &Place) -> Result<OwnedSemaphorePermit, OutboundError> {
    Arc::clone(&place.h1_permits)
        .acquire_owned()
        .await
        .map_err(|error| OutboundError::Broken(Box::new(error)))
}

impl State {
    fn prune(&mut self, now: Duration) {
        self.h2.retain(|it| it.is_usable(now));
        self.h1
            .retain(|it| !it.sender.is_closed() && now.saturating_sub(it.since) < IDLE);
    }
}

impl Way {
    /// Sends; gives the request back when it never left.
    async fn send(
        &mut self,
        request: Request<Body>,
    ) -> Result<Response<Incoming>, (hyper::Error, Option<Request<Body>>)> {
        let whole = request.uri().clone();
        let sent = match self {
            Self::H2(riding) => {
                let sent = riding.0.sender.clone().try_send_request(request).await;
                riding.0.answered.fetch_or(sent.is_ok(), Ordering::Relaxed);
                sent
            }
            Self::H1(sender, _) => sender.try_send_request(for_h1(request)).await,
        };
        sent.map_err(|mut error| {
            let back = error.take_message().map(|mut request| {
                *request.uri_mut() = whole;
                request
            });
            (error.into_error(), back)
        })
    }
}

/// HTTP/1 says host and path apart.
fn for_h1(mut request: Request<Body>) -> Request<Body> {
    let uri = request.uri();
    let host = uri
        .authority()
        .and_then(|it| HeaderValue::try_from(it.as_str()).ok());
    let path = uri.path_and_query().map_or("/", |it| it.as_str());
    let path = Uri::try_from(path).unwrap_or_default();
    if let Some(host) = host {
        request.headers_mut().insert(HOST, host);
    }
    *request.uri_mut() = path;
    request
}

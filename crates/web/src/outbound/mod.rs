//! The one client for requests that go out: to push services, hooks, metadata.
//!
//! Only https, no redirects, no proxy. A name is resolved here, every address is judged, and the connection goes
//! to the judged address. What lies inside (private, loopback, link-local, this machine itself) is refused
//! unless the operator named exactly that origin. Connections are kept and shared: one HTTP/2 connection
//! carries as many requests as the other side allows.

pub mod address;
mod connect;
mod error;
mod pool;

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Problem};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;

use connect::Connector;
use pool::Pool;

pub use error::OutboundError;

/// What the operator decides.
#[derive(Debug, Clone)]
pub struct OutboundSettings {
    /// Origins that may be reached although they lie inside or speak plain http.
    pub exceptions: Vec<Exception>,
    /// Certificates that are trusted besides the system's, in DER.
    pub extra_roots: Vec<Vec<u8>>,
    /// How long connecting may take, with resolving and TLS.
    pub connect_patience: Duration,
    /// How long a request may take in all.
    pub patience: Duration,
    /// The most bytes of an answer's body.
    pub most: usize,
    /// How many connections to one origin, at most.
    pub connections: usize,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            exceptions: Vec::new(),
            extra_roots: Vec::new(),
            connect_patience: Duration::from_secs(10),
            patience: Duration::from_secs(30),
            most: 64 * 1024,
            connections: 4,
        }
    }
}

/// An origin that the operator allows although the rules would refuse it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Scheme, host and port, exactly.
    pub origin: Origin,
    /// Plain http speaks HTTP/2 from the first byte.
    pub h2c: bool,
}

impl Exception {
    /// Reads `http(s)://host[:port]`; `h2c://` stands for http that speaks HTTP/2 from the first byte.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let h2c = text.starts_with("h2c://");
        let uri = text
            .strip_prefix("h2c://")
            .map(|rest| format!("http://{rest}"));
        let uri: Uri = uri
            .as_deref()
            .unwrap_or(text)
            .parse()
            .map_err(|_| OutboundError::Address)?;
        // What stands behind # is dropped by the parser, and would look as if it were meant.
        let plain = uri.path().len() <= 1 && uri.query().is_none() && !text.contains('#');
        let origin = Origin::of(&uri)
            .filter(|_| plain)
            .ok_or(OutboundError::Address)?;
        Ok(Self { origin, h2c })
    }
}

/// Scheme, host and port of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    pub(crate) tls: bool,
    /// Lower case, without brackets.
    pub(crate) host: Arc<str>,
    pub(crate) port: u16,
}

impl Origin {
    /// The origin of an absolute address; `None` when it has none, or holds a name and password.
    pub fn of(uri: &Uri) -> Option<Self> {
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') {
            return None;
        }
        let host = authority.host();
        // A port that is written but no number must not become the usual one.
        let port = match authority.as_str().strip_prefix(host)? {
            "" if tls => 443,
            "" => 80,
            rest => rest.strip_prefix(':')?.parse().ok()?,
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if host.is_empty() {
            return None;
        }
        Some(Self {
            tls,
            host: host.into(),
            port,
        })
    }
}

/// The client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Outbound {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    pool: Pool,
    patience: Duration,
    most: usize,
    exceptions: Vec<Exception>,
}

impl Outbound {
    /// A client with these settings. Reads the system's certificates.
    pub fn new(settings: OutboundSettings, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let connector = Connector::new(&settings)?;
        let inner = Inner {
            pool: Pool::new(connector, settings.connections.max(1), Arc::clone(&clock)),
            clock,
            patience: settings.patience,
            most: settings.most,
            exceptions: settings.exceptions,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Whether a request to this address would be tried at all; says nothing about what its name resolves to.
    pub fn check(&self, uri: &Uri) -> Result<(), OutboundError> {
        self.route(uri).map(drop)
    }

    /// Sends a request and reads the whole answer, whatever its status. Redirects are answers like others.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        self.send_within(request, self.inner.patience).await
    }

    /// The same with a patience of its own.
    pub async fn send_within(
        &self,
        request: Request<Bytes>,
        patience: Duration,
    ) -> Result<Response<Bytes>, OutboundError> {
        let sending = std::pin::pin!(self.send_now(request));
        match select(sending, self.inner.clock.sleep(patience)).await {
            Either::Left((done, _)) => done,
            Either::Right(_) => Err(OutboundError::Timeout),
        }
    }

    async fn send_now(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        let route = self.route(request.uri())?;
        let (mut parts, body) = request.into_parts();
        parts
            .headers
            .entry(header::USER_AGENT)
            .or_insert(HeaderValue::from_static("obhut"));
        let request = Request::from_parts(parts, Full::new(body));
        let (response, connection) = self.inner.pool.send(&route, request).await?;
        let (parts, body) = response.into_parts();
        let body = self.read(body).await?;
        connection.done();
        Ok(Response::from_parts(parts, body))
    }

    async fn read(&self, body: Incoming) -> Result<Bytes, OutboundError> {
        let read = Limited::new(body, self.inner.most).collect().await;
        match read {
            Ok(read) => Ok(read.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Err(OutboundError::TooLarge)
            }
            Err(error) => Err(OutboundError::Broken(error)),
        }
    }

    fn route(&self, uri: &Uri) -> Result<Route, OutboundError> {
        let origin = Origin::of(uri).ok_or(OutboundError::Address)?;
        let exception = self.inner.exceptions.iter().find(|it| it.origin == origin);
        if exception.is_none() && !origin.tls {
            return Err(OutboundError::Refused);
        }
        Ok(Route {
            origin,
            inside: exception.is_some(),
            h2c: exception.is_some_and(|it| it.h2c),
        })
    }
}

/// Where a request goes and what is allowed on the way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Route {
    origin: Origin,
    /// The operator allows addresses inside.
    inside: bool,
    h2c: bool,
}

#[cfg(test)]
mod tests;

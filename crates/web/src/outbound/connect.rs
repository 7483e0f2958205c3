//! From an origin to a connection: resolve, judge, connect, TLS, HTTP.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{OutboundError, OutboundSettings, Route, address};

/// The body of a request: small, and whole.
pub(super) type Body = Full<Bytes>;

/// A fresh connection, by what the other side speaks.
pub(super) enum Connection {
    H1(http1::SendRequest<Body>),
    H2 {
        sender: http2::SendRequest<Body>,
        /// How many requests the other side takes at once; follows its settings.
        streams: Arc<AtomicUsize>,
    },
}

/// Opens connections.
pub(super) struct Connector {
    tls: TlsConnector,
    pub(super) patience: Duration,
}

/// One address that does not answer must not use up the time of those behind it.
const ATTEMPT: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 4;

impl Connector {
    pub(super) fn new(settings: &OutboundSettings) -> Result<Self, OutboundError> {
        let set_up = |error: rustls::Error| OutboundError::SetUp(error.to_string());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(set_up)?
            .with_root_certificates(roots(settings)?)
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
            patience: settings.connect_patience,
        })
    }

    pub(super) async fn connect(&self, route: &Route) -> Result<Connection, OutboundError> {
        let addresses = resolve(route).await?;
        let stream = dial(&addresses).await?;
        if !route.origin.tls {
            return if route.h2c {
                h2(stream).await
            } else {
                h1(stream).await
            };
        }
        let name = match route.origin.host.parse::<IpAddr>() {
            Ok(ip) => ServerName::IpAddress(ip.into()),
            Err(_) => ServerName::try_from(route.origin.host.to_string())
                .map_err(|_| OutboundError::Address)?,
        };
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(OutboundError::Tls)?;
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            h2(stream).await
        } else {
            h1(stream).await
        }
    }
}

/// The system's certificates, or the built-in ones where the system has none, and the operator's own.
fn roots(settings: &OutboundSettings) -> Result<RootCertStore, OutboundError> {
    let mut roots = RootCertStore::empty();
    let (taken, _) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if taken == 0 {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    for extra in &settings.extra_roots {
        roots
            .add(CertificateDer::from(extra.clone()))
            .map_err(|error| OutboundError::SetUp(error.to_string()))?;
    }
    Ok(roots)
}

/// The addresses of a name that may be reached. What is not allowed drops out; nothing left is a refusal.
async fn resolve(route: &Route) -> Result<Vec<SocketAddr>, OutboundError> {
    let (host, port) = (route.origin.host.as_ref(), route.origin.port);
    let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
        Ok(ip) => vec![SocketAddr::new(ip, port)],
        Err(_) => tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| OutboundError::Resolve(Some(error)))?
            .collect(),
    };
    if found.is_empty() {
        return Err(OutboundError::Resolve(None));
    }
    let allowed: Vec<SocketAddr> = found
        .into_iter()
        .filter(|it| route.inside || (address::is_public(it.ip()) && !address::is_own(it.ip())))
        .take(ATTEMPTS)
        .collect();
    if allowed.is_empty() {
        return Err(OutboundError::Refused);
    }
    Ok(allowed)
}

async fn dial(addresses: &[SocketAddr]) -> Result<TcpStream, OutboundError> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match tokio::time::timeout(ATTEMPT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(OutboundError::Connect)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = std::io::ErrorKind::TimedOut.into(),
        }
    }
    Err(OutboundError::Connect(last))
}

fn broken(error: hyper::Error) -> OutboundError {
    OutboundError::Broken(Box::new(error))
}

async fn h1<S>(stream: S) -> Result<Connection, OutboundError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    // Ends when the other side closes or the sender is dropped; errors reach the sender.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Connection::H1(sender))
}

async fn h2<S>(stream: S) -> Result<Connection, OutboundError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (sender, mut connection) = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(10))
        .keep_alive_timeout(Duration::from_secs(5))
        .max_header_list_size(16 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let streams = Arc::new(AtomicUsize::new(connection.current_max_send_streams()));
    let known = Arc::clone(&streams);
    tokio::spawn(async move {
        let _ = poll_fn(|cx| {
            let polled = Pin::new(&mut connection).poll(cx);
            known.store(connection.current_max_send_streams(), Ordering::Relaxed);
            polled
        })
        .await;
    });
    Ok(Connection::H2 { sender, streams })
}

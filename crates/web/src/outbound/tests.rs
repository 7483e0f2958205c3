//! The client against servers that really listen on this machine.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::{SimClock, Timestamp};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use proptest::prelude::*;
use tokio::net::TcpListener;

use super::*;

const CERTIFICATE: &[u8] = include_bytes!("fixture/cert.der");
const KEY: &[u8] = include_bytes!("fixture/key.der");

/// How a server speaks.
#[derive(Clone, Copy)]
struct Speech {
    tls: bool,
    h2: bool,
    streams: u32,
}

/// What a server saw.
#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
}

struct Server {
    address: SocketAddr,
    seen: Arc<Seen>,
    speech: Speech,
}

async fn answer(
    request: Request<Incoming>,
    seen: Arc<Seen>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    seen.requests.fetch_add(1, Ordering::Relaxed);
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await?.to_bytes();
    let builder = Response::builder();
    let response = match path.as_str() {
        "/away" => builder
            .status(302)
            .header("location", "http://127.0.0.1:1/")
            .body(Full::default()),
        "/large" => builder.body(Full::new(Bytes::from(vec![b'x'; 100_000]))),
        "/never" => std::future::pending().await,
        _ => builder.status(201).body(Full::new(body)),
    };
    Ok(response.unwrap_or_default())
}

impl Server {
    async fn start(speech: Speech) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let counted = Arc::clone(&seen);
        let tls = acceptor(speech.h2);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                counted.connections.fetch_add(1, Ordering::Relaxed);
                let (seen, tls) = (Arc::clone(&counted), tls.clone());
                tokio::spawn(async move {
                    if speech.tls {
                        if let Ok(stream) = tls.accept(stream).await {
                            serve(TokioIo::new(stream), speech, seen).await;
                        }
                    } else {
                        serve(TokioIo::new(stream), speech, seen).await;
                    }
                });
            }
        });
        Self {
            address,
            seen,
            speech,
        }
    }

    fn origin(&self) -> String {
        let scheme = match self.speech {
            Speech { tls: true, .. } => "https",
            Speech { h2: true, .. } => "h2c",
            _ => "http",
        };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.origin().replace("h2c:", "http:"))
    }

    fn client(&self) -> Outbound {
        client(OutboundSettings {
            exceptions: vec![Exception::parse(&self.origin()).unwrap()],
            ..OutboundSettings::default()
        })
    }

    fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }
}

async fn serve<S>(stream: TokioIo<S>, speech: Speech, seen: Arc<Seen>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| answer(request, Arc::clone(&seen)));
    if speech.h2 {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .max_concurrent_streams(speech.streams)
            .serve_connection(stream, service)
            .await;
    } else {
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(stream, service)
            .await;
    }
}

fn acceptor(h2: bool) -> tokio_rustls::TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(KEY.to_vec());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CERTIFICATE.to_vec().into()], key.into())
        .unwrap();
    config.alpn_protocols = vec![if h2 {
        b"h2".to_vec()
    } else {
        b"http/1.1".to_vec()
    }];
    Arc::new(config).into()
}

fn client(mut settings: OutboundSettings) -> Outbound {
    settings.extra_roots.push(CERTIFICATE.to_vec());
    let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
    Outbound::new(settings, clock).unwrap()
}

fn post(uri: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post(uri).body(body.into()).unwrap()
}

const ALL: [Speech; 4] = [
    Speech {
        tls: true,
        h2: true,
        streams: 250,
    },
    Speech {
        tls: true,
        h2: false,
        streams: 0,
    },
    Speech {
        tls: false,
        h2: true,
        streams: 250,
    },
    Speech {
        tls: false,
        h2: false,
        streams: 0,
    },
];

#[tokio::test]
async fn sends_and_reads_in_every_speech() {
    for speech in ALL {
        let server = Server::start(speech).await;
        let client = server.client();
        for n in 0..3 {
            let response = client
                .send(post(&server.uri("/echo"), n.to_string()))
                .await
                .unwrap();
            assert_eq!(
                (response.status().as_u16(), &response.body()[..]),
                (201, n.to_string().as_bytes())
            );
        }
        assert_eq!(server.connections(), 1, "connections are kept");
    }
}

#[tokio::test]
async fn what_lies_inside_is_refused_without_the_operators_word() {
    let server = Server::start(ALL[0]).await;
    let client = client(OutboundSettings::default());
    for uri in [
        server.uri("/"),
        format!("https://127.0.0.1:{}/", server.address.port()),
        format!("https://2130706433:{}/", server.address.port()),
        format!("https://0x7f.1:{}/", server.address.port()),
        format!("https://[::ffff:127.0.0.1]:{}/", server.address.port()),
        format!("https://[::1]:{}/", server.address.port()),
        "https://169.254.169.254/latest/meta-data".into(),
        "https://10.0.0.1/".into(),
        "http://9.9.9.9/".into(),
    ] {
        let error = client.send(post(&uri, "")).await.unwrap_err();
        assert!(matches!(error, OutboundError::Refused), "{uri}: {error:?}");
    }
    for uri in [
        "/path",
        "ftp://a/",
        "https://user:word@example.org/",
        "https://a:x/",
    ] {
        let Ok(request) = Request::post(uri).body(Bytes::new()) else {
            continue;
        };
        let error = client.send(request).await.unwrap_err();
        assert!(matches!(error, OutboundError::Address), "{uri}: {error:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn the_operators_word_holds_for_one_origin_alone() {
    let (named, other) = (Server::start(ALL[3]).await, Server::start(ALL[3]).await);
    let client = named.client();
    assert!(client.send(post(&named.uri("/"), "")).await.is_ok());
    let error = client.send(post(&other.uri("/"), "")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Refused));
    let by_number = format!("http://127.0.0.1:{}/", named.address.port());
    let error = client.send(post(&by_number, "")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Refused));
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let server = Server::start(ALL[0]).await;
    let settings = OutboundSettings {
        exceptions: vec![Exception::parse(&server.origin()).unwrap()],
        ..OutboundSettings::default()
    };
    let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
    let client = Outbound::new(settings, clock).unwrap();
    let error = client.send(post(&server.uri("/"), "")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Tls(_)), "{error:?}");
}

#[tokio::test]
async fn redirects_are_answers_and_large_answers_are_cut() {
    for speech in ALL {
        let server = Server::start(speech).await;
        let client = server.client();
        let response = client.send(post(&server.uri("/away"), "")).await.unwrap();
        assert_eq!(response.status(), 302);
        let error = client
            .send(post(&server.uri("/large"), ""))
            .await
            .unwrap_err();
        assert!(matches!(error, OutboundError::TooLarge), "{error:?}");
        assert!(client.send(post(&server.uri("/"), "")).await.is_ok());
    }
}

#[tokio::test]
async fn patience_ends() {
    let server = Server::start(ALL[0]).await;
    let mut settings = OutboundSettings {
        exceptions: vec![Exception::parse(&server.origin()).unwrap()],
        ..OutboundSettings::default()
    };
    settings.extra_roots.push(CERTIFICATE.to_vec());
    let clock = Arc::new(SimClock::at(Timestamp::UNIX_EPOCH));
    let client = Outbound::new(settings, Arc::clone(&clock) as _).unwrap();
    let waiting = tokio::spawn({
        let (client, uri) = (client.clone(), server.uri("/never"));
        async move { client.send(post(&uri, "")).await }
    });
    while server.seen.requests.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(29));
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    clock.advance(Duration::from_secs(1));
    assert!(matches!(
        waiting.await.unwrap(),
        Err(OutboundError::Timeout)
    ));
}

#[tokio::test]
async fn a_server_that_went_away_and_came_back_is_found_again() {
    let server = Server::start(ALL[2]).await;
    let mut client = server.client();
    assert!(client.send(post(&server.uri("/"), "")).await.is_ok());
    // Nobody listens on this port any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    client = super::tests::client(OutboundSettings {
        exceptions: vec![Exception::parse(&format!("http://localhost:{port}")).unwrap()],
        ..OutboundSettings::default()
    });
    let uri = format!("http://localhost:{port}/");
    let error = client.send(post(&uri, "")).await.unwrap_err();
    assert!(matches!(error, OutboundError::Connect(_)), "{error:?}");
    assert!(error.is_transient());
}

/// Many at once share few connections. One is enough where the other side takes them all; until it has said
/// so, a second may have been opened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_at_once_share_few_connections() {
    for (streams, most) in [(2000, 2), (100, 4)] {
        let server = Server::start(Speech {
            tls: true,
            h2: true,
            streams,
        })
        .await;
        let client = server.client();
        let mut sending = Vec::new();
        for _ in 0..2000 {
            let (client, request) = (client.clone(), post(&server.uri("/"), vec![7; 300]));
            sending.push(tokio::spawn(async move { client.send(request).await }));
        }
        for sent in sending {
            assert_eq!(sent.await.unwrap().unwrap().status(), 201);
        }
        assert!(server.connections() <= most, "{}", server.connections());
    }
}

#[test]
fn an_exception_is_an_origin_and_nothing_more() {
    for wrong in [
        "https://a.example#b",
        "https://a.example/#u@b",
        "https://a.example/b",
        "https://u@a.example",
        "a.example",
    ] {
        assert!(Exception::parse(wrong).is_err(), "{wrong}");
    }
    assert_eq!(
        Exception::parse("https://a.example/").unwrap().origin.port,
        443
    );
}

proptest! {
    #[test]
    fn any_text_is_read_as_an_origin_or_refused(text: String) {
        if let Ok(exception) = Exception::parse(&text) {
            prop_assert!(!exception.origin.host.is_empty());
            prop_assert!(!text.contains('@'));
        }
    }

    #[test]
    fn origins_are_what_was_written(host in "[a-z][a-z0-9]{0,8}(\\.[a-z]{2,5})?", port: u16, path in "(/[a-z]{0,5})?") {
        let uri: Uri = format!("https://{host}:{port}{path}").parse().unwrap();
        let origin = Origin::of(&uri).unwrap();
        prop_assert_eq!((origin.tls, &*origin.host, origin.port), (true, host.as_str(), port));
        let uri: Uri = format!("https://{host}{path}").parse().unwrap();
        prop_assert_eq!(Origin::of(&uri).unwrap().port, 443);
    }
}

//! Over TLS: certificates that are good, and certificates that are not.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use base::chain;
use camera::{Distrust, Error};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::hub::Hub;
use crate::world::{Agent, Scratch, mount, options, pause, simulator, until};

/// Who signs certificates here.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A server that has a certificate for that name.
    fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        acceptor(certificate.der().clone(), key.into())
    }

    fn file(&self, folder: &Scratch) -> PathBuf {
        std::fs::create_dir_all(folder.path()).unwrap();
        let path = folder.path().join("authority.pem");
        std::fs::write(&path, &self.pem).unwrap();
        path
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// TLS before the hub, as a proxy does it; what it shows can be changed.
struct Gate(Arc<Mutex<TlsAcceptor>>);

impl Gate {
    async fn before(hub: &Hub, shown: TlsAcceptor) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        hub.stands_behind(format!("https://localhost:{port}"));
        let shown = Arc::new(Mutex::new(shown));
        tokio::spawn(serve(listener, Arc::clone(&shown), hub.address));
        Self(shown)
    }

    fn show(&self, other: TlsAcceptor) {
        *self.0.lock().unwrap() = other;
    }
}

async fn serve(listener: TcpListener, shown: Arc<Mutex<TlsAcceptor>>, to: SocketAddr) {
    while let Ok((tcp, _)) = listener.accept().await {
        let acceptor = shown.lock().unwrap().clone();
        tokio::spawn(async move {
            if let Ok(mut tls) = acceptor.accept(tcp).await {
                let mut hub = TcpStream::connect(to).await.unwrap();
                let _ = copy_bidirectional(&mut tls, &mut hub).await;
            }
        });
    }
}

#[tokio::test]
async fn over_tls_it_enrols_delivers_and_talks() {
    let (hub, camera) = (Hub::start(1).await, simulator(mount()).await);
    let (folder, other) = (Scratch::new(), Scratch::new());
    let authority = Authority::new("Wache");
    let gate = Gate::before(&hub, authority.server("localhost", |_| {})).await;
    let with_authority = || {
        let mut options = options(&folder, &hub, &camera.url("yard"));
        options.authority = Some(authority.file(&other));
        Agent::start(options)
    };
    let agent = with_authority();
    until(&hub, "the channel speaks", |it| it.state().is_some()).await;
    until(&hub, "segments", |it| it.segments.len() > 1).await;
    agent.stop().await.unwrap();
    let taken = hub.book().segments.len();
    assert!(!hub.book().pictures(&hub.keys).concat().is_empty());

    // A certificate that runs out costs no recording: it goes on, and delivers once there is a good one again.
    let expired = |it: &mut CertificateParams| it.not_after = date_time_ymd(2020, 1, 1);
    gate.show(authority.server("localhost", expired));
    let channels = hub.book().channels;
    let agent = with_authority();
    for _ in 0..500 {
        if folder.ending("seg") > 2 {
            break;
        }
        pause(20).await;
    }
    assert!(folder.ending("seg") > 2, "it records all the same");
    {
        let book = hub.book();
        let come = (book.segments.len(), book.channels);
        assert_eq!(come, (taken, channels), "and believes nobody");
    }
    gate.show(authority.server("localhost", |_| {}));
    until(&hub, "the rest", |it| it.segments.len() > taken + 2).await;
    until(&hub, "the channel", |it| it.channels > channels).await;
    agent.stop().await.unwrap();
    assert_eq!(folder.ending("seg"), 0);
}

#[tokio::test]
async fn a_wrong_certificate_is_refused_with_what_to_do() {
    let hub = Hub::start(1).await;
    let (folder, other) = (Scratch::new(), Scratch::new());
    let (ours, theirs) = (Authority::new("Wache"), Authority::new("Fremd"));
    let gate = Gate::before(&hub, ours.server("localhost", |_| {})).await;
    let refused = async |authority: Option<PathBuf>, want: Distrust, hint: &str| {
        let mut options = options(&folder, &hub, "rtsp://127.0.0.1:1/x");
        options.authority = authority;
        let error = Agent::start(options).ends().await.unwrap_err();
        assert!(
            matches!(error, Error::Certificate(it) if it == want),
            "{}",
            chain(&error)
        );
        let said = chain(&error).to_string();
        assert!(
            said.contains("certificate") && said.contains(hint),
            "{said}"
        );
    };
    let known = || Some(ours.file(&other));
    refused(None, Distrust::UnknownAuthority, "--ca").await;
    gate.show(theirs.server("localhost", |_| {}));
    refused(known(), Distrust::UnknownAuthority, "--ca").await;
    gate.show(ours.server("elsewhere.example", |_| {}));
    refused(known(), Distrust::OtherName, "--hub").await;
    let expired = |it: &mut CertificateParams| it.not_after = date_time_ymd(2020, 1, 1);
    gate.show(ours.server("localhost", expired));
    refused(known(), Distrust::OutOfTime, "clock").await;
    let early = |it: &mut CertificateParams| it.not_before = date_time_ymd(4000, 1, 1);
    gate.show(ours.server("localhost", early));
    refused(known(), Distrust::OutOfTime, "clock").await;
    let authority =
        |it: &mut CertificateParams| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    gate.show(ours.server("localhost", authority));
    refused(known(), Distrust::Unfit, "another one").await;
    assert!(hub.book().device.is_none(), "the token is still good");
    assert!(!folder.path().join("agent.json").exists());
}

#[tokio::test]
async fn a_file_without_an_authority_is_refused() {
    let (hub, folder) = (Hub::start(1).await, Scratch::new());
    let other = Scratch::new();
    let path = Authority::new("Wache").file(&other);
    let refused = async || {
        let mut options = options(&folder, &hub, "rtsp://127.0.0.1:1/x");
        options.authority = Some(path.clone());
        let error = Agent::start(options).ends().await.unwrap_err();
        assert!(matches!(error, Error::Authority(_)), "{error:?}");
        chain(&error).to_string()
    };
    std::fs::write(&path, b"nothing").unwrap();
    assert!(refused().await.contains("no certificate"));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&path, broken).unwrap();
    assert!(refused().await.contains("no certificate"));
    std::fs::remove_file(&path).unwrap();
    assert!(refused().await.contains("--ca"));
}

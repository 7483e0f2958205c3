//! A server in this process.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, SimClock, SystemRng};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use mail::catcher::Catcher;
use server::config::Config;
use server::demo::push::PushCatcher;
use server::start::{Options, Running, start};
use store::testing::TestDb;
use store::{Blobs, Engine};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::Client;

/// A running server with its own database, clock, push service and mailbox.
pub struct TestApp {
    /// The server.
    pub running: Running,
    /// Its clock; it only moves by [`TestApp::advance`].
    pub clock: Arc<SimClock>,
    /// Where its pushes go.
    pub push: PushCatcher,
    /// Where its mails go.
    pub mail: Catcher,
    /// Its database.
    pub db: TestDb,
    _stop: watch::Sender<bool>,
}

/// When every test begins: a Sunday noon in Berlin.
const BEGINS: &str = "2026-11-22T11:00:00Z";

impl TestApp {
    /// Starts on a fresh database.
    pub async fn start(engine: Engine) -> Self {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at(BEGINS.parse().unwrap()));
        Self::start_on(db, clock, |_| {}).await
    }

    /// Starts on a database that may hold something, with a configuration of one's own.
    pub async fn start_on(
        db: TestDb,
        clock: Arc<SimClock>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        Self::start_over(db, clock, None, change).await
    }

    /// Starts with recordings somewhere else.
    pub async fn start_over(
        db: TestDb,
        clock: Arc<SimClock>,
        blobs: Option<Blobs>,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let filter = std::env::var("OBHUT_TEST_LOG").unwrap_or_else(|_| "warn".to_owned());
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_test_writer()
            .without_time()
            .try_init();
        let (push, push_origin) = push_service(clock.clone()).await;
        let (stop, stopped) = watch::channel(false);
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let (mail, mail_address) = Catcher::start(loopback, clock.clone(), stopped)
            .await
            .unwrap();
        let mut config = Config::default();
        config.data.folder.clone_from(&db.folder);
        config.database.url.clone_from(&db.postgres);
        config.server.port = 0;
        config.server.origin = Some("http://obhut.test".to_owned());
        config.push.own_services = vec![push_origin.replace("http://", "h2c://")];
        config.mail.host = Some(mail_address.ip().to_string());
        config.mail.port = Some(mail_address.port());
        config.mail.tls = Some("none".to_owned());
        change(&mut config);
        let options = Options {
            config,
            demo: false,
            clock: clock.clone(),
            rng: Arc::new(SystemRng),
            limits: true,
            blobs,
        };
        let running = start(options).await.expect("a server that starts");
        Self {
            running,
            clock,
            push,
            mail,
            db,
            _stop: stop,
        }
    }

    /// Moves the clock, and lets what becomes due run.
    pub async fn advance(&self, by: Duration) {
        self.clock.advance(by);
        settle().await;
    }

    /// Somebody without a session.
    pub fn client(&self) -> Client {
        Client::new(self.running.address)
    }

    /// Numbers all leaves of the logs, as the sequencer does every 200 ms.
    pub async fn sequence(&self) {
        for _ in 0..3 {
            self.advance(Duration::from_millis(200)).await;
        }
    }

    /// Makes phones from now on at another push service.
    #[must_use]
    pub fn with_push(mut self, push: PushCatcher) -> Self {
        self.push = push;
        self
    }

    /// Stops the server and gives its database back, for a second start.
    pub async fn stop(self) -> (TestDb, Arc<SimClock>) {
        self.running.stop().await;
        (self.db, self.clock)
    }
}

/// Gives other tasks the time to run. Real time, because they do real I/O.
#[expect(clippy::disallowed_methods, reason = "lets real tasks run")]
async fn settle() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Waits until something is so, for at most 20 s of real time.
#[expect(clippy::disallowed_methods, reason = "waits for real tasks")]
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..1000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}");
}

/// A push service on a free port that speaks HTTP/1 and HTTP/2 without TLS.
pub async fn push_service(clock: Arc<dyn Clock>) -> (PushCatcher, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let push = PushCatcher::new(origin.clone(), clock, 1);
    let router = push.router();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (push, origin)
}

//! Starting and stopping: opens what is needed in the right order, listens, runs the workers, ends cleanly.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use alarm::delivery::Pusher;
use alarm::incident::Alarms;
use axum::serve::ListenerExt as _;
use base::{Clock, Problem, Rng, chain};
use ledger::Ledger;
use people::People;
use privacy::Clocks;
use store::{Blobs, Runner, RunnerSettings, Store, StoreError};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use web::Ctx;
use web::outbound::{Exception, Outbound, OutboundSettings};

use crate::checks::ServerChecks;
use crate::config::{Config, ConfigError};
use crate::data::{DataError, DataFolder};
use crate::demo::{self, Demo};
use crate::trust::Trust;

/// What to start with.
pub struct Options {
    /// The configuration.
    pub config: Config,
    /// Whether to be the demo.
    pub demo: bool,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    /// Whether anonymous requests are counted; off for benches alone.
    pub limits: bool,
    /// Where recordings lie, if not in the configured folder; for tests of stores that behave badly.
    pub blobs: Option<Blobs>,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error("the configuration can't be used")]
    Config(#[from] ConfigError),
    /// The data folder.
    #[error("the data folder can't be used")]
    Data(#[from] DataError),
    /// The database.
    #[error("the database can't be opened")]
    Store(#[from] StoreError),
    /// The folder of recordings.
    #[error("the folder of recordings can't be opened")]
    Blobs(#[from] store::BlobError),
    /// A port.
    #[error(
        "{address} can't be listened on; is another program using it? (OBHUT_PORT sets another)"
    )]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Templates or origin.
    #[error("the pages can't be prepared")]
    Pages(#[from] web::CtxError),
    /// The demo.
    #[error("the demo can't be made")]
    Demo(#[from] crate::demo::DemoError),
    /// Anything that has a problem of its own.
    #[error("{0}")]
    Other(String),
}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self::Other(format!("{problem:?}"))
    }
}

/// Everything that handlers and workers share.
#[derive(Clone)]
pub struct Parts {
    /// What all HTTP surfaces share.
    pub ctx: Ctx,
    /// The alarm application.
    pub alarm: alarm::App,
    /// The video application.
    pub video: video::App,
    /// The identity application.
    pub identity: identity::App,
    /// Data protection, log, jobs, state.
    pub trust: Trust,
    /// The database.
    pub store: Store,
    /// The log.
    pub ledger: Ledger,
    /// Who is known.
    pub people: People,
    /// The deletion clocks.
    pub clocks: Clocks,
    /// The demo, if it is one.
    pub demo: Option<Demo>,
}

/// A running server.
pub struct Running {
    /// Where the main port listens.
    pub address: SocketAddr,
    /// Where health, readiness and counters are.
    pub health: SocketAddr,
    /// Scheme, host and port for people.
    pub origin: String,
    /// The set-up link, while there is no organisation.
    pub setup_link: Option<String>,
    /// What handlers and workers share.
    pub parts: Parts,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let fail = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(fail)?;
    let bound = listener.local_addr().map_err(fail)?;
    Ok((listener, bound))
}

/// The exceptions of the outbound client: what the operator names, and the demo's own push service.
fn outbound(
    config: &Config,
    local_push: Option<&str>,
    clock: Arc<dyn Clock>,
) -> Result<Outbound, StartError> {
    let mut exceptions = Vec::new();
    for origin in config
        .outbound
        .allow
        .iter()
        .chain(&config.push.own_services)
    {
        exceptions.push(Exception::parse(origin)?);
    }
    if let Some(origin) = local_push {
        exceptions.push(Exception::parse(&origin.replace("http://", "h2c://"))?);
    }
    let settings = OutboundSettings {
        exceptions,
        ..OutboundSettings::default()
    };
    Ok(Outbound::new(settings, clock)?)
}

/// Starts everything and returns once requests are answered.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let Options {
        config,
        demo,
        clock,
        rng,
        limits,
        blobs,
    } = options;
    let folder = DataFolder::open(&config.data.folder, demo)?;
    let root_key = folder.root_key(config.data.root_key_file.as_deref(), rng.as_ref())?;
    let settings = store::Settings {
        folder: folder.path.clone(),
        postgres: config.database_url()?,
        root_key,
        patience: Duration::from_secs(10),
    };
    let store = Store::open(settings, Arc::clone(&clock), rng).await?;
    let owner = format!("serve-{}", seal::token::random128(store.rng()));

    // Nobody but this machine reaches a server that has no administrator yet.
    let mut tx = store.read().await?;
    let fresh = people::organisation::first(&mut tx).await?.is_none();
    drop(tx);
    let mut address = config.address();
    if fresh && !demo && !address.ip().is_loopback() {
        tracing::warn!(
            "not set up yet: listening on loopback only, until the next start after set-up"
        );
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let (listener, address) = listen(address).await?;
    let health_port = config.server.health_port.unwrap_or_else(|| {
        if config.server.port == 0 {
            0
        } else {
            address.port().saturating_add(1)
        }
    });
    let (health_listener, health) = listen(SocketAddr::new(
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        health_port,
    ))
    .await?;

    let origin = config
        .server
        .origin
        .clone()
        .unwrap_or_else(|| format!("http://localhost:{}", address.port()));
    let ledger = Ledger::open(store.clone(), host_of(&origin));
    let people = People::open(store.clone(), ledger.clone()).await?;
    let mut web_settings = web::Settings::new(people.clone(), origin.clone());
    web_settings.demo = demo;
    web_settings.limits = limits;
    web_settings.patient = video::PATIENT;
    web_settings.proxies =
        web::Proxies::parse(&config.server.trusted_proxies).map_err(|wrong| {
            let what = "is no address or range like 10.0.0.0/8";
            StartError::Other(format!("server.trusted_proxies: {wrong} {what}"))
        })?;
    let ctx = Ctx::new(web_settings)?;

    let demo_push = demo.then(|| format!("http://127.0.0.1:{}", address.port()));
    let local_push = demo_push.clone().or_else(|| {
        let own = config.push.own_services.first()?;
        Some(own.replacen("h2c://", "http://", 1))
    });
    let out = outbound(&config, demo_push.as_deref(), Arc::clone(&clock))?;
    let contact = config.push.contact.clone();
    let pusher = Pusher::open(store.clone(), out, ctx.origin().to_owned(), contact).await?;
    let alarm = alarm::App {
        alarms: Alarms::new(store.clone(), ledger.clone(), ctx.live().clone()),
        pusher,
        counters: alarm::Counters::default(),
        local_push: local_push.is_some(),
        ctx: ctx.clone(),
    };
    let blobs = match blobs {
        Some(blobs) => blobs,
        None => Blobs::open(config.blobs()).await?,
    };
    let video = video::App::new(ctx.clone(), blobs);
    let (stop, stopped) = watch::channel(false);
    let demo = match demo_push {
        Some(origin) => {
            Some(Demo::open(&folder, &store, &people, &alarm, &origin, stopped.clone()).await?)
        }
        None => None,
    };
    let sender = crate::mailer::open(&config, &store, ctx.host(), demo.as_ref())?;
    let identity = identity::App::new(ctx.clone(), people.clone(), local_push)
        .with_tables(crate::registry::tables());
    let mut works = alarm::workers::clocks(&alarm);
    works.extend(crate::trust::clocks(&store, &ledger));
    works.extend(identity::clocks());
    works.extend(video::clocks(&video));
    works.extend(mail::clocks());
    let clocks = Clocks::new(works);
    let trust = Trust::new(&ctx, clocks.clone(), crate::registry::tables());
    let parts = Parts {
        ctx,
        alarm,
        video,
        identity,
        trust,
        store,
        ledger,
        people,
        clocks,
        demo,
    };

    let setup_link = identity::ensure_setup_link(&parts.identity).await?;
    let mut tasks = JoinSet::new();
    workers(&parts, &owner, Arc::new(sender), &stopped, &mut tasks);
    serve(listener, crate::http::routes(&parts), &stopped, &mut tasks);
    let checks = Arc::new(ServerChecks::new(&parts));
    serve(
        health_listener,
        web::health::router(checks),
        &stopped,
        &mut tasks,
    );
    if parts.demo.is_some() {
        demo::run(&parts, &stopped, &mut tasks);
    }
    Ok(Running {
        address,
        health,
        origin,
        setup_link,
        parts,
        stop,
        tasks,
    })
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

fn serve(
    listener: TcpListener,
    routes: axum::Router,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    let mut stopped = stopped.clone();
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    // The end of a streamed answer, or a live picture, must not wait for the other side to confirm what was before it.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may wait");
        }
    });
    tasks.spawn(async move {
        let until = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        if let Err(error) = axum::serve(listener, service)
            .with_graceful_shutdown(until)
            .await
        {
            tracing::error!(error = %chain(&error), "a port is no longer served");
        }
    });
}

fn workers(
    parts: &Parts,
    owner: &str,
    mailer: Arc<dyn store::Handler>,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    let mut handlers = alarm::workers::handlers(&parts.alarm);
    handlers.extend(video::handlers(&parts.video));
    handlers.push(mailer);
    handlers.push(Arc::new(people::person::ForgetHandler::new(
        parts.ledger.clone(),
    )));
    let settings = RunnerSettings {
        owner: owner.to_owned(),
        look_every: Duration::from_secs(1),
        batch: 64,
    };
    let runner = Runner::new(parts.store.clone(), handlers, settings);
    tasks.spawn(runner.run(stopped.clone()));
    let ledger = parts.ledger.clone();
    tasks.spawn(ledger.run(parts.store.clone(), owner.to_owned(), stopped.clone()));
    let clocks = parts.clocks.clone();
    tasks.spawn(clocks.run(parts.store.clone(), owner.to_owned(), stopped.clone()));
    tasks.spawn(alarm::workers::close_expired(
        parts.alarm.clone(),
        stopped.clone(),
    ));
    if parts.store.engine() == store::Engine::Postgres {
        tasks.spawn(alarm::workers::follow_others(
            parts.alarm.clone(),
            stopped.clone(),
        ));
        tasks.spawn(crate::neighbours::run(
            parts.store.clone(),
            parts.ctx.live().clone(),
            owner.to_owned(),
            stopped.clone(),
        ));
    }
    let (people, mut stop) = (parts.people.clone(), stopped.clone());
    let clock = parts.store.shared_clock();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = clock.sleep(Duration::from_mins(5)) => {}
                () = async { let _ = stop.wait_for(|stop| *stop).await; } => return,
            }
            if let Err(error) = people.note_failures().await {
                tracing::warn!(error = %chain(&error), "failed sign-ins were not counted");
            }
            if let Err(error) = forget_done_jobs(people.store()).await {
                tracing::warn!(error = %chain(&error), "done jobs were not forgotten");
            }
        }
    });
}

/// Jobs that were done go after a week; those that were given up stay until somebody looks at them.
async fn forget_done_jobs(store: &Store) -> Result<u64, StoreError> {
    store::act!(store, |tx| -> Result<u64, StoreError> {
        tx.sweep_jobs().await
    })
}

/// How long running requests and jobs may take to end.
const GRACE: Duration = Duration::from_secs(8);

impl Running {
    /// Stops listening, lets running work come to an end, closes the database.
    #[expect(
        clippy::disallowed_methods,
        reason = "ending must not wait for a simulated clock"
    )]
    pub async fn stop(mut self) {
        self.parts.ctx.live().stop();
        let _ = self.stop.send(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        tokio::select! {
            () = ended => {}
            // A request that hangs must not keep the server from ending.
            () = tokio::time::sleep(GRACE) => self.tasks.abort_all(),
        }
        self.parts.store.close().await;
    }
}

//! The server: reads what is to be played, listens, serves each client in a task of its own.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::{Clock, Rng};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::client::{Server, serve};
use super::mount::{Producer, Shared};
use super::{Faults, Options};
use crate::scene::SceneError;

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be had.
    #[error("cannot listen")]
    Listen(#[source] io::Error),
    /// A file cannot be read.
    #[error("cannot read the file")]
    File(#[source] io::Error),
    /// A file holds no pictures, or its name does not tell the codec.
    #[error("{0}")]
    Unplayable(&'static str),
    /// The scene cannot be drawn so.
    #[error("the scene cannot be drawn")]
    Scene(#[from] SceneError),
}

/// A running server; dropped, it stops.
pub struct Simulator {
    addr: SocketAddr,
    mounts: Vec<Arc<Shared>>,
    _tasks: JoinSet<()>,
}

/// One mount of a running server.
#[derive(Clone)]
pub struct Handle(Arc<Shared>);

impl Simulator {
    /// Reads files, listens, begins to play. Needs a Tokio runtime.
    pub async fn start(
        options: Options,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, StartError> {
        let listener = TcpListener::bind(options.bind)
            .await
            .map_err(StartError::Listen)?;
        let addr = listener.local_addr().map_err(StartError::Listen)?;
        let mut tasks = JoinSet::new();
        let mut mounts = Vec::with_capacity(options.mounts.len());
        for mount in options.mounts {
            let stamp_base = u32::from_be_bytes(base::array(&*rng));
            let producer = Producer::new(mount, Arc::clone(&clock), stamp_base).await?;
            mounts.push(producer.shared());
            tasks.spawn(producer.play());
        }
        let server = Arc::new(Server {
            mounts: mounts.clone(),
            on_send: options.on_send,
            clock,
            rng,
        });
        tasks.spawn(accept(listener, server));
        Ok(Self {
            addr,
            mounts,
            _tasks: tasks,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address of a mount, without credentials.
    pub fn url(&self, path: &str) -> String {
        format!("rtsp://{}/{path}", self.addr)
    }

    /// A mount by its path.
    pub fn mount(&self, path: &str) -> Option<Handle> {
        let found = self
            .mounts
            .iter()
            .find(|it| *it.path == *path.trim_matches('/'));
        found.map(|it| Handle(Arc::clone(it)))
    }
}

impl Handle {
    /// What goes wrong now.
    pub fn faults(&self) -> Faults {
        self.0.faults()
    }

    /// Changes what goes wrong, from the next picture or request on.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) {
        self.0.set_faults(change);
    }

    /// How many clients play.
    pub fn clients(&self) -> usize {
        self.0.items.receiver_count()
    }

    /// How often a client asked for the microphone, which it never gets.
    pub fn microphone_asked(&self) -> u64 {
        self.0.microphone_asked.load(Ordering::Relaxed)
    }
}

/// Dropped with its task, it ends all clients.
async fn accept(listener: TcpListener, server: Arc<Server>) {
    let mut clients = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let server = Arc::clone(&server);
                    clients.spawn(async move {
                        if let Err(error) = serve(stream, server).await {
                            tracing::debug!(%error, "a client of the simulated camera is gone");
                        }
                    });
                }
                // Out of descriptors: wait until a client goes or a moment passes.
                Err(error) => {
                    tracing::warn!(%error, "the simulated camera cannot accept");
                    server.clock.sleep(std::time::Duration::from_millis(100)).await;
                }
            },
            Some(_) = clients.join_next() => {}
        }
    }
}

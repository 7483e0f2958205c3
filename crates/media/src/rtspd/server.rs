//! The server: accepts, answers, plays.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use base::{Clock, Rng};

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
}

/// One mount of a running server.
#[derive(Clone)]
pub struct Handle {
    faults: Arc<std::sync::Mutex<Faults>>,
}

impl Simulator {
    /// Reads files, listens, begins to play.
    pub async fn start(
        options: Options,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, StartError> {
        let _ = (clock, rng);
        std::future::ready(()).await;
        Ok(Self { addr: options.bind })
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
        let _ = path;
        None
    }
}

impl Handle {
    /// What goes wrong now.
    pub fn faults(&self) -> Faults {
        self.faults
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Changes what goes wrong, from the next picture or request on.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) {
        change(
            &mut self
                .faults
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
    }
}

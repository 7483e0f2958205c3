//! What means: come to an end.

use std::io::Read as _;

use anyhow::Result;
use tokio::sync::oneshot;

/// Waits for SIGTERM, SIGINT, or the end of the process that holds our standard input.
pub(crate) struct Ends {
    parent: Option<oneshot::Receiver<()>>,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Ends {
    /// From now on the signals are caught.
    pub(crate) fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            parent: None,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Ends with standard input as well: its other end closes when the parent dies, however it dies.
    pub(crate) fn with_parent(mut self, yes: bool) -> Self {
        if yes {
            let (gone, parent) = oneshot::channel();
            std::thread::spawn(move || {
                let mut input = std::io::stdin();
                let mut bytes = [0; 64];
                while matches!(input.read(&mut bytes), Ok(1..)) {}
                let _ = gone.send(());
            });
            self.parent = Some(parent);
        }
        self
    }

    /// Resolves at the first of them.
    pub(crate) async fn wait(&mut self) {
        let parent = self.parent.as_mut();
        let parent = async move {
            match parent {
                Some(parent) => drop(parent.await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = parent => {}
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

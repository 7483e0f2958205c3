//! Password hashes on a bounded pool: load can't starve the rest, and a full queue says so at once.

use std::sync::Arc;

use ::store::Store;
use seal::Zeroizing;
use tokio::sync::Semaphore;

use super::password::Password;
use crate::PeopleError;

/// Who waits beyond this is sent away; at 50 hashes a second that is about a second of waiting.
const QUEUE: usize = 64;

/// The pool. Each hash takes about 20 ms of a core and 19 MiB.
pub(crate) struct Hashing {
    queue: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            queue: Arc::new(Semaphore::new(QUEUE)),
            cores: Arc::new(Semaphore::new(cores.clamp(1, 4))),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PeopleError> {
        let queue = Arc::clone(&self.queue);
        let place = queue.try_acquire_owned().map_err(|_| PeopleError::Busy)?;
        let cores = Arc::clone(&self.cores);
        let core = cores.acquire_owned().await.map_err(|_| PeopleError::Busy)?;
        // The places move along: work goes on also when the request was given up.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, core);
            work()
        });
        done.await.map_err(|_| PeopleError::Hashing)
    }

    pub(crate) async fn hash(
        &self,
        store: &Store,
        password: Password,
    ) -> Result<String, PeopleError> {
        let store = store.clone();
        let password = password.into_inner();
        self.run(move || seal::password::hash(&password, store.rng()))
            .await?
            .map_err(|_| PeopleError::Hashing)
    }

    /// Whether the password fits; without a stored hash the same work is done for nothing. When it fits a hash
    /// made with other costs than today's, a new one comes along.
    pub(crate) async fn verify(
        &self,
        store: &Store,
        password: Zeroizing<String>,
        stored: Option<String>,
    ) -> Result<(bool, Option<String>), PeopleError> {
        let store = store.clone();
        self.run(move || {
            let known = stored.is_some();
            let stored = stored.unwrap_or_else(|| seal::password::dummy().to_owned());
            let fits = seal::password::verify(&password, &stored) && known;
            let renew = fits && seal::password::is_outdated(&stored);
            let renewed = renew.then(|| seal::password::hash(&password, store.rng()).ok());
            (fits, renewed.flatten())
        })
        .await
    }
}

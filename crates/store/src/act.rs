//! Acts: everything in one commits together, or nothing does.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::{Store, StoreError, Tx};

/// How often an act is repeated when other transactions are in the way.
const ATTEMPTS: u32 = 10;
/// The last pauses are at most so long, in milliseconds.
const LONGEST: u64 = 256;

/// Runs one act on a [`Store`]: `act!(store, |tx| { … })`, where the block gives a `Result`.
///
/// The block may run several times and touches nothing outside the transaction. It runs under
/// `BEGIN IMMEDIATE` or `SERIALIZABLE`, up to ten times when others are in the way. With
/// `act!(store, |tx| -> Result<T, E> { … })` the type is said where it can't be inferred.
///
/// A macro and not a method with a closure, because a future made by an async closure is not `Send` to the
/// compiler's eyes once it borrows, and handlers must be.
#[macro_export]
macro_rules! act {
    ($store:expr, |$tx:ident| -> $result:ty $body:block) => {{
        let outcome: $result = $crate::act!($store, |$tx| $body);
        outcome
    }};
    ($store:expr, |$tx:ident| $body:expr) => {{
        let store: &$crate::Store = &$store;
        let mut repeat = $crate::Repeat::default();
        loop {
            let mut tx = match store.begin().await {
                Ok(tx) => tx,
                Err(error) => break Err(error.into()),
            };
            let result = {
                let $tx = &mut tx;
                async { $body }.await
            };
            if let std::ops::ControlFlow::Break(end) = repeat.settle(store, tx, result).await {
                break end;
            }
        }
    }};
}

/// Counts the attempts of one act. Used by [`act!`](crate::act) alone.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Repeat {
    attempts: u32,
}

impl Repeat {
    /// Commits or rolls back, and says whether to try again.
    pub async fn settle<T, E: From<StoreError>>(
        &mut self,
        store: &Store,
        tx: Tx,
        result: Result<T, E>,
    ) -> ControlFlow<Result<T, E>> {
        self.attempts += 1;
        let again = self.attempts < ATTEMPTS;
        match result {
            Ok(value) => match tx.commit().await {
                Ok(()) => return ControlFlow::Break(Ok(value)),
                Err(error) if error.is_transient() && again => {}
                Err(error) => return ControlFlow::Break(Err(error.into())),
            },
            Err(error) => {
                let again = again && tx.is_transient();
                tx.roll_back().await;
                if !again {
                    return ControlFlow::Break(Err(error));
                }
            }
        }
        // Twenty that come at once must not meet again and again.
        let pause = 1 + store.rng().below((4 << self.attempts).min(LONGEST));
        real_pause(Duration::from_millis(pause)).await;
        ControlFlow::Continue(())
    }
}

/// Real time also under a simulated clock: the database is real.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for a real database, not for a deadline"
)]
async fn real_pause(pause: Duration) {
    tokio::time::sleep(pause).await;
}

//! What happens after somebody has left an organisation: its log forgets them.
//!
//! A job and not a step of the act, because keys lie apart from the data and must be destroyed even when the
//! process dies right after the commit. Destroying twice is harmless.

use ::store::{Handler, HandlerFuture, Job, JobFailure, Outcome};
use base::PersonId;
use ledger::{Ledger, Log};

/// The topic; its object is the person, its organisation the one they left.
pub(crate) const FORGET: &str = "person.forget";

/// Destroys the keys under which an organisation's log keeps somebody who left.
pub struct ForgetHandler {
    ledger: Ledger,
}

impl ForgetHandler {
    /// A handler that forgets in this ledger.
    pub fn new(ledger: Ledger) -> Self {
        Self { ledger }
    }
}

impl Handler for ForgetHandler {
    fn topic(&self) -> &'static str {
        FORGET
    }

    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a> {
        Box::pin(async move {
            let (Some(org), Ok(person)) = (job.org, job.object.parse::<PersonId>()) else {
                return Err(JobFailure::fatal("malformed_job"));
            };
            let forgotten = self.ledger.forget(Log::Org(org), &person.to_string()).await;
            forgotten.map_err(|error| JobFailure {
                code: "keys_not_destroyed",
                fatal: false,
                retry_after: None,
                source: Some(Box::new(error)),
            })?;
            Ok(Outcome::Nothing)
        })
    }

    fn patience(&self) -> i64 {
        1000
    }
}

//! The workers of delivery: one batch of an alarm, and a test to one device.

use std::time::Duration;

use ::store::{Handler, HandlerFuture, Job, JobFailure, Outcome, StoreError, act};
use base::{AlarmId, DeviceId, Timestamp};

use super::model::{Handed, Notice, Target};
use super::{Pusher, TEST_TOPIC, TOPIC, store};
use crate::Counters;

/// Sends one batch of an alarm.
pub struct PushHandler {
    /// Sends.
    pub pusher: Pusher,
    /// Counts.
    pub counters: Counters,
}

impl Handler for PushHandler {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a> {
        Box::pin(self.push(job))
    }

    fn at_once(&self) -> usize {
        8
    }

    fn patience(&self) -> i64 {
        // With pauses of at most two minutes this is as long as an alarm stays open.
        400
    }
}

impl PushHandler {
    async fn push(&self, job: &Job) -> Result<Outcome, JobFailure> {
        let (Some(org), Ok(alarm)) = (job.org, job.object.parse::<AlarmId>()) else {
            return Err(JobFailure::fatal("bad_job"));
        };
        let (from, to) = job
            .arg
            .split_once("..")
            .ok_or(JobFailure::fatal("bad_job"))?;
        let mut tx = self.pusher.store().read().await?;
        let Some((title, unit, lang, open)) = store::notice(&mut tx, org, alarm).await? else {
            return Ok(Outcome::Nothing);
        };
        if !open {
            // Whoever did not get it in time must not be woken by it now.
            return Ok(Outcome::Nothing);
        }
        let targets = store::targets(&mut tx, org, alarm, from, to).await?;
        drop(tx);
        let origin = self.pusher.origin();
        let notice = Notice {
            origin,
            alarm: Some(alarm),
            title: &title,
            unit: &unit,
            lang,
        };
        let done = self.pusher.send_all(targets, &notice).await;
        self.counters
            .handed(done.iter().filter(|(_, h, _)| *h == Handed::Taken).count());
        let later = later(&done);
        act!(self.pusher.store(), |tx| -> Result<(), StoreError> {
            store::write_traces(tx, org, alarm, &done).await?;
            if later.is_none() && !tx.finish(job).await? {
                // Another process took the job over: it will see these traces.
                tracing::debug!(job.id = %job.id, "the lease of a batch was lost");
            }
            Ok(())
        })?;
        match later {
            None => Ok(Outcome::Finished),
            Some((code, retry_after)) => {
                let retry_after = retry_after.or(Some(base_pause(job.attempts)));
                Err(JobFailure {
                    code,
                    fatal: false,
                    retry_after,
                    source: None,
                })
            }
        }
    }
}

/// The first pauses are short: somebody waits for this alarm.
fn base_pause(attempts: i64) -> Duration {
    Duration::from_secs(1 << attempts.clamp(0, 6))
}

/// The longest pause that any service of the batch asked for, if some pushes must be tried again.
fn later(done: &[(Target, Handed, Timestamp)]) -> Option<(&'static str, Option<Duration>)> {
    done.iter()
        .filter_map(|(_, handed, _)| match handed {
            Handed::Later(code, pause) => Some((*code, *pause)),
            _ => None,
        })
        .max_by_key(|(_, pause)| *pause)
}

/// Sends a test to one device.
pub struct TestPushHandler {
    /// Sends.
    pub pusher: Pusher,
}

impl Handler for TestPushHandler {
    fn topic(&self) -> &'static str {
        TEST_TOPIC
    }

    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a> {
        Box::pin(self.push(job))
    }

    fn patience(&self) -> i64 {
        3
    }
}

impl TestPushHandler {
    async fn push(&self, job: &Job) -> Result<Outcome, JobFailure> {
        let (Some(org), Ok(device)) = (job.org, job.object.parse::<DeviceId>()) else {
            return Err(JobFailure::fatal("bad_job"));
        };
        let mut tx = self.pusher.store().read().await?;
        let Some((target, lang)) = store::one_target(&mut tx, org, device).await? else {
            return Ok(Outcome::Nothing);
        };
        drop(tx);
        let origin = self.pusher.origin();
        let title = match lang {
            base::Lang::De => "Probealarm",
            base::Lang::En => "Test alarm",
        };
        let notice = Notice {
            origin,
            alarm: None,
            title,
            unit: "Obhut",
            lang,
        };
        let done = self.pusher.send_all(vec![target], &notice).await;
        for (target, handed, _) in &done {
            match handed {
                Handed::Taken => {}
                Handed::Gone => {
                    act!(self.pusher.store(), |tx| -> Result<(), StoreError> {
                        store::unsubscribe(tx, org, target).await
                    })?;
                }
                Handed::Refused(code) => return Err(JobFailure::fatal(code)),
                Handed::Later(code, pause) => {
                    let retry_after = *pause;
                    return Err(JobFailure {
                        code,
                        fatal: false,
                        retry_after,
                        source: None,
                    });
                }
            }
        }
        Ok(Outcome::Nothing)
    }
}

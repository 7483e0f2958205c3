//! Sends what waits in the spool: buckets before their segments, each camera's segments in order.
//!
//! One task a camera, a few of them at once. Whatever goes wrong, what was not taken stays where it is.

mod gaps;
pub(crate) mod model;

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{BucketId, CameraId, Clock, Rng, chain};
use media::wire::CAMERA_DELETED;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::hub::{Hub, HubError};
use crate::pace::Pace;
use crate::spool::{Next, Spool, Waiting, cameras_in};
use model::Verdict;

/// So many segments are on their way at once.
const AT_ONCE: usize = 4;
/// Looks into the spool at least so often.
const LOOK: Duration = Duration::from_secs(30);

/// Sends until it is dropped.
pub(crate) struct Uploader {
    pub(crate) spool: Arc<Spool>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    permits: Semaphore,
    /// Counts up when there is something new.
    news: watch::Sender<u64>,
    /// The longest pause between attempts.
    most: Duration,
    /// Shared by all cameras.
    pace: Mutex<Pace>,
}

impl Uploader {
    pub(crate) fn new(
        spool: Arc<Spool>,
        hub: Arc<Hub>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        most: Duration,
    ) -> Self {
        Self {
            spool,
            hub,
            clock,
            rng,
            permits: Semaphore::new(AT_ONCE),
            news: watch::Sender::new(0),
            most,
            pace: Mutex::new(Pace::new(most)),
        }
    }

    /// Sends for ever.
    pub(crate) async fn run(self: Arc<Self>) {
        let mut tasks = JoinSet::new();
        tasks.spawn(gaps::run(Arc::clone(&self)));
        let mut known = BTreeSet::new();
        loop {
            match cameras_in(&self.spool) {
                Ok(cameras) => {
                    for camera in cameras {
                        if known.insert(camera) {
                            tasks.spawn(Arc::clone(&self).camera(camera));
                        }
                    }
                }
                Err(error) => warn!(error = %chain(&error), "the spool can't be read"),
            }
            self.news.send_modify(|it| *it = it.wrapping_add(1));
            tokio::select! {
                () = self.spool.more.notified() => {}
                () = self.clock.sleep(LOOK) => {}
            }
        }
    }

    /// One camera, for ever.
    async fn camera(self: Arc<Self>, camera: CameraId) {
        let mut waiting = Waiting::new(camera);
        let mut announced = BTreeSet::new();
        let mut news = self.news.subscribe();
        loop {
            news.mark_unchanged();
            let pause = match waiting.next(&self.spool) {
                Ok(Some(next)) => match self.send(&mut waiting, &mut announced, &next).await {
                    Ok(pause) => pause,
                    Err(error) => {
                        warn!(error = %chain(&error), camera.id = %camera, "the spool can't be read");
                        Some(LOOK)
                    }
                },
                Ok(None) => {
                    if news.changed().await.is_err() {
                        return;
                    }
                    None
                }
                Err(error) => {
                    warn!(error = %chain(&error), camera.id = %camera, "the spool can't be read");
                    Some(LOOK)
                }
            };
            if let Some(pause) = pause {
                self.clock.sleep(pause).await;
            }
        }
    }

    /// Sends one segment, its bucket first if need be. Gives the pause before the next attempt.
    async fn send(
        &self,
        waiting: &mut Waiting,
        announced: &mut BTreeSet<BucketId>,
        next: &Next,
    ) -> io::Result<Option<Duration>> {
        let Ok(_permit) = self.permits.acquire().await else {
            return Ok(Some(LOOK));
        };
        let verdict = if announced.contains(&next.bucket) {
            Verdict::Done
        } else {
            let verdict = if let Some(request) = next.request()? {
                let answer = self.hub.bucket(&request).await;
                self.judge(&answer, model::bucket(&answer), "bucket")
            } else {
                warn!("a recording's bucket is lost; it is kept aside in the spool");
                Verdict::Refuse
            };
            if verdict == Verdict::Done {
                announced.insert(next.bucket);
            }
            verdict
        };
        let verdict = if verdict == Verdict::Done {
            let record = next.record()?;
            let answer = self.hub.segment(next.segment, &record, &next.file()).await;
            if let Err(HubError::Disk(error)) = answer {
                return Err(error);
            }
            self.judge(&answer, model::segment(&answer), "segment")
        } else {
            verdict
        };
        match verdict {
            Verdict::Done | Verdict::Drop => waiting.done(&self.spool, next)?,
            Verdict::Refuse => waiting.refuse(&self.spool, next)?,
            Verdict::Announce => {
                // Known a moment ago, or never: asked again, at the pace of failures.
                announced.remove(&next.bucket);
                return Ok(Some(self.failed(None)));
            }
            Verdict::Wait(asked) => return Ok(Some(self.failed(asked))),
        }
        self.pace().worked();
        Ok(None)
    }

    fn judge(&self, answer: &Result<(), HubError>, verdict: Verdict, what: &str) -> Verdict {
        if let Err(error) = answer {
            match verdict {
                Verdict::Refuse => warn!(
                    error = %chain(error),
                    "the hub does not take a {what}; it is kept aside in the spool"
                ),
                Verdict::Drop if error.problem() == CAMERA_DELETED => {
                    info!("a recording goes unsent: its camera was deleted at the hub");
                }
                Verdict::Drop => info!("a recording is past its deadline and goes unsent"),
                Verdict::Wait(_) if self.pace().is_fresh() => {
                    warn!(error = %chain(error), "sending recordings has to wait");
                }
                _ => {}
            }
        }
        verdict
    }

    fn failed(&self, asked: Option<u64>) -> Duration {
        self.pace().failed(asked, &*self.rng)
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

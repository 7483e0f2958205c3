//! An alarm was raised: the armed cameras of its unit get a bookmark.

use ::store::{Handler, HandlerFuture, Job, JobFailure, Outcome, StoreError, act};
use base::{AlarmId, Id as _, OrgId, Timestamp, UnitId};

use super::store;
use crate::App;
use crate::camera;
use crate::retention::Keeping;
use crate::retention::model::hour_of;

/// What the alarm application says when it has raised one: object the alarm, arg the unit.
pub(crate) const TOPIC: &str = "alarm.raised";

/// Makes bookmarks.
pub(crate) struct BookmarkHandler {
    pub(crate) app: App,
}

/// When an alarm was raised: its id begins with that millisecond.
fn raised(alarm: AlarmId) -> Timestamp {
    let bytes = alarm.bytes();
    let millis = bytes[..6]
        .iter()
        .fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

impl BookmarkHandler {
    async fn mark(
        &self,
        job: &Job,
        org: OrgId,
        alarm: AlarmId,
        unit: UnitId,
    ) -> Result<u64, StoreError> {
        let at = raised(alarm);
        act!(self.app.ctx.store(), |tx| -> Result<u64, StoreError> {
            if !tx.finish(job).await? {
                return Ok(0);
            }
            let keeping = Keeping::of(tx, org).await?;
            let mut made = 0;
            for id in camera::store::armed_in(tx, org, unit).await? {
                let Some(camera) = camera::store::by_id(tx, org, id).await? else {
                    continue;
                };
                let due = keeping.due(camera.period.as_deref(), hour_of(at));
                made += u64::from(store::insert(tx, org, id, alarm, at, due).await?);
            }
            Ok(made)
        })
    }
}

impl Handler for BookmarkHandler {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a> {
        Box::pin(async move {
            let (Some(org), Ok(alarm), Ok(unit)) = (job.org, job.object.parse(), job.arg.parse())
            else {
                return Err(JobFailure::fatal("malformed_job"));
            };
            let made = self.mark(job, org, alarm, unit).await?;
            if made > 0 {
                // Open pages of the alarm ask again what belongs to it.
                self.app.ctx.live().notify(org, &job.object);
            }
            Ok(Outcome::Finished)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{SeededRng, SimClock};

    #[test]
    fn an_alarm_says_when_it_was_raised() {
        let clock = SimClock::at("2026-11-22T11:00:00.123Z".parse().unwrap());
        let alarm = AlarmId::new(&clock, &SeededRng::new(1));
        assert_eq!(raised(alarm).to_string(), "2026-11-22T11:00:00.123Z");
    }
}

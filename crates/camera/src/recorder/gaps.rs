//! When a camera was armed and nothing was recorded, and why: pure rules.

use base::{CameraId, GapId, SignedDuration, Timestamp};
use media::wire::{Cause, Gap, Instant};

/// Two recordings further apart have a gap between them, even when nobody said why.
const UNEXPLAINED: SignedDuration = SignedDuration::from_secs(2);

/// The gaps of one camera. Each call gives the gaps that began or ended by it.
#[derive(Debug)]
pub(crate) struct Gaps {
    camera: CameraId,
    armed: bool,
    /// End of what is recorded; before that, when recording was asked for.
    since: Option<Timestamp>,
    recorded: bool,
    open: Option<Gap>,
}

impl Gaps {
    /// A camera that is not armed; `open` is the gap that an earlier run left open.
    pub(crate) const fn new(camera: CameraId, open: Option<Gap>) -> Self {
        Self {
            camera,
            armed: false,
            since: None,
            recorded: false,
            open,
        }
    }

    /// Recording is wanted from now on.
    pub(crate) fn arm(&mut self, at: Timestamp) -> Vec<Gap> {
        if self.armed {
            return Vec::new();
        }
        self.armed = true;
        self.recorded = false;
        self.since = Some(at);
        match &self.open {
            Some(gap) if gap.cause == Cause::Disarmed => self.close(at).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Recording is no longer wanted.
    pub(crate) fn disarm(&mut self, at: Timestamp, id: GapId) -> Vec<Gap> {
        if !self.armed {
            return Vec::new();
        }
        let from = self.end_or(at);
        let mut changed: Vec<Gap> = self.close(at).into_iter().collect();
        changed.push(self.begin(id, from, Cause::Disarmed));
        self.armed = false;
        changed
    }

    /// Nothing can be recorded at the moment. The first cause holds until another is told.
    pub(crate) fn missing(&mut self, cause: Cause, at: Timestamp, id: GapId) -> Vec<Gap> {
        if !self.armed || self.open.as_ref().is_some_and(|it| it.cause == cause) {
            return Vec::new();
        }
        let from = if self.open.is_some() {
            at
        } else {
            self.since.map_or(at, |since| behind(since, at))
        };
        let mut changed: Vec<Gap> = self.close(at).into_iter().collect();
        changed.push(self.begin(id, from, cause));
        changed
    }

    /// A fragment was written.
    pub(crate) fn recorded(&mut self, start: Timestamp, end: Timestamp, id: GapId) -> Vec<Gap> {
        let mut changed: Vec<Gap> = self.close(start).into_iter().collect();
        if let Some(since) = self.since
            && self.recorded
            && changed.is_empty()
            && start.duration_since(since) > UNEXPLAINED
        {
            self.begin(id, since, Cause::Loss);
            changed.extend(self.close(start));
        }
        self.recorded = true;
        self.since = Some(end);
        changed
    }

    fn end_or(&self, at: Timestamp) -> Timestamp {
        match self.since {
            Some(since) if self.recorded && self.open.is_none() => behind(since, at),
            _ => at,
        }
    }

    fn begin(&mut self, id: GapId, from: Timestamp, cause: Cause) -> Gap {
        let gap = Gap {
            id,
            camera: self.camera,
            from: Instant(from),
            to: None,
            cause,
        };
        self.open = Some(gap.clone());
        gap
    }

    fn close(&mut self, at: Timestamp) -> Option<Gap> {
        let mut gap = self.open.take()?;
        gap.to = Some(Instant(at.max(gap.from.0)));
        Some(gap)
    }
}

/// Where a gap begins: behind what is recorded, also when that reaches a little beyond now, because the end of the last
/// picture is an estimate; but not behind a time that a clock set back has left ahead of us.
fn behind(since: Timestamp, at: Timestamp) -> Timestamp {
    if since.duration_since(at) > UNEXPLAINED {
        at
    } else {
        since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn id(n: u8) -> GapId {
        GapId::from_bytes([n; 16])
    }

    fn armed() -> Gaps {
        let mut gaps = Gaps::new(CameraId::from_bytes([1; 16]), None);
        assert!(gaps.arm(at(0)).is_empty());
        gaps
    }

    /// From, to and cause of each.
    fn said(gaps: &[Gap]) -> Vec<(i64, Option<i64>, Cause)> {
        gaps.iter()
            .map(|it| {
                let to = it.to.map(|it| it.0.as_second());
                (it.from.0.as_second(), to, it.cause)
            })
            .collect()
    }

    #[test]
    fn from_the_last_picture_to_the_next() {
        let mut gaps = armed();
        assert!(gaps.recorded(at(1), at(2), id(0)).is_empty());
        let began = gaps.missing(Cause::Dropped, at(3), id(1));
        assert_eq!(said(&began), [(2, None, Cause::Dropped)]);
        assert!(gaps.missing(Cause::Dropped, at(4), id(2)).is_empty());
        let ended = gaps.recorded(at(5), at(6), id(0));
        assert_eq!(said(&ended), [(2, Some(5), Cause::Dropped)]);
        assert_eq!(ended[0].id, id(1));
    }

    #[test]
    fn no_gap_lies_over_what_is_recorded() {
        let mut gaps = armed();
        gaps.recorded(at(1), at(3), id(0));
        let began = gaps.missing(Cause::AgentStopped, at(2), id(1));
        assert_eq!(said(&began), [(3, None, Cause::AgentStopped)]);
        let mut gaps = armed();
        gaps.recorded(at(3600), at(3601), id(0));
        let began = gaps.missing(Cause::Clock, at(10), id(1));
        assert_eq!(said(&began), [(10, None, Cause::Clock)]);
    }

    #[test]
    fn another_cause_is_another_gap() {
        let mut gaps = armed();
        let began = gaps.missing(Cause::Unreachable, at(3), id(1));
        assert_eq!(said(&began), [(0, None, Cause::Unreachable)]);
        let then = gaps.missing(Cause::Password, at(9), id(2));
        assert_eq!(
            said(&then),
            [(0, Some(9), Cause::Unreachable), (9, None, Cause::Password)]
        );
    }

    #[test]
    fn nobody_misses_what_was_not_wanted() {
        let mut gaps = Gaps::new(CameraId::from_bytes([1; 16]), None);
        assert!(gaps.missing(Cause::Unreachable, at(1), id(1)).is_empty());
        gaps.arm(at(5));
        gaps.recorded(at(6), at(7), id(0));
        let off = gaps.disarm(at(8), id(2));
        assert_eq!(said(&off), [(7, None, Cause::Disarmed)]);
        assert!(gaps.missing(Cause::Silent, at(9), id(3)).is_empty());
        assert_eq!(said(&gaps.arm(at(20))), [(7, Some(20), Cause::Disarmed)]);
        assert!(gaps.recorded(at(30), at(31), id(4)).is_empty());
    }

    #[test]
    fn a_gap_outlives_the_agent() {
        let mut first = armed();
        first.recorded(at(1), at(2), id(0));
        let left = first.missing(Cause::AgentStopped, at(3), id(1));
        let mut second = Gaps::new(CameraId::from_bytes([1; 16]), left.into_iter().next());
        assert!(second.arm(at(50)).is_empty());
        let ended = second.recorded(at(51), at(52), id(0));
        assert_eq!(said(&ended), [(2, Some(51), Cause::AgentStopped)]);
    }

    #[test]
    fn a_silence_that_nobody_explained_shows() {
        let mut gaps = armed();
        gaps.recorded(at(10), at(11), id(0));
        assert!(gaps.recorded(at(12), at(13), id(0)).is_empty());
        let found = gaps.recorded(at(16), at(17), id(5));
        assert_eq!(said(&found), [(13, Some(16), Cause::Loss)]);
    }

    proptest! {
        #[test]
        fn gaps_end_after_they_begin(steps: Vec<(u8, i16)>) {
            let mut gaps = armed();
            for (n, (what, second)) in (0..=255).cycle().zip(steps) {
                let now = at(second.into());
                let changed = match what % 4 {
                    0 => gaps.missing(Cause::Silent, now, id(n)),
                    1 => gaps.missing(Cause::Dropped, now, id(n)),
                    2 => gaps.recorded(now, at(i64::from(second) + 1), id(n)),
                    _ => [gaps.disarm(now, id(n)), gaps.arm(now)].concat(),
                };
                for gap in changed {
                    prop_assert!(gap.to.is_none_or(|to| to >= gap.from));
                }
            }
        }
    }
}

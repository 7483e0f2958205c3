//! Spans, holes and gaps on a timeline, and what a bucket must be like. No I/O.

use base::{BucketId, CameraId, RunId, SignedDuration, Timestamp};
use media::wire;

use crate::VideoError;
use crate::retention::model::hour_of;

/// From an instant to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Span {
    /// The part of it inside another; `None` when there is none.
    pub(crate) fn within(self, other: Self) -> Option<Self> {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        (from < to).then_some(Self { from, to })
    }
}

/// Pieces that follow each other so closely are one: a picture or two lie between segments.
const JOINT: SignedDuration = SignedDuration::from_millis(1_500);

/// Joins pieces, given in the order of their beginning.
pub(crate) fn join(pieces: impl IntoIterator<Item = Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if piece.from.duration_since(last.to) <= JOINT => {
                last.to = last.to.max(piece.to);
            }
            _ => joined.push(piece),
        }
    }
    joined
}

/// What of `whole` is in none of `parts`; both sorted.
pub(crate) fn without(whole: &[Span], parts: &[Span]) -> Vec<Span> {
    let mut rest = Vec::new();
    for span in whole {
        let mut from = span.from;
        for part in parts
            .iter()
            .filter(|it| it.to > span.from && it.from < span.to)
        {
            if part.from > from {
                rest.push(Span {
                    from,
                    to: part.from,
                });
            }
            from = from.max(part.to);
        }
        if from < span.to {
            rest.push(Span { from, to: span.to });
        }
    }
    rest
}

/// A time without recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) span: Span,
    /// Whether it lasts still.
    pub(crate) open: bool,
    pub(crate) cause: String,
}

/// What a timeline is made of.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// What was asked for and may be told.
    pub(crate) window: Span,
    pub(crate) now: Timestamp,
    /// What is recorded, piece by piece, in the order of their beginning.
    pub(crate) recorded: Vec<Span>,
    /// The end of all that has come, inside the window or not.
    pub(crate) last: Timestamp,
    /// When the camera was armed.
    pub(crate) armed: Vec<(Timestamp, Option<Timestamp>)>,
    /// What the agent said.
    pub(crate) reported: Vec<(Timestamp, Option<Timestamp>, String)>,
    /// Whether more may still come: the agent is away, or has not sent all it has.
    pub(crate) pending: bool,
}

/// What has not come yet may still be on its way for so long: the segment that is being written.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(150);
/// Holes shorter than this are none.
const SHORTEST: SignedDuration = SignedDuration::from_secs(2);

/// The gaps of a timeline: what the agent said, and honestly what nobody can explain.
pub(crate) fn gaps(facts: &Facts) -> Vec<Gap> {
    let window = facts.window;
    let mut gaps = Vec::new();
    let mut explained: Vec<Span> = Vec::new();
    for (from, to, cause) in &facts.reported {
        let whole = Span {
            from: *from,
            to: to.unwrap_or(facts.now),
        };
        let Some(span) = whole.within(window) else {
            continue;
        };
        // What is recorded all the same is no gap, to the microsecond: a second that is missing is said.
        for span in without(&[span], &facts.recorded) {
            let open = to.is_none() && span.to == facts.now;
            let cause = cause.clone();
            gaps.push(Gap { span, open, cause });
        }
        explained.push(span);
    }
    explained.extend(join(facts.recorded.iter().copied()));
    explained.sort_unstable();
    let armed: Vec<Span> = facts
        .armed
        .iter()
        .filter_map(|(from, to)| {
            let to = to.unwrap_or(facts.now);
            Span { from: *from, to }.within(window)
        })
        .collect();
    let last = facts.last;
    let fresh = facts.now.checked_sub(ON_ITS_WAY).unwrap_or(Timestamp::MIN);
    for span in without(&armed, &explained) {
        // A page asks with its own clock, or for less than up to now: its end is as good as ours.
        let tail = span.from >= last && (span.to == facts.now || span.to == window.to);
        if span.to.duration_since(span.from) < SHORTEST || (tail && span.from > fresh) {
            continue;
        }
        let pending = facts.pending && span.from >= last;
        let cause = if pending { "pending" } else { "unknown" };
        gaps.push(Gap {
            span,
            open: span.from >= last && span.to == facts.now,
            cause: cause.to_owned(),
        });
    }
    gaps.sort_unstable_by_key(|gap| gap.span);
    gaps
}

/// A bucket as an agent announces it.
#[derive(Debug, Clone)]
pub(crate) struct Announced {
    pub(crate) id: BucketId,
    pub(crate) camera: CameraId,
    pub(crate) hour: Timestamp,
    pub(crate) run: RunId,
    pub(crate) list: u64,
    pub(crate) role_shares: Vec<Vec<u8>>,
    pub(crate) digest: [u8; 32],
}

/// How far an agent's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);

impl Announced {
    /// Reads what an agent says about a bucket.
    pub(crate) fn read(request: &wire::BucketRequest, now: Timestamp) -> Result<Self, VideoError> {
        if request.stream != "main" || request.sensitivity != 0 {
            return Err(VideoError::wrong(
                "stream",
                "unknown_stream",
                "only main with sensitivity 0 is known",
            ));
        }
        let hour = request.hour.0;
        if hour_of(hour) != hour {
            return Err(VideoError::wrong("hour", "not_an_hour", "is no full hour"));
        }
        if now.checked_add(AHEAD).is_ok_and(|ahead| hour > ahead) {
            return Err(VideoError::wrong(
                "hour",
                "ahead_of_time",
                "has not begun yet; the agent's clock is wrong",
            ));
        }
        let id = request.id.to_string();
        let camera = request.camera.to_string();
        let run = request.run.to_string();
        let hour_us = hour.as_microsecond().to_be_bytes();
        let list = request.list.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![id.as_bytes(), camera.as_bytes(), run.as_bytes()];
        parts.extend([hour_us.as_slice(), list.as_slice()]);
        let shares: Vec<[u8; 32]> = std::iter::once(&request.hub_share)
            .chain(&request.role_shares)
            .map(|share| seal::sha256(&share.0))
            .collect();
        parts.extend(shares.iter().map(<[u8; 32]>::as_slice));
        Ok(Self {
            id: request.id,
            camera: request.camera,
            hour,
            run: request.run,
            list: request.list,
            digest: seal::sha256_parts(&parts),
            role_shares: request.role_shares.iter().map(|it| it.0.clone()).collect(),
        })
    }

    /// Whether the role shares are sealed to the list it names.
    pub(crate) fn check_shares(&self, list: &seal::recipients::List) -> Result<(), VideoError> {
        let wrong = VideoError::wrong(
            "role_shares",
            "not_sealed_to_list",
            "are not sealed to the recipients of the list",
        );
        if self.role_shares.len() != list.recording.len() {
            return Err(wrong);
        }
        for (share, entry) in self.role_shares.iter().zip(&list.recording) {
            let wanted: Vec<String> = entry.iter().map(|it| it.generation.to_string()).collect();
            if seal::envelope::kids(share).ok() != Some(wanted) {
                return Err(wrong);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn span(from: i64, to: i64) -> Span {
        Span {
            from: at(from),
            to: at(to),
        }
    }

    fn facts(recorded: &[(i64, i64)], reported: &[(i64, Option<i64>)]) -> Facts {
        Facts {
            window: span(0, 10_000),
            now: at(10_000),
            recorded: recorded.iter().map(|it| span(it.0, it.1)).collect(),
            last: recorded.last().map_or(Timestamp::MIN, |it| at(it.1)),
            armed: vec![(at(1000), None)],
            reported: reported
                .iter()
                .map(|(from, to)| (at(*from), to.map(at), "silent".to_owned()))
                .collect(),
            pending: false,
        }
    }

    fn told(facts: &Facts) -> Vec<(i64, i64, bool, String)> {
        gaps(facts)
            .into_iter()
            .map(|it| {
                let (from, to) = (it.span.from.as_second(), it.span.to.as_second());
                (from, to, it.open, it.cause)
            })
            .collect()
    }

    #[test]
    fn pieces_become_spans() {
        let pieces = [span(0, 10), span(11, 20), span(25, 30), span(26, 28)];
        assert_eq!(join(pieces), [span(0, 20), span(25, 30)]);
    }

    #[test]
    fn what_is_explained_is_no_hole() {
        let all = facts(&[(1000, 5000), (5100, 9950)], &[(5000, Some(5100))]);
        assert_eq!(told(&all), [(5000, 5100, false, "silent".to_owned())]);
    }

    #[test]
    fn a_second_that_is_missing_is_said() {
        let all = facts(&[(1000, 5000), (5001, 9950)], &[(5000, Some(5001))]);
        assert_eq!(told(&all), [(5000, 5001, false, "silent".to_owned())]);
    }

    #[test]
    fn what_nobody_explains_is_said() {
        let hole = facts(&[(1000, 5000), (5100, 9950)], &[]);
        assert_eq!(told(&hole), [(5000, 5100, false, "unknown".to_owned())]);
    }

    #[test]
    fn before_it_was_armed_nothing_is_missing() {
        assert_eq!(
            told(&facts(&[(1500, 9990)], &[])),
            [(1000, 1500, false, "unknown".to_owned())]
        );
    }

    #[test]
    fn the_segment_being_written_is_no_hole() {
        assert_eq!(told(&facts(&[(1000, 9860)], &[])), []);
        let late = told(&facts(&[(1000, 9840)], &[]));
        assert_eq!(late, [(9840, 10_000, true, "unknown".to_owned())]);
        let mut slow_clock = facts(&[(1000, 9860)], &[]);
        slow_clock.window = span(1000, 9998);
        assert_eq!(told(&slow_clock), [], "asked for by a clock that is behind");
        let mut away = facts(&[(1000, 9000)], &[]);
        away.pending = true;
        assert_eq!(told(&away), [(9000, 10_000, true, "pending".to_owned())]);
        // What came later shows that this does not come any more.
        let mut before = facts(&[], &[]);
        before.pending = true;
        before.window = span(2000, 3000);
        before.last = at(9000);
        assert_eq!(told(&before), [(2000, 3000, false, "unknown".to_owned())]);
    }

    #[test]
    fn a_gap_that_lasts_is_open() {
        let lasting = facts(&[(1000, 9000)], &[(9000, None)]);
        assert_eq!(told(&lasting), [(9000, 10_000, true, "silent".to_owned())]);
    }

    proptest! {
        #[test]
        fn nothing_is_recorded_and_missing_at_once(
            recorded in proptest::collection::vec((0_i64..10_000, 1_i64..500), 0..20),
            reported in proptest::collection::vec((0_i64..10_000, 1_i64..500), 0..20),
        ) {
            let mut recorded: Vec<Span> =
                recorded.into_iter().map(|(from, long)| span(from, from + long)).collect();
            recorded.sort_unstable();
            let mut all = facts(&[], &[]);
            all.recorded = recorded;
            all.reported = reported
                .into_iter()
                .map(|(from, long)| (at(from), Some(at(from + long)), "loss".to_owned()))
                .collect();
            for gap in gaps(&all) {
                prop_assert!(gap.span.from < gap.span.to);
                prop_assert!(gap.span.within(all.window) == Some(gap.span));
                for span in &all.recorded {
                    prop_assert_eq!(gap.span.within(*span), None);
                }
            }
        }
    }
}

//! Where a recording is cut: pure rules, no clock of their own.
//!
//! A *fragment* is what is sealed and written at once, about a second, so that a crash costs no more. A
//! *segment* is a file: it begins with a key frame and holds about ten seconds.

use std::time::Duration;

use base::Timestamp;

use crate::{Frame, TICKS_PER_SECOND, Ticks};

/// The lengths; [`Rules::default`] is what recordings use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// A fragment holds no more than this, but for pictures that are shown before ones already in it.
    pub fragment: Duration,
    /// A segment ends at the first key frame after this.
    pub segment: Duration,
    /// A segment ends after this, key frame or not.
    pub longest: Duration,
    /// A segment ends before its pictures take more bytes than this, key frame or not.
    pub largest: u64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            fragment: Duration::from_secs(1),
            segment: Duration::from_secs(10),
            longest: Duration::from_mins(2),
            largest: 64 << 20,
        }
    }
}

impl Rules {
    /// After how many seconds a segment ends, as the hub tells it.
    pub fn segment_seconds(&self) -> u32 {
        u32::try_from(self.segment.as_secs()).unwrap_or(u32::MAX)
    }
}

/// Why a segment ended; the words are those of the closing record (docs/dev/recording-format.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It was long enough and a key frame came.
    Length,
    /// A new hour, so a new bucket.
    Hour,
    /// The camera changed its parameters.
    Change,
    /// Recording was switched off.
    Disarmed,
    /// Pictures are missing.
    Loss,
    /// The agent stops.
    Stopped,
    /// Too long or too large without a key frame.
    Limit,
}

impl Reason {
    /// The word in the closing record.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Hour => "hour",
            Self::Change => "change",
            Self::Disarmed => "disarmed",
            Self::Loss => "loss",
            Self::Stopped => "stopped",
            Self::Limit => "limit",
        }
    }
}

/// Pictures that become one fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// In decoding order, never empty; a key frame can only be the first.
    pub frames: Vec<Frame>,
    /// When the next picture begins; an estimate where none is known.
    pub end: Ticks,
}

/// What to do next, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// A segment begins.
    Begin {
        /// Time of its first picture.
        start: Timestamp,
        /// Whether that is a key frame; without one it can only be shown after the segment before.
        key: bool,
    },
    /// A fragment of the current segment is complete.
    Fragment(Group),
    /// The current segment is complete.
    End(Reason),
}

/// Groups pictures of one stream. Feed it with [`push`](Self::push), ask with [`tick`](Self::tick) when
/// nothing comes.
///
/// After a gap, and before the pictures of a new connection, call [`end_now`](Self::end_now).
#[derive(Debug)]
pub struct Cutter {
    rules: Rules,
    segment: Option<Segment>,
    /// The next segment may begin without a key frame, because a limit ended the one before.
    goes_on: bool,
    wanted: Option<Reason>,
    /// What a picture lasts, as far as is known.
    step: Ticks,
    dropped: u64,
}

/// The segment that is open, and its fragment.
#[derive(Debug)]
struct Segment {
    start: Ticks,
    bytes: u64,
    frames: Vec<Frame>,
    /// First and last time of the fragment's pictures, in the order they are shown.
    shown: (Ticks, Ticks),
    /// A picture came that is shown before one that came earlier.
    reordered: bool,
}

/// So many pictures at most are shown before one that came earlier (ITU-T H.264, section A.3.1), and one more.
const MOST_REORDERED: i64 = 17;

/// Stream time that goes back further than B-frames need belongs to another connection.
const BACK: Ticks = Ticks(2 * TICKS_PER_SECOND);

impl Cutter {
    /// Nothing begun; the first segment begins with the first key frame.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            segment: None,
            goes_on: false,
            wanted: None,
            step: Ticks(TICKS_PER_SECOND / 15),
            dropped: 0,
        }
    }

    /// Takes the next picture; appends what follows from it. Pictures before the first key frame are dropped
    /// and counted in [`dropped`](Self::dropped).
    pub fn push(&mut self, frame: Frame, out: &mut Vec<Cut>) {
        if let Some(reason) = self.ends_before(&frame) {
            self.close(reason, Some(&frame), out);
        } else if self.fragment_ends_before(&frame) {
            self.emit(Some(&frame), out);
        }
        let size = frame.data.len() as u64;
        let time = frame.stream_time;
        match &mut self.segment {
            Some(it) => {
                if it.frames.is_empty() {
                    it.shown = (time, time);
                }
                it.reordered |= time <= it.shown.1 && !it.frames.is_empty();
                it.shown = (it.shown.0.min(time), it.shown.1.max(time));
                it.bytes += size;
                it.frames.push(frame);
            }
            None if frame.key || self.goes_on => {
                self.goes_on = false;
                out.push(Cut::Begin {
                    start: frame.wall,
                    key: frame.key,
                });
                self.segment = Some(Segment {
                    start: time,
                    bytes: size,
                    frames: vec![frame],
                    shown: (time, time),
                    reordered: false,
                });
            }
            None => self.dropped += 1,
        }
    }

    /// Closes a fragment whose oldest picture came well more than a fragment's length ago, because the camera
    /// pauses. `now` is on the monotonic clock, as [`Frame::received_at`].
    pub fn tick(&mut self, now: Duration, out: &mut Vec<Cut>) {
        let Some(segment) = &self.segment else { return };
        // Pictures that change their order are not parted without need.
        let times = if segment.reordered { 10 } else { 5 };
        let patience = self.rules.fragment / 4 * times;
        let oldest = segment.frames.first();
        if oldest.is_some_and(|it| now.saturating_sub(it.received_at) >= patience) {
            self.emit(None, out);
        }
    }

    /// Ends the segment at the next key frame, for a new hour.
    pub fn end_at_key(&mut self, reason: Reason) {
        if self.segment.is_some() {
            self.wanted = Some(reason);
        }
    }

    /// Ends fragment and segment at once; the next segment waits for a key frame.
    pub fn end_now(&mut self, reason: Reason, out: &mut Vec<Cut>) {
        self.close(reason, None, out);
        self.goes_on = false;
    }

    /// Ends fragment and segment at once; the next segment begins with the next picture, key frame or not. For when
    /// none came for too long after [`end_at_key`](Self::end_at_key).
    pub fn end_and_go_on(&mut self, reason: Reason, out: &mut Vec<Cut>) {
        let was_open = self.segment.is_some();
        self.close(reason, None, out);
        self.goes_on = was_open;
    }

    /// How many pictures were dropped because no key frame had come.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn ends_before(&self, frame: &Frame) -> Option<Reason> {
        let segment = self.segment.as_ref()?;
        let length = frame.stream_time.minus(segment.start);
        if frame.params_changed {
            return Some(Reason::Change);
        }
        if frame.stream_time.plus(BACK) < segment.shown.1 {
            return Some(Reason::Loss);
        }
        if frame.key && self.wanted.is_some() {
            return self.wanted;
        }
        if frame.key && length >= Ticks::from_duration(self.rules.segment) {
            return Some(Reason::Length);
        }
        let long = length >= Ticks::from_duration(self.rules.longest);
        let large = segment.bytes + frame.data.len() as u64 > self.rules.largest;
        (long || large).then_some(Reason::Limit)
    }

    /// A fragment is not cut between pictures that change their order, unless it gets twice as long.
    fn fragment_ends_before(&self, frame: &Frame) -> bool {
        let Some(segment) = self.segment.as_ref().filter(|it| !it.frames.is_empty()) else {
            return false;
        };
        let most = Ticks::from_duration(self.rules.fragment);
        let length = frame.stream_time.minus(segment.shown.0);
        let in_order = frame.stream_time > segment.shown.1;
        frame.key || (length >= most && in_order) || length >= most.plus(most)
    }

    /// Ends the segment before `next`, if there is one.
    fn close(&mut self, reason: Reason, next: Option<&Frame>, out: &mut Vec<Cut>) {
        if self.segment.is_none() {
            return;
        }
        // Time that went back says nothing about how long the last picture lasts.
        self.emit(next.filter(|_| reason != Reason::Loss), out);
        self.segment = None;
        self.wanted = None;
        self.goes_on = reason == Reason::Limit;
        out.push(Cut::End(reason));
    }

    fn emit(&mut self, next: Option<&Frame>, out: &mut Vec<Cut>) {
        let Some(segment) = self.segment.as_mut().filter(|it| !it.frames.is_empty()) else {
            return;
        };
        let frames = std::mem::take(&mut segment.frames);
        let (first, last) = segment.shown;
        let steps = i64::try_from(frames.len()).unwrap_or(i64::MAX) - 1;
        if steps > 0 && last > first {
            self.step = Ticks((last.minus(first).0 / steps).max(1));
        }
        let estimate = last.plus(self.step);
        let known = next
            .filter(|it| it.key || !segment.reordered)
            .map(|it| it.stream_time)
            .filter(|it| *it > last);
        let end = match known {
            // With B-frames the next picture that comes is not the next one shown. A key frame may be, or those
            // of its open group that are shown before it are still to come.
            Some(it) if segment.reordered && it.minus(last).0 <= MOST_REORDERED * self.step.0 => {
                it.min(estimate)
            }
            Some(it) => it,
            None => estimate,
        };
        out.push(Cut::Fragment(Group { frames, end }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    /// A picture at `millis`, in the order it comes.
    fn frame(millis: i64, key: bool) -> Frame {
        Frame {
            stream_time: Ticks(millis * 90),
            received_at: Duration::from_millis(millis.unsigned_abs() + 1000),
            wall: Timestamp::from_millisecond(millis + 1_000_000).unwrap(),
            key,
            params_changed: false,
            data: Bytes::from_static(&[7; 100]),
        }
    }

    /// What a run of pictures becomes, in short.
    fn words(cuts: &[Cut]) -> Vec<String> {
        cuts.iter()
            .map(|cut| match cut {
                Cut::Begin { start, key } => {
                    format!("begin {} {key}", start.as_millisecond() - 1_000_000)
                }
                Cut::Fragment(group) => {
                    let first = group.frames[0].stream_time.0 / 90;
                    format!(
                        "{} from {first} to {}",
                        group.frames.len(),
                        group.end.0 / 90
                    )
                }
                Cut::End(reason) => format!("end {}", reason.word()),
            })
            .collect()
    }

    fn push_all(cutter: &mut Cutter, frames: impl IntoIterator<Item = Frame>) -> Vec<Cut> {
        let mut out = Vec::new();
        frames.into_iter().for_each(|it| cutter.push(it, &mut out));
        out
    }

    #[test]
    fn a_segment_ends_at_the_first_key_frame_after_ten_seconds() {
        let mut cutter = Cutter::new(Rules::default());
        // Ten pictures a second, a key frame every four seconds.
        let cuts = push_all(&mut cutter, (0..130).map(|n| frame(n * 100, n % 40 == 0)));
        let words = words(&cuts);
        assert_eq!(words[0], "begin 0 true");
        assert_eq!(words[1], "10 from 0 to 1000");
        assert_eq!(
            words[12..],
            ["10 from 11000 to 12000", "end length", "begin 12000 true"]
        );
        assert_eq!(cutter.dropped(), 0);
    }

    #[test]
    fn a_key_frame_ends_a_fragment() {
        let mut cutter = Cutter::new(Rules::default());
        let cuts = push_all(&mut cutter, (0..9).map(|n| frame(n * 100, n % 4 == 0)));
        assert_eq!(
            words(&cuts),
            ["begin 0 true", "4 from 0 to 400", "4 from 400 to 800"]
        );
    }

    #[test]
    fn without_key_frames_the_limit_ends_it() {
        let mut cutter = Cutter::new(Rules::default());
        let cuts = push_all(&mut cutter, (0..241).map(|n| frame(n * 500, n == 0)));
        let said = words(&cuts);
        assert_eq!(
            said[said.len() - 3..],
            ["2 from 119000 to 120000", "end limit", "begin 120000 false"]
        );
        let mut cutter = Cutter::new(Rules {
            largest: 1000,
            ..Rules::default()
        });
        let cuts = push_all(&mut cutter, (0..11).map(|n| frame(n * 10, n == 0)));
        assert_eq!(
            words(&cuts),
            [
                "begin 0 true",
                "10 from 0 to 100",
                "end limit",
                "begin 100 false"
            ]
        );
    }

    #[test]
    fn what_comes_before_a_key_frame_is_dropped() {
        let mut cutter = Cutter::new(Rules::default());
        let mut cuts = push_all(&mut cutter, (0..5).map(|n| frame(n * 100, n == 3)));
        assert_eq!(words(&cuts), ["begin 300 true"]);
        cutter.end_now(Reason::Disarmed, &mut cuts);
        cuts.extend(push_all(
            &mut cutter,
            (5..8).map(|n| frame(n * 100, n == 7)),
        ));
        assert_eq!(
            words(&cuts)[1..],
            ["2 from 300 to 500", "end disarmed", "begin 700 true"]
        );
        assert_eq!(cutter.dropped(), 5);
    }

    #[test]
    fn a_new_hour_waits_for_a_key_frame() {
        let mut cutter = Cutter::new(Rules::default());
        let mut cuts = push_all(&mut cutter, (0..3).map(|n| frame(n * 100, n == 0)));
        cutter.end_at_key(Reason::Hour);
        cuts.extend(push_all(
            &mut cutter,
            (3..6).map(|n| frame(n * 100, n == 5)),
        ));
        assert_eq!(
            words(&cuts)[1..],
            ["5 from 0 to 500", "end hour", "begin 500 true"]
        );
    }

    #[test]
    fn a_new_hour_does_not_wait_for_ever() {
        let mut cutter = Cutter::new(Rules::default());
        let mut cuts = Vec::new();
        cutter.end_and_go_on(Reason::Hour, &mut cuts);
        cuts.extend(push_all(&mut cutter, [frame(0, false)]));
        assert!(cuts.is_empty());
        cuts.extend(push_all(
            &mut cutter,
            (1..4).map(|n| frame(n * 100, n == 1)),
        ));
        cutter.end_and_go_on(Reason::Hour, &mut cuts);
        cuts.extend(push_all(&mut cutter, (4..6).map(|n| frame(n * 100, false))));
        assert_eq!(
            words(&cuts),
            [
                "begin 100 true",
                "3 from 100 to 400",
                "end hour",
                "begin 400 false"
            ]
        );
    }

    #[test]
    fn new_parameters_end_a_segment() {
        let mut cutter = Cutter::new(Rules::default());
        let mut changed = frame(200, true);
        changed.params_changed = true;
        let cuts = push_all(&mut cutter, [frame(0, true), frame(100, false), changed]);
        assert_eq!(
            words(&cuts)[1..],
            ["2 from 0 to 200", "end change", "begin 200 true"]
        );
    }

    #[test]
    fn a_pause_writes_what_there_is() {
        let mut cutter = Cutter::new(Rules::default());
        let mut cuts = push_all(&mut cutter, (0..3).map(|n| frame(n * 100, n == 0)));
        cutter.tick(Duration::from_millis(2249), &mut cuts);
        assert_eq!(cuts.len(), 1);
        cutter.tick(Duration::from_millis(2250), &mut cuts);
        cutter.tick(Duration::from_secs(9), &mut cuts);
        cutter.push(frame(300, false), &mut cuts);
        cutter.end_now(Reason::Stopped, &mut cuts);
        assert_eq!(
            words(&cuts)[1..],
            ["3 from 0 to 300", "1 from 300 to 400", "end stopped"]
        );
    }

    #[test]
    fn fragments_are_cut_between_groups_of_b_frames() {
        let mut cutter = Cutter::new(Rules::default());
        // Shown 0 1 2 3 4 5 6 …, coming 0 3 1 2 6 4 5 …
        let order = [0]
            .into_iter()
            .chain((0..9).flat_map(|n| [3 * n + 3, 3 * n + 1, 3 * n + 2]));
        let cuts = push_all(&mut cutter, order.map(|n| frame(n * 100, n == 0)));
        assert_eq!(
            words(&cuts)[1..],
            ["10 from 0 to 1000", "9 from 1200 to 1900"]
        );
    }

    #[test]
    fn pictures_of_an_open_group_come_behind_the_cut() {
        let mut cutter = Cutter::new(Rules::default());
        // Shown 0 1 2 3 4 …; every sixth begins an open group: 0 3 1 2 6 4 5 9 7 8 …
        let order = [0]
            .into_iter()
            .chain((0..9).flat_map(|n| [3 * n + 3, 3 * n + 1, 3 * n + 2]));
        let cuts = push_all(&mut cutter, order.map(|n| frame(n * 100, n % 6 == 0)));
        assert_eq!(
            words(&cuts)[1..],
            [
                "4 from 0 to 400",
                "6 from 600 to 1000",
                "6 from 1200 to 1600",
                "6 from 1800 to 2200"
            ]
        );
    }

    #[test]
    fn a_pause_parts_no_group_of_b_frames_at_once() {
        let mut cutter = Cutter::new(Rules::default());
        let order = [0, 3, 1, 2, 6].map(|n| frame(n * 100, n == 0));
        let mut cuts = push_all(&mut cutter, order);
        cutter.tick(Duration::from_millis(3499), &mut cuts);
        assert_eq!(cuts.len(), 1);
        cutter.tick(Duration::from_millis(3500), &mut cuts);
        assert_eq!(words(&cuts)[1..], ["5 from 0 to 750"]);
    }

    #[test]
    fn another_connection_is_another_segment() {
        let mut cutter = Cutter::new(Rules::default());
        let cuts = push_all(
            &mut cutter,
            [
                frame(50_000, true),
                frame(50_100, false),
                frame(0, false),
                frame(40, true),
            ],
        );
        assert_eq!(
            words(&cuts)[1..],
            ["2 from 50000 to 50100", "end loss", "begin 40 true"]
                .map(|it| it.replace("to 50100", "to 50200"))
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_all_rules_hold(
            steps in proptest::collection::vec((1_i64..900, 0_u8..40, 0_u8..60, 1_usize..400), 1..400),
        ) {
            let rules = Rules { longest: Duration::from_secs(20), largest: 5000, ..Rules::default() };
            let mut cutter = Cutter::new(rules.clone());
            let (mut out, mut pushed, mut millis) = (Vec::new(), Vec::new(), 0);
            for (step, key, act, size) in steps {
                millis += step;
                let mut it = frame(millis, key == 0);
                it.data = Bytes::from(vec![1; size]);
                match act {
                    0 => cutter.end_now(Reason::Loss, &mut out),
                    1 => cutter.end_at_key(Reason::Hour),
                    2 => cutter.tick(it.received_at, &mut out),
                    3 => it.params_changed = true,
                    _ => {}
                }
                pushed.push(it.clone());
                cutter.push(it, &mut out);
            }
            cutter.end_now(Reason::Stopped, &mut out);
            let (mut open, mut limit, mut bytes, mut kept, mut end) = (false, false, 0, Vec::new(), Ticks(0));
            let mut fresh = false;
            for cut in out {
                match cut {
                    Cut::Begin { key, .. } => {
                        prop_assert!(!open && (key || limit));
                        (open, fresh, bytes) = (true, true, 0);
                    }
                    Cut::Fragment(group) => {
                        prop_assert!(open && !group.frames.is_empty());
                        let (first, last) = (&group.frames[0], &group.frames[group.frames.len() - 1]);
                        prop_assert!(first.stream_time >= end && group.end > last.stream_time);
                        prop_assert!(last.stream_time.minus(first.stream_time) < Ticks(TICKS_PER_SECOND));
                        prop_assert!(group.frames[1..].iter().all(|it| !it.key));
                        bytes += group.frames.iter().map(|it| it.data.len()).sum::<usize>();
                        prop_assert!(bytes <= 5000);
                        // Only an estimate may reach beyond the next picture.
                        end = last.stream_time;
                        fresh = false;
                        kept.extend(group.frames);
                    }
                    Cut::End(reason) => {
                        prop_assert!(open && !fresh);
                        (open, limit) = (false, reason == Reason::Limit);
                    }
                }
            }
            prop_assert!(!open);
            let lost = u64::try_from(pushed.len() - kept.len()).unwrap();
            prop_assert_eq!(lost, cutter.dropped());
            pushed.retain(|it| kept.binary_search_by_key(&it.stream_time, |kept| kept.stream_time).is_ok());
            prop_assert_eq!(pushed, kept);
        }
    }
}

//! When a picture was taken: the camera's stamps, our own clock and the camera's clock made one.

use std::collections::VecDeque;
use std::time::Duration;

use base::{SignedDuration, Timestamp};

use crate::Ticks;

/// Stamps may go back by this much with B-frames, in microseconds; more is a jump.
const REORDER: i64 = 1_000_000;
/// The least from one picture to the next where stamps do not say it, in microseconds.
const SHORTEST: i64 = 1_000;
/// A picture cannot come before it was taken; by so much, in microseconds, two clocks may still disagree.
const EARLY: i64 = 1_000_000;
/// Later than this after being taken nothing comes; the stamps jumped back, in microseconds.
const LATE: i64 = 60_000_000;
/// The camera's clock is believed while it is this close to ours, in microseconds.
const BELIEVED: i64 = 500_000;
/// A difference above this is a step of our clock and not drift, in microseconds.
const STEP: i64 = 1_000_000;
/// A step counts once it has lasted so long.
const STEP_LASTS: Duration = Duration::from_secs(10);
/// The shortest delay is looked for in windows of this length.
const WINDOW: Duration = Duration::from_secs(30);
/// Corrections are spread: one part in this many of the time that passes.
const SLEW: i64 = 50;

/// What is known of the place of a picture among those that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Decoding can begin with it: it is shown after all that came before.
    Key,
    /// It is no B-frame: the same.
    Ahead,
    /// It may be shown before pictures that came before it.
    Either,
    /// A B-frame that no other picture is built upon.
    Back,
}

/// Maps a camera's stamps to stream time and to the time of day.
///
/// *Stream time* is the camera's stamp, counted from the first picture. Where stamps jump (back, and it is not
/// that B-frames are shown before others; or so far ahead that a picture would have come before it was taken),
/// it goes on with the time that passed here.
///
/// The *time of day* is stream time plus an offset. The offset follows the shortest delay with which
/// pictures come (the network only ever adds to it) and our clock; or the camera's sender reports (RFC 3550,
/// section 6.4.1), as long as they agree with our clock to half a second. It changes by no more than a
/// fiftieth of the time that passes, so times never go back and clocks that are slewed or drift do not
/// show. A step of our clock of more than a second, if it lasts ten, is taken over at the next key frame
/// and said: [`Placed::stepped`].
#[derive(Debug, Default)]
pub struct Timeline {
    started: Option<Started>,
}

/// A picture in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// When it is to be shown.
    pub stream_time: Ticks,
    /// When it was taken.
    pub wall: Timestamp,
    /// Our clock was set: this time does not compare with those before.
    pub stepped: bool,
}

#[derive(Debug)]
struct Started {
    /// Added to a stamp to get stream time.
    shift: i64,
    /// The last picture that is no [`Role::Back`]: stream time, and when it came, in microseconds.
    last: (i64, i64),
    /// The last that is.
    last_back: Option<(i64, i64)>,
    /// Whether that one was shown before a picture that came before it. Some encoders write B-frames that are not.
    backs_wait: bool,
    /// The last two pictures that were shown after all before them; others are shown behind the first of them.
    anchors: (i64, i64),
    /// Greatest stream time so far, in microseconds, and when the offset was corrected.
    latest: i64,
    /// By how much it last rose.
    rise: i64,
    /// Added to stream time to get the time of day, in microseconds.
    offset: i64,
    /// Added to the monotonic time to get the time of day, in microseconds.
    clock: i64,
    /// Since when our clock is off by a step.
    off_since: Option<Duration>,
    delays: Shortest,
    /// What the last believable report makes of the offset.
    reported: Option<i64>,
}

impl Timeline {
    /// Knows nothing before the first picture.
    pub fn new() -> Self {
        Self::default()
    }

    /// Places a picture. `stamp` is the camera's, unwrapped, in ticks of 1/90000 s; `received` is monotonic
    /// time, `now` the time of day at the same moment.
    pub fn place(&mut self, stamp: i64, received: Duration, now: Timestamp, role: Role) -> Placed {
        let arrived = micros(received);
        let day = now.as_microsecond();
        let Some(it) = &mut self.started else {
            self.started = Some(Started {
                shift: stamp.saturating_neg(),
                last: (0, arrived),
                last_back: None,
                backs_wait: false,
                anchors: (i64::MIN, 0),
                latest: 0,
                rise: 0,
                offset: day,
                clock: day.saturating_sub(arrived),
                off_since: None,
                delays: Shortest::new(arrived, received),
                reported: None,
            });
            return Placed {
                stream_time: Ticks(0),
                wall: now,
                stepped: false,
            };
        };
        let time = it.repaired(stamp, arrived, role);
        it.remember(time, arrived, role);
        it.delays.push(arrived.saturating_sub(time), received);
        let stepped = it.follow_clock(day.saturating_sub(arrived), received, role == Role::Key);
        it.correct(time, stepped);
        Placed {
            stream_time: Ticks(stamp.saturating_add(it.shift)),
            wall: timestamp(time.saturating_add(it.offset)),
            stepped,
        }
    }

    /// Takes a sender report: by the camera's clock, `stamp` was at `camera`.
    pub fn report(&mut self, stamp: i64, camera: Timestamp) {
        if let Some(it) = &mut self.started {
            let time = Ticks(stamp.saturating_add(it.shift)).micros();
            let offset = camera.as_microsecond().saturating_sub(time);
            let close = offset.saturating_sub(it.ours()).saturating_abs() <= BELIEVED;
            it.reported = close.then_some(offset);
        }
    }
}

impl Started {
    /// Stream time of a stamp, in microseconds, after mending `shift` where stamps jumped.
    fn repaired(&mut self, stamp: i64, arrived: i64, role: Role) -> i64 {
        let time = Ticks(stamp.saturating_add(self.shift)).micros();
        let delay = arrived
            .saturating_sub(time)
            .saturating_sub(self.delays.shortest());
        if self.may_be_shown_at(time, role) && (-EARLY..=LATE).contains(&delay) {
            return time;
        }
        // B-frames follow B-frames, and what they are shown before follows its like.
        let (shown, came) = match role {
            Role::Back => self.last_back.unwrap_or(self.last),
            _ => self.last,
        };
        let passed = arrived.saturating_sub(came).max(SHORTEST);
        let mut wanted = shown.saturating_add(passed);
        if role != Role::Back {
            // Pictures that come in a heap leave no time between them; B-frames need some.
            let room = if self.backs_wait { self.rise } else { 0 };
            let least = room.clamp(SHORTEST, REORDER);
            wanted = wanted.max(self.latest.saturating_add(least));
        } else if self.backs_wait {
            let after = shown.max(self.latest.saturating_sub(self.rise));
            let between = after.saturating_add(SHORTEST)..self.latest.saturating_sub(SHORTEST);
            if !between.contains(&wanted) {
                // It came late or early, but it is shown between its anchors all the same.
                wanted = after.midpoint(self.latest);
            }
        }
        let wanted = Ticks::from_micros(wanted);
        self.shift = wanted.0.saturating_sub(stamp);
        self.reported = None;
        let time = wanted.micros();
        self.delays.restart(arrived.saturating_sub(time));
        // The offset was right for the time before; the new stretch continues it.
        time
    }

    fn may_be_shown_at(&self, time: i64, role: Role) -> bool {
        let back = self.latest.saturating_sub(time);
        match role {
            Role::Key | Role::Ahead => back <= 0,
            Role::Either => back <= REORDER,
            Role::Back => {
                let in_time = !self.backs_wait || time < self.latest;
                back <= REORDER && time > self.anchors.0 && in_time
            }
        }
    }

    fn remember(&mut self, time: i64, arrived: i64, role: Role) {
        match role {
            Role::Back => {
                self.last_back = Some((time, arrived));
                self.backs_wait = time < self.latest;
            }
            _ => self.last = (time, arrived),
        }
        if matches!(role, Role::Key | Role::Ahead) {
            self.anchors = (self.anchors.1, time);
        }
    }

    /// The offset by our own clock.
    fn ours(&self) -> i64 {
        self.clock.saturating_add(self.delays.shortest())
    }

    /// Takes over slow changes of our clock at once (the offset follows slowly), steps with a key frame.
    fn follow_clock(&mut self, clock: i64, received: Duration, key: bool) -> bool {
        if clock.saturating_sub(self.clock).saturating_abs() <= STEP {
            self.clock = clock;
            self.off_since = None;
            return false;
        }
        let since = *self.off_since.get_or_insert(received);
        if !key || received.saturating_sub(since) < STEP_LASTS {
            return false;
        }
        self.clock = clock;
        self.off_since = None;
        self.reported = None;
        true
    }

    fn correct(&mut self, time: i64, stepped: bool) {
        let wanted = self.reported.unwrap_or_else(|| self.ours());
        let passed = time.saturating_sub(self.latest).max(0);
        if passed > 0 {
            (self.latest, self.rise) = (time, passed);
        }
        let most = if stepped { i64::MAX } else { passed / SLEW };
        let wrong = wanted.saturating_sub(self.offset);
        self.offset = self
            .offset
            .saturating_add(wrong.clamp(most.saturating_neg(), most));
    }
}

/// The smallest of the values pushed in this window and the one before.
#[derive(Debug)]
struct Shortest {
    windows: VecDeque<i64>,
    since: Duration,
}

impl Shortest {
    fn new(value: i64, now: Duration) -> Self {
        Self {
            windows: VecDeque::from([value]),
            since: now,
        }
    }

    fn push(&mut self, value: i64, now: Duration) {
        if now.saturating_sub(self.since) >= WINDOW {
            self.since = now;
            self.windows.push_back(value);
            if self.windows.len() > 2 {
                self.windows.pop_front();
            }
        } else if let Some(last) = self.windows.back_mut() {
            *last = value.min(*last);
        }
    }

    fn restart(&mut self, value: i64) {
        self.windows.clear();
        self.windows.push_back(value);
    }

    fn shortest(&self) -> i64 {
        self.windows.iter().copied().min().unwrap_or(0)
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn timestamp(micros: i64) -> Timestamp {
    let range = Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond();
    let micros = micros.clamp(*range.start(), *range.end());
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The time in a sender report: seconds since 1900 in the upper 32 bits, their fraction below. The era is
/// the one in which the result lies between 1968 and 2104 (RFC 2030, section 3).
pub(super) fn from_ntp(ntp: u64) -> Timestamp {
    let seconds = (ntp >> 32).cast_signed();
    let era = if seconds < 1 << 31 { 1 << 32 } else { 0 };
    let micros = ((ntp & 0xffff_ffff) * 1_000_000) >> 32;
    let since_1970 = SignedDuration::from_secs(seconds + era - 2_208_988_800)
        + SignedDuration::from_micros(micros.cast_signed());
    Timestamp::UNIX_EPOCH
        .checked_add(since_1970)
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 1_795_335_330_000_000;
    const FRAME: i64 = 40_000;

    /// A camera at 25 pictures a second, and where our clocks stand.
    struct World {
        line: Timeline,
        n: i64,
        stamp_offset: i64,
        clock_offset: i64,
    }

    impl World {
        fn new() -> Self {
            Self {
                line: Timeline::new(),
                n: 0,
                stamp_offset: 5_000_000_000,
                clock_offset: 0,
            }
        }

        /// The true time of day of the next picture, in microseconds.
        fn true_time(&self) -> i64 {
            DAY + self.n * FRAME
        }

        /// The next picture comes after `delay` microseconds; gives how wrong its time is.
        fn frame(&mut self, delay: i64) -> (Placed, i64) {
            let taken = self.true_time();
            let received = Duration::from_micros((taken - DAY + delay + 7_000_000).unsigned_abs());
            let now = Timestamp::from_microsecond(taken + delay + self.clock_offset).unwrap();
            let stamp = Ticks::from_micros(self.n * FRAME).0 + self.stamp_offset;
            let role = match self.n % 25 {
                0 => Role::Key,
                _ => Role::Ahead,
            };
            let placed = self.line.place(stamp, received, now, role);
            self.n += 1;
            (placed, placed.wall.as_microsecond() - taken)
        }
    }

    #[test]
    fn finds_the_shortest_delay() {
        let mut world = World::new();
        world.frame(300_000);
        let mut last = 0;
        for n in 0..750 {
            last = world.frame(10_000 + n * 7919 % 90_000).1;
        }
        assert!((0..12_000).contains(&last), "{last}");
    }

    #[test]
    fn believes_the_camera_when_it_is_close() {
        let mut world = World::new();
        for n in 0..750 {
            if n % 125 == 5 {
                let camera = Timestamp::from_microsecond(world.true_time()).unwrap();
                let stamp = Ticks::from_micros(world.n * FRAME).0 + world.stamp_offset;
                world.line.report(stamp, camera);
            }
            world.frame(120_000);
        }
        assert!(world.frame(120_000).1.abs() < 1000);
        let wrong = Timestamp::from_microsecond(world.true_time() + 3_600_000_000).unwrap();
        world.line.report(
            Ticks::from_micros(world.n * FRAME).0 + world.stamp_offset,
            wrong,
        );
        for _ in 0..500 {
            world.frame(120_000);
        }
        assert!(
            (world.frame(120_000).1 - 120_000).abs() < 1000,
            "back to our own clock"
        );
    }

    #[test]
    fn stamps_that_jump_do_not_show() {
        for jump in [
            9_000_000_000,
            -9_000_000_000,
            900_000,
            -900_000,
            1 << 31,
            -30_000,
        ] {
            let mut world = World::new();
            for n in 0..100 {
                if n == 50 {
                    world.stamp_offset += jump;
                }
                let (placed, wrong) = world.frame(20_000);
                assert!((0..=21_000).contains(&wrong), "{jump} {n} {wrong}");
                let want = Ticks::from_micros(n * FRAME).0;
                assert!((placed.stream_time.0 - want).abs() <= 9, "{jump} {n}");
            }
        }
    }

    /// Pictures shown 0 3 1 2 6 4 5 9 7 8 …, whose stamps jump before each of them in turn.
    #[test]
    fn stamps_that_jump_do_not_reorder() {
        for jump in [324_000_000, -81_000_000, -30_000] {
            for at in 30..36 {
                let (mut line, mut offset) = (Timeline::new(), 0);
                let mut shown = Vec::new();
                for n in 0..60 {
                    if n == at {
                        offset = jump;
                    }
                    let (place, role) = match n % 3 {
                        _ if n == 0 => (0, Role::Key),
                        1 => (n + 2, Role::Ahead),
                        _ => (n - 1, Role::Back),
                    };
                    let received = Duration::from_micros((n * FRAME + 7_000_000).unsigned_abs());
                    let stamp = Ticks::from_micros(place * FRAME).0 + offset;
                    let now = timestamp(DAY + n * FRAME);
                    shown.push((line.place(stamp, received, now, role).stream_time, place));
                }
                for (time, place) in shown {
                    let wrong = time.minus(Ticks::from_micros(place * FRAME)).0;
                    assert!(wrong.abs() <= 9, "{jump} {at} {place} {wrong}");
                }
            }
        }
    }

    proptest! {
        /// The same, with one to three B-frames, on a machine that is late now and then.
        #[test]
        fn stamps_that_jump_on_a_busy_machine_do_not_reorder(
            backs in 1_i64..4,
            jump in prop_oneof![Just(324_000_000), Just(-81_000_000), Just(-30_000), Just(30_000)],
            at in 30_i64..42,
            delays in proptest::collection::vec(prop_oneof![3 => Just(0_i64), 1 => 0_i64..150_000], 64),
            known in any::<bool>(),
        ) {
            // Then a small jump looks like a B-frame.
            let jump = if known { jump } else { jump * 3600 };
            let (mut line, mut offset, mut received) = (Timeline::new(), 0, 0);
            let mut shown = Vec::new();
            let group = backs + 1;
            for (n, delay) in (0_i64..).zip(delays) {
                if n == at {
                    offset = jump;
                }
                let (place, role) = match n % group {
                    _ if n == 0 => (0, Role::Key),
                    // With H.265 nobody knows of a picture that is referred to whether it is a B-frame.
                    1 if known => (n + backs, Role::Ahead),
                    1 => (n + backs, Role::Either),
                    _ => (n - 1, Role::Back),
                };
                received = (n * FRAME + delay).max(received + 1);
                let stamp = Ticks::from_micros(place * FRAME).0 + offset;
                let at = Duration::from_micros((received + 7_000_000).unsigned_abs());
                let placed = line.place(stamp, at, timestamp(DAY + received), role);
                shown.push((place, placed.stream_time.0));
            }
            shown.sort_unstable();
            for pair in shown.windows(2) {
                prop_assert!(pair[0].1 < pair[1].1, "{:?}", pair);
            }
        }
    }

    #[test]
    fn a_stall_is_no_jump() {
        let mut world = World::new();
        for _ in 0..100 {
            world.frame(20_000);
        }
        for n in 0..100 {
            let (_, wrong) = world.frame((8_000_000 - n * FRAME).max(20_000));
            assert!((0..40_000).contains(&wrong), "{n} {wrong}");
        }
    }

    #[test]
    fn our_clock_may_drift_but_not_step_unseen() {
        let mut world = World::new();
        for _ in 0..1000 {
            world.clock_offset += 40;
            assert!(!world.frame(20_000).0.stepped);
        }
        let wrong = world.frame(20_000).1;
        assert!((50_000..=61_000).contains(&wrong), "{wrong}");
        for step in [3_600_000_000, -3_600_000_000] {
            let before = world.frame(20_000).1;
            world.clock_offset += step;
            let mut frames = 0;
            let wrong = loop {
                let (placed, wrong) = world.frame(20_000);
                frames += 1;
                if placed.stepped {
                    break wrong;
                }
                assert!((wrong - before).abs() < 30_000, "{wrong} {before}");
            };
            assert!((251..=276).contains(&frames), "{frames}");
            assert!((wrong - before - step).abs() < 30_000);
        }
    }

    #[test]
    fn a_short_step_is_overlooked() {
        let mut world = World::new();
        for n in 0..600 {
            world.clock_offset = if (100..300).contains(&n) {
                5_000_000
            } else {
                0
            };
            let (placed, wrong) = world.frame(20_000);
            assert!(!placed.stepped && (0..21_000).contains(&wrong));
        }
    }

    #[test]
    fn reports_count_from_1900() {
        assert_eq!(from_ntp(2_208_988_800 << 32), Timestamp::UNIX_EPOCH);
        assert_eq!(
            from_ntp((2_208_988_801 << 32) + (1 << 31)).as_microsecond(),
            1_500_000
        );
        // The second era begins on 7 February 2036.
        assert_eq!(from_ntp(0).as_second(), 2_085_978_496);
    }

    proptest! {
        #[test]
        fn any_stamps_can_be_placed(frames: Vec<(i64, u64, i64, u8)>, reports: Vec<(i64, u64)>) {
            let mut line = Timeline::new();
            for (n, (stamp, received, now, role)) in frames.into_iter().enumerate() {
                let role = [Role::Key, Role::Ahead, Role::Either, Role::Back][usize::from(role % 4)];
                let placed = line.place(stamp, Duration::from_micros(received), timestamp(now), role);
                let _ = placed;
                if let Some((stamp, ntp)) = reports.get(n) {
                    line.report(*stamp, from_ntp(*ntp));
                }
            }
        }

        #[test]
        fn time_never_goes_back(steps in proptest::collection::vec(
            (0_i64..200_000, -2_000_000_i64..2_000_000, 0_u8..20), 1..300,
        )) {
            let mut world = World::new();
            let mut last = 0;
            for (delay, jump, when) in steps {
                if when == 0 {
                    world.stamp_offset += jump;
                }
                if when == 1 {
                    world.clock_offset += jump / 10;
                }
                let (placed, _) = world.frame(delay);
                prop_assert!(placed.stepped || placed.wall.as_microsecond() + REORDER > last);
                last = last.max(placed.wall.as_microsecond());
            }
        }
    }
}

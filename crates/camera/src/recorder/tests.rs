//! The recorder on a simulated clock: what it writes opens, whatever hours, lists, clocks and crashes do.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use base::{BucketId, SeededRng, SegmentId, SimClock};
use bytes::Bytes;
use media::wire::BucketRequest;
use media::{Codec, Frame, Ticks};
use proptest::prelude::*;
use seal::bucket;
use seal::closing::{Record, State, Why};
use seal::segment::{Fragment, Header, open_whole, scan};
use tokio::sync::Notify;

use super::*;
use crate::spool::{self, SegmentName, Stage};
use crate::testing::{Scratch, World};

const HOUR_US: i64 = 3_600_000_000;

fn parameters() -> Arc<Parameters> {
    Arc::new(Parameters {
        codec: Codec::H264,
        rfc6381: "avc1.4D401F".to_owned(),
        width: 640,
        height: 360,
        sample_entry: Bytes::from_static(b"\0\0\0\x08avc1"),
        config: Bytes::from_static(b"config"),
    })
}

/// One run of an agent, told what to do by hand.
struct Bench {
    world: World,
    scratch: Scratch,
    clock: Arc<SimClock>,
    rng: Arc<SeededRng>,
    spool: Arc<Spool>,
    recorder: Recorder,
    key: Arc<SignerKey>,
    /// Stream time of the next picture, in milliseconds.
    millis: i64,
}

impl Bench {
    fn new(limit: Option<u64>) -> Self {
        let world = World::new(1);
        let scratch = Scratch::new("recorder");
        let at = Timestamp::from_second(3600 * 490_000).unwrap();
        let clock = Arc::new(SimClock::at(at));
        let rng = Arc::new(SeededRng::new(5));
        let key = Arc::new(SignerKey::generate(&*rng).unwrap());
        let (spool, recorder) = start(&world, &scratch, &clock, &rng, &key, limit);
        let mut bench = Self {
            world,
            scratch,
            clock,
            rng,
            spool,
            recorder,
            key,
            millis: 0,
        };
        bench.arm();
        bench
    }

    fn arm(&mut self) {
        let face = Face::new(self.world.camera, Arc::new(Notify::new()));
        self.recorder.handle(Order::Camera(Arc::new(face), None));
        self.recorder.handle(Order::Arm(self.world.camera));
    }

    /// Ends this run without a word and begins another.
    fn crash(&mut self, limit: Option<u64>) -> Vec<(CameraId, Timestamp)> {
        self.spool = Arc::new(Spool::new(self.scratch.path().join("spool"), limit).unwrap());
        let recovered = spool::recover(&self.spool, &self.key, self.world.agent).unwrap();
        let (spool, recorder) = start(
            &self.world,
            &self.scratch,
            &self.clock,
            &self.rng,
            &self.key,
            limit,
        );
        (self.spool, self.recorder) = (spool, recorder);
        self.arm();
        recovered.interrupted
    }

    fn begin(&mut self) {
        self.begin_with(parameters());
    }

    fn begin_with(&mut self, parameters: Arc<Parameters>) {
        let start = self.clock.now();
        let order = Order::Begin(self.world.camera, start, parameters);
        self.recorder.handle(order);
    }

    /// Cause, begin and end of the gaps that are written down, oldest first.
    fn gaps(&self) -> Vec<(Cause, i64, Option<i64>)> {
        let mut gaps = spool::gaps::read(&self.spool, 99).unwrap();
        gaps.sort_by_key(|it| it.from);
        let us = |it: media::wire::Instant| it.0.as_microsecond();
        gaps.into_iter()
            .map(|it| (it.cause, us(it.from), it.to.map(us)))
            .collect()
    }

    /// A second of video.
    fn fragment(&mut self, size: usize) {
        let wall = self.clock.now();
        let frame = |n: i64| Frame {
            stream_time: Ticks((self.millis + n * 500) * 90),
            received_at: self.clock.monotonic(),
            wall: wall
                .checked_add(Duration::from_millis(500 * n.unsigned_abs()))
                .unwrap(),
            key: n == 0,
            params_changed: false,
            data: Bytes::from(vec![7; size / 2]),
        };
        let group = Group {
            frames: vec![frame(0), frame(1)],
            end: Ticks((self.millis + 1000) * 90),
        };
        self.millis += 1000;
        self.recorder
            .handle(Order::Fragment(self.world.camera, group));
        self.clock.advance(Duration::from_secs(1));
    }

    fn end(&mut self) {
        self.recorder
            .handle(Order::End(self.world.camera, Reason::Length));
    }

    fn segment(&mut self, seconds: usize) {
        self.begin();
        for _ in 0..seconds {
            self.fragment(2000);
        }
        self.end();
    }

    /// All files of that stage with their buckets, in the order of their names.
    fn files(&self, wanted: Stage) -> Vec<(BucketRequest, PathBuf)> {
        let camera = self.spool.cameras().join(self.world.camera.to_string());
        let below = |path: &PathBuf| {
            let entries = std::fs::read_dir(path).into_iter().flatten();
            let mut paths: Vec<PathBuf> = entries.map(|it| it.unwrap().path()).collect();
            paths.sort();
            paths
        };
        let mut files = Vec::new();
        for folder in below(&camera) {
            let bucket = std::fs::read(folder.join("bucket.json")).unwrap();
            let bucket: BucketRequest = serde_json::from_slice(&bucket).unwrap();
            for path in below(&folder) {
                if SegmentName::of(&path).is_some_and(|it| it.1 == wanted) {
                    files.push((bucket.clone(), path));
                }
            }
        }
        files
    }

    /// Opens everything that is closed, as a viewer would.
    fn open(&self) -> Vec<(BucketRequest, Header, Record, Vec<Fragment>)> {
        self.files(Stage::Closed)
            .into_iter()
            .map(|(bucket, path)| {
                let file = std::fs::read(&path).unwrap();
                let record = std::fs::read(path.with_extension("rec")).unwrap();
                let record = Record::verify(&record, &self.key.public(), self.world.agent).unwrap();
                let fragments = open_whole(&self.key_of(&bucket), &file, &record).unwrap();
                (bucket, scan(&file).unwrap().header, record, fragments)
            })
            .collect()
    }

    fn key_of(&self, bucket: &BucketRequest) -> bucket::BucketKey {
        let hub = bucket::open_hub_share(bucket.id, &bucket.hub_share.0, &self.world.hub).unwrap();
        let (generation, key) = &self.world.recording;
        let share = &bucket.role_shares[0].0;
        let share = bucket::open_role_share(bucket.id, share, *generation, key).unwrap();
        bucket::combine(bucket.id, &hub, &[share]).unwrap()
    }
}

fn start(
    world: &World,
    scratch: &Scratch,
    clock: &Arc<SimClock>,
    rng: &Arc<SeededRng>,
    key: &Arc<SignerKey>,
    limit: Option<u64>,
) -> (Arc<Spool>, Recorder) {
    let spool = Arc::new(Spool::new(scratch.path().join("spool"), limit).unwrap());
    let list = world.identity("http://localhost").list().unwrap();
    let recorder = Recorder::new(Parts {
        spool: Arc::clone(&spool),
        agent: world.agent,
        key: Arc::clone(key),
        run: RunId::random(&**rng),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        rng: Arc::clone(rng) as Arc<dyn base::Rng>,
        list: Arc::new(list),
        is_full: Arc::default(),
    })
    .unwrap();
    (spool, recorder)
}

#[test]
fn an_hour_and_a_list_have_buckets_of_their_own() {
    let mut bench = Bench::new(None);
    bench.segment(2);
    bench.segment(2);
    bench.clock.advance(Duration::from_hours(1));
    bench.segment(2);
    let list = List::verify(&bench.world.list(2), &bench.world.custodian.public()).unwrap();
    bench.recorder.handle(Order::List(Arc::new(list)));
    bench.segment(2);
    bench.recorder.handle(Order::Stop);
    let all = bench.open();
    let said: Vec<_> = all
        .iter()
        .map(|(bucket, header, ..)| (bucket.list, header.number, header.hour_s % 7200))
        .collect();
    assert_eq!(said, [(1, 0, 0), (1, 1, 0), (1, 2, 3600), (2, 3, 3600)]);
    let buckets: BTreeSet<BucketId> = all.iter().map(|it| it.0.id).collect();
    assert_eq!(buckets.len(), 3);
    for pair in all.windows(2) {
        assert_eq!(pair[1].1.before, Some(pair[0].1.segment));
    }
    assert_eq!(bench.spool.waiting(), 4);
    assert_eq!(bench.files(Stage::Part).len(), 0);
}

#[test]
fn a_clock_set_back_makes_a_new_bucket() {
    let mut bench = Bench::new(None);
    bench.clock.advance(Duration::from_mins(30));
    bench.segment(2);
    let back = bench
        .clock
        .now()
        .checked_sub(base::SignedDuration::from_hours(1));
    bench.clock.step_to(back.unwrap());
    bench.segment(2);
    bench.clock.advance(Duration::from_hours(1));
    bench.segment(2);
    bench.recorder.handle(Order::Stop);
    let buckets: BTreeSet<BucketId> = bench.open().iter().map(|it| it.0.id).collect();
    assert_eq!(buckets.len(), 3, "the first hour came twice");
}

#[test]
fn a_segment_without_pictures_leaves_nothing() {
    let mut bench = Bench::new(None);
    bench.segment(1);
    bench.segment(0);
    bench.segment(1);
    bench.recorder.handle(Order::Stop);
    let all = bench.open();
    assert_eq!(all.len(), 2);
    assert_eq!(
        (all[1].1.number, all[1].1.before),
        (1, Some(all[0].1.segment))
    );
}

#[test]
fn files_are_on_the_disk_a_second_later() {
    let mut bench = Bench::new(None);
    bench.begin();
    bench.fragment(1000);
    bench.recorder.handle(Order::Tick);
    bench.end();
    for (millis, closed) in [(999, 0), (1, 1)] {
        bench.clock.advance(Duration::from_millis(millis));
        bench.recorder.handle(Order::Tick);
        assert_eq!(bench.files(Stage::Closed).len(), closed);
    }
    bench.open();
}

#[test]
fn a_full_spool_ends_the_segment_and_recovers() {
    let limit = 400 * 1024;
    let mut bench = Bench::new(Some(limit));
    bench.begin();
    for _ in 0..10 {
        bench.fragment(50 * 1024);
    }
    assert!(bench.spool.used() <= limit);
    assert!(bench.recorder.full);
    // What comes until the next segment begins is not written.
    bench.begin();
    bench.fragment(1000);
    bench.recorder.handle(Order::Tick);
    let all = bench.open();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].2.state, all[0].2.why), (State::Closed, Why::Limit));
    let gaps = spool::gaps::read(&bench.spool, 9).unwrap();
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].cause, gaps[0].to), (Cause::DiskFull, None));
    assert_eq!(gaps[0].from.0.as_microsecond(), all[0].2.ended_us);

    bench.spool.shrank(300 * 1024);
    bench.recorder.handle(Order::Tick);
    bench.segment(1);
    let gaps = spool::gaps::read(&bench.spool, 9).unwrap();
    assert!(gaps[0].to.is_some());
}

#[test]
fn pictures_that_cannot_be_written_are_a_gap() {
    let mut bench = Bench::new(None);
    let armed = bench.clock.now().as_microsecond();
    let mut wide = (*parameters()).clone();
    wide.width = 70_000;
    bench.begin_with(Arc::new(wide));
    bench.fragment(2000);
    assert_eq!(bench.gaps(), [(Cause::Unsupported, armed, None)]);
    let first = bench.clock.now().as_microsecond();
    bench.segment(2);
    let last = bench.clock.now().as_microsecond();
    assert_eq!(
        bench.gaps(),
        [(Cause::Unsupported, armed, Some(first))],
        "it ends with the first picture that is written"
    );

    // More than one fragment holds: what came before stays, what does not fit is told.
    bench.begin();
    bench.fragment(2000);
    bench.fragment(33 << 20);
    bench.fragment(2000);
    let from = last + 1_000_000;
    assert_eq!(bench.gaps()[1..], [(Cause::Unsupported, from, None)]);
    let to = bench.clock.now().as_microsecond();
    bench.segment(1);
    assert_eq!(bench.gaps()[1..], [(Cause::Unsupported, from, Some(to))]);
    assert!(!bench.recorder.full, "the disk has nothing to do with it");
    bench.recorder.handle(Order::Stop);
    let all = bench.open();
    assert_eq!(all.iter().map(|it| it.3.len()).sum::<usize>(), 4);
    assert_eq!(all[1].2.why, Why::Limit);
}

#[test]
fn each_reason_has_its_cause() {
    let check = |error: WriteError, cause| assert_eq!(error.cause(), cause, "{error}");
    check(WriteError::Full, Cause::DiskFull);
    check(WriteError::Disk(io::Error::other("x")), Cause::DiskFull);
    check(WriteError::Size, Cause::Unsupported);
    check(WriteError::Seal(SealError::TooLarge), Cause::Unsupported);
    check(WriteError::Time, Cause::Clock);
    check(WriteError::Seal(SealError::Library), Cause::Loss);
}

/// Breaks off after so many bytes of the file and of the journal.
fn cut_off(keep_file: f64, keep_journal: f64) {
    let mut bench = Bench::new(None);
    bench.begin();
    for _ in 0..5 {
        bench.fragment(2000);
    }
    let (_, part) = bench.files(Stage::Part).remove(0);
    let whole = std::fs::read(&part).unwrap();
    let cut = |bytes: &[u8], keep: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a part of a small length"
        )]
        let length = (bytes.len() as f64 * keep) as usize;
        bytes[..length].to_vec()
    };
    std::fs::write(&part, cut(&whole, keep_file)).unwrap();
    let journal = std::fs::read_dir(bench.spool.journal_folder())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let lines = std::fs::read(&journal).unwrap();
    assert_eq!(lines.len(), 5 * 64);
    std::fs::write(&journal, cut(&lines, keep_journal)).unwrap();

    let interrupted = bench.crash(None);
    let all = bench.open();
    assert!(bench.files(Stage::Part).is_empty());
    assert_eq!(all.len(), interrupted.len());
    // Whatever both know is kept.
    let by_file = scan(&cut(&whole, keep_file)).map_or(0, |it| it.fragments.len());
    let by_journal = cut(&lines, keep_journal).len() / 64;
    let kept = all.first().map_or(0, |it| it.3.len());
    assert_eq!(kept, by_file.min(by_journal));
    if let Some((_, _, record, _)) = all.first() {
        assert_eq!((record.state, record.why), (State::Interrupted, Why::Crash));
        assert_eq!(interrupted[0].1.as_microsecond(), record.ended_us);
    }
}

#[test]
fn a_crash_between_the_end_and_its_name_loses_nothing() {
    for keep_record in [true, false] {
        let mut bench = Bench::new(None);
        bench.segment(2);
        bench.recorder.handle(Order::Stop);
        let (_, closed) = bench.files(Stage::Closed).remove(0);
        std::fs::rename(&closed, closed.with_extension("part")).unwrap();
        if !keep_record {
            std::fs::remove_file(closed.with_extension("rec")).unwrap();
        }
        bench.crash(None);
        let all = bench.open();
        assert_eq!(all[0].3.len(), 2);
        let state = if keep_record {
            State::Closed
        } else {
            State::Interrupted
        };
        assert_eq!(all[0].2.state, state);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Segment(usize),
    Half,
    Hour,
    Clock(i64),
    List,
    Crash,
    Stop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0_usize..3).prop_map(Step::Segment),
        1 => Just(Step::Half),
        1 => Just(Step::Hour),
        1 => (-2 * HOUR_US..2 * HOUR_US).prop_map(Step::Clock),
        1 => Just(Step::List),
        1 => Just(Step::Crash),
        1 => Just(Step::Stop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_file_cut_anywhere_keeps_its_whole_fragments(file in 0.0..1.0_f64, journal in 0.0..1.0_f64) {
        cut_off(file, journal);
    }

    /// A nonce is a segment and a counter: the counter is inside the file, so segments must not come twice, and a
    /// bucket must belong to one hour, one run and one list, whatever happens.
    #[test]
    fn no_segment_comes_twice(steps in proptest::collection::vec(step(), 1..12)) {
        let mut bench = Bench::new(None);
        let mut number = 1;
        for step in steps {
            match step {
                Step::Segment(seconds) => bench.segment(seconds),
                Step::Half => {
                    bench.begin();
                    bench.fragment(500);
                }
                Step::Hour => bench.clock.advance(Duration::from_hours(1)),
                Step::Clock(by) => {
                    let now = bench.clock.now().as_microsecond() + by;
                    bench.clock.step_to(Timestamp::from_microsecond(now).unwrap());
                }
                Step::List => {
                    number += 1;
                    let list = bench.world.list(number);
                    let list = List::verify(&list, &bench.world.custodian.public()).unwrap();
                    bench.recorder.handle(Order::List(Arc::new(list)));
                }
                Step::Crash => drop(bench.crash(None)),
                Step::Stop => {
                    bench.recorder.handle(Order::Stop);
                    bench.crash(None);
                }
            }
        }
        bench.recorder.handle(Order::Stop);
        let all = bench.open();
        let segments: BTreeSet<SegmentId> = all.iter().map(|it| it.1.segment).collect();
        prop_assert_eq!(segments.len(), all.len());
        let mut runs = BTreeSet::new();
        for (bucket, header, record, _) in &all {
            prop_assert_eq!(header.bucket, bucket.id);
            prop_assert_eq!(header.run, bucket.run);
            prop_assert_eq!(header.hour_s, bucket.hour.0.as_second());
            prop_assert_eq!(header.started_us.div_euclid(HOUR_US) * 3600, header.hour_s);
            prop_assert_eq!(record.bucket, bucket.id);
            prop_assert!(runs.insert((header.run, header.number)), "a number twice in a run");
        }
        prop_assert!(bench.files(Stage::Part).is_empty());
    }
}

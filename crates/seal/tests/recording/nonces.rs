//! A nonce is never used twice under one key: a small agent that restarts, changes hours and has its clock
//! stepped, at random.
//!
//! Keys can't be seen from outside, and need not: everything sealed here has the same plain text, so that a
//! key and nonce that came again would give the same ciphertext again.

use std::collections::{BTreeMap, BTreeSet};

use base::{BucketId, LiveKeyId};
use proptest::prelude::*;
use seal::bucket::{self, BucketKey};
use seal::live::{self, LiveKey};
use seal::segment::{Header, Sealer};
use seal::{SealError, recipients::List};

use crate::world::{World, make};

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The agent is killed and started again.
    Restart,
    /// The clock goes on, or is set, by so many hours.
    Clock(i64),
    /// A new segment, whether or not the last one got its end.
    Segment { finish: bool },
    /// Somebody begins the segment of before once more.
    Again,
    /// So many fragments.
    Fragments(u8),
    /// A new live session.
    Session,
    /// So many pictures.
    Pictures(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        1 => Just(Step::Restart),
        2 => (-2_i64..3).prop_map(Step::Clock),
        3 => any::<bool>().prop_map(|finish| Step::Segment { finish }),
        1 => Just(Step::Again),
        4 => (1_u8..5).prop_map(Step::Fragments),
        2 => Just(Step::Session),
        3 => (1_u8..5).prop_map(Step::Pictures),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What dies with the process.
#[derive(Default)]
struct Run {
    buckets: BTreeMap<i64, BucketKey>,
    live: BTreeMap<i64, (LiveKey, Vec<u8>)>,
    segment: Option<(i64, Header)>,
    sealer: Option<Sealer>,
    session: Option<live::Sealer>,
}

struct Agent {
    world: World,
    list: List,
    hour: i64,
    run: Run,
    seen: BTreeSet<Vec<u8>>,
    sealed: usize,
}

impl Agent {
    fn new(seed: u64) -> Self {
        let world = World::new(seed);
        Self {
            list: world.list(1),
            world,
            hour: 0,
            run: Run::default(),
            seen: BTreeSet::new(),
            sealed: 0,
        }
    }

    /// Remembers what stands where the same plain text was.
    fn note(&mut self, ciphertext: &[u8]) {
        self.sealed += 1;
        self.seen.insert(ciphertext.to_vec());
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Restart => {
                self.run = Run::default();
                self.world.run = base::RunId::random(&self.world.rng);
            }
            Step::Clock(hours) => self.hour += hours,
            Step::Segment { finish } => self.segment(finish),
            Step::Again => self.again(),
            Step::Fragments(count) => {
                for _ in 0..count {
                    if let Some(sealer) = &mut self.run.sealer {
                        let sealed = sealer.fragment(0, 0, true, b"same").unwrap();
                        self.note(&sealed[4..21]);
                    }
                }
            }
            Step::Session => self.session(),
            Step::Pictures(count) => {
                for _ in 0..count {
                    if let Some(sealer) = &mut self.run.session {
                        let sealed = sealer.picture(0, true, b"same bytes").unwrap();
                        self.note(&sealed[5..22]);
                    }
                }
            }
        }
    }

    fn segment(&mut self, finish: bool) {
        let old = self.run.sealer.take();
        if let Some(sealer) = old.filter(|_| finish) {
            let end = sealer.finish().unwrap();
            self.note(&end[4..]);
        }
        let (world, list) = (&self.world, &self.list);
        let key = self.run.buckets.entry(self.hour).or_insert_with(|| {
            let bucket = BucketId::random(&world.rng);
            bucket::create(bucket, list, &world.rng).unwrap().0
        });
        let before = self.run.segment.as_ref().map(|it| &it.1);
        let header = world.header(key.bucket(), before);
        self.run.sealer = Some(Sealer::begin(key, &header).unwrap().0);
        self.run.segment = Some((self.hour, header));
    }

    fn again(&self) {
        if let Some((hour, header)) = &self.run.segment {
            let again = Sealer::begin(&self.run.buckets[hour], header).map(drop);
            assert_eq!(again, Err(SealError::Reused));
        }
    }

    fn session(&mut self) {
        let (world, list) = (&self.world, &self.list);
        let (key, envelope) = self.run.live.entry(self.hour).or_insert_with(|| {
            let id = LiveKeyId::random(&world.rng);
            LiveKey::create(id, list, &world.rng).unwrap()
        });
        let header = world.live_header(key.id(), envelope.clone());
        self.run.session = Some(live::Sealer::begin(key, &header).unwrap().0);
    }
}

proptest! {
    #[test]
    fn no_nonce_is_used_twice(seed: u64, steps in steps()) {
        let mut agent = Agent::new(seed);
        for step in steps {
            agent.take(step);
        }
        prop_assert_eq!(agent.seen.len(), agent.sealed);
    }
}

#[test]
fn a_nonce_that_came_again_would_be_seen() {
    let world = World::new(1);
    let (key, shares) = world.bucket();
    let header = world.header(key.bucket(), None);
    let one = make(&key, header.clone(), &[b"same"], true);
    // Only somebody with all shares can seal the same segment twice: nobody who records has them.
    let two = make(&world.combined(&shares), header, &[b"same"], true);
    assert_eq!(one.file, two.file);
}

//! What one mount plays: made once, on an even beat, for all clients.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base::{Clock, SignedDuration, Timestamp};
use bytes::Bytes;
use tokio::sync::broadcast;

use super::annexb::{self, Sets, Unit};
use super::{Credentials, Faults, Mount, Source, StartError};
use crate::scene::Scene;
use crate::{Codec, TICKS_PER_SECOND};

/// What clients hear of.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Picture(Arc<Made>),
    /// Time passes without a picture.
    Beat,
}

/// One picture, ready to be sent.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) key: bool,
    pub(super) nals: Vec<Bytes>,
    pub(super) counter: u32,
    pub(super) stamp: u32,
    /// When it was made, on the camera's clock.
    pub(super) at: Timestamp,
}

/// Pictures that a slow client may lag behind before it loses some.
const BACKLOG: usize = 64;

/// What everybody who has to do with a mount shares.
pub(super) struct Shared {
    pub(super) path: Arc<str>,
    pub(super) codec: Codec,
    pub(super) fps: u32,
    pub(super) credentials: Option<Credentials>,
    pub(super) microphone: bool,
    pub(super) items: broadcast::Sender<Item>,
    /// The RTP stamp of the next picture.
    pub(super) next_stamp: AtomicU32,
    /// How often somebody asked for the microphone.
    pub(super) microphone_asked: AtomicU64,
    sets: Mutex<Sets>,
    faults: Mutex<(Faults, Duration)>,
    clock: Arc<dyn Clock>,
}

impl Shared {
    pub(super) fn sets(&self) -> Sets {
        self.sets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn faults(&self) -> Faults {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .clone()
    }

    pub(super) fn set_faults(&self, change: impl FnOnce(&mut Faults)) {
        let now = self.clock.monotonic();
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let before = faults.0.no_key_for;
        change(&mut faults.0);
        if faults.0.no_key_for != before {
            faults.1 = now;
        }
    }

    pub(super) fn ask_microphone(&self) {
        self.microphone_asked.fetch_add(1, Ordering::Relaxed);
    }

    /// What is wrong now, and whether key frames are held back.
    fn state(&self) -> (Faults, bool) {
        let now = self.clock.monotonic();
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let held = faults.0.no_key_for.is_some_and(|it| now < faults.1 + it);
        (faults.0.clone(), held)
    }
}

/// Makes the pictures of one mount.
pub(super) struct Producer {
    shared: Arc<Shared>,
    player: Player,
    stamp_base: u32,
}

enum Player {
    Scene(Box<Scene>),
    File { units: Vec<Unit>, next: usize },
}

impl Producer {
    /// Reads and checks; `stamp_base` is where RTP stamps begin (RFC 3550, section 5.1: by chance).
    pub(super) async fn new(
        mount: Mount,
        clock: Arc<dyn Clock>,
        stamp_base: u32,
    ) -> Result<Self, StartError> {
        let mut sets = Sets::default();
        let (player, codec, fps) = match mount.source {
            Source::Scene(options) => {
                let fps = options.fps;
                let scene = Scene::new(options)?;
                take_sets(&mut sets, &scene);
                (Player::Scene(Box::new(scene)), Codec::H264, fps)
            }
            Source::File { path, fps } => {
                let codec = annexb::codec(&path).ok_or(StartError::Unplayable(
                    "the name of the file does not tell its codec",
                ))?;
                let file = tokio::fs::read(&path).await.map_err(StartError::File)?;
                let units = annexb::units(codec, annexb::nals(&Bytes::from(file)));
                if units.is_empty() || !(1..=240).contains(&fps) {
                    return Err(StartError::Unplayable(
                        "the file holds no pictures, or their rate is odd",
                    ));
                }
                units
                    .iter()
                    .flat_map(|it| &it.nals)
                    .for_each(|it| sets.take(codec, it));
                (Player::File { units, next: 0 }, codec, fps)
            }
        };
        let shared = Shared {
            path: mount.path.trim_matches('/').into(),
            codec,
            fps,
            credentials: mount.credentials,
            microphone: mount.microphone,
            items: broadcast::Sender::new(BACKLOG),
            next_stamp: AtomicU32::new(stamp_base),
            microphone_asked: AtomicU64::new(0),
            sets: Mutex::new(sets),
            faults: Mutex::new((mount.faults, clock.monotonic())),
            clock,
        };
        Ok(Self {
            shared: Arc::new(shared),
            player,
            stamp_base,
        })
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Plays for ever. Nothing is drawn while nobody looks; the numbers go on.
    pub(super) async fn play(mut self) {
        let clock = Arc::clone(&self.shared.clock);
        let start = clock.monotonic();
        let mut restart = true;
        let mut n = 0_u64;
        loop {
            let due = start + Duration::from_micros(n * 1_000_000 / u64::from(self.shared.fps));
            let now = clock.monotonic();
            if now < due {
                clock.sleep(due.saturating_sub(now)).await;
            }
            let (faults, held) = self.shared.state();
            if self.shared.items.receiver_count() == 0 || faults.silent {
                restart = true;
                let _ = self.shared.items.send(Item::Beat);
            } else {
                self.resize(&faults);
                let item = self.make(n, &faults, held, restart);
                restart = false;
                // Nobody listening any more is found out at the next beat.
                let _ = self.shared.items.send(item);
            }
            n += 1;
            let next = self.stamp(n, &faults);
            self.shared.next_stamp.store(next, Ordering::Relaxed);
        }
    }

    /// The RTP stamp of a picture.
    fn stamp(&self, n: u64, faults: &Faults) -> u32 {
        let ticks = n * TICKS_PER_SECOND.unsigned_abs() / u64::from(self.shared.fps);
        let offset = (faults.stamp_offset & 0xffff_ffff).cast_unsigned();
        (u64::from(self.stamp_base)
            .wrapping_add(ticks)
            .wrapping_add(offset)
            & 0xffff_ffff) as u32
    }

    fn resize(&mut self, faults: &Faults) {
        let Player::Scene(scene) = &mut self.player else {
            return;
        };
        let Some((width, height)) = faults.size else {
            return;
        };
        let mut options = scene.options().clone();
        if (options.width, options.height) == (width, height) {
            return;
        }
        (options.width, options.height) = (width, height);
        match Scene::new(options) {
            Ok(new) => {
                take_sets(
                    &mut self
                        .shared
                        .sets
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner),
                    &new,
                );
                **scene = new;
            }
            Err(error) => {
                tracing::warn!(%error, "the simulated camera keeps its size");
                self.shared.set_faults(|it| it.size = None);
            }
        }
    }

    fn make(&mut self, n: u64, faults: &Faults, held: bool, restart: bool) -> Item {
        let shift = SignedDuration::from_millis(faults.clock_offset);
        let now = self.shared.clock.now();
        let at = now.checked_add(shift).unwrap_or(now);
        let counter = (n & 0xffff_ffff) as u32;
        let (key, nals) = match &mut self.player {
            Player::Scene(scene) if held => {
                // A fresh encoder begins with a key frame; that one is kept back.
                if scene.is_fresh() {
                    scene.picture(counter, at, true);
                }
                (false, scene.picture_without_rhythm(counter, at, false).nals)
            }
            Player::Scene(scene) => {
                let picture = scene.picture(counter, at, restart);
                (picture.key, picture.nals)
            }
            Player::File { units, next } => {
                if restart && !held {
                    *next = units.iter().position(|it| it.key).unwrap_or(0);
                }
                let unit = units[*next].clone();
                *next = (*next + 1) % units.len();
                if held && unit.key {
                    return Item::Beat;
                }
                (unit.key, unit.nals)
            }
        };
        Item::Picture(Arc::new(Made {
            key,
            nals,
            counter,
            stamp: self.stamp(n, faults),
            at,
        }))
    }
}

fn take_sets(sets: &mut Sets, scene: &Scene) {
    let (sps, pps) = scene.parameter_sets();
    (sets.sps, sets.pps) = (Some(sps), Some(pps));
}

//! One camera's task: connects when pictures are wanted, cuts them for the recorder, sends them to who looks.

use std::sync::Arc;
use std::time::Duration;

use base::{CameraId, Clock, Rng, Sleep};
use media::cut::{Cut, Cutter, Reason, Rules};
use media::rtsp::{self, Camera, Event, GapCause, Settings, Source};
use media::wire::Cause;
use media::{Frame, Parameters};
use seal::recipients::List;
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use crate::face::Face;
use crate::live::Live;
use crate::recorder::{Order, hour_of};

const TICK: Duration = Duration::from_secs(1);
/// A segment that was told to end at the next key frame ends without one after so long: a hub takes pictures up to ten
/// seconds behind their bucket's hour.
const OVERTIME: Duration = Duration::from_secs(8);
/// Pictures for so long, and none to begin with: that is a fault.
const NO_KEY: Duration = Duration::from_secs(5);

/// What the hub wants of a camera.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) armed: bool,
    pub(crate) watched: bool,
    /// How often somebody began to look. Each begins a session: who comes right after another has left must not be
    /// taken for the same one.
    pub(crate) looks: u64,
    pub(crate) list: Arc<List>,
    pub(crate) stop: bool,
}

/// What a camera's task is made of.
pub(crate) struct Parts {
    pub(crate) source: Source,
    pub(crate) settings: Settings,
    pub(crate) rules: Rules,
    pub(crate) face: Arc<Face>,
    pub(crate) live: Live,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) wanted: watch::Receiver<Wanted>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

/// The task.
pub(crate) struct Intake {
    parts: Parts,
    id: CameraId,
    camera: Option<Camera>,
    parameters: Option<Arc<Parameters>>,
    cutter: Cutter,
    cuts: Vec<Cut>,
    now: Wanted,
    /// The hour of the segment that is open.
    open: Option<i64>,
    /// It was told to end at the next key frame, then.
    ending: Option<Ending>,
    cause: Option<Cause>,
    /// Since when pictures come and none can begin a segment.
    keyless: Option<Duration>,
    tick: Sleep,
    tally: Tally,
}

/// Why and since when.
#[derive(Clone, Copy)]
struct Ending {
    reason: Reason,
    since: Duration,
}

/// Counted since the last tick.
#[derive(Default)]
struct Tally {
    frames: u32,
    bytes: usize,
    since: Duration,
    last: Option<base::Timestamp>,
    /// Bytes in the second before.
    rate: usize,
}

enum Step {
    Wanted,
    Tick,
    Event(Event),
    Over,
}

impl Intake {
    pub(crate) fn new(parts: Parts) -> Self {
        let mut now = parts.wanted.borrow().clone();
        (now.armed, now.watched, now.stop) = (false, false, false);
        Self {
            id: parts.face.id(),
            camera: None,
            parameters: None,
            cutter: Cutter::new(parts.rules.clone()),
            cuts: Vec::new(),
            now,
            open: None,
            ending: None,
            cause: None,
            keyless: None,
            tick: parts.clock.sleep(TICK),
            tally: Tally {
                since: parts.clock.monotonic(),
                ..Tally::default()
            },
            parts,
        }
    }

    /// Until it is told to stop.
    pub(crate) async fn run(mut self) {
        loop {
            let wanted = self.parts.wanted.borrow_and_update().clone();
            self.apply(wanted).await;
            if self.now.stop {
                return;
            }
            match self.step().await {
                Step::Wanted => {}
                Step::Tick => self.on_tick().await,
                Step::Event(event) => self.on_event(event).await,
                Step::Over => return,
            }
        }
    }

    async fn step(&mut self) -> Step {
        let Self {
            parts,
            camera,
            tick,
            now,
            ..
        } = self;
        let changed = parts.wanted.changed();
        if !now.armed && !now.watched {
            return match changed.await {
                Ok(()) => Step::Wanted,
                Err(_) => Step::Over,
            };
        }
        let camera = camera.get_or_insert_with(|| {
            Camera::new(
                parts.source.clone(),
                parts.settings.clone(),
                Arc::clone(&parts.clock),
                Arc::clone(&parts.rng),
            )
        });
        tokio::select! {
            changed = changed => match changed {
                Ok(()) => Step::Wanted,
                Err(_) => Step::Over,
            },
            () = tick => Step::Tick,
            event = camera.next() => Step::Event(event),
        }
    }

    async fn apply(&mut self, wanted: Wanted) {
        if wanted.list.number != self.now.list.number {
            self.parts.live.set_list(Arc::clone(&wanted.list));
            if self.open.is_some() {
                let since = self.parts.clock.monotonic();
                self.end_at_key(Reason::Change, since);
            }
        }
        if wanted.stop {
            self.cutter.end_now(Reason::Stopped, &mut self.cuts);
            self.pass_on().await;
        } else if wanted.armed && !self.now.armed {
            self.cutter = Cutter::new(self.parts.rules.clone());
            self.keyless = None;
            self.order(Order::Arm(self.id)).await;
            if let Some(cause) = self.cause {
                self.order(Order::Missing(self.id, cause)).await;
            }
        } else if self.now.armed && !wanted.armed {
            self.cutter.end_now(Reason::Disarmed, &mut self.cuts);
            self.pass_on().await;
            self.order(Order::Disarm(self.id)).await;
        }
        if (wanted.watched, wanted.looks) != (self.now.watched, self.now.looks) {
            self.parts
                .live
                .watch(wanted.watched, self.parameters.as_deref());
        }
        self.now = wanted;
        let armed = self.now.armed;
        self.parts.face.set(|it| it.armed = armed);
        if !self.now.armed && !self.now.watched && self.camera.take().is_some() {
            self.disconnected(None);
        }
    }

    fn disconnected(&mut self, cause: Option<Cause>) {
        self.parts.live.reset();
        self.parameters = None;
        self.keyless = None;
        self.cause = cause;
        self.tally.rate = 0;
        self.parts.face.set(|it| {
            it.cause = cause;
            it.fps = None;
            it.kbit = None;
        });
    }

    async fn on_event(&mut self, event: Event) {
        match event {
            Event::Connected(parameters) => {
                info!(
                    camera.id = %self.id,
                    camera.codec = parameters.rfc6381,
                    camera.width = parameters.width,
                    camera.height = parameters.height,
                    "Camera {} answers", self.id
                );
                self.learn(parameters);
            }
            Event::Changed(parameters) => self.learn(parameters),
            Event::Frame(frame) => self.on_frame(frame).await,
            Event::Gap(gap) => {
                let (cause, reason) = match gap.cause {
                    GapCause::Loss => (Cause::Loss, Reason::Loss),
                    GapCause::NoKeyFrame => (Cause::NoKeyFrame, Reason::Loss),
                    GapCause::ClockStep => (Cause::Clock, Reason::Loss),
                };
                self.parts.live.reset();
                self.cutter.end_now(reason, &mut self.cuts);
                self.pass_on().await;
                self.order(Order::Missing(self.id, cause)).await;
            }
            Event::Ended { cause, .. } => {
                let cause = cause_of(cause);
                if self.cause != Some(cause) {
                    warn!(camera.id = %self.id, cause = ?cause, "Camera {} gives no pictures", self.id);
                }
                self.cutter.end_now(Reason::Loss, &mut self.cuts);
                self.pass_on().await;
                self.disconnected(Some(cause));
                self.order(Order::Missing(self.id, cause)).await;
            }
        }
    }

    /// Ends the segment at the next key frame; whoever asked first decides when that is overdue.
    fn end_at_key(&mut self, reason: Reason, since: Duration) {
        if self.ending.is_none() {
            self.cutter.end_at_key(reason);
            self.ending = Some(Ending { reason, since });
        }
    }

    fn learn(&mut self, parameters: Arc<Parameters>) {
        self.parameters = Some(Arc::clone(&parameters));
        self.parts.face.set(|it| it.parameters = Some(parameters));
    }

    async fn on_frame(&mut self, frame: Frame) {
        self.tally.frames += 1;
        self.tally.bytes += frame.data.len();
        self.tally.last = Some(frame.wall);
        if let Some(parameters) = &self.parameters {
            self.parts.live.keep(&frame);
            if self.now.watched {
                self.parts.live.send(&frame, parameters, self.tally.rate);
            }
        }
        if self.now.armed {
            let hour = hour_of(frame.wall);
            if self.open.is_some_and(|it| it != hour) {
                self.end_at_key(Reason::Hour, frame.received_at);
            }
            if let Some(ending) = self.ending
                && frame.received_at.saturating_sub(ending.since) >= OVERTIME
            {
                self.cutter.end_and_go_on(ending.reason, &mut self.cuts);
                self.ending = None;
            }
            let dropped = self.cutter.dropped();
            self.cutter.push(frame, &mut self.cuts);
            if self.cutter.dropped() > dropped {
                let now = self.parts.clock.monotonic();
                self.keyless.get_or_insert(now);
            } else {
                self.keyless = None;
            }
            if !self.cuts.is_empty() {
                self.pass_on().await;
            }
        }
        if self.cause.is_some() && self.keyless.is_none() {
            self.cause = None;
            self.parts.face.set(|it| it.cause = None);
        }
    }

    async fn on_tick(&mut self) {
        self.tick = self.parts.clock.sleep(TICK);
        let now = self.parts.clock.monotonic();
        if self.now.armed {
            self.cutter.tick(now, &mut self.cuts);
            self.pass_on().await;
        }
        let keyless = |since: Duration| now.saturating_sub(since) >= NO_KEY;
        if self.keyless.is_some_and(keyless) && self.cause != Some(Cause::NoKeyFrame) {
            warn!(camera.id = %self.id, "Camera {} sends no key frame", self.id);
            self.cause = Some(Cause::NoKeyFrame);
            self.parts.face.set(|it| it.cause = Some(Cause::NoKeyFrame));
            self.order(Order::Missing(self.id, Cause::NoKeyFrame)).await;
        }
        self.parts.live.forget_after(self.parts.clock.now());
        self.count(now);
    }

    /// Figures for the hub.
    fn count(&mut self, now: Duration) {
        let seconds = now.saturating_sub(self.tally.since).as_secs_f32();
        if seconds < 0.5 {
            return;
        }
        let tally = std::mem::take(&mut self.tally);
        let per_second = |it: usize| {
            let rate = f64::from(u32::try_from(it).unwrap_or(u32::MAX)) / f64::from(seconds);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count over a time is not negative, and saturates"
            )]
            let rate = rate as usize;
            rate
        };
        let frames = usize::try_from(tally.frames).unwrap_or(usize::MAX);
        let rate = per_second(tally.bytes);
        let kbit = u32::try_from(per_second(tally.bytes.saturating_mul(8)) / 1000).ok();
        #[expect(
            clippy::cast_precision_loss,
            reason = "so many pictures come in no second"
        )]
        let fps = (frames as f32 / seconds * 10.0).round() / 10.0;
        self.parts.face.set(|it| {
            it.fps = Some(fps);
            it.kbit = kbit;
            it.last_picture = tally.last.or(it.last_picture);
        });
        self.tally.since = now;
        self.tally.rate = rate;
    }

    /// Hands what was cut to the recorder. Waits when the disk does not keep up.
    async fn pass_on(&mut self) {
        let mut cuts = std::mem::take(&mut self.cuts);
        for cut in cuts.drain(..) {
            let order = match cut {
                Cut::Begin { start, .. } => {
                    self.open = Some(hour_of(start));
                    self.ending = None;
                    let Some(parameters) = &self.parameters else {
                        continue;
                    };
                    Order::Begin(self.id, start, Arc::clone(parameters))
                }
                Cut::Fragment(group) => Order::Fragment(self.id, group),
                Cut::End(reason) => {
                    self.open = None;
                    Order::End(self.id, reason)
                }
            };
            self.order(order).await;
        }
        self.cuts = cuts;
    }

    async fn order(&mut self, order: Order) {
        // Without a recorder the agent is stopping.
        let _ = self.parts.orders.send(order).await;
    }
}

const fn cause_of(cause: rtsp::Cause) -> Cause {
    match cause {
        rtsp::Cause::Unreachable => Cause::Unreachable,
        rtsp::Cause::Refused => Cause::Refused,
        rtsp::Cause::WrongPassword => Cause::Password,
        rtsp::Cause::NoSuchStream => Cause::NoStream,
        rtsp::Cause::Dropped | rtsp::Cause::Malformed => Cause::Dropped,
        rtsp::Cause::Silent => Cause::Silent,
        rtsp::Cause::Unsupported => Cause::Unsupported,
    }
}

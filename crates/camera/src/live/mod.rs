//! Live pictures of one camera: sealed one by one, under a key of the hour, to whoever may look now.
//!
//! A session is one unbroken stream with the same parameters, key and recipients. The pictures since the last key
//! frame are at hand, so that who begins to look sees something at once.

mod gate;
mod queue;

use std::sync::Arc;

use base::{CameraId, LiveKeyId, LiveSessionId, Rng, chain};
use media::wire::{LIVE_HEAD, LIVE_LIMIT, LiveKind, live_message};
use media::{Frame, Parameters};
use seal::SealError;
use seal::live::{Header, LiveKey, Sealer};
use seal::recipients::List;
use tracing::warn;

pub(crate) use queue::{Message, Outlet, Queue};

use crate::recorder::hour_of;
use gate::Gate;

/// The pictures since the last key frame are kept up to so many bytes.
const KEPT: usize = 4 << 20;

/// One camera's live pictures.
pub(crate) struct Live {
    camera: CameraId,
    rng: Arc<dyn Rng>,
    list: Arc<List>,
    outlet: Outlet,
    key: Option<HourKey>,
    session: Option<Session>,
    gate: Gate,
    group: Group,
}

struct HourKey {
    hour_s: i64,
    list: u64,
    key: LiveKey,
    envelope: Vec<u8>,
}

struct Session {
    hour_s: i64,
    list: u64,
    sealer: Sealer,
}

/// The pictures since the last key frame, unless they are too many.
#[derive(Default)]
struct Group {
    frames: Vec<Frame>,
    bytes: usize,
}

impl Group {
    fn push(&mut self, frame: &Frame) {
        if frame.key {
            self.clear();
        } else if self.frames.is_empty() {
            return;
        }
        self.bytes += frame.data.len();
        if self.bytes > KEPT {
            return self.clear();
        }
        self.frames.push(frame.clone());
    }

    fn clear(&mut self) {
        self.frames.clear();
        self.bytes = 0;
    }
}

impl Live {
    pub(crate) fn new(
        camera: CameraId,
        list: Arc<List>,
        outlet: Outlet,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self {
            camera,
            rng,
            list,
            outlet,
            key: None,
            session: None,
            gate: Gate::default(),
            group: Group::default(),
        }
    }

    /// Who may look changed: from the next key frame on.
    pub(crate) fn set_list(&mut self, list: Arc<List>) {
        self.list = list;
    }

    /// Somebody looks, or nobody any more.
    pub(crate) fn watch(&mut self, on: bool, parameters: Option<&Parameters>) {
        self.end();
        if let (true, Some(parameters)) = (on, parameters) {
            let frames = std::mem::take(&mut self.group.frames);
            for frame in &frames {
                self.send(frame, parameters, usize::MAX);
            }
            self.group.frames = frames;
        }
    }

    /// A picture came: kept until the next key frame, whether or not somebody looks.
    pub(crate) fn keep(&mut self, frame: &Frame) {
        self.group.push(frame);
    }

    /// The stream broke off: what comes is another session.
    pub(crate) fn end(&mut self) {
        self.session = None;
    }

    /// The stream broke off, and nothing of it is of use.
    pub(crate) fn reset(&mut self) {
        self.end();
        self.group.clear();
    }

    /// The hour is over: its key goes.
    pub(crate) fn forget_after(&mut self, now: base::Timestamp) {
        let hour_s = hour_of(now);
        if self.key.as_ref().is_some_and(|it| it.hour_s < hour_s) && self.session.is_none() {
            self.key = None;
        }
    }

    /// Seals a picture and hands it to the channel, or leaves it out.
    pub(crate) fn send(&mut self, frame: &Frame, parameters: &Parameters, rate: usize) {
        if frame.params_changed {
            self.end();
        }
        let size = frame.data.len() + LIVE_HEAD + 64;
        let queued = self.outlet.queued();
        if size > LIVE_LIMIT || !self.gate.passes(frame.key, size, queued, rate) {
            return;
        }
        if let Err(error) = self.seal(frame, parameters) {
            warn!(error = %chain(&error), camera.id = %self.camera, "a live picture could not be sealed");
            self.end();
        }
    }

    fn seal(&mut self, frame: &Frame, parameters: &Parameters) -> Result<(), SealError> {
        let hour_s = hour_of(frame.wall);
        let number = self.list.number;
        let fits = |it: &Session| (it.hour_s, it.list) == (hour_s, number);
        if self.session.is_none() || (frame.key && !self.session.as_ref().is_some_and(fits)) {
            if !frame.key {
                return Ok(());
            }
            self.begin(hour_s, parameters)?;
        }
        let Some(session) = &mut self.session else {
            return Ok(());
        };
        let sealed = session
            .sealer
            .picture(frame.wall.as_microsecond(), frame.key, &frame.data)?;
        self.outlet
            .put(live_message(LiveKind::Picture, self.camera, &sealed));
        Ok(())
    }

    fn begin(&mut self, hour_s: i64, parameters: &Parameters) -> Result<(), SealError> {
        self.session = None;
        let number = self.list.number;
        let fits = |it: &HourKey| (it.hour_s, it.list) == (hour_s, number);
        if !self.key.as_ref().is_some_and(fits) {
            let id = LiveKeyId::random(&*self.rng);
            let (key, envelope) = LiveKey::create(id, &self.list, &*self.rng)?;
            self.key = Some(HourKey {
                hour_s,
                list: number,
                key,
                envelope,
            });
        }
        let Some(hour) = &self.key else {
            return Ok(());
        };
        let pixels = |it: u32| u16::try_from(it).map_err(|_| SealError::TooLarge);
        let header = Header {
            camera: self.camera,
            session: LiveSessionId::random(&*self.rng),
            key: hour.key.id(),
            hour_s,
            codec: parameters.rfc6381.clone(),
            width: pixels(parameters.width)?,
            height: pixels(parameters.height)?,
            config: parameters.config.to_vec(),
            envelope: hour.envelope.clone(),
        };
        let (sealer, header) = Sealer::begin(&hour.key, &header)?;
        self.session = Some(Session {
            hour_s,
            list: number,
            sealer,
        });
        self.outlet
            .put(live_message(LiveKind::Session, self.camera, &header));
        Ok(())
    }
}

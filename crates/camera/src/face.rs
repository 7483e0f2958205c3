//! How a camera is, for whoever asks: kept by its task and the recorder, told to the hub.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::{CameraId, Timestamp};
use media::Parameters;
use media::wire::{CameraState, Cause, Condition, Instant};
use tokio::sync::Notify;

/// One camera.
#[derive(Debug)]
pub(crate) struct Face {
    id: CameraId,
    writing: AtomicBool,
    view: Mutex<View>,
    changed: Arc<Notify>,
}

/// What its task knows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct View {
    pub(crate) armed: bool,
    pub(crate) cause: Option<Cause>,
    pub(crate) parameters: Option<Arc<Parameters>>,
    pub(crate) fps: Option<f32>,
    pub(crate) kbit: Option<u32>,
    pub(crate) last_picture: Option<Timestamp>,
}

impl Face {
    pub(crate) fn new(id: CameraId, changed: Arc<Notify>) -> Self {
        Self {
            id,
            writing: AtomicBool::new(false),
            view: Mutex::default(),
            changed,
        }
    }

    pub(crate) const fn id(&self) -> CameraId {
        self.id
    }

    /// Whether its pictures are being written.
    pub(crate) fn set_writing(&self, writing: bool) {
        if self.writing.swap(writing, Ordering::Relaxed) != writing {
            self.changed.notify_one();
        }
    }

    /// Changes what is known. Told to the hub at once when it is more than a figure.
    pub(crate) fn set(&self, change: impl FnOnce(&mut View)) {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        let before = (view.armed, view.cause, view.parameters.clone());
        change(&mut view);
        if before != (view.armed, view.cause, view.parameters.clone()) {
            self.changed.notify_one();
        }
    }

    /// What the camera sends, once it did.
    pub(crate) fn parameters(&self) -> Option<Arc<Parameters>> {
        self.lock().parameters.clone()
    }

    /// As the hub is told.
    pub(crate) fn state(&self, disk_full: bool) -> CameraState {
        let view = self.lock().clone();
        let writing = self.writing.load(Ordering::Relaxed);
        let (state, cause) = condition(&view, writing, disk_full);
        let parameters = view.parameters.as_deref();
        CameraState {
            id: self.id,
            state,
            cause,
            codec: parameters.map(|it| it.rfc6381.clone()),
            width: parameters.map(|it| it.width),
            height: parameters.map(|it| it.height),
            fps: view.fps,
            kbit: view.kbit,
            last_picture: view.last_picture.map(Instant),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In one word, and why it is not the word it should be.
fn condition(view: &View, writing: bool, disk_full: bool) -> (Condition, Option<Cause>) {
    match (view.armed, view.cause) {
        (true, _) if disk_full => (Condition::Fault, Some(Cause::DiskFull)),
        (_, Some(cause)) => (Condition::Fault, Some(cause)),
        (false, None) => (Condition::Off, None),
        (true, None) if writing => (Condition::Recording, None),
        (true, None) => (Condition::ArmedWaiting, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(armed: bool, cause: Option<Cause>, writing: bool, full: bool, want: Condition) {
        let view = View {
            armed,
            cause,
            ..View::default()
        };
        assert_eq!(condition(&view, writing, full).0, want);
    }

    #[test]
    fn in_one_word() {
        check(false, None, false, false, Condition::Off);
        check(false, None, false, true, Condition::Off);
        check(true, None, false, false, Condition::ArmedWaiting);
        check(true, None, true, false, Condition::Recording);
        check(true, None, true, true, Condition::Fault);
        check(true, Some(Cause::Password), true, false, Condition::Fault);
        check(false, Some(Cause::Silent), false, false, Condition::Fault);
    }
}

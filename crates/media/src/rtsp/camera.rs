//! The connection to one camera: what comes, why it ends, when to try again.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Rng, Timestamp};
use tokio::sync::mpsc;

use super::Source;
use crate::{Frame, Parameters};

/// Waiting times; [`Settings::default`] is what agents use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// From the first byte to the answer to `PLAY`.
    pub connect: Duration,
    /// Without a picture for so long, a camera is silent and the connection is given up.
    pub silence: Duration,
    /// The pause before the second attempt; it doubles with each failure, up to `pause_most`.
    pub pause_first: Duration,
    /// The longest pause between attempts. Each pause is shortened by up to a half, by chance.
    pub pause_most: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(10),
            pause_first: Duration::from_secs(1),
            pause_most: Duration::from_secs(30),
        }
    }
}

/// Why a connection ended or did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No answer, no route, or no such host.
    Unreachable,
    /// The host is there, but nothing listens on the port.
    Refused,
    /// User or password are wrong or missing (401, 403).
    WrongPassword,
    /// The camera knows no such path (404, 454), or its answer holds no video.
    NoSuchStream,
    /// The connection broke while it ran.
    Dropped,
    /// Connected, but no picture came for [`Settings::silence`].
    Silent,
    /// The video is neither H.264 nor H.265.
    Unsupported,
    /// What the camera sent breaks the protocol.
    Malformed,
}

impl Cause {
    /// A stable code for logs, messages and translation.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::WrongPassword => "wrong_password",
            Self::NoSuchStream => "no_such_stream",
            Self::Dropped => "dropped",
            Self::Silent => "silent",
            Self::Unsupported => "unsupported",
            Self::Malformed => "malformed",
        }
    }
}

/// Why pictures are missing although the connection runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapCause {
    /// Packets were lost on the way.
    Loss,
    /// The camera's first pictures need one that was never sent.
    NoKeyFrame,
    /// This computer's clock was set; times before and after do not compare.
    ClockStep,
}

/// Pictures are missing from here on; the next picture is a key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub cause: GapCause,
    /// Packets known to be lost; 0 where that is not the cause.
    pub packets: u16,
    /// When the last good picture was taken.
    pub since: Option<Timestamp>,
}

/// What a camera does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It answers and plays; pictures with these parameters follow, a key frame first.
    Connected(Arc<Parameters>),
    /// The next picture has these parameters.
    Changed(Arc<Parameters>),
    /// A picture.
    Frame(Frame),
    /// Pictures are missing.
    Gap(Gap),
    /// The connection is over.
    Ended {
        /// Why.
        cause: Cause,
        /// The library's words, for the log; they may hold the camera's address, never the password.
        detail: String,
        /// The pause before the next attempt.
        retry_in: Duration,
    },
}

/// One camera, kept connected for ever.
pub struct Camera {
    _source: Source,
}

impl Camera {
    /// Nothing happens before [`next`](Self::next) is awaited.
    pub fn new(
        source: Source,
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let _ = (settings, clock, rng);
        Self { _source: source }
    }

    /// What happens next; connects, and pauses before it connects again, as needed. Dropping the future
    /// loses nothing; dropping the camera ends the connection.
    pub async fn next(&mut self) -> Event {
        std::future::pending().await
    }
}

/// Passes on what the camera does until `cancel` resolves or nobody listens any more.
pub async fn run(
    mut camera: Camera,
    events: mpsc::Sender<Event>,
    cancel: impl Future<Output = ()>,
) {
    tokio::pin!(cancel);
    loop {
        let event = tokio::select! {
            () = &mut cancel => return,
            event = camera.next() => event,
        };
        tokio::select! {
            () = &mut cancel => return,
            sent = events.send(event) => if sent.is_err() { return },
        }
    }
}

//! What travels on the channel.

use base::{CameraId, RunId};
use serde::{Deserialize, Serialize};

use super::{Cause, Instant, Setup};

/// Text from the agent on the [`CHANNEL`](super::CHANNEL).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToHub {
    /// How it is; every 10 seconds and when something changes.
    State(State),
}

/// How an agent is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Its disk.
    pub spool: Spool,
    /// Its cameras.
    pub cameras: Vec<CameraState>,
    /// Its run.
    pub run: RunId,
    /// Number of the list it seals to.
    pub list: u64,
    /// A list it does not use.
    pub refused_list: Option<RefusedList>,
}

/// What waits on the agent's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spool {
    /// Bytes used.
    pub bytes: u64,
    /// Bytes it may still use.
    pub free: u64,
    /// Segments to be sent.
    pub waiting: u64,
    /// First picture of the oldest of them.
    pub oldest: Option<Instant>,
    /// Segments the hub refused and the agent keeps aside.
    #[serde(default)]
    pub refused: u64,
    /// Bytes of them.
    #[serde(default)]
    pub refused_bytes: u64,
    /// First picture of the oldest of them.
    #[serde(default)]
    pub refused_since: Option<Instant>,
}

/// How one camera is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CameraState {
    /// The camera.
    pub id: CameraId,
    /// In one word.
    pub state: Condition,
    /// Why not, when it isn't recording and should be.
    pub cause: Option<Cause>,
    /// Codec (RFC 6381).
    pub codec: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Pictures a second.
    pub fps: Option<f32>,
    /// Kilobits a second.
    pub kbit: Option<u32>,
    /// When the last picture came.
    pub last_picture: Option<Instant>,
}

/// A camera in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Armed, and pictures are being written.
    Recording,
    /// Armed, and the first picture has not come yet.
    ArmedWaiting,
    /// Not armed.
    Off,
    /// Armed (or watched), and something is wrong: see the cause.
    Fault,
}

/// A list the agent was given and does not use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedList {
    /// The number it claims.
    pub number: Option<u64>,
    /// The code of `seal::recipients::Refused`.
    pub why: String,
}

/// Text from the hub on the [`CHANNEL`](super::CHANNEL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToAgent {
    /// At once after connecting and when something changes.
    Setup(Setup),
    /// Somebody looks, or nobody any more. A camera nobody named is not watched.
    Watch {
        /// The camera.
        camera: CameraId,
        /// Whether to send its pictures.
        on: bool,
    },
    /// The hub ends it.
    Bye {
        /// Why.
        why: Bye,
    },
}

/// Why the hub ends the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bye {
    /// The agent is no longer one of ours; it stops.
    Revoked,
    /// Another connection with its key; the older one goes.
    SecondConnection,
}

/// What a binary message on the [`CHANNEL`](super::CHANNEL) carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LiveKind {
    /// The header of a new session.
    Session,
    /// A picture.
    Picture,
}

impl LiveKind {
    /// The byte that stands for it.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Session => 0,
            Self::Picture => 1,
        }
    }

    /// What the byte stands for.
    pub const fn of(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Session),
            1 => Some(Self::Picture),
            _ => None,
        }
    }
}

/// Bytes before the payload of a binary message: kind and camera id.
pub const LIVE_HEAD: usize = 1 + CAMERA_TEXT;
const CAMERA_TEXT: usize = 30;

/// A binary message: kind ‖ camera id as text ‖ payload.
pub fn live_message(kind: LiveKind, camera: CameraId, payload: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(LIVE_HEAD + payload.len());
    message.push(kind.byte());
    message.extend_from_slice(camera.to_string().as_bytes());
    message.extend_from_slice(payload);
    message
}

/// Reads a binary message: kind, camera, payload. `None` when it is none.
pub fn read_live_message(message: &[u8]) -> Option<(LiveKind, CameraId, &[u8])> {
    let (kind, rest) = message.split_first()?;
    let (camera, payload) = rest.split_at_checked(CAMERA_TEXT)?;
    let camera = str::from_utf8(camera).ok()?.parse().ok()?;
    Some((LiveKind::of(*kind)?, camera, payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn messages_have_their_names() {
        let watch = ToAgent::Watch {
            camera: CameraId::from_bytes([0; 16]),
            on: true,
        };
        assert_eq!(
            serde_json::to_string(&watch).unwrap(),
            r#"{"type":"watch","camera":"cam_00000000000000000000000000","on":true}"#
        );
        let bye = serde_json::from_str(r#"{"type":"bye","why":"second_connection"}"#);
        let why = Bye::SecondConnection;
        assert_eq!(bye.ok(), Some(ToAgent::Bye { why }));
    }

    proptest! {
        #[test]
        fn live_messages_come_back(payload: Vec<u8>, seed: u64) {
            let camera = CameraId::from_bytes(base::array(&SeededRng::new(seed)));
            let message = live_message(LiveKind::Picture, camera, &payload);
            prop_assert_eq!(
                read_live_message(&message),
                Some((LiveKind::Picture, camera, payload.as_slice()))
            );
        }

        #[test]
        fn any_message_is_read_without_panic(message: Vec<u8>) {
            let _ = read_live_message(&message);
            let _ = serde_json::from_slice::<ToHub>(&message);
            let _ = serde_json::from_slice::<ToAgent>(&message);
        }
    }
}

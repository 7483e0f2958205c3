//! What a camera agent and its hub say to each other: plain data, no input or output.
//!
//! JSON over HTTPS below [`BASE`], and a WebSocket at [`CHANNEL`]. Bytes are base64url without padding ([`Blob`]),
//! instants RFC 3339 in UTC ([`Instant`]). Both sides leave out nothing and overlook members they do not know: agent
//! and hub are not updated on the same day, and an unknown word must not cost a recording.

use std::fmt;

use base::{AgentId, BucketId, CameraId, GapId, OrgId, RunId, SegmentId, Timestamp};
use seal::{b64url_decode, b64url_encode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where everything below lies on the hub.
pub const BASE: &str = "/api/obhut/v1/camera";
/// `POST` [`EnrolRequest`] → [`Enrolled`]; the only one without a token.
pub const ENROL: &str = "/api/obhut/v1/camera/enrol";
/// `POST`, a form as RFC 7523 says → [`AccessToken`]. Its address is the audience of the assertion.
pub const TOKEN: &str = "/api/obhut/v1/camera/token";
/// `GET` → [`Setup`].
pub const SETUP: &str = "/api/obhut/v1/camera/setup";
/// `POST` [`CamerasRequest`] → [`CamerasAnswer`].
pub const CAMERAS: &str = "/api/obhut/v1/camera/cameras";
/// `POST` [`BucketRequest`] → 204.
pub const BUCKETS: &str = "/api/obhut/v1/camera/buckets";
/// `PUT` `/{segment}`: the closing record's length (4 bytes, big-endian), the record, the file → 204.
pub const SEGMENTS: &str = "/api/obhut/v1/camera/segments";
/// `POST` [`GapsRequest`] → 204.
pub const GAPS: &str = "/api/obhut/v1/camera/gaps";
/// WebSocket: [`ToHub`] and [`ToAgent`] as text, live pictures as binary ([`live_message`]).
pub const CHANNEL: &str = "/api/obhut/v1/camera/channel";

/// The largest segment file a hub takes.
pub const SEGMENT_LIMIT: u64 = 80 << 20;
/// The largest closing record a hub takes.
pub const RECORD_LIMIT: usize = 1 << 20;
/// The largest live message.
pub const LIVE_LIMIT: usize = 8 << 20;
/// What [`TokenRequest::grant_type`] says.
pub const GRANT_TYPE: &str = "client_credentials";
/// What [`TokenRequest::client_assertion_type`] says (RFC 7523, section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An instant, as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

/// Bytes, as base64url without padding. Its `Debug` shows no bytes.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&b64url_encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        b64url_decode(&text)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

impl<T: AsRef<[u8]>> From<T> for Blob {
    fn from(bytes: T) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

/// What the page shows once and the operator carries to the agent: who it is, a secret that works once, and whom to
/// believe.
///
/// As text `obhut-camera-` and base64url of the CBOR array
/// `[agent id, secret (16), SHA-256 of the hub key (32), SHA-256 of the custodian key (32)]`.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentToken {
    /// The agent that is to be.
    pub agent: AgentId,
    /// Works for one public key.
    pub secret: [u8; 16],
    /// Fingerprint of the hub key.
    pub hub: [u8; 32],
    /// Fingerprint of the organisation's custodian key.
    pub custodian: [u8; 32],
}

const TOKEN_PREFIX: &str = "obhut-camera-";
/// Heads of the CBOR items: an array of four, text of 30 bytes, bytes of 16, twice bytes of 32.
const ARRAY_OF_4: &[u8] = &[0x84, 0x78, 30];
const BYTES_16: &[u8] = &[0x50];
const BYTES_32: &[u8] = &[0x58, 32];

impl EnrolmentToken {
    /// The text to show.
    pub fn encode(&self) -> String {
        let agent = self.agent.to_string();
        let mut bytes = Vec::with_capacity(120);
        for part in [
            ARRAY_OF_4,
            agent.as_bytes(),
            BYTES_16,
            &self.secret,
            BYTES_32,
            &self.hub,
            BYTES_32,
            &self.custodian,
        ] {
            bytes.extend_from_slice(part);
        }
        format!("{TOKEN_PREFIX}{}", b64url_encode(&bytes))
    }

    /// Reads a token as somebody pasted it. `None`: that is not one, or not the whole of it.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = b64url_decode(text.trim().strip_prefix(TOKEN_PREFIX)?).ok()?;
        let mut rest = bytes.as_slice();
        let mut take = |head: &[u8], length: usize| {
            let (item, after) = rest.strip_prefix(head)?.split_at_checked(length)?;
            rest = after;
            Some(item)
        };
        let token = Self {
            agent: str::from_utf8(take(ARRAY_OF_4, 30)?).ok()?.parse().ok()?,
            secret: take(BYTES_16, 16)?.try_into().ok()?,
            hub: take(BYTES_32, 32)?.try_into().ok()?,
            custodian: take(BYTES_32, 32)?.try_into().ok()?,
        };
        rest.is_empty().then_some(token)
    }
}

impl fmt::Debug for EnrolmentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnrolmentToken({}, ..)", self.agent)
    }
}

/// What the agent signs with its new device key to show that it holds it.
pub fn enrolment_proof(agent: AgentId, secret: &[u8]) -> Vec<u8> {
    format!("obhut-enrol-1\n{agent}\n{}", b64url_encode(secret)).into_bytes()
}

/// `POST` [`ENROL`].
///
/// 200 [`Enrolled`], also again for the same key; 401 wrong secret; 409 `token_used` by another key; 410 expired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// From the token.
    pub agent: AgentId,
    /// From the token.
    pub secret: Blob,
    /// The device key's point.
    pub public_key: Blob,
    /// Signature by the device key over [`enrolment_proof`].
    pub proof: Blob,
    /// What the agent would like to be called.
    #[serde(default)]
    pub name: Option<String>,
    /// Version of the agent's program.
    pub version: String,
}

/// The hub knows the agent's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The organisation.
    pub org: OrgId,
    /// The agent.
    pub agent: AgentId,
    /// The hub key's point; the agent compares its fingerprint with the token.
    pub hub_key: Blob,
    /// The custodian key's point; compared as well.
    pub custodian: Blob,
    /// The current recipient list.
    pub list: Blob,
}

/// `POST` [`TOKEN`], as a form (RFC 6749, section 4.4; RFC 7523, section 2.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// [`GRANT_TYPE`].
    pub grant_type: String,
    /// [`ASSERTION_TYPE`].
    pub client_assertion_type: String,
    /// The assertion that the device key signed.
    pub client_assertion: String,
}

/// A token for everything but enrolment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    /// Goes into `Authorization: Bearer`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
}

/// What the hub wants from the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The organisation.
    pub org: OrgId,
    /// To whom to seal.
    pub list: SetupList,
    /// The cameras of this agent.
    pub cameras: Vec<SetupCamera>,
    /// The hub's time.
    pub now: Instant,
    /// After how many seconds a segment ends.
    pub segment_seconds: u32,
}

/// The recipient list on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupList {
    /// The signed list.
    pub cose: Blob,
    /// The custodian's point, for showing; the agent believes the one it pinned.
    pub custodian: Blob,
}

/// A camera as the hub wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupCamera {
    /// The camera.
    pub id: CameraId,
    /// Its key in the agent's file.
    pub label: String,
    /// Whether to record.
    pub armed: bool,
    /// Its name on the pages.
    pub name: String,
}

/// `POST` [`CAMERAS`]: what the agent's file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CamerasRequest {
    /// All of them; a camera that is missing is marked as no longer in the file.
    pub cameras: Vec<Announced>,
}

/// A camera in the agent's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    /// Its key within the agent: at most 60 letters, digits, `.`, `_`, `-`.
    pub label: String,
    /// What the file calls it.
    #[serde(default)]
    pub name: Option<String>,
    /// Codec (RFC 6381), once pictures came.
    #[serde(default)]
    pub codec: Option<String>,
    /// Pixels.
    #[serde(default)]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default)]
    pub height: Option<u32>,
}

/// The hub's cameras for these labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CamerasAnswer {
    /// One for each announced.
    pub cameras: Vec<Assigned>,
}

/// A label and its camera.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// The camera.
    pub id: CameraId,
    /// Its key in the agent's file.
    pub label: String,
    /// Whether to record.
    pub armed: bool,
}

/// `POST` [`BUCKETS`]. 204, also again; 409 the same id with other content; 422 past its deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRequest {
    /// The bucket.
    pub id: BucketId,
    /// Whose pictures.
    pub camera: CameraId,
    /// `main`.
    pub stream: String,
    /// The hour's first instant.
    pub hour: Instant,
    /// 0: the untouched picture.
    pub sensitivity: u8,
    /// The agent's run.
    pub run: RunId,
    /// Number of the list it is sealed to.
    pub list: u64,
    /// Envelope of H to the hub.
    pub hub_share: Blob,
    /// Envelopes of R₁ [, R₂, R₃].
    pub role_shares: Vec<Blob>,
}

/// `POST` [`GAPS`]. 204; idempotent by id, later ones change `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapsRequest {
    /// At most 100.
    pub gaps: Vec<Gap>,
}

/// A time without recording while the camera was armed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The gap.
    pub id: GapId,
    /// Of this camera.
    pub camera: CameraId,
    /// From this instant,
    pub from: Instant,
    /// until this one; `null` while it lasts.
    pub to: Option<Instant>,
    /// Why.
    pub cause: Cause,
}

/// Why there is no recording. Closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The camera's address does not answer.
    Unreachable,
    /// The camera answers and refuses.
    Refused,
    /// User or password is wrong.
    Password,
    /// There is no such stream.
    NoStream,
    /// The camera closed the connection.
    Dropped,
    /// Connected, and nothing comes.
    Silent,
    /// The codec can't be stored.
    Unsupported,
    /// Packets were lost.
    Loss,
    /// Pictures come, but none to begin with.
    NoKeyFrame,
    /// The agent's disk is full.
    DiskFull,
    /// Switched off on purpose.
    Disarmed,
    /// The agent was not running.
    AgentStopped,
    /// The clock was set.
    Clock,
}

/// Text from the agent on the [`CHANNEL`].
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

/// Text from the hub on the [`CHANNEL`].
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

/// What a binary message on the [`CHANNEL`] carries.
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

/// The bytes that stand before closing record and file in an upload.
pub fn record_length(record: &[u8]) -> Option<[u8; 4]> {
    (record.len() <= RECORD_LIMIT)
        .then(|| u32::try_from(record.len()).ok())
        .flatten()
        .map(u32::to_be_bytes)
}

/// The path of a segment's upload.
pub fn segment_path(segment: SegmentId) -> String {
    format!("{SEGMENTS}/{segment}")
}

/// A problem (RFC 9457) as far as the agent cares.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProblemBody {
    /// Stable.
    #[serde(default)]
    pub code: String,
    /// English.
    #[serde(default)]
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;
    use proptest::prelude::*;

    fn token(seed: [u8; 16]) -> EnrolmentToken {
        EnrolmentToken {
            agent: AgentId::from_bytes(seed),
            secret: seed,
            hub: [seed[0]; 32],
            custodian: [seed[1]; 32],
        }
    }

    #[test]
    fn a_token_is_what_the_page_says() {
        let text = token([7; 16]).encode();
        assert!(text.starts_with("obhut-camera-hHge"), "{text}");
        assert_eq!(
            EnrolmentToken::decode(&format!(" {text}\n")),
            Some(token([7; 16]))
        );
        assert_eq!(EnrolmentToken::decode(&text[..text.len() - 1]), None);
        assert!(!format!("{:?}", token([7; 16])).contains("7, 7"));
    }

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
        let bye: ToAgent =
            serde_json::from_str(r#"{"type":"bye","why":"second_connection"}"#).unwrap();
        assert_eq!(
            bye,
            ToAgent::Bye {
                why: Bye::SecondConnection
            }
        );
        assert_eq!(
            serde_json::to_string(&Cause::NoKeyFrame).unwrap(),
            r#""no_key_frame""#
        );
    }

    #[test]
    fn instants_are_in_utc() {
        let at = Instant(Timestamp::UNIX_EPOCH);
        assert_eq!(
            serde_json::to_string(&at).unwrap(),
            r#""1970-01-01T00:00:00Z""#
        );
    }

    proptest! {
        #[test]
        fn tokens_survive_paper(seed: [u8; 16]) {
            prop_assert_eq!(EnrolmentToken::decode(&token(seed).encode()), Some(token(seed)));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "(obhut-camera-)?[A-Za-z0-9_-]{0,200}") {
            if let Some(token) = EnrolmentToken::decode(&text) {
                prop_assert_eq!(token.encode(), text);
            }
        }

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

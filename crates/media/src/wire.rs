//! What a camera agent and its hub say to each other: plain data, no input or output.
//!
//! JSON over HTTPS below [`BASE`], and a WebSocket at [`CHANNEL`]. Bytes are base64url without padding ([`Blob`]),
//! instants RFC 3339 in UTC ([`Instant`]). Both sides leave out nothing and overlook members they do not know: agent
//! and hub are not updated on the same day, and an unknown word must not cost a recording.

mod channel;
mod token;
mod value;

use base::{AgentId, BucketId, CameraId, GapId, OrgId, RunId, SegmentId};
use serde::{Deserialize, Serialize};

pub use channel::{
    Bye, CameraState, Condition, LIVE_HEAD, LiveKind, RefusedList, Spool, State, ToAgent, ToHub,
    live_message, read_live_message,
};
pub use token::{EnrolmentToken, enrolment_proof, fingerprint_text, read_fingerprint};
pub use value::{Blob, Instant};

/// Where everything below lies on the hub.
pub const BASE: &str = "/api/obhut/v1/camera";
/// `POST` [`EnrolRequest`] → [`Enrolled`]; the only one without a token.
pub const ENROL: &str = "/api/obhut/v1/camera/enrol";
/// `POST`, a form as RFC 7523 says → [`AccessToken`]. Its address is the audience of the assertion. 401 without proof of
/// the device key, whatever the reason; 403 [`AGENT_REVOKED`] with it.
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

/// The problem's code for an agent that is not one of the hub's any more; it stops. Said only to who proves the agent's
/// key: whoever merely knows an id learns nothing by it.
pub const AGENT_REVOKED: &str = "agent_revoked";
/// The problem's code, 410, for what an agent brings of a camera that was deleted at the hub; it drops that.
pub const CAMERA_DELETED: &str = "camera_deleted";
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
    /// After how many seconds a segment ends: what hub and agent of this version agree on ([`crate::cut::Rules`]). It is
    /// told so that the next version can change it; the agent cuts as it was built.
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

/// `POST` [`BUCKETS`]. 204, also again; 409 the same id with other content; 422 past its deadline; 410
/// [`CAMERA_DELETED`].
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

    #[test]
    fn causes_have_their_names() {
        let text = serde_json::to_string(&Cause::NoKeyFrame).unwrap();
        assert_eq!(text, r#""no_key_frame""#);
    }

    #[test]
    fn records_have_a_limit() {
        assert_eq!(record_length(&[0; 258]), Some([0, 0, 1, 2]));
        assert_eq!(record_length(&vec![0; RECORD_LIMIT + 1]), None);
    }
}

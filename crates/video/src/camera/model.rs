//! Words of cameras. No I/O.

use base::{AgentId, CameraGroupId, CameraId, Timestamp, UnitId};
use media::wire;
use people::Object;
use privacy::Period;

use crate::VideoError;
use crate::agent::model::Presence;
use crate::rights::camera_object;

/// A camera.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Camera {
    pub(crate) id: CameraId,
    pub(crate) agent: AgentId,
    pub(crate) agent_name: String,
    pub(crate) presence: Presence,
    pub(crate) agent_seen: Option<Timestamp>,
    /// Segments that the agent has not sent yet.
    pub(crate) agent_waiting: i64,
    pub(crate) label: String,
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) unit: Option<(UnitId, String)>,
    pub(crate) group: (CameraGroupId, String),
    pub(crate) armed: bool,
    /// Its own period, where it is shorter than the organisation's.
    pub(crate) period: Option<String>,
    /// Whether the agent's file still names it.
    pub(crate) listed: bool,
    pub(crate) condition: wire::Condition,
    pub(crate) cause: Option<String>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) codec: Option<String>,
    pub(crate) width: Option<i64>,
    pub(crate) height: Option<i64>,
    pub(crate) fps: Option<f64>,
    pub(crate) kbit: Option<i64>,
    pub(crate) last_picture: Option<Timestamp>,
}

/// A camera in one word, as pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Recording,
    Waiting,
    Off,
    Fault,
    Offline,
}

impl Shown {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Recording => "recording",
            Self::Waiting => "waiting",
            Self::Off => "off",
            Self::Fault => "fault",
            Self::Offline => "offline",
        }
    }
}

impl Camera {
    /// What rights are asked for.
    pub(crate) fn object(&self) -> Object {
        camera_object(self.unit.as_ref().map(|it| it.0), self.group.0)
    }

    /// State, cause, and since when.
    pub(crate) fn shown(&self) -> (Shown, Option<&str>, Option<Timestamp>) {
        if self.presence != Presence::Online {
            return (Shown::Offline, None, self.agent_seen);
        }
        if !self.listed {
            return (Shown::Fault, Some("not_listed"), None);
        }
        let cause = self.cause.as_deref();
        match (self.armed, self.condition) {
            (_, wire::Condition::Fault) => (Shown::Fault, cause, self.since),
            (false, _) => (Shown::Off, None, self.since),
            (true, wire::Condition::Recording) => (Shown::Recording, None, self.since),
            (true, wire::Condition::ArmedWaiting | wire::Condition::Off) => {
                (Shown::Waiting, cause, self.since)
            }
        }
    }
}

/// The word of a condition in the table, which is the one on the wire.
pub(crate) const fn condition_word(condition: wire::Condition) -> &'static str {
    match condition {
        wire::Condition::Recording => "recording",
        wire::Condition::ArmedWaiting => "armed_waiting",
        wire::Condition::Off => "off",
        wire::Condition::Fault => "fault",
    }
}

/// The condition behind a word.
pub(crate) fn parse_condition(word: &str) -> Option<wire::Condition> {
    [
        wire::Condition::Recording,
        wire::Condition::ArmedWaiting,
        wire::Condition::Off,
        wire::Condition::Fault,
    ]
    .into_iter()
    .find(|it| condition_word(*it) == word)
}

/// The word of a cause in the table, which is the one on the wire.
pub(crate) const fn cause_word(cause: wire::Cause) -> &'static str {
    use wire::Cause;
    match cause {
        Cause::Unreachable => "unreachable",
        Cause::Refused => "refused",
        Cause::Password => "password",
        Cause::NoStream => "no_stream",
        Cause::Dropped => "dropped",
        Cause::Silent => "silent",
        Cause::Unsupported => "unsupported",
        Cause::Loss => "loss",
        Cause::NoKeyFrame => "no_key_frame",
        Cause::DiskFull => "disk_full",
        Cause::Disarmed => "disarmed",
        Cause::AgentStopped => "agent_stopped",
        Cause::Clock => "clock",
    }
}

/// A period of one camera. It may only be shorter than the organisation's, which stands in the record.
pub(crate) fn own_period(text: &str, organisation: &Period) -> Result<Period, VideoError> {
    let period = Period::parse(text).map_err(|error| {
        VideoError::wrong("period", base::HasKind::code(&error), "is no period")
    })?;
    if period.days() > organisation.days() {
        return Err(VideoError::wrong(
            "period",
            "longer_than_rule",
            "is longer than the organisation's period for recordings",
        ));
    }
    Ok(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> Camera {
        Camera {
            id: CameraId::from_bytes([1; 16]),
            agent: AgentId::from_bytes([1; 16]),
            agent_name: String::new(),
            presence: Presence::Online,
            agent_seen: Some(Timestamp::UNIX_EPOCH),
            agent_waiting: 0,
            label: String::new(),
            name: String::new(),
            place: String::new(),
            unit: None,
            group: (CameraGroupId::from_bytes([1; 16]), String::new()),
            armed: true,
            period: None,
            listed: true,
            condition: wire::Condition::Recording,
            cause: None,
            since: None,
            codec: None,
            width: None,
            height: None,
            fps: None,
            kbit: None,
            last_picture: None,
        }
    }

    #[test]
    fn states_are_told_apart() {
        let check = |change: &dyn Fn(&mut Camera), want: Shown| {
            let mut camera = camera();
            change(&mut camera);
            assert_eq!(camera.shown().0, want, "{camera:?}");
        };
        check(&|_| {}, Shown::Recording);
        check(&|it| it.condition = wire::Condition::Off, Shown::Waiting);
        check(&|it| it.armed = false, Shown::Off);
        check(&|it| it.condition = wire::Condition::Fault, Shown::Fault);
        check(&|it| it.listed = false, Shown::Fault);
        check(&|it| it.presence = Presence::Offline, Shown::Offline);
    }

    #[test]
    fn words_are_those_on_the_wire() {
        for condition in ["recording", "armed_waiting", "off", "fault"] {
            let read = parse_condition(condition).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), condition);
        }
        for cause in [wire::Cause::NoKeyFrame, wire::Cause::Password] {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause_word(cause));
        }
    }

    #[test]
    fn a_camera_keeps_no_longer_than_its_organisation() {
        let rule = Period::parse("PT72H").unwrap();
        assert!(own_period("PT24H", &rule).is_ok());
        assert!(own_period("P3D", &rule).is_ok());
        assert!(own_period("PT73H", &rule).is_err());
        assert!(own_period("3 days", &rule).is_err());
    }
}

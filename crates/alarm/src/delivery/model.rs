//! Web Push as this house speaks it: which services there are, what a message holds, what an answer means.

use std::time::Duration;

use base::{AlarmId, Lang};
use people::device::PushFamily;

/// What people know a push service by, who runs it and where: for the page and the record of processing.
/// Each is off until an administrator switches it on, because it learns that a device gets a message (never
/// what is in it).
pub const fn about(family: PushFamily) -> (&'static str, &'static str, &'static str) {
    match family {
        PushFamily::Google => ("Chrome, Android", "Google LLC", "US"),
        PushFamily::Mozilla => ("Firefox", "Mozilla Corporation", "US"),
        PushFamily::Apple => ("Safari, iPhone, iPad", "Apple Inc.", "US"),
        PushFamily::Microsoft => ("Edge", "Microsoft Corporation", "US"),
        PushFamily::Local => ("Eigener Push-Dienst", "Betreiber dieser Installation", "DE"),
    }
}

/// What a push tells: keyword and unit, nothing else; the device fetches the rest itself.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// Where pages live.
    pub origin: &'a str,
    /// The alarm; `None` for a test.
    pub alarm: Option<AlarmId>,
    /// Keyword.
    pub title: &'a str,
    /// The unit's name.
    pub unit: &'a str,
    /// The organisation's language.
    pub lang: Lang,
}

impl Notice<'_> {
    /// The message: a declarative push that Safari can show by itself, with our part beside it.
    pub fn payload(&self) -> Vec<u8> {
        let (kind, path) = match self.alarm {
            Some(id) => ("alarm", format!("/alarm/{id}")),
            None => ("test", "/settings".to_owned()),
        };
        let alarm = self.alarm.map(|id| id.to_string());
        let payload = serde_json::json!({
            "web_push": 8030,
            "notification": {
                "title": self.title,
                "body": self.unit,
                "navigate": format!("{}{path}", self.origin),
                "lang": self.lang.code(),
                "silent": false,
            },
            "mutable": true,
            "obhut": { "alarm": alarm, "unit": self.unit, "keyword": self.title, "kind": kind },
        });
        payload.to_string().into_bytes()
    }

    /// The `Topic` (RFC 8030, 5.4): a later message with the same one replaces an earlier one. At most 32
    /// characters of base64url; the last 26 of an alarm's id are all that differs.
    pub fn topic(&self) -> String {
        match self.alarm {
            Some(id) => id.to_string().chars().skip(4).collect(),
            None => "test".to_owned(),
        }
    }
}

/// What is known about where to push.
#[derive(Debug, Clone)]
pub struct Target {
    /// The device's id.
    pub device: String,
    /// Whose it is.
    pub membership: String,
    /// The push service's address of this device.
    pub endpoint: String,
    /// The device's public point.
    pub p256dh: Vec<u8>,
    /// The shared secret.
    pub auth: Vec<u8>,
}

/// What became of one push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// The service took it.
    Taken,
    /// The device is gone; its subscription is dropped.
    Gone,
    /// The service will never take this one; the code says why.
    Refused(&'static str),
    /// Try again, after this time if the service named one.
    Later(&'static str, Option<Duration>),
}

/// The longest a service may make an alarm wait before it is asked again.
pub const MAX_RETRY_AFTER: Duration = Duration::from_mins(2);

impl Handed {
    /// Reads the answer of a push service.
    pub fn from_answer(status: u16, retry_after: Option<Duration>) -> Self {
        let retry_after = retry_after.map(|pause| pause.min(MAX_RETRY_AFTER));
        match status {
            200..=299 => Self::Taken,
            404 | 410 => Self::Gone,
            413 => Self::Refused("push_too_large"),
            400 => Self::Refused("push_bad_request"),
            401 | 403 => Self::Refused("push_not_authorised"),
            429 => Self::Later("push_rate_limited", retry_after),
            500..=599 => Self::Later("push_service_error", retry_after),
            _ => Self::Refused("push_refused"),
        }
    }

    /// What stands in the trace.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Taken => None,
            Self::Gone => Some("push_gone"),
            Self::Refused(code) | Self::Later(code, _) => Some(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_fits_and_tells_nothing_but_keyword_and_unit() {
        let notice = Notice {
            origin: "https://obhut.example.org",
            alarm: Some(AlarmId::from_bytes([7; 16])),
            title: &"Ü".repeat(200),
            unit: &"Ä".repeat(80),
            lang: Lang::De,
        };
        let payload = notice.payload();
        assert!(payload.len() <= 3993, "{}", payload.len());
        let value: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        let mut keys: Vec<_> = value["obhut"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        keys.sort();
        assert_eq!(keys, ["alarm", "keyword", "kind", "unit"]);
        assert!(notice.topic().len() <= 32);
    }

    #[test]
    fn answers_are_understood() {
        let wait = Some(Duration::from_secs(5));
        assert_eq!(Handed::from_answer(201, None), Handed::Taken);
        assert_eq!(Handed::from_answer(410, None), Handed::Gone);
        assert_eq!(
            Handed::from_answer(429, wait),
            Handed::Later("push_rate_limited", wait)
        );
        let long = Handed::from_answer(503, Some(Duration::from_hours(24)));
        assert_eq!(
            long,
            Handed::Later("push_service_error", Some(MAX_RETRY_AFTER))
        );
        assert_eq!(
            Handed::from_answer(301, None),
            Handed::Refused("push_refused")
        );
    }
}

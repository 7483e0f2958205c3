//! When recordings are due. No I/O.

use base::{SignedDuration, Timestamp};
use jiff::tz::TimeZone;
use privacy::Period;

/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;

/// The first instant of the UTC hour that an instant lies in.
pub(crate) fn hour_of(at: Timestamp) -> Timestamp {
    let us = at.as_microsecond();
    crate::rows::instant(us - us.rem_euclid(HOUR_US))
}

/// The end of a bucket's hour.
pub(crate) fn hour_end(hour: Timestamp) -> Timestamp {
    let hour = hour.checked_add(SignedDuration::from_hours(1));
    hour.unwrap_or(Timestamp::MAX)
}

/// How long an organisation keeps recordings.
#[derive(Debug, Clone)]
pub(crate) struct Keeping {
    pub(crate) period: Period,
    pub(crate) zone: TimeZone,
}

impl Keeping {
    /// When the bucket of an hour is due. Counted from its first instant, so that no picture outlives the
    /// period; a camera's own period can only bring it forward.
    pub(crate) fn due(&self, own: Option<&str>, hour: Timestamp) -> Timestamp {
        let rule = self.period.due(hour, &self.zone);
        let own = own.and_then(|text| Period::parse(text).ok());
        own.map_or(rule, |own| rule.min(own.due(hour, &self.zone)))
    }

    /// The first hour that is not due now, as exactly as an hour: nothing before it is kept.
    pub(crate) fn begins(&self, own: Option<&str>, now: Timestamp) -> Timestamp {
        let due = |hours: i64| {
            let hour = hour_of(now).checked_sub(SignedDuration::from_hours(hours));
            let hour = hour.unwrap_or(Timestamp::MIN);
            (hour, self.due(own, hour) <= now)
        };
        // The longest period an organisation may set is far below 2^14 hours.
        let (mut kept, mut gone) = (0_i64, 1_i64 << 14);
        while gone - kept > 1 {
            let middle = i64::midpoint(kept, gone);
            if due(middle).1 {
                gone = middle;
            } else {
                kept = middle;
            }
        }
        due(kept).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keeping(period: &str) -> Keeping {
        Keeping {
            period: Period::parse(period).unwrap(),
            zone: TimeZone::UTC,
        }
    }

    #[test]
    fn hours_begin_where_they_do() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let hour = hour_of(at("2026-11-22T11:59:59.999999Z"));
        assert_eq!(hour, at("2026-11-22T11:00:00Z"));
        assert_eq!(hour_of(hour), hour);
        assert_eq!(hour_end(hour), at("2026-11-22T12:00:00Z"));
        assert_eq!(
            hour_of(at("1969-12-31T23:30:00Z")),
            at("1969-12-31T23:00:00Z")
        );
    }

    #[test]
    fn what_is_kept_begins_with_an_hour() {
        let begins = |now: &str| {
            keeping("PT72H")
                .begins(None, now.parse().unwrap())
                .to_string()
        };
        assert_eq!(begins("2026-11-25T10:59:59Z"), "2026-11-22T11:00:00Z");
        assert_eq!(begins("2026-11-25T11:00:00Z"), "2026-11-22T12:00:00Z");
    }

    #[test]
    fn the_shorter_period_counts() {
        let hour = "2026-11-22T11:00:00Z".parse().unwrap();
        let due = |rule: &str, own| keeping(rule).due(own, hour).to_string();
        assert_eq!(due("PT72H", None), "2026-11-25T11:00:00Z");
        assert_eq!(due("PT72H", Some("PT24H")), "2026-11-23T11:00:00Z");
        assert_eq!(due("PT24H", Some("PT72H")), "2026-11-23T11:00:00Z");
    }
}

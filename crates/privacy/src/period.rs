//! Periods of deletion. Hours are exact; days and longer are calendar periods in the organisation's zone
//! that end with the last day, at local midnight (§§ 187 and 188 BGB: the day of the event does not count).

use std::fmt;

use base::{HasKind, Kind, Timestamp};
use jiff::tz::TimeZone;
use jiff::{Span, Unit};

/// A period after ISO 8601, between one hour and ten years: either hours alone, or days, months, years.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    span: Span,
    exact: bool,
}

/// Why a period was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// Not ISO 8601.
    #[error("is not a period like PT24H, P30D or P2Y")]
    Malformed,
    /// Hours mixed with days, or parts smaller than an hour.
    #[error("needs either whole hours, or whole days, weeks, months and years")]
    Mixed,
    /// Below an hour or above the limit.
    #[error("must lie between one hour and the longest period that is allowed")]
    OutOfRange,
}

impl HasKind for PeriodError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "period_malformed",
            Self::Mixed => "period_mixed",
            Self::OutOfRange => "period_out_of_range",
        }
    }
}

impl Period {
    /// Reads a period.
    pub fn parse(text: &str) -> Result<Self, PeriodError> {
        // The library also reads "30 days"; only one form is ours.
        if text.len() > 24 || !text.starts_with('P') {
            return Err(PeriodError::Malformed);
        }
        let span: Span = text.parse().map_err(|_| PeriodError::Malformed)?;
        if span.is_negative() {
            return Err(PeriodError::OutOfRange);
        }
        let small = span.get_minutes() != 0
            || span.get_seconds() != 0
            || span.get_milliseconds() != 0
            || span.get_microseconds() != 0
            || span.get_nanoseconds() != 0;
        let calendar = span.get_days() != 0
            || span.get_weeks() != 0
            || span.get_months() != 0
            || span.get_years() != 0;
        let exact = span.get_hours() != 0;
        if small || (exact && calendar) {
            return Err(PeriodError::Mixed);
        }
        let period = Self { span, exact };
        let days = period.days();
        if !(exact || calendar) || !(1.0 / 24.0..=3660.0).contains(&days) {
            return Err(PeriodError::OutOfRange);
        }
        Ok(period)
    }

    /// The same, for the constants of deletion rules, which a test reads all.
    pub fn of(rule: &crate::Rule) -> Result<Self, PeriodError> {
        Self::parse(rule.period)
    }

    /// About how many days; for comparing.
    pub fn days(&self) -> f64 {
        self.span
            .total((Unit::Day, jiff::civil::date(2025, 1, 1)))
            .unwrap_or(f64::MAX)
    }

    /// When something that started at `start` is due, in the zone of its organisation.
    pub fn due(&self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        let end = if self.exact {
            start.checked_add(self.span).ok()
        } else {
            start
                .to_zoned(zone.clone())
                .date()
                .checked_add(self.span)
                .and_then(jiff::civil::Date::tomorrow)
                .and_then(|day| day.to_zoned(zone.clone()))
                .map(|midnight| midnight.timestamp())
                .ok()
        };
        end.unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn due(period: &str, start: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        Period::parse(period)
            .unwrap()
            .due(start.parse().unwrap(), &zone)
            .to_string()
    }

    #[test]
    fn hours_are_exact() {
        assert_eq!(due("PT24H", "2026-10-24T22:30:00Z"), "2026-10-25T22:30:00Z");
    }

    #[test]
    fn days_end_at_local_midnight() {
        // 22 November, 15:00 in Berlin; the thirtieth day after it is 22 December, which ends at 23:00 UTC.
        assert_eq!(due("P30D", "2026-11-22T14:00:00Z"), "2026-12-22T23:00:00Z");
        // One minute past midnight in Berlin is still the day before in UTC.
        assert_eq!(due("P1D", "2026-11-21T23:01:00Z"), "2026-11-23T23:00:00Z");
    }

    #[test]
    fn summer_time_is_seen() {
        assert_eq!(due("P1D", "2026-03-28T12:00:00Z"), "2026-03-29T22:00:00Z");
        assert_eq!(due("P1M", "2026-01-31T12:00:00Z"), "2026-02-28T23:00:00Z");
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        for (text, error) in [
            ("30 days", PeriodError::Malformed),
            ("", PeriodError::Malformed),
            ("PT90M", PeriodError::Mixed),
            ("P1DT1H", PeriodError::Mixed),
            ("-P1D", PeriodError::Malformed),
            ("P0D", PeriodError::OutOfRange),
            ("P11Y", PeriodError::OutOfRange),
        ] {
            assert_eq!(Period::parse(text).unwrap_err(), error, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_before_the_start_and_never_panics(text in "\\PC{0,12}", start in 0i64..4_000_000_000_000_000) {
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            let start = Timestamp::from_microsecond(start).unwrap();
            if let Ok(period) = Period::parse(&text) {
                prop_assert!(period.due(start, &zone) > start);
            }
        }
    }
}

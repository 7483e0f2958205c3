//! Deletion periods: what is kept how long, and changing that.

pub(super) mod http;

use privacy::{Period, PeriodError, Rule};

use super::error::TrustError;

/// Reads a period and holds it against what a rule allows.
fn allowed(rule: &Rule, text: &str) -> Result<Period, TrustError> {
    let longest = rule.settable.ok_or(TrustError::Fixed)?;
    let period = Period::parse(text).map_err(TrustError::Period)?;
    let longest = Period::parse(longest).map_err(TrustError::Period)?;
    if period.days() > longest.days() {
        return Err(TrustError::Period(PeriodError::OutOfRange));
    }
    Ok(period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use privacy::words;

    #[test]
    fn periods_have_bounds() {
        let mut rule = Rule {
            kind: "test",
            name: words("a", "a"),
            start: words("b", "b"),
            period: "P30D",
            settable: Some("P1Y"),
        };
        for (text, fine) in [
            ("PT1H", true),
            ("P30D", true),
            ("P365D", true),
            ("P1Y", true),
            ("P366D", false),
            ("PT30M", false),
            ("soon", false),
        ] {
            assert_eq!(allowed(&rule, text).is_ok(), fine, "{text}");
        }
        rule.settable = None;
        assert!(matches!(allowed(&rule, "P30D"), Err(TrustError::Fixed)));
    }
}

//! Text that was looked at once, at the edge, and is known to be good from there on.

use std::fmt;

/// Text of `MIN` to `MAX` characters, trimmed, without control characters (line breaks are allowed).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(String);

/// Names of units, groups, vehicles, roles.
pub type ShortText = Text<1, 80>;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Fewer characters than needed.
    #[error("needs at least {0} characters")]
    TooShort(usize),
    /// More characters than allowed.
    #[error("may have at most {0} characters")]
    TooLong(usize),
    /// NUL or another control character.
    #[error("holds a control character")]
    Control,
    /// Not an e-mail address.
    #[error("is not an e-mail address")]
    NotEmail,
}

impl TextError {
    /// The stable code for a field problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::Control => "control_character",
            Self::NotEmail => "not_an_email",
        }
    }
}

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// Takes a text in, or says why not.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        let length = text.chars().count();
        if length < MIN {
            return Err(TextError::TooShort(MIN));
        }
        if length > MAX {
            return Err(TextError::TooLong(MAX));
        }
        if text
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        {
            return Err(TextError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// Cuts what is too long and drops control characters; for machines that would not read a refusal.
    pub fn squeeze(text: &str) -> Self {
        let kept: String = text
            .trim()
            .chars()
            .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
            .take(MAX)
            .collect();
        Self(kept.trim_end().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> Self {
        text.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text may be personal, so the debug form gives its length only.
impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// An e-mail address as people type it, and its form for comparing (lower case).
///
/// Checked loosely on purpose: only a mail that arrives proves an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

impl Email {
    /// Takes an address in; lower-cases it, because no provider in use tells them apart by case.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(TextError::TooLong(254));
        }
        let (local, domain) = text.rsplit_once('@').ok_or(TextError::NotEmail)?;
        let bad = |c: char| c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"".contains(c);
        let domain_ok = domain.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        if local.is_empty()
            || local.len() > 64
            || text.contains(bad)
            || local.contains('@')
            || !domain_ok
        {
            return Err(TextError::NotEmail);
        }
        Ok(Self(text.to_lowercase()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bounds_hold() {
        assert_eq!(Text::<1, 3>::parse("  "), Err(TextError::TooShort(1)));
        assert_eq!(Text::<1, 3>::parse("abcd"), Err(TextError::TooLong(3)));
        assert_eq!(Text::<1, 3>::parse("a\0b"), Err(TextError::Control));
        assert_eq!(Text::<1, 3>::parse(" äöü ").unwrap().as_str(), "äöü");
    }

    #[test]
    fn addresses() {
        assert_eq!(
            Email::parse(" Anna.Berg@Example.org ").unwrap().as_str(),
            "anna.berg@example.org"
        );
        for bad in [
            "",
            "a",
            "@b.de",
            "a@",
            "a b@c.de",
            "a@b@c.de",
            "a@b..de",
            "a\r\nBcc: x@y.de",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn squeezed_text_always_parses(text: String) {
            let squeezed = Text::<0, 20>::squeeze(&text);
            prop_assert!(Text::<0, 20>::parse(squeezed.as_str()).is_ok());
        }

        #[test]
        fn addresses_never_hold_line_breaks(text: String) {
            if let Ok(email) = Email::parse(&text) {
                prop_assert!(!email.as_str().contains(['\r', '\n', ' ']));
            }
        }
    }
}

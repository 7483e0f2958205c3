//! What may be a password (I-18): at least 8 characters, and none of those everybody tries first. No I/O.

use std::collections::HashSet;
use std::sync::LazyLock;

use base::{HasKind, Kind};
use seal::Zeroizing;

/// Passwords that are tried first, lower case, one a line.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common.txt").lines().collect());

const SHORTEST: usize = 8;

/// Why a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than 8 characters.
    #[error("needs at least 8 characters")]
    TooShort,
    /// Longer than is looked at.
    #[error("may have at most {} bytes", seal::password::MAX_BYTES)]
    TooLong,
    /// One of those that are tried first.
    #[error("is one of the passwords that are tried first")]
    Common,
    /// The own name or address.
    #[error("is your own name or address")]
    Personal,
    /// The two fields differ.
    #[error("is not the same in both fields")]
    Different,
}

impl PasswordError {
    /// The stable code for a field problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
            Self::Personal => "password_personal",
            Self::Different => "password_different",
        }
    }
}

impl HasKind for PasswordError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn code(&self) -> &'static str {
        (*self).code()
    }
}

/// A password somebody chose, wiped when dropped.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a new password in. `own`: names and address of the person, which it can't be.
    pub fn choose(text: &str, own: &[&str]) -> Result<Self, PasswordError> {
        if text.chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if text.len() > seal::password::MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        let lower = Zeroizing::new(text.to_lowercase());
        let mine = |word: &&str| {
            let word = word.to_lowercase();
            word == *lower || word.split('@').next() == Some(lower.as_str())
        };
        if own.iter().any(mine) {
            return Err(PasswordError::Personal);
        }
        if is_common(&lower) {
            return Err(PasswordError::Common);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    pub(crate) fn into_inner(self) -> Zeroizing<String> {
        self.0
    }
}

/// In the list, also with a few digits or signs behind it; or one character, or a run of neighbours.
fn is_common(lower: &str) -> bool {
    let stem = lower.trim_end_matches(|c: char| !c.is_alphabetic());
    let added = lower.chars().count() - stem.chars().count();
    let steps: Vec<i64> = lower
        .chars()
        .zip(lower.chars().skip(1))
        .map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)))
        .collect();
    let run = steps
        .first()
        .is_some_and(|first| (-1..=1).contains(first) && steps.iter().all(|s| s == first));
    COMMON.contains(lower) || (added <= 4 && COMMON.contains(stem)) || run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, want: Result<(), PasswordError>) {
        let own = ["anna.berg@example.org", "Annabella", "Berg"];
        assert_eq!(Password::choose(text, &own).map(drop), want, "{text}");
    }

    #[test]
    fn refuses_what_is_tried_first() {
        check("blauer Regenschirm", Ok(()));
        check("Tür9auf!", Ok(()));
        check("kurz123", Err(PasswordError::TooShort));
        check("äöüäöüä", Err(PasswordError::TooShort));
        for common in [
            "password",
            "Passwort1",
            "Feuerwehr112",
            "feuerwehr2026",
            "qwertzuiop",
            "Sommer2026",
            "aaaaaaaa",
            "abcdefghij",
            "87654321",
            "PASSWORD123!",
        ] {
            check(common, Err(PasswordError::Common));
        }
        check("anna.berg@example.org", Err(PasswordError::Personal));
        check("Anna.Berg", Err(PasswordError::Personal));
        check("annabella", Err(PasswordError::Personal));
        check(&"x9".repeat(600), Err(PasswordError::TooLong));
    }

    #[test]
    fn the_list_is_lower_case_and_long_enough() {
        assert!(COMMON.len() >= 200);
        assert!(COMMON.iter().all(|word| *word == word.to_lowercase()));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text: String, own: String) {
            let _ = Password::choose(&text, &[&own]);
        }
    }
}

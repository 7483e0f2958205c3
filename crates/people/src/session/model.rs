//! When sessions end and when their token changes. No I/O.

use base::{Lang, SessionId, SignedDuration, Timestamp};

use crate::access::Actor;

/// A session that isn't used ends after this.
pub const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// Every session ends after this; who chose to stay signed in has all of it.
pub const STAY: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long the token before the current one is accepted.
pub const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
/// How old a token gets.
pub const ROTATE_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// How exactly "last seen" is kept.
pub(crate) const TOUCH_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// When a session ends that is not used again.
pub(crate) fn expires(created: Timestamp, last_seen: Timestamp, stay: bool) -> Timestamp {
    let end = created.checked_add(STAY).unwrap_or(Timestamp::MAX);
    if stay {
        return end;
    }
    last_seen
        .checked_add(IDLE)
        .unwrap_or(Timestamp::MAX)
        .min(end)
}

/// Whether `since` is further back than `after`. A clock that stepped back counts as passed, so that nothing
/// waits for it to come round again.
pub(crate) fn passed(now: Timestamp, since: Timestamp, after: SignedDuration) -> bool {
    now < since || now.duration_since(since) >= after
}

/// A token to hand to the browser.
#[derive(Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The token.
    pub token: String,
    /// How many seconds the cookie lives; `None` until the browser is closed.
    pub max_age: Option<i64>,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewToken(.., {:?})", self.max_age)
    }
}

/// A session that was recognised by its token.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Who it is and what they may.
    pub actor: Actor,
    /// The language they read.
    pub language: Lang,
    /// When the session ends if it isn't used again.
    pub expires: Timestamp,
    /// A token that replaces the one the browser came with.
    pub renewed: Option<NewToken>,
}

/// A line of the list of one's own sessions.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When it began.
    pub started: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen: Timestamp,
    /// When it ends if it isn't used again.
    pub expires: Timestamp,
    /// Browser and system, coarsely.
    pub browser: String,
}

/// Browser and system of somebody who signs in, as coarse as helps them to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Browser(String);

impl Browser {
    /// Reads a `User-Agent` header; knows no versions and keeps nothing of what it doesn't know.
    pub fn read(header: &str) -> Self {
        let has = |word: &str| header.contains(word);
        let browser = if has("Edg/") || has("EdgA/") || has("EdgiOS/") {
            "Edge"
        } else if has("OPR/") {
            "Opera"
        } else if has("SamsungBrowser/") {
            "Samsung Internet"
        } else if has("Firefox/") || has("FxiOS/") {
            "Firefox"
        } else if has("Chrome/") || has("CriOS/") || has("Chromium/") {
            "Chrome"
        } else if has("Safari/") {
            "Safari"
        } else {
            ""
        };
        let system = if has("Android") {
            "Android"
        } else if has("iPhone") || has("iPad") {
            "iOS"
        } else if has("Windows") {
            "Windows"
        } else if has("Mac OS X") || has("Macintosh") {
            "macOS"
        } else if has("CrOS") {
            "ChromeOS"
        } else if has("Linux") || has("X11") {
            "Linux"
        } else {
            ""
        };
        Self(match (browser, system) {
            ("", "") => String::new(),
            ("", one) | (one, "") => one.to_owned(),
            (browser, system) => format!("{browser} · {system}"),
        })
    }

    /// The text; empty when nothing is known.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH
            .checked_add(SignedDuration::from_hours(hours))
            .unwrap()
    }

    #[test]
    fn ends_by_idleness_or_by_age() {
        assert_eq!(expires(at(0), at(5), false), at(17));
        assert_eq!(expires(at(0), at(14 * 24 - 1), false), at(14 * 24));
        assert_eq!(expires(at(0), at(5), true), at(14 * 24));
    }

    #[test]
    fn a_clock_that_stepped_back_counts_as_passed() {
        assert!(!passed(at(1), at(1), SignedDuration::from_secs(1)));
        assert!(passed(at(2), at(1), ROTATE_AFTER));
        assert!(passed(at(0), at(1), ROTATE_AFTER));
    }

    #[test]
    fn reads_browsers_coarsely() {
        let cases = [
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/156.0.0.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari · iOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox · Linux",
            ),
            ("curl/8.1", ""),
        ];
        for (header, want) in cases {
            assert_eq!(Browser::read(header).as_str(), want);
        }
    }

    proptest! {
        #[test]
        fn any_header_gives_a_short_text(header: String) {
            prop_assert!(Browser::read(&header).as_str().len() <= 40);
        }
    }
}

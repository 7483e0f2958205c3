//! Where to go after signing in, and how a delay is said. No I/O.

/// A path of our own, or the start page: nobody is sent to another site after signing in.
pub(crate) fn safe_next(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let ours = next.starts_with('/') && !next.starts_with("//");
    // Back to one of these would be a circle, or a link that is used up.
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let circle = matches!(path, "/sign-in" | "/sign-out" | "/setup" | "/invitation");
    if plain && ours && !circle && next.len() <= 500 {
        next
    } else {
        "/"
    }
}

/// A delay as people say it: whole seconds, from two minutes on whole minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delay {
    /// The key of its text, below `sign_in`.
    pub(crate) key: &'static str,
    /// How many.
    pub(crate) n: u32,
}

impl Delay {
    /// So many seconds, rounded up.
    pub(crate) fn of(seconds: u32) -> Self {
        let (key, n) = match seconds {
            0 | 1 => ("second", 1),
            2..120 => ("seconds", seconds),
            _ => ("minutes", seconds.div_ceil(60)),
        };
        Self { key, n }
    }
}

#[cfg(test)]
mod tests {
    use super::{Delay, safe_next};
    use proptest::prelude::*;

    #[test]
    fn stays_at_home() {
        for fine in ["/", "/alarm/alm_1?x=1", "/people#top"] {
            assert_eq!(safe_next(fine), fine);
        }
        for foreign in [
            "",
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x",
            "/sign-in?next=/",
            "/sign-out",
        ] {
            assert_eq!(safe_next(foreign), "/", "{foreign}");
        }
    }

    #[test]
    fn delays_are_rounded_up() {
        let said = |seconds| {
            let delay = Delay::of(seconds);
            (delay.key, delay.n)
        };
        assert_eq!(said(1), ("second", 1));
        assert_eq!(said(40), ("seconds", 40));
        assert_eq!(said(160), ("minutes", 3));
        assert_eq!(said(900), ("minutes", 15));
    }

    proptest! {
        #[test]
        fn any_text_gives_a_path(next: String) {
            let next = safe_next(&next);
            prop_assert!(next.starts_with('/') && !next.starts_with("//"));
            prop_assert!(!next.contains(['\\', '\r', '\n']));
        }
    }
}

//! Where to go after signing in. No I/O.

/// A path of our own, or the start page: nobody is sent to another site after signing in.
pub(crate) fn safe_next(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let ours = next.starts_with('/') && !next.starts_with("//");
    // Back to the sign-in page would be a circle.
    let circle = next.starts_with("/sign-in") || next.starts_with("/sign-out");
    if plain && ours && !circle && next.len() <= 500 {
        next
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::safe_next;
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

    proptest! {
        #[test]
        fn any_text_gives_a_path(next: String) {
            let next = safe_next(&next);
            prop_assert!(next.starts_with('/') && !next.starts_with("//"));
            prop_assert!(!next.contains(['\\', '\r', '\n']));
        }
    }
}

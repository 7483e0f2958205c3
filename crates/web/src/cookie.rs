//! The three cookies: the session's token, the mark of a browser that signed in before, and the language chosen. Reads strictly, writes strictly.

use std::time::Duration;

use base::Lang;
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::{Ctx, gate};

/// The name of the session's cookie. With the prefix browsers take it over https alone, for this host alone.
pub fn session_name(secure: bool) -> &'static str {
    if secure {
        "__Host-obhut"
    } else {
        "obhut_session"
    }
}

const LANG: &str = "obhut_lang";
const YEAR: u64 = 365 * 24 * 3600;

/// The session's token, if the request brings one.
pub fn session_token<'a>(ctx: &Ctx, headers: &'a HeaderMap) -> Option<&'a str> {
    read(headers, session_name(ctx.secure()))
}

/// The language chosen in this browser.
pub fn lang(headers: &HeaderMap) -> Option<Lang> {
    read(headers, LANG).and_then(Lang::parse)
}

/// A `Set-Cookie` that keeps the session of somebody who signed in.
pub fn set_session(ctx: &Ctx, token: &people::session::NewToken) -> Option<HeaderValue> {
    keep(ctx, &token.token, gate::max_age(token.max_age))
}

/// A `Set-Cookie` that keeps a monitor signed in by its machine key, until the key is revoked or rotated.
pub fn set_monitor(ctx: &Ctx, key: &str) -> Option<HeaderValue> {
    let token = gate::monitor_token(key);
    keep(ctx, &token, Some(Duration::from_secs(YEAR)))
}

/// A `Set-Cookie` with a session's token, until the browser is closed if no age is given.
pub(crate) fn keep(ctx: &Ctx, token: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
    is_token(token).then(|| write(ctx, session_name(ctx.secure()), token, max_age))?
}

/// The mark of a browser that signed in before.
pub fn known<'a>(ctx: &Ctx, headers: &'a HeaderMap) -> Option<&'a str> {
    read(headers, known_name(ctx.secure()))
}

/// A `Set-Cookie` that marks this browser as one that signed in before, for a year.
pub fn set_known(ctx: &Ctx, mark: &str) -> Option<HeaderValue> {
    let age = Some(Duration::from_secs(YEAR));
    is_token(mark).then(|| write(ctx, known_name(ctx.secure()), mark, age))?
}

fn known_name(secure: bool) -> &'static str {
    if secure {
        "__Host-obhut_known"
    } else {
        "obhut_known"
    }
}

/// A `Set-Cookie` that ends the session in the browser.
pub fn clear_session(ctx: &Ctx) -> Option<HeaderValue> {
    write(ctx, session_name(ctx.secure()), "", Some(Duration::ZERO))
}

/// A `Set-Cookie` that keeps the chosen language for a year.
pub fn set_lang(ctx: &Ctx, lang: Lang) -> Option<HeaderValue> {
    write(ctx, LANG, lang.code(), Some(Duration::from_secs(YEAR)))
}

fn write(ctx: &Ctx, name: &str, value: &str, max_age: Option<Duration>) -> Option<HeaderValue> {
    let age = max_age.map_or_else(String::new, |age| format!("; Max-Age={}", age.as_secs()));
    let secure = if ctx.secure() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}");
    HeaderValue::try_from(text).ok()
}

/// The value of the first well-formed cookie with this name.
fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='))
        .find(|(key, value)| *key == name && is_token(value))
        .map(|(_, value)| value)
}

/// What we put into cookies ourselves: up to 128 characters that mean nothing anywhere.
fn is_token(value: &str) -> bool {
    let known = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
    (1..=128).contains(&value.len()) && value.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::try_from(*line).unwrap());
        }
        headers
    }

    #[test]
    fn finds_its_own_among_others() {
        let it = headers(&["a=1; obhut_session=abc-_9; b=2"]);
        assert_eq!(read(&it, "obhut_session"), Some("abc-_9"));
        let it = headers(&["a=1", "obhut_session=abc"]);
        assert_eq!(read(&it, "obhut_session"), Some("abc"));
        for wrong in [
            "xobhut_session=abc",
            "obhut_session",
            "obhut_session=",
            "obhut_session=a b",
            "obhut_session=\"abc\"",
            "Obhut_Session=abc",
        ] {
            assert_eq!(read(&headers(&[wrong]), "obhut_session"), None, "{wrong}");
        }
        let it = headers(&["obhut_lang=en"]);
        assert_eq!(lang(&it), Some(Lang::En));
    }

    proptest! {
        #[test]
        fn any_header_is_read_without_panic(bytes: Vec<u8>) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.insert(COOKIE, value);
            }
            if let Some(token) = read(&headers, "obhut_session") {
                prop_assert!(is_token(token));
            }
        }

        #[test]
        fn what_is_written_is_read(token in "[A-Za-z0-9_.-]{1,128}", other in "[a-z]{1,9}=[a-z0-9]{0,9}") {
            let it = headers(&[&format!("{other}; obhut_session={token}")]);
            prop_assert_eq!(read(&it, "obhut_session"), Some(token.as_str()));
        }
    }
}

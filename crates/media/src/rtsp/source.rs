//! Where a camera is and how to sign in there; the password is never shown.

use std::fmt;

use seal::Zeroizing;
use url::Url;

/// A camera's password: wiped when dropped, never printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the password; the caller's copy stays the caller's business.
    pub fn new(password: impl Into<String>) -> Self {
        Self(Zeroizing::new(password.into()))
    }

    /// The password, for the moment of use.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Why an address is none of a camera. Says nothing of what was given, because it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not a URL.
    #[error("not a URL")]
    NotAUrl,
    /// Another scheme than `rtsp`.
    #[error("the address must begin with rtsp://")]
    Scheme,
    /// No host.
    #[error("the address names no host")]
    NoHost,
    /// Credentials that are not UTF-8 after percent-decoding.
    #[error("user or password are not UTF-8")]
    Credentials,
}

/// A camera's address and credentials. `Display` and `Debug` show the address without user and password.
#[derive(Clone)]
pub struct Source {
    url: Url,
    credentials: Option<(String, Password)>,
}

impl Source {
    /// Reads `rtsp://[user:password@]host[:port]/path`; user and password are percent-decoded.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        let mut url = Url::parse(text).map_err(|_| SourceError::NotAUrl)?;
        if url.scheme() != "rtsp" {
            return Err(SourceError::Scheme);
        }
        if !url.has_host() {
            return Err(SourceError::NoHost);
        }
        let decode = |it: &str| percent_decode(it).ok_or(SourceError::Credentials);
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, password) => Some((
                decode(user)?,
                Password::new(decode(password.unwrap_or_default())?),
            )),
        };
        // A URL with a host takes both; the results only tell of URLs that cannot have a user.
        let _ = (url.set_username(""), url.set_password(None));
        Ok(Self { url, credentials })
    }

    /// The same address with these credentials instead of its own.
    #[must_use]
    pub fn with_credentials(mut self, user: impl Into<String>, password: Password) -> Self {
        self.credentials = Some((user.into(), password));
        self
    }

    /// The address without user and password.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// User and password.
    pub fn credentials(&self) -> Option<(&str, &Password)> {
        self.credentials.as_ref().map(|it| (it.0.as_str(), &it.1))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.url, f)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.url)
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_password() {
        let source = Source::parse("rtsp://me:p%40ss@camera.example:8554/yard?x=1").unwrap();
        let (user, password) = source.credentials().unwrap();
        assert_eq!((user, password.expose()), ("me", "p@ss"));
        for shown in [
            format!("{source}"),
            format!("{source:?}"),
            format!("{password:?}"),
        ] {
            assert!(!shown.contains("ss@") && !shown.contains("me:"), "{shown}");
        }
        assert_eq!(source.to_string(), "rtsp://camera.example:8554/yard?x=1");
    }

    #[test]
    fn takes_cameras_only() {
        let error = |it| Source::parse(it).unwrap_err();
        assert_eq!(error("yard"), SourceError::NotAUrl);
        assert_eq!(error("http://a/"), SourceError::Scheme);
        assert_eq!(error("rtsp:a"), SourceError::NoHost);
        assert_eq!(error("rtsp://%ff@a/"), SourceError::Credentials);
        let plain = Source::parse("rtsp://a").unwrap();
        assert!(plain.credentials().is_none());
        let with = plain.with_credentials("u", Password::new("p"));
        assert_eq!(with.credentials().unwrap().1.expose(), "p");
    }
}

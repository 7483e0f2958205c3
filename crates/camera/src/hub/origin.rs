//! Where the hub is: https, or http on this machine.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::Error;

/// A hub's origin, without a slash at its end.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    url: Url,
    text: String,
}

impl Origin {
    /// Reads an address as an operator types it; what stands behind the host must be nothing or a slash.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = Error::Origin("the hub's address looks like https://obhut.example");
        let Ok(url) = Url::parse(text.trim()) else {
            return Err(wrong);
        };
        let plain = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(wrong);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(Error::Origin(
                    "plain http is for a hub on this very machine; use https",
                ));
            }
            _ => return Err(wrong),
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, text })
    }

    /// The origin as text, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    pub(crate) fn port(&self) -> u16 {
        self.url.port_or_known_default().unwrap_or(443)
    }

    /// Host and port as a resolver takes them: without the brackets of an IPv6 address.
    pub(crate) fn bare_host(&self) -> &str {
        self.host().trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Origin(..)")
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(it)) => IpAddr::from(it).is_loopback(),
        Some(Host::Ipv6(it)) => IpAddr::from(it).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Option<&str>) {
        let got = Origin::parse(text).ok();
        assert_eq!(got.as_ref().map(Origin::as_str), want, "{text}");
    }

    #[test]
    fn https_or_loopback() {
        check("https://hub.example", Some("https://hub.example"));
        check(
            " https://hub.example:8443/ ",
            Some("https://hub.example:8443"),
        );
        check("http://localhost:8080", Some("http://localhost:8080"));
        check("http://127.0.0.1:8080", Some("http://127.0.0.1:8080"));
        check("http://[::1]:8080", Some("http://[::1]:8080"));
        for wrong in [
            "http://hub.example",
            "http://192.0.2.1",
            "https://hub.example/x",
            "https://u@hub.example",
            "https://hub.example?x",
            "ftp://hub.example",
            "hub.example",
            "",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn hosts_as_sockets_want_them() {
        let origin = Origin::parse("http://[::1]:8080").unwrap();
        assert_eq!((origin.bare_host(), origin.port()), ("::1", 8080));
        assert_eq!(Origin::parse("https://a").unwrap().port(), 443);
    }
}

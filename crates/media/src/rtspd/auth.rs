//! Whether a client knows the password: Basic (RFC 7617) and Digest without `qop` (RFC 2069).

use http_auth::{PasswordClient, PasswordParams};

use super::message::Request;
use super::options::{Credentials, Scheme};

/// What the server asks.
pub(super) fn challenge(credentials: &Credentials, nonce: &str) -> String {
    match credentials.scheme {
        Scheme::Basic => "Basic realm=\"Obhut\"".to_owned(),
        Scheme::Digest => format!("Digest realm=\"Obhut\", nonce=\"{nonce}\""),
    }
}

/// Whether the request's answer is right. Without `qop` there is one right answer only, so the server makes
/// it as a client would and compares.
pub(super) fn knows(request: &Request, credentials: &Credentials, nonce: &str) -> bool {
    let Some(given) = request.header("Authorization") else {
        return false;
    };
    let uri = match credentials.scheme {
        Scheme::Basic => "",
        Scheme::Digest => part(given, "uri").unwrap_or_default(),
    };
    let params = PasswordParams {
        username: &credentials.user,
        password: credentials.password.expose(),
        uri,
        method: &request.method,
        body: None,
    };
    let client = PasswordClient::builder()
        .challenges(&challenge(credentials, nonce))
        .build();
    let Ok(wanted) = client.and_then(|mut it| it.respond(&params)) else {
        return false;
    };
    match credentials.scheme {
        Scheme::Basic => given == wanted,
        Scheme::Digest => ["username", "nonce", "response"]
            .iter()
            .all(|it| part(given, it).is_some() && part(given, it) == part(&wanted, it)),
    }
}

/// The value of `name="value"`.
fn part<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.match_indices(name).find_map(|(at, _)| {
        let alone = at == 0 || header[..at].ends_with([' ', ',']);
        let value = header[at + name.len()..].strip_prefix("=\"")?;
        alone.then(|| value.split('"').next()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::super::message::{Next, next};
    use super::*;
    use crate::rtsp::Password;

    fn request(authorization: &str) -> Request {
        let text =
            format!("DESCRIBE rtsp://a/yard RTSP/1.0\r\nAuthorization: {authorization}\r\n\r\n");
        match next(text.as_bytes()).unwrap().0 {
            Next::Request(request) => request,
            _ => panic!("a request"),
        }
    }

    #[test]
    fn only_the_right_password_will_do() {
        for scheme in [Scheme::Basic, Scheme::Digest] {
            let ours = Credentials {
                user: "me".to_owned(),
                password: Password::new("secret"),
                scheme,
            };
            let answer = |password: &str, nonce: &str, method: &str| {
                let client = PasswordClient::builder()
                    .challenges(&challenge(&ours, nonce))
                    .build();
                let params = PasswordParams {
                    username: "me",
                    password,
                    uri: "rtsp://a/yard",
                    method,
                    body: None,
                };
                request(&client.unwrap().respond(&params).unwrap())
            };
            assert!(knows(&answer("secret", "n1", "DESCRIBE"), &ours, "n1"));
            assert!(!knows(&answer("Secret", "n1", "DESCRIBE"), &ours, "n1"));
            assert!(!knows(&request("Digest"), &ours, "n1"));
            if scheme == Scheme::Digest {
                assert!(!knows(&answer("secret", "n2", "DESCRIBE"), &ours, "n1"));
                assert!(!knows(&answer("secret", "n1", "PLAY"), &ours, "n1"));
            }
        }
    }
}

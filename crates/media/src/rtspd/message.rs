//! RTSP requests in and answers out (RFC 2326), as much of them as a camera needs.

/// Bytes that a request may have before its body, and the body.
const MOST_HEAD: usize = 16 << 10;
const MOST_BODY: usize = 64 << 10;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) uri: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The first header of that name, in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|it| it.0.eq_ignore_ascii_case(name));
        found.map(|it| it.1.as_str())
    }

    /// The path without slashes around it and without the query; of a whole address or of a path alone.
    pub(super) fn path(&self) -> &str {
        let uri = self.uri.split(['?', '#']).next().unwrap_or_default();
        let path = match uri.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |it| it.1),
            None => uri,
        };
        path.trim_matches('/')
    }
}

/// What stands at the beginning of the bytes received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// More bytes are needed.
    Nothing,
    /// A request.
    Request(Request),
    /// Something interleaved, such as a receiver report, which nobody reads.
    Data,
}

/// What cannot become a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Garbage;

/// Takes the first message; says how many bytes it took.
pub(super) fn next(bytes: &[u8]) -> Result<(Next, usize), Garbage> {
    let nothing = Ok((Next::Nothing, 0));
    if let [b'$', _, rest @ ..] = bytes {
        let Some(length) = rest.first_chunk::<2>() else {
            return nothing;
        };
        let total = 4 + usize::from(u16::from_be_bytes(*length));
        return if bytes.len() < total {
            nothing
        } else {
            Ok((Next::Data, total))
        };
    }
    let window = &bytes[..bytes.len().min(MOST_HEAD)];
    let Some(end) = window.windows(4).position(|it| it == b"\r\n\r\n") else {
        return if bytes.len() < MOST_HEAD {
            nothing
        } else {
            Err(Garbage)
        };
    };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| Garbage)?;
    let mut lines = head.split("\r\n").skip_while(|it| it.is_empty());
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(uri), Some("RTSP/1.0"), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Garbage);
    };
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Garbage)?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    let request = Request {
        method: method.to_owned(),
        uri: uri.to_owned(),
        headers,
    };
    let body = match request.header("Content-Length") {
        Some(text) => text
            .parse::<usize>()
            .ok()
            .filter(|it| *it <= MOST_BODY)
            .ok_or(Garbage)?,
        None => 0,
    };
    let total = end + 4 + body;
    if bytes.len() < total {
        return nothing;
    }
    Ok((Next::Request(request), total))
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    head: String,
    body: String,
}

impl Answer {
    /// With the number of the request it answers.
    pub(super) fn new(status: u16, reason: &str, to: &Request) -> Self {
        let number: String = to.header("CSeq").unwrap_or("0").chars().take(20).collect();
        Self {
            head: format!("RTSP/1.0 {status} {reason}\r\nCSeq: {number}\r\nServer: Obhut\r\n"),
            body: String::new(),
        }
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(name);
        self.head.push_str(": ");
        self.head.push_str(value);
        self.head.push_str("\r\n");
        self
    }

    pub(super) fn body(self, kind: &str, body: String) -> Self {
        let mut answer = self
            .header("Content-Type", kind)
            .header("Content-Length", &body.len().to_string());
        answer.body = body;
        answer
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        format!("{}\r\n{}", self.head, self.body).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_one_message_at_a_time() {
        let bytes = b"OPTIONS rtsp://a:1/yard/?x RTSP/1.0\r\ncseq: 3\r\n\r\n$\x01\0\x02ab$\0";
        let (first, taken) = next(bytes).unwrap();
        let Next::Request(request) = first else {
            panic!("a request");
        };
        assert_eq!(
            (request.method.as_str(), request.path()),
            ("OPTIONS", "yard")
        );
        assert_eq!(request.header("CSeq"), Some("3"));
        assert_eq!(next(&bytes[taken..]), Ok((Next::Data, 6)));
        assert_eq!(next(&bytes[taken + 6..]), Ok((Next::Nothing, 0)));
    }

    #[test]
    fn waits_for_the_body_and_refuses_too_much() {
        let with = |length: usize| format!("PLAY * RTSP/1.0\r\nContent-Length: {length}\r\n\r\nab");
        assert_eq!(next(with(3).as_bytes()), Ok((Next::Nothing, 0)));
        assert!(matches!(
            next(with(2).as_bytes()),
            Ok((Next::Request(_), _))
        ));
        assert_eq!(next(with(1 << 20).as_bytes()), Err(Garbage));
        assert_eq!(next(&[b'a'; MOST_HEAD]), Err(Garbage));
        assert_eq!(next(b"GET / HTTP/1.1\r\n\r\n"), Err(Garbage));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in proptest::collection::vec(prop_oneof![
            Just(b'\r'), Just(b'\n'), Just(b'$'), Just(b':'), Just(b' '), any::<u8>(),
        ], 0..200)) {
            if let Ok((found, taken)) = next(&bytes) {
                prop_assert!(taken <= bytes.len());
                prop_assert_eq!(taken == 0, found == Next::Nothing);
            }
        }
    }
}

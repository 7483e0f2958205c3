//! What handlers take out of a request, each refusal a problem that says what is wrong.

use std::ops::Deref;

use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use base::{Kind, Problem};
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// A JSON body, in or out.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(Failure::new(
                Kind::Invalid,
                "wrong_content_type",
                "send JSON with content-type application/json",
            ));
        }
        let bytes = whole_body(request, state).await?;
        Ok(Self(parse_json(&bytes)?))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// The whole body as bytes, within the route's limit.
pub async fn whole_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(it)
                if it.status() == http::StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Failure::new(Kind::TooLarge, "too_large", "the body is too large")
            }
            _ => Failure::new(
                Kind::Invalid,
                "truncated_body",
                "the body ended before it was complete",
            ),
        })
}

/// Reads JSON, or says where it is wrong.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if error.is_data() {
            let detail = if path == "." {
                error.to_string()
            } else {
                format!("{path}: {error}")
            };
            return Problem::new(Kind::Invalid, "wrong_shape", detail);
        }
        malformed(&error)
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("not well-formed JSON: {error}");
    Problem::new(Kind::Invalid, "malformed_json", detail)
}

/// `application/json`, or something more special that ends in `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()) else {
        return false;
    };
    let media = text.split(';').next().unwrap_or("").trim();
    let media = media.to_ascii_lowercase();
    media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"))
}

/// The query string.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T> Deref for Query<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        axum::extract::Query::<T>::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| {
                let detail = format!("the query string is wrong: {}", error.body_text());
                Failure::new(Kind::Invalid, "malformed_query", detail)
            })
    }
}

/// Ids out of the path. What is no id of the wanted kind does not exist.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T> Deref for Path<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|path| Self(path.0))
            .map_err(|_| Failure::not_found())
    }
}

/// A form (`application/x-www-form-urlencoded`), within the body limit.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

impl<T> Deref for Form<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        use axum::extract::rejection::FormRejection;
        axum::Form::<T>::from_request(request, state)
            .await
            .map(|form| Self(form.0))
            .map_err(|rejection| match rejection {
                FormRejection::BytesRejection(it)
                    if it.status() == http::StatusCode::PAYLOAD_TOO_LARGE =>
                {
                    Failure::new(Kind::TooLarge, "too_large", "the form is too large")
                }
                other => Failure::new(Kind::Invalid, "malformed_form", other.body_text()),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its type counts")]
        name: String,
        #[expect(dead_code, reason = "only its type counts")]
        inner: Option<Vec<u8>>,
    }

    fn code(text: &[u8]) -> (&'static str, String) {
        let problem = parse_json::<Sample>(text).unwrap_err();
        (problem.code, problem.detail)
    }

    #[test]
    fn json_is_refused_with_the_place() {
        assert!(parse_json::<Sample>(br#"{"name":"a"}"#).is_ok());
        let (what, detail) = code(br#"{"name":"a","inner":[1,"x"]}"#);
        assert_eq!(what, "wrong_shape");
        assert!(detail.contains("inner[1]"), "{detail}");
        assert_eq!(code(br#"{"nam":"a"}"#).0, "wrong_shape");
        for text in [
            &b""[..],
            b"{",
            b"{\"name\":\"a\"} x",
            b"\xff",
            b"{\"name\":\"\xc3\"}",
        ] {
            assert_eq!(code(text).0, "malformed_json", "{text:?}");
        }
        let deep = [b'['; 5000];
        let problem = parse_json::<serde_json::Value>(&deep).unwrap_err();
        assert!(problem.detail.contains("recursion"), "{}", problem.detail);
    }

    #[tokio::test]
    async fn json_needs_its_content_type() {
        for (given, fine) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
            ("application/jsonp", false),
        ] {
            let request = Request::post("/")
                .header(CONTENT_TYPE, given)
                .body(Body::from("{}"))
                .unwrap();
            let got = Json::<serde_json::Value>::from_request(request, &()).await;
            assert_eq!(got.is_ok(), fine, "{given}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            let _ = parse_json::<Sample>(&bytes);
        }
    }
}

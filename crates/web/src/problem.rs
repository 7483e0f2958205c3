//! Errors as they leave the house (RFC 9457): the one place that turns a kind into an HTTP status.
//!
//! [`Failure`] answers at once with a complete problem; the [`frame`](crate::frame()) around all routes then adds
//! the reference, logs, and says it again as a page or in the compatible shape where the caller needs that.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base::{FieldProblem, Kind, Problem};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// What a handler answers when it can't do what was asked. Made by `?` from a [`Problem`] or any error that has
/// a kind.
pub struct Failure(Box<Problem>);

impl Failure {
    /// A failure without a cause.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(kind, code, detail)))
    }

    /// There is no such thing, or its existence is not told.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "not_found", "there is nothing here")
    }

    /// Nobody is signed in.
    pub fn not_signed_in() -> Self {
        Self::new(Kind::Unauthenticated, "not_signed_in", "sign in first")
    }

    /// Some fields are wrong.
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        let mut problem = Problem::new(Kind::Invalid, "invalid_fields", "some fields are wrong");
        problem.fields = fields;
        Self(Box::new(problem))
    }

    /// The problem inside.
    pub fn problem(&self) -> &Problem {
        &self.0
    }

    /// The problem itself, for pages that show it beside a form.
    pub fn into_problem(self) -> Problem {
        *self.0
    }

    /// The same in the shape of the compatible interface, wherever it is answered.
    pub fn compatible(self) -> CompatFailure {
        CompatFailure(self)
    }
}

impl<E: Into<Problem>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error.into()))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        tell(Arc::new(*self.0), Shape::Own)
    }
}

/// A failure in the shape of the compatible interface: `success` and the problem's members in one object.
#[derive(Debug)]
pub struct CompatFailure(Failure);

impl<E: Into<Problem>> From<E> for CompatFailure {
    fn from(error: E) -> Self {
        Self(Failure::from(error))
    }
}

impl IntoResponse for CompatFailure {
    fn into_response(self) -> Response {
        tell(Arc::new(*self.0.0), Shape::Compatible)
    }
}

/// In which shape a problem is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `application/problem+json`.
    Own,
    /// With `success: false`, for callers of the compatible interface.
    Compatible,
}

/// Rides on a response so that the frame can say it again.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) problem: Arc<Problem>,
    pub(crate) shape: Shape,
}

fn tell(problem: Arc<Problem>, shape: Shape) -> Response {
    let mut response = write(&problem, shape, None);
    response.extensions_mut().insert(Told { problem, shape });
    response
}

/// The status of a problem in our own interface and on pages.
pub fn status(problem: &Problem) -> StatusCode {
    match problem.kind {
        Kind::Invalid if problem.fields.is_empty() => StatusCode::BAD_REQUEST,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Denied => StatusCode::FORBIDDEN,
        Kind::NotFound if problem.code == METHOD_NOT_ALLOWED => StatusCode::METHOD_NOT_ALLOWED,
        Kind::Hidden | Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Gone => StatusCode::GONE,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Precondition => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Full => StatusCode::INSUFFICIENT_STORAGE,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The few statuses that callers of the compatible interface know.
fn compatible_status(problem: &Problem) -> StatusCode {
    match problem.kind {
        Kind::Invalid | Kind::Conflict | Kind::Precondition => StatusCode::BAD_REQUEST,
        Kind::Hidden | Kind::Gone => StatusCode::NOT_FOUND,
        _ => status(problem),
    }
}

/// The code of a route that exists for other methods.
pub(crate) const METHOD_NOT_ALLOWED: &str = "method_not_allowed";

/// A problem as it is written (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Always `about:blank`: what happened is told by `code`.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    pub kind: &'static str,
    /// The words of the status.
    #[schema(example = "Not Found")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    pub status: u16,
    /// Stable, lower case; pages translate it.
    #[schema(example = "not_found")]
    pub code: &'static str,
    /// What happened, in English, for developers.
    pub detail: String,
    /// The reference of this one occurrence; the server's log knows it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "urn:obhut:ref:7KQ2M9F3RT")]
    pub instance: Option<String>,
    /// Wrong fields, if it is about fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldBody>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldBody {
    /// The field's name on the wire.
    pub field: &'static str,
    /// Stable, lower case.
    #[schema(example = "too_long")]
    pub code: &'static str,
    /// English, for developers.
    pub detail: String,
}

#[derive(Serialize)]
struct CompatibleBody {
    success: bool,
    #[serde(flatten)]
    problem: ProblemBody,
}

/// Writes a problem; `reference` names this occurrence.
pub(crate) fn write(problem: &Problem, shape: Shape, reference: Option<&str>) -> Response {
    let status = match shape {
        Shape::Own => status(problem),
        Shape::Compatible => compatible_status(problem),
    };
    let detail = if problem.kind == Kind::Internal {
        reference.map_or_else(
            || "something went wrong on our side".to_owned(),
            |it| format!("something went wrong on our side; its reference is {it}"),
        )
    } else {
        problem.detail.clone()
    };
    let body = ProblemBody {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: problem.code,
        detail,
        instance: reference.map(|it| format!("urn:obhut:ref:{it}")),
        fields: problem.fields.iter().map(field).collect(),
    };
    let (content_type, text) = match shape {
        Shape::Own => ("application/problem+json", serde_json::to_vec(&body)),
        Shape::Compatible => {
            let body = CompatibleBody {
                success: false,
                problem: body,
            };
            ("application/json", serde_json::to_vec(&body))
        }
    };
    let mut response = Response::new(Body::from(text.unwrap_or_default()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    add_headers(problem, status, headers);
    response
}

/// What the status asks for besides a body.
pub(crate) fn add_headers(problem: &Problem, status: StatusCode, headers: &mut http::HeaderMap) {
    if let Some(seconds) = problem.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Obhut"));
    }
}

fn field(field: &FieldProblem) -> FieldBody {
    FieldBody {
        field: field.field,
        code: field.code,
        detail: field.detail.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};

    async fn read(response: Response) -> (StatusCode, Value) {
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the disk caught fire")]
    struct Fire;

    impl base::HasKind for Fire {
        fn kind(&self) -> Kind {
            Kind::Internal
        }
        fn code(&self) -> &'static str {
            "internal"
        }
    }

    #[tokio::test]
    async fn kinds_have_their_status_in_both_shapes() {
        let cases = [
            (Kind::Invalid, 400, 400),
            (Kind::Unauthenticated, 401, 401),
            (Kind::Denied, 403, 403),
            (Kind::Hidden, 404, 404),
            (Kind::NotFound, 404, 404),
            (Kind::Gone, 410, 404),
            (Kind::Conflict, 409, 400),
            (Kind::Precondition, 412, 400),
            (Kind::TooLarge, 413, 413),
            (Kind::Full, 507, 507),
            (Kind::RateLimited, 429, 429),
            (Kind::Unavailable, 503, 503),
            (Kind::Internal, 500, 500),
        ];
        for (kind, own, compatible) in cases {
            let (status, body) = read(Failure::new(kind, "x", "y").into_response()).await;
            assert_eq!(
                (status.as_u16(), &body["status"]),
                (own, &json!(own)),
                "{kind:?}"
            );
            let failure = Failure::new(kind, "x", "y").compatible();
            let (status, body) = read(failure.into_response()).await;
            assert_eq!(status.as_u16(), compatible, "{kind:?}");
            assert_eq!(
                (&body["success"], &body["code"]),
                (&json!(false), &json!("x"))
            );
        }
    }

    #[tokio::test]
    async fn fields_make_it_unprocessable() {
        let failure = Failure::fields(vec![FieldProblem {
            field: "name",
            code: "too_short",
            detail: "needs at least 1 characters".into(),
        }]);
        let (status, body) = read(failure.into_response()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(body["fields"][0]["field"], "name");
    }

    #[tokio::test]
    async fn causes_stay_inside() {
        let failure = Failure::from(Fire);
        assert!(format!("{failure:?}").contains("caught fire"));
        let (_, body) = read(failure.into_response()).await;
        assert!(!body.to_string().contains("fire"), "{body}");
    }

    #[test]
    fn waiting_is_told() {
        let problem = Problem::new(Kind::RateLimited, "too_often", "").retry_after(7);
        let response = Failure::from(problem).into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "7");
    }
}

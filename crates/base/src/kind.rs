//! The closed set of error kinds, and the problem that leaves the house (RFC 9457).
//!
//! Every error type of a feature says its kind once, by [`HasKind`]; `web` maps kinds to HTTP in one place.

use std::error::Error;
use std::fmt;

/// What sort of thing went wrong. Closed: a new kind needs a decision here and in `web`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request is wrong as it stands (400, or 422 with fields).
    Invalid,
    /// Nobody is signed in, or the key is unknown (401).
    Unauthenticated,
    /// Known, but without the right (403).
    Denied,
    /// Denied, and even its existence is not told (404).
    Hidden,
    /// There is no such thing (404).
    NotFound,
    /// It was there and is over (410).
    Gone,
    /// It contradicts what is there (409).
    Conflict,
    /// A precondition does not hold (412).
    Precondition,
    /// Too large (413).
    TooLarge,
    /// No room left for it (507).
    Full,
    /// Too often (429).
    RateLimited,
    /// Not now; try again (503).
    Unavailable,
    /// Our fault (500).
    Internal,
}

/// Errors that know their kind and a stable code that pages translate.
pub trait HasKind: Error + Send + Sync + 'static {
    /// The kind, which decides the HTTP status.
    fn kind(&self) -> Kind;
    /// A stable code such as `link_expired`; lower case, underscores.
    fn code(&self) -> &'static str;
    /// The fields that are wrong, for forms.
    fn fields(&self) -> Vec<FieldProblem> {
        Vec::new()
    }
}

/// One wrong field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name on the wire.
    pub field: &'static str,
    /// A stable code such as `too_long`.
    pub code: &'static str,
    /// English, for developers.
    pub detail: String,
}

/// An error ready to leave the house: kind, code and English detail; the cause stays for the log.
pub struct Problem {
    /// Decides the status.
    pub kind: Kind,
    /// Translated by pages.
    pub code: &'static str,
    /// English; empty for [`Kind::Internal`].
    pub detail: String,
    /// Wrong fields.
    pub fields: Vec<FieldProblem>,
    /// Seconds to wait before trying again, for [`Kind::RateLimited`] and [`Kind::Unavailable`].
    pub retry_after: Option<u32>,
    /// Why, for the log alone.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem without a cause.
    pub fn new(kind: Kind, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            source: None,
        }
    }

    /// The same, with the number of seconds after which trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl<E: HasKind> From<E> for Problem {
    fn from(error: E) -> Self {
        let kind = error.kind();
        let detail = if kind == Kind::Internal {
            String::new()
        } else {
            error.to_string()
        };
        let (code, fields) = (error.code(), error.fields());
        let retry_after = (kind == Kind::Unavailable).then_some(2);
        Self {
            kind,
            code,
            detail,
            fields,
            retry_after,
            source: Some(Box::new(error)),
        }
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({:?} {} {}", self.kind, self.code, self.detail)?;
        if let Some(source) = &self.source {
            write!(f, ": {}", chain(source.as_ref()))?;
        }
        f.write_str(")")
    }
}

/// Shows an error with all its causes; the `Display` of our errors never repeats the source.
pub struct Chain<'a>(&'a dyn Error);

/// See [`Chain`].
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> Chain<'a> {
    Chain(error)
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

//! Why a request did not go out or came back without an answer.

use std::error::Error;

use base::{HasKind, Kind};

/// What went wrong outside. Never holds the address that was asked.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// Not an absolute http or https address without name and password.
    #[error("the address is not of the form https://host/path")]
    Address,
    /// The address is inside, or not https.
    #[error(
        "the address is not allowed: only https to public addresses, unless the operator allows it"
    )]
    Refused,
    /// The name is not known.
    #[error("the name could not be resolved")]
    Resolve(#[source] Option<std::io::Error>),
    /// Nobody answers there.
    #[error("could not connect")]
    Connect(#[source] std::io::Error),
    /// The other side's certificate or TLS is wrong.
    #[error("no secure connection")]
    Tls(#[source] std::io::Error),
    /// The connection broke before the answer was complete.
    #[error("the connection broke")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
    /// It took too long.
    #[error("no answer in time")]
    Timeout,
    /// The answer is larger than allowed.
    #[error("the answer is too large")]
    TooLarge,
    /// The client could not be set up.
    #[error("the client can't be set up: {0}")]
    SetUp(String),
}

impl OutboundError {
    /// Whether trying again later may help. What the rules refuse stays refused.
    pub fn is_transient(&self) -> bool {
        !matches!(self, Self::Address | Self::Refused | Self::SetUp(_))
    }
}

impl HasKind for OutboundError {
    fn kind(&self) -> Kind {
        match self {
            Self::Address | Self::Refused => Kind::Invalid,
            Self::SetUp(_) => Kind::Internal,
            _ => Kind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Address => "malformed_address",
            Self::Refused => "address_refused",
            Self::Resolve(_) => "unknown_host",
            Self::Connect(_) => "unreachable",
            Self::Tls(_) => "tls_failed",
            Self::Broken(_) => "connection_broke",
            Self::Timeout => "no_answer",
            Self::TooLarge => "answer_too_large",
            Self::SetUp(_) => "internal",
        }
    }
}

//! What can go wrong with cameras and recordings, each with its kind and code.

use base::{FieldProblem, HasKind, Kind};
use ledger::LedgerError;
use people::{Denied, PeopleError};
use store::{BlobError, StoreError};

/// Everything that acts of this crate can fail with.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// The actor may not.
    #[error("that is not allowed")]
    Denied(#[source] Denied),
    /// The right is bound to a condition that can't be met here.
    #[error("this right needs a second person or a second factor")]
    NeedsMore,
    /// There is no such thing in the actor's organisation.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The person has no viewing key yet.
    #[error("there is no viewing key yet")]
    NoViewingKey,
    /// Nobody has set up who can open recordings.
    #[error("nobody has set up who can open recordings")]
    CircleMissing,
    /// Somebody without the key itself wants to hand it on.
    #[error("only who holds a key can hand it on")]
    NotHolder,
    /// It contradicts what is there.
    #[error("{what}")]
    Conflict {
        /// Stable.
        code: &'static str,
        /// English.
        what: &'static str,
    },
    /// A field is wrong.
    #[error("{field}: {what}")]
    Wrong {
        /// The field's name on the wire.
        field: &'static str,
        /// Stable; also the problem's own code.
        code: &'static str,
        /// English.
        what: &'static str,
    },
    /// The recording's keys are destroyed, or its agent's token has ended.
    #[error("{what}")]
    Gone {
        /// Stable.
        code: &'static str,
        /// English.
        what: &'static str,
    },
    /// An agent that nobody knows, or with a wrong secret.
    #[error("this agent is not known, or its secret is wrong")]
    UnknownAgent,
    /// An agent that has shown its key, and was revoked.
    #[error("this agent has been revoked")]
    AgentRevoked,
    /// An agent speaks about what is another's.
    #[error("this belongs to another agent")]
    ForeignCamera,
    /// More than a hub takes.
    #[error("this is larger than a hub takes")]
    TooLarge,
    /// The file store.
    #[error("the file store did not do it")]
    Blob(#[source] BlobError),
    /// The log has no keys to write with.
    #[error("the log can't be written")]
    Ledger(#[source] LedgerError),
    /// People and rights.
    #[error("rights can't be told")]
    People(#[source] PeopleError),
    /// A key of our own can't be made or read.
    #[error("a key of the hub can't be used")]
    HubKey(#[source] seal::SealError),
    /// The database.
    #[error("the database did not do it")]
    Store(#[source] StoreError),
}

impl VideoError {
    pub(crate) const fn wrong(field: &'static str, code: &'static str, what: &'static str) -> Self {
        Self::Wrong { field, code, what }
    }

    pub(crate) const fn conflict(code: &'static str, what: &'static str) -> Self {
        Self::Conflict { code, what }
    }

    /// The recording was there, and its keys are destroyed.
    pub(crate) const fn recording_gone() -> Self {
        Self::Gone {
            code: "recording_gone",
            what: "this recording has been deleted",
        }
    }
}

impl HasKind for VideoError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(_)
            | Self::NeedsMore
            | Self::NotHolder
            | Self::AgentRevoked
            | Self::ForeignCamera => Kind::Denied,
            Self::NotFound(_) | Self::NoViewingKey => Kind::NotFound,
            Self::CircleMissing | Self::Conflict { .. } => Kind::Conflict,
            Self::Wrong { .. } => Kind::Invalid,
            Self::Gone { .. } => Kind::Gone,
            Self::UnknownAgent => Kind::Unauthenticated,
            Self::TooLarge => Kind::TooLarge,
            Self::Blob(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::People(error) => error.kind(),
            Self::HubKey(_) => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::NeedsMore => "needs_more",
            Self::NotFound(_) => "not_found",
            Self::NoViewingKey => "no_viewing_key",
            Self::CircleMissing => "circle_missing",
            Self::NotHolder => "not_holder",
            Self::Conflict { code, .. } | Self::Wrong { code, .. } | Self::Gone { code, .. } => {
                code
            }
            Self::UnknownAgent => "unknown_agent",
            Self::AgentRevoked => media::wire::AGENT_REVOKED,
            Self::ForeignCamera => "foreign_camera",
            Self::TooLarge => "too_large",
            Self::Blob(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::People(error) => error.code(),
            Self::HubKey(_) => "internal",
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldProblem> {
        match self {
            Self::Wrong { field, code, what } => vec![FieldProblem {
                field,
                code,
                detail: (*what).to_owned(),
            }],
            _ => Vec::new(),
        }
    }
}

macro_rules! from {
    ($($type:ty => $arm:ident;)*) => {$(
        impl From<$type> for VideoError {
            fn from(error: $type) -> Self { Self::$arm(error) }
        }
    )*};
}

from! {
    StoreError => Store;
    Denied => Denied;
    LedgerError => Ledger;
    BlobError => Blob;
    PeopleError => People;
}

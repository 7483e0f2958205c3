//! What can go wrong with people and places, each with its kind and code.

use base::{HasKind, Kind};
use store::StoreError;

use crate::access::Denied;
use ledger::LedgerError;

/// Everything that acts of this crate can fail with.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The actor may not.
    #[error("that is not allowed")]
    Denied(#[source] Denied),
    /// There is no such thing in the actor's organisation.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A link that was used, ran out, or never was.
    #[error("this link does not work any more")]
    LinkEnded,
    /// The person is a member already.
    #[error("this person is a member already")]
    MemberAlready,
    /// The person has joined, so there is nothing to invite to.
    #[error("this person has joined already")]
    JoinedAlready,
    /// Nobody would be left to manage people.
    #[error("nobody would be left who manages people")]
    LastAdministrator,
    /// A role that allows more than the actor may.
    #[error("a role can't be given by someone who may less than it allows")]
    RoleBeyondOwn,
    /// Something else uses it.
    #[error("something else still uses this")]
    InUse,
    /// There is one with this name.
    #[error("there is one with this name already")]
    NameTaken,
    /// More than anybody needs.
    #[error("there are too many of these; remove one first")]
    TooMany,
    /// The set-up has been done.
    #[error("this installation is set up already")]
    SetUpAlready,
    /// Too much to do at the moment.
    #[error("too many people sign in at this moment")]
    Busy,
    /// Too many wrong attempts.
    #[error("too many attempts; wait {seconds} seconds")]
    Wait {
        /// How long.
        seconds: u32,
    },
    /// The log has no keys to write with.
    #[error("the log can't be written")]
    Ledger(#[source] LedgerError),
    /// A library refused its work.
    #[error("a password could not be worked on")]
    Hashing,
    /// The database.
    #[error("the database did not do it")]
    Store(#[source] StoreError),
}

impl HasKind for PeopleError {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(_) | Self::RoleBeyondOwn => Kind::Denied,
            Self::NotFound(_) => Kind::NotFound,
            Self::LinkEnded => Kind::Gone,
            Self::MemberAlready
            | Self::JoinedAlready
            | Self::LastAdministrator
            | Self::InUse
            | Self::NameTaken
            | Self::TooMany
            | Self::SetUpAlready => Kind::Conflict,
            Self::Busy => Kind::Unavailable,
            Self::Wait { .. } => Kind::RateLimited,
            Self::Ledger(error) => error.kind(),
            Self::Hashing => Kind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::NotFound(_) => "not_found",
            Self::LinkEnded => "link_ended",
            Self::MemberAlready => "member_already",
            Self::JoinedAlready => "joined_already",
            Self::LastAdministrator => "last_administrator",
            Self::RoleBeyondOwn => "role_beyond_own",
            Self::InUse => "in_use",
            Self::NameTaken => "name_taken",
            Self::TooMany => "too_many",
            Self::SetUpAlready => "set_up_already",
            Self::Busy => "sign_in_busy",
            Self::Wait { .. } => "sign_in_wait",
            Self::Ledger(error) => error.code(),
            Self::Hashing => "internal",
            Self::Store(error) => error.code(),
        }
    }
}

impl From<StoreError> for PeopleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Reference(_) => Self::InUse,
            error => Self::Store(error),
        }
    }
}

impl From<Denied> for PeopleError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<LedgerError> for PeopleError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

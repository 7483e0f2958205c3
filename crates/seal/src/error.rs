//! What can go wrong while sealing and opening. Tells no more than an attacker knows already.

use base::{HasKind, Kind};

/// Why something could not be sealed, opened or verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is the wrong one, or the bytes or their context were changed.
    #[error("cannot be opened: wrong key or changed bytes")]
    Unreadable,
    /// The signature does not fit the message and the key.
    #[error("the signature is wrong")]
    Signature,
    /// Nobody we know signed it.
    #[error("signed by an unknown key")]
    UnknownKey,
    /// It was good once, or claims to be good for longer than allowed.
    #[error("outside its period of validity")]
    Expired,
    /// Bytes or text that are not what they should be; the field says what was wanted.
    #[error("not a well-formed {0}")]
    Malformed(&'static str),
    /// It was not sealed to this key: nothing is broken, the key was never meant to open it.
    #[error("not sealed to this key")]
    NoRecipient,
    /// It ends before its end, and nobody says that it was interrupted.
    #[error("cut off before its end")]
    Cut,
    /// The file and what was said about it differ; the field says in what.
    #[error("differs from what was recorded about it: {0}")]
    Contradiction(&'static str),
    /// Would be sealed, or was sent, a second time.
    #[error("used before")]
    Reused,
    /// More bytes than fit.
    #[error("too large to be sealed")]
    TooLarge,
    /// The crypto library failed where it has no reason to.
    #[error("the crypto library failed")]
    Library,
}

impl HasKind for SealError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unreadable
            | Self::Library
            | Self::Cut
            | Self::Contradiction(_)
            | Self::Reused => Kind::Internal,
            Self::Signature | Self::UnknownKey | Self::Expired => Kind::Unauthenticated,
            Self::NoRecipient => Kind::Denied,
            Self::Malformed(_) => Kind::Invalid,
            Self::TooLarge => Kind::TooLarge,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Signature => "wrong_signature",
            Self::UnknownKey => "unknown_key",
            Self::Expired => "signature_expired",
            Self::Malformed(_) => "malformed",
            Self::NoRecipient => "no_recipient",
            Self::Cut => "cut",
            Self::Contradiction(_) => "contradiction",
            Self::Reused => "used_before",
            Self::TooLarge => "too_large",
            Self::Library => "crypto_failed",
        }
    }
}

impl From<aws_lc_rs::error::Unspecified> for SealError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Library
    }
}

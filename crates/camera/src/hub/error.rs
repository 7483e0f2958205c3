//! What the hub answered, or that it did not.

use base::{HasKind, Kind};

use super::tls::Distrust;

/// Why a request had no success.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// It can't be reached, or broke off.
    #[error("the hub does not answer")]
    Away(#[source] reqwest::Error),
    /// Its certificate is not one to believe.
    #[error("the hub's certificate is not accepted")]
    Certificate(#[source] Distrust),
    /// It answered with a problem.
    #[error("the hub answered {status} {code}")]
    Refused {
        /// The status.
        status: u16,
        /// The problem's code, or nothing.
        code: String,
        /// Seconds it asks to wait.
        retry_after: Option<u64>,
    },
    /// It answered something else than it should.
    #[error("the hub's answer is not as it should be")]
    Unintelligible,
    /// TLS can't be set up.
    #[error("TLS can't be set up")]
    Tls(#[source] rustls::Error),
    /// Our own disk.
    #[error("the recording can't be read")]
    Disk(#[source] std::io::Error),
    /// Cryptography that had no reason to fail.
    #[error("signing failed")]
    Seal(#[from] seal::SealError),
}

impl HubError {
    /// The status, if it answered with a problem.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The problem's code.
    pub(crate) fn problem(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            _ => "",
        }
    }
}

impl From<reqwest::Error> for HubError {
    /// Without the address, so that it stands in no log.
    fn from(error: reqwest::Error) -> Self {
        match Distrust::behind(&error) {
            Some(why) => Self::Certificate(why),
            None => Self::Away(error.without_url()),
        }
    }
}

impl HasKind for HubError {
    fn kind(&self) -> Kind {
        match self {
            Self::Away(_) => Kind::Unavailable,
            Self::Certificate(_) => Kind::Unauthenticated,
            Self::Refused { .. } => Kind::Denied,
            Self::Unintelligible | Self::Tls(_) | Self::Disk(_) | Self::Seal(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Away(_) => "hub_away",
            Self::Certificate(_) => "hub_certificate",
            Self::Refused { .. } => "hub_refused",
            Self::Unintelligible => "hub_unintelligible",
            Self::Tls(_) => "tls_failed",
            Self::Disk(_) => "spool_unreadable",
            Self::Seal(_) => "signing_failed",
        }
    }
}

//! Why the agent does not start, or ends by itself.

use std::io;

use base::{HasKind, Kind};
use seal::SealError;

use crate::hub::{Distrust, HubError};
use crate::roster::RosterError;

/// Why the agent does not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A second agent on one folder would seal under the first one's name.
    #[error("another agent is running on this folder")]
    FolderInUse,
    /// The folder, or a file in it.
    #[error("the agent's folder can't be used")]
    Folder(#[source] io::Error),
    /// A file that only the agent writes is not as it was written.
    #[error("{0} in the agent's folder is damaged; restore it, or enrol anew with an empty folder")]
    Damaged(&'static str),
    /// Nobody said where the hub is.
    #[error(
        "this agent is not enrolled yet: name the hub (--hub) and the token its page shows (--token)"
    )]
    NotEnrolled,
    /// What was given as token is none.
    #[error(
        "that is not a whole enrolment token; copy it again from the page, it begins with obhut-camera-"
    )]
    Token,
    /// The folder belongs to another agent than the token.
    #[error(
        "this folder belongs to another agent than the token; use another folder (--state), or leave the token out"
    )]
    OtherAgent,
    /// Another hub than the one that was enrolled at.
    #[error(
        "this agent is enrolled at another hub; use another folder (--state), or leave --hub out"
    )]
    OtherHub,
    /// 401: the secret is wrong.
    #[error("the hub does not know this token; ask for a new one")]
    TokenWrong,
    /// 409: another key was there first.
    #[error(
        "this token was used already, by another agent; the hub has raised an alert. If that was not you, \
         revoke that agent; then ask for a new token"
    )]
    TokenUsed,
    /// 410: too late.
    #[error("this token has expired; ask for a new one")]
    TokenExpired,
    /// What answers is not the hub that made the token.
    #[error(
        "the hub's key is not the one in the token: this is another hub, or somebody stands in between"
    )]
    HubKey,
    /// The custodian's key is not the one in the token.
    #[error("the custodian's key is not the one in the token: the hub passes off another one")]
    Custodian,
    /// The custodian is not the one that the operator named; this one was found.
    #[error(
        "the custodian here is {0}, not the one that --custodian names: whoever made the token, or the server itself, \
         would have this recorder seal for somebody else. Do not go on; compare with the fingerprint that you noted \
         (Video, Keys)"
    )]
    OtherCustodian(String),
    /// What the operator named is no fingerprint.
    #[error(
        "--custodian is no whole fingerprint: it has 64 hexadecimal digits, as Video, Keys shows them"
    )]
    Fingerprint,
    /// The first recipient list is not acceptable.
    #[error("the hub's recipient list is not acceptable")]
    List(#[source] seal::recipients::Refused),
    /// The hub's address.
    #[error("{0}")]
    Origin(&'static str),
    /// Nobody we believe says that it is the hub that answers.
    #[error("the hub's certificate is not accepted")]
    Certificate(#[source] Distrust),
    /// The file with the authority that the operator believes.
    #[error("the certificate of the hub's authority (--ca) can't be used")]
    Authority(#[source] io::Error),
    /// The hub's answer, where the agent can't do without.
    #[error("the hub refused")]
    Hub(#[from] HubError),
    /// The hub does not want this agent any more.
    #[error("this agent was revoked at the hub")]
    Revoked,
    /// What the operator wrote about the cameras.
    #[error("the cameras can't be read")]
    Roster(#[from] RosterError),
    /// Cryptography that had no reason to fail.
    #[error("sealing failed")]
    Seal(#[from] SealError),
}

impl HasKind for Error {
    fn kind(&self) -> Kind {
        match self {
            Self::FolderInUse | Self::OtherAgent | Self::OtherHub | Self::TokenUsed => {
                Kind::Conflict
            }
            Self::Folder(_) | Self::Damaged(_) | Self::Seal(_) => Kind::Internal,
            Self::NotEnrolled
            | Self::Token
            | Self::Fingerprint
            | Self::Origin(_)
            | Self::Authority(_)
            | Self::Roster(_) => Kind::Invalid,
            Self::TokenWrong
            | Self::HubKey
            | Self::Custodian
            | Self::OtherCustodian(_)
            | Self::Certificate(_)
            | Self::List(_) => Kind::Unauthenticated,
            Self::TokenExpired | Self::Revoked => Kind::Gone,
            Self::Hub(it) => it.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::FolderInUse => "folder_in_use",
            Self::Folder(_) => "folder_unusable",
            Self::Damaged(_) => "folder_damaged",
            Self::NotEnrolled => "not_enrolled",
            Self::Token => "token_malformed",
            Self::OtherAgent => "other_agent",
            Self::OtherHub => "other_hub",
            Self::TokenWrong => "token_wrong",
            Self::TokenUsed => "token_used",
            Self::TokenExpired => "token_expired",
            Self::HubKey => "hub_key_differs",
            Self::Custodian => "custodian_differs",
            Self::OtherCustodian(_) => "custodian_unexpected",
            Self::Fingerprint => "fingerprint_malformed",
            Self::List(it) => it.code(),
            Self::Origin(_) => "hub_address",
            Self::Certificate(_) => "hub_certificate",
            Self::Authority(_) => "authority_unusable",
            Self::Hub(it) => it.code(),
            Self::Revoked => "agent_revoked",
            Self::Roster(_) => "cameras_malformed",
            Self::Seal(it) => it.code(),
        }
    }
}

//! Mails going out: written inside the act that causes them, sent by a job, blanked once they are sent.
//!
//! [`queue`] renders and stores; [`Sender`] is the handler that speaks SMTP. A mail may be sent twice when the
//! process dies at the wrong moment; its Message-ID stays the same, so that receivers can tell. The
//! [`catcher`] takes mails in for the demo and for tests.

pub mod catcher;
mod out;

pub use out::{
    Mailer, MailerState, Outgoing, Sender, SenderError, Settings, Smtp, Tls, clocks, queue,
    sweep_due, waiting,
};

/// Every statement of this crate.
pub const STATEMENTS: &[&[&::store::Sql]] = &[out::store::STATEMENTS];

/// What every table of this crate keeps.
pub const TABLES: &[&[::privacy::Table]] = &[out::privacy::TABLES];

/// The statements of this crate that are not of one organisation.
pub const TENANT_EXCEPTIONS: &[people::tenancy::Exception] = out::TENANT_EXCEPTIONS;

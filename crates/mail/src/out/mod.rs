//! Mail out: templates, the table of mails that wait, and the job that sends them.

mod jobs;
mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use jobs::{Mailer, MailerState, Sender, SenderError};
pub use model::{Outgoing, Settings, Smtp, Tls};
pub use privacy::clocks;
pub use store::{queue, sweep_due, waiting};

/// The statements of this feature that are not of one organisation.
pub(crate) const TENANT_EXCEPTIONS: &[people::tenancy::Exception] = &[
    people::tenancy::Exception {
        statement: "mail::out::store::SWEEP",
        reason: "deletion by time, in all organisations",
    },
    people::tenancy::Exception {
        statement: "mail::out::store::WAITING",
        reason: "a count for the state of the installation's mail server",
    },
];

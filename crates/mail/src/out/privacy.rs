//! What the table of mails keeps, and the clock that deletes it.

use std::sync::Arc;

use ::privacy::{
    Basis, Category, ClockState, Clockwork, Counting, Deletion, Purpose, Recipient, Rule, Subject,
    Sweeping, Table, words,
};
use ::store::{Store, StoreError, Tx};
use base::{OrgId, Timestamp};

use super::store;

const NOTICES: Purpose = Purpose {
    key: "mail.notices",
    name: words("Mitteilungen per E-Mail", "notices by e-mail"),
    why: words(
        "Einladungen und Mitteilungen der Organisation zustellen.",
        "To deliver invitations and notices of the organisation.",
    ),
    basis: &[
        Basis::PublicTask,
        Basis::LegitimateInterest,
        Basis::Contract,
    ],
};

const MAILS: Rule = Rule {
    kind: "mail",
    name: words("ausgehende E-Mails", "outgoing e-mails"),
    start: words(
        "nach dem Versand, sonst nach dem Schreiben; der Text schon beim Versand",
        "after sending, or else after writing; the text at sending already",
    ),
    period: "P7D",
    settable: None,
};

/// The tables.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "mail_out",
    purpose: Some(&NOTICES),
    subjects: &[Subject::Member, Subject::Invited],
    recipients: &[Recipient::MailServer],
    deletion: Deletion::Rule(&MAILS),
    technical: &[
        "org_id",
        "id",
        "message_id",
        "state",
        "error_code",
        "due_us",
    ],
    personal: &[
        ("recipient", Category::Contact),
        ("subject", Category::Message),
        ("body", Category::Message),
        ("created_us", Category::Activity),
        ("sent_us", Category::Activity),
    ],
}];

/// The deletion clock of mails.
pub fn clocks() -> Vec<Arc<dyn Clockwork>> {
    vec![Arc::new(Mails)]
}

struct Mails;

impl Clockwork for Mails {
    fn rule(&self) -> &'static Rule {
        &MAILS
    }

    fn sweep<'a>(&'a self, store: &'a Store, now: Timestamp) -> Sweeping<'a> {
        Box::pin(async move {
            ::store::act!(store, |tx| -> Result<u64, StoreError> {
                store::sweep_due(tx, now, 500).await
            })
        })
    }

    fn state<'a>(
        &'a self,
        tx: &'a mut Tx,
        org: Option<OrgId>,
        overdue_since: Timestamp,
    ) -> Counting<'a> {
        Box::pin(async move {
            let (rows, next_due, overdue) = store::count_due(tx, org, overdue_since).await?;
            Ok(ClockState {
                rows,
                next_due,
                overdue,
            })
        })
    }
}

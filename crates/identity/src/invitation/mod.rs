//! Invitations: the mail with the link, and the page behind it.

pub(crate) mod http;

use base::{Email, Lang};
use mail::Outgoing;
use people::organisation::Organisation;
use people::person::Invited;
use store::{StoreError, Tx};
use web::Ctx;

/// Writes the mail of an invitation, inside the act that made it.
pub(crate) async fn send(
    tx: &mut Tx,
    ctx: &Ctx,
    organisation: &Organisation,
    invited: &Invited,
) -> Result<(), StoreError> {
    let lang = invited.language;
    let to: &Email = &invited.email;
    let until = invited
        .until
        .to_zoned(organisation.zone.rules())
        .strftime(match lang {
            Lang::De => "%d.%m.%Y, %H:%M",
            Lang::En => "%-d %B %Y, %H:%M",
        })
        .to_string();
    let context = minijinja::context! {
        organisation => &organisation.name,
        familiar => organisation.familiar,
        name => invited.name.full(),
        link => format!("{}/invitation?code={}", ctx.origin(), invited.code),
        until,
        origin => ctx.origin(),
    };
    let outgoing = Outgoing {
        org: organisation.id,
        to,
        lang,
        template: "invitation",
        context,
    };
    let host = ctx.host().split(':').next().unwrap_or("localhost");
    mail::queue(tx, outgoing, host).await.map(drop)
}

//! Answering an alarm, and telling that it arrived. One tap, from a page or from a notification.

pub mod http;
pub(crate) mod store;

use ::store::{StoreError, act};
use base::{AlarmId, AnswerId, MembershipId, OrgId};
use ledger::{Entry, Log, Outcome};
use people::permit::Oneself;
use people::{Grant, Who};

use crate::incident::model::{AlarmError, AnswerOption, State};
use crate::incident::{Alarms, store as incident, view};
use store::{PAGE, Step};

fn device_of(who: Who) -> String {
    match who {
        Who::Device { device, .. } => device.to_string(),
        _ => PAGE.to_owned(),
    }
}

fn me(grant: &Grant<Oneself>) -> Result<(OrgId, MembershipId), AlarmError> {
    let membership = grant.actor().membership().ok_or(AlarmError::NotAddressed)?;
    Ok((grant.org(), membership))
}

impl Alarms {
    /// Gives or changes the answer of whoever acts. The last one counts.
    pub async fn answer(
        &self,
        grant: &Grant<Oneself>,
        id: AlarmId,
        answer: AnswerId,
    ) -> Result<(), AlarmError> {
        let (org, member) = me(grant)?;
        let name = grant.actor().ledger_name();
        let pen = self.ledger.pen(Log::Org(org), &name, Some(&name)).await?;
        let device = device_of(grant.actor().who());
        act!(self.store, |tx| -> Result<(), AlarmError> {
            let alarm = incident::by_id(tx, org, id)
                .await?
                .ok_or(AlarmError::NotFound)?;
            if !store::is_addressed(tx, org, id, member).await? {
                return Err(AlarmError::NotAddressed);
            }
            if let State::Closed { .. } = alarm.state {
                return Err(AlarmError::Closed);
            }
            let offered = view::answers_of(tx, org, alarm.unit).await?;
            let chosen = offered.iter().find(|option| option.id == answer);
            let chosen = chosen.ok_or(AlarmError::NoSuchAnswer)?;
            let now = tx.clock().now();
            store::answer(tx, org, id, member, answer, now).await?;
            store::trace(tx, org, id, member, &device, Step::Answered).await?;
            incident::touch(tx, org, id).await?;
            let entry = Entry {
                action: "alarm.answered",
                object: Some(id.to_string()),
                outcome: Outcome::Done,
                details: vec![("answer", chosen.meaning.word().to_owned())],
            };
            pen.write(tx, entry).await?;
            Ok(())
        })?;
        self.live.notify(org, &id.to_string());
        Ok(())
    }

    /// Notes that the alarm came in and was shown, for devices that are part of this program.
    pub async fn arrived(&self, grant: &Grant<Oneself>, id: AlarmId) -> Result<(), AlarmError> {
        self.trace(grant, id, Step::Received).await?;
        self.trace(grant, id, Step::Shown).await
    }

    /// The answers that an alarm offers.
    pub async fn answers(
        &self,
        org: OrgId,
        id: AlarmId,
    ) -> Result<Option<Vec<AnswerOption>>, AlarmError> {
        let mut tx = self.store.read().await?;
        let Some(alarm) = incident::by_id(&mut tx, org, id).await? else {
            return Ok(None);
        };
        Ok(Some(view::answers_of(&mut tx, org, alarm.unit).await?))
    }

    /// Notes that the alarm got one step further on the way to whoever acts.
    pub(crate) async fn trace(
        &self,
        grant: &Grant<Oneself>,
        id: AlarmId,
        step: Step,
    ) -> Result<(), AlarmError> {
        let (org, member) = me(grant)?;
        let device = device_of(grant.actor().who());
        act!(self.store, |tx| -> Result<(), AlarmError> {
            if !store::is_addressed(tx, org, id, member).await? {
                return Err(AlarmError::NotFound);
            }
            store::trace(tx, org, id, member, &device, step).await?;
            incident::touch(tx, org, id).await?;
            Ok::<(), StoreError>(()).map_err(AlarmError::from)
        })?;
        self.live.notify(org, &id.to_string());
        Ok(())
    }
}

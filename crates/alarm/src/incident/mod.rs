//! Alarms: raised by a machine or a person, open for a day at most, deleted on their day.
//!
//! [`Alarms`] is the public face. It never delivers anything: what is to be pushed goes into the outbox in
//! the same act, and the caller is answered before any of it starts.

pub(crate) mod clock;
pub mod http;
pub mod model;
pub(crate) mod store;
pub mod view;

use ::store::{Store, StoreError, Tx, WireKind, act};
use base::{AlarmId, GroupId, KeyId, OrgId, SignedDuration, Timestamp, UnitId};
use ledger::{Entry, Ledger, Log, Outcome};
use people::permit::{AlarmClose, AlarmTrigger, OrgConfigure};
use people::{Actor, Grant, Who};
use web::live::LiveHub;

use crate::intake::model::Call;
use model::{Addressed, AlarmError, CLOSES_AFTER, Content, MergeRule, Source};

/// The rule by which alarms are deleted.
pub(crate) static RULE: &privacy::Rule = &crate::privacy::ALARMS;

/// The event that an alarm was raised: its object is the alarm, its arg the unit.
pub const RAISED: &str = "alarm.raised";

/// Everything that can be done to alarms.
#[derive(Clone)]
pub struct Alarms {
    pub(crate) store: Store,
    pub(crate) ledger: Ledger,
    pub(crate) live: LiveHub,
}

/// Who is to be alarmed, before it is looked up.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// As a call of the v1 interface says: radio addresses and numbers.
    Call(&'a Call),
    /// By ids, which must all be there.
    Ids(&'a Addressed),
}

/// What is to be raised.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// For which unit.
    pub unit: UnitId,
    /// What it tells.
    pub content: &'a Content,
    /// Whom.
    pub target: Target<'a>,
    /// How long ago the event became known.
    pub delay: SignedDuration,
    /// A repeated request with the same key gives the same alarm.
    pub idempotency_key: Option<&'a str>,
    /// Whether it may merge into an alarm that is open.
    pub merge: Option<MergeRule>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    /// The alarm.
    pub id: AlarmId,
    /// Whether it is new, or an open one took the request in.
    pub new: bool,
    /// People who were not alarmed before.
    pub recipients: u64,
}

fn source_of(actor: &Actor) -> Source {
    match (actor.who(), actor.membership()) {
        (Who::Machine { key, .. }, _) => Source::Machine(key.to_string()),
        (_, Some(membership)) => Source::Person(membership.to_string()),
        (_, None) => Source::Machine("system".to_owned()),
    }
}

impl Alarms {
    /// Puts the pieces together.
    pub fn new(store: Store, ledger: Ledger, live: LiveHub) -> Self {
        Self {
            store,
            ledger,
            live,
        }
    }

    /// Raises an alarm, or takes the request into one that is open. Alarm, recipients, delivery jobs and
    /// the leaf of the log commit together.
    pub async fn raise(
        &self,
        grant: &Grant<AlarmTrigger>,
        request: Request<'_>,
    ) -> Result<Raised, AlarmError> {
        let org = grant.org();
        if !grant.covers_unit(request.unit) {
            return Err(AlarmError::NoSuchUnit);
        }
        let source = source_of(grant.actor());
        let pen = self
            .ledger
            .pen(Log::Org(org), &grant.actor().ledger_name(), None)
            .await?;
        let raised = act!(self.store, |tx| -> Result<Raised, AlarmError> {
            if let Some(key) = request.idempotency_key
                && let Some(id) = store::by_idempotency(tx, org, &source, key).await?
            {
                return Ok(Raised {
                    id,
                    new: false,
                    recipients: 0,
                });
            }
            let unit = store::unit_name(tx, org, request.unit).await?;
            unit.ok_or(AlarmError::NoSuchUnit)?;
            crate::fleet::store::ensure_answers(tx, org, request.unit).await?;
            let raised = write(tx, org, &source, &request).await?;
            let action = if raised.new {
                "alarm.raised"
            } else {
                "alarm.merged"
            };
            let entry = Entry {
                action,
                object: Some(raised.id.to_string()),
                outcome: Outcome::Done,
                details: vec![("recipients", raised.recipients.to_string())],
            };
            pen.write(tx, entry).await?;
            Ok(raised)
        })?;
        self.live.notify(org, &raised.id.to_string());
        tracing::info!(alarm.id = %raised.id, recipients = raised.recipients, new = raised.new, "alarm raised");
        Ok(raised)
    }

    /// Closes an alarm before its time.
    pub async fn close(&self, grant: &Grant<AlarmClose>, id: AlarmId) -> Result<(), AlarmError> {
        let org = grant.org();
        let pen = self
            .ledger
            .pen(Log::Org(org), &grant.actor().ledger_name(), None)
            .await?;
        act!(self.store, |tx| -> Result<(), AlarmError> {
            let alarm = store::by_id(tx, org, id)
                .await?
                .ok_or(AlarmError::NotFound)?;
            if !grant.covers_unit(alarm.unit) {
                return Err(AlarmError::NotFound);
            }
            close(tx, &pen, org, id).await
        })?;
        self.live.notify(org, &id.to_string());
        Ok(())
    }

    /// Sets how calls of a key merge into open alarms.
    pub async fn set_merge_rule(
        &self,
        grant: &Grant<OrgConfigure>,
        key: KeyId,
        rule: MergeRule,
    ) -> Result<(), AlarmError> {
        let org = grant.org();
        let pen = self
            .ledger
            .pen(Log::Org(org), &grant.actor().ledger_name(), None)
            .await?;
        act!(self.store, |tx| -> Result<(), AlarmError> {
            store::set_merge_rule(tx, org, &key.to_string(), rule).await?;
            let entry = Entry {
                action: "key.merging_changed",
                object: Some(key.to_string()),
                outcome: Outcome::Done,
                details: vec![
                    ("by_number", rule.by_number.to_string()),
                    ("window_s", rule.window.as_secs().to_string()),
                ],
            };
            pen.write(tx, entry).await?;
            Ok(())
        })
    }

    /// Closes the alarms whose day is over; gives their number.
    pub async fn close_expired(&self) -> Result<u64, AlarmError> {
        let waiting = store::closing(&mut self.store.read().await?).await?;
        let mut closed = 0;
        for (org, id) in waiting {
            let pen = self.ledger.pen(Log::Org(org), "system", None).await?;
            act!(self.store, |tx| -> Result<(), AlarmError> {
                close(tx, &pen, org, id).await
            })?;
            self.live.notify(org, &id.to_string());
            closed += 1;
        }
        Ok(closed)
    }
}

async fn close(tx: &mut Tx, pen: &ledger::Pen, org: OrgId, id: AlarmId) -> Result<(), AlarmError> {
    let due = due_from(tx, org, tx.clock().now()).await?;
    if !store::close(tx, org, id, due).await? {
        return Err(AlarmError::Closed);
    }
    let entry = Entry {
        action: "alarm.closed",
        object: Some(id.to_string()),
        outcome: Outcome::Done,
        details: vec![],
    };
    pen.write(tx, entry).await?;
    Ok(())
}

/// When an alarm that closes at an instant is deleted.
pub(crate) async fn due_from(
    tx: &mut Tx,
    org: OrgId,
    closes: Timestamp,
) -> Result<Timestamp, StoreError> {
    let period = privacy::period_of(tx, org, RULE).await?;
    let zone = store::zone(tx, org).await?;
    Ok(period.due(closes, &zone))
}

async fn write(
    tx: &mut Tx,
    org: OrgId,
    source: &Source,
    request: &Request<'_>,
) -> Result<Raised, AlarmError> {
    let now = tx.clock().now();
    let open = match request.merge {
        Some(rule) => {
            let open = store::open_of_source(tx, org, source).await?;
            rule.choose(&open, request.content, now)
        }
        None => None,
    };
    let id = if let Some(id) = open {
        let alarm = store::by_id(tx, org, id)
            .await?
            .ok_or(AlarmError::NotFound)?;
        let mut content = alarm.content;
        content.merge(request.content);
        store::merge(tx, org, id, &content, now).await?;
        id
    } else {
        let id = AlarmId::new(tx.clock(), tx.rng());
        let closes = now.checked_add(CLOSES_AFTER).unwrap_or(Timestamp::MAX);
        let new = store::NewAlarm {
            id,
            unit: request.unit,
            content: request.content,
            source,
            idempotency_key: request.idempotency_key,
            raised: now.checked_sub(request.delay).unwrap_or(now),
            created: now,
            closes,
            due: due_from(tx, org, closes).await?,
        };
        store::insert(tx, org, &new).await?;
        id
    };
    let addressed = match request.target {
        Target::Call(call) => look_up(tx, org, request.unit, call).await?,
        Target::Ids(addressed) => addressed.clone(),
    };
    if let Target::Ids(addressed) = request.target
        && !store::belong(tx, org, request.unit, addressed).await?
    {
        return Err(AlarmError::NoSuch("group or vehicle in this unit"));
    }
    let merging = open.is_some();
    let recipients = store::address(tx, org, id, request.unit, &addressed, now, merging).await?;
    let batches = if recipients > 0 {
        store::batches(tx, org, id, now).await?
    } else {
        Vec::new()
    };
    for (i, from) in batches.iter().enumerate() {
        let to = batches.get(i + 1).map_or("", String::as_str);
        tx.emit(
            crate::delivery::TOPIC,
            Some(org),
            id.to_string(),
            format!("{from}..{to}"),
        )
        .await?;
    }
    if open.is_none() {
        // A fact for whoever else wants to act on it; it says nothing that an id does not.
        tx.emit(RAISED, Some(org), id.to_string(), request.unit.to_string())
            .await?;
    }
    Ok(Raised {
        id,
        new: open.is_none(),
        recipients,
    })
}

/// Finds what a call means, within its unit. What it names and nobody knows is left out; when nothing is left
/// the whole unit is alarmed, because a typing error must not silence an alarm. Members are looked up by number
/// here and held to the unit when they are addressed.
async fn look_up(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
    call: &Call,
) -> Result<Addressed, StoreError> {
    let mut groups: Vec<GroupId> = store::numbered(tx, org, WireKind::Group, &call.groups).await?;
    for ric in &call.rics {
        groups.extend(store::groups_by_ric(tx, org, unit, ric).await?);
    }
    let mut vehicles = store::numbered(tx, org, WireKind::Vehicle, &call.vehicles).await?;
    for ric in &call.vehicle_rics {
        vehicles.extend(store::vehicles_by_ric(tx, org, unit, ric).await?);
    }
    groups.sort_unstable();
    groups.dedup();
    let mut own = Vec::new();
    for group in groups {
        let one = Addressed {
            groups: vec![group],
            ..Addressed::default()
        };
        if store::belong(tx, org, unit, &one).await? {
            own.push(group);
        }
    }
    let members = store::members_of_unit(tx, org, unit, &call.memberships).await?;
    Ok(Addressed {
        groups: own,
        members,
        vehicles,
    })
}

//! Fills a data folder with one organisation, its people and their phones, through the house's own functions.

use alarm::incident::model::{Addressed, AlarmError, Content};
use alarm::incident::{Alarms, Request, Target};
use anyhow::{Context as _, Result};
use base::{
    Email, GroupId, Lang, MembershipId, OrgId, PersonId, RoleId, ShortText, SignedDuration,
    SystemRng, Text, UnitId,
};
use ledger::{Ledger, Log, Pen};
use people::device::{NewDevice, PublicKey, PushFamily, Subscription};
use people::machine::NewKey;
use people::organisation::{NewOrganisation, Zone};
use people::permit::{AlarmClose, AlarmTrigger, OrgConfigure, PeopleManage};
use people::person::{NewMember, PersonName};
use people::role::BuiltIn;
use people::setup::{Founder, create_organisation};
use people::signin::Password;
use people::{Grant, MachineKind, Operator, People, PeopleError, oneself};
use server::clock::SystemClock;
use server::data::DataFolder;
use server::demo::push::PushCatcher;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Store, Tx, act};

/// People of one act.
const AT_ONCE: usize = 500;
/// People whom each of the seeded alarms calls.
const CALLED: usize = 20;

/// A data folder that is being filled.
pub(crate) struct Seed {
    store: Store,
    ledger: Ledger,
    people: People,
    org: OrgId,
    unit: UnitId,
    role: RoleId,
    group: GroupId,
    hash: String,
}

impl Seed {
    /// Makes the organisation in an empty folder.
    pub(crate) async fn found(folder: &Path) -> Result<Self> {
        let data = DataFolder::open(folder, false)?;
        let root_key = data.root_key(None, &SystemRng)?;
        let settings = store::Settings {
            folder: folder.to_owned(),
            postgres: None,
            root_key,
            patience: Duration::from_secs(10),
        };
        let clock = Arc::new(SystemClock::new());
        let store = Store::open(settings, clock, Arc::new(SystemRng)).await?;
        let ledger = Ledger::open(store.clone(), "bench.example");
        let people = People::open(store.clone(), ledger.clone()).await?;
        let hash = people
            .hash(Password::choose("Messwort am langen Seil", &[])?)
            .await?;
        let org = OrgId::new(store.clock(), store.rng());
        let founder = Founder {
            person: PersonId::random(store.rng()),
            email: Email::parse("officer@example.org")?,
            given_name: PersonName::parse("Anna")?,
            family_name: PersonName::parse("Beispiel")?,
            language: Lang::De,
            password_hash: hash.clone(),
        };
        let new = NewOrganisation {
            name: Text::squeeze("Feuerwehr Messhausen"),
            unit: Text::squeeze("Wache Mitte"),
            zone: Zone::default(),
            language: Lang::De,
            familiar: true,
        };
        let operator = Operator::not_from_a_request();
        let pen = people.pen_for_founding(org, founder.person).await?;
        let founded = act!(store, |tx| -> Result<_, PeopleError> {
            create_organisation(tx, &pen, operator, org, &new, &founder).await
        })?;
        let unit = founded.unit;
        let configure = operator.grant::<OrgConfigure>(org);
        let pen = people.pen(&configure, None).await?;
        let name = ShortText::squeeze("Löschzug");
        let group = act!(store, |tx| -> Result<_, PeopleError> {
            people::organisation::add_group(tx, &pen, &configure, unit, &name, None).await
        })?;
        let roles = people::role::roles(&mut store.read().await?, &configure).await?;
        let role = roles
            .iter()
            .find(|role| role.built_in == Some(BuiltIn::Member))
            .context("no role for members")?
            .id;
        Ok(Self {
            store,
            ledger,
            people,
            org,
            unit,
            role,
            group,
            hash,
        })
    }

    /// Makes an intake key of the unit.
    pub(crate) async fn intake_key(&self) -> Result<String> {
        let grant = Operator::not_from_a_request().grant::<OrgConfigure>(self.org);
        let pen = self.people.pen(&grant, None).await?;
        let new = NewKey {
            name: ShortText::squeeze("Leitstelle"),
            kind: MachineKind::Intake,
            unit: self.unit,
        };
        let shown = act!(self.store, |tx| -> Result<_, PeopleError> {
            people::machine::create(tx, &pen, &grant, &new).await
        })?;
        Ok(shown.key)
    }

    /// Switches the push service of this machine on.
    pub(crate) async fn switch_push_on(&self) -> Result<()> {
        let grant = Operator::not_from_a_request().grant::<OrgConfigure>(self.org);
        let pen = self.people.pen(&grant, None).await?;
        act!(self.store, |tx| -> Result<(), AlarmError> {
            alarm::delivery::switch_on(tx, &pen, &grant, PushFamily::Local).await
        })?;
        Ok(())
    }

    /// Adds people, the first twenty to the group; each gets a phone at the push service, if there is one.
    pub(crate) async fn add_people(
        &self,
        count: usize,
        push: Option<(&PushCatcher, &str)>,
    ) -> Result<()> {
        let grant = Operator::not_from_a_request().grant::<PeopleManage>(self.org);
        // One pen for all of them: keys of ten thousand people would be made one by one.
        let pen = self.people.pen(&grant, None).await?;
        let mut next = 0;
        while next < count {
            let end = count.min(next + AT_ONCE);
            let mut batch = Vec::with_capacity(end - next);
            for number in next..end {
                let phone = push
                    .map(|(catcher, origin)| phone(catcher, origin))
                    .transpose()?;
                batch.push((self.member(number)?, phone));
            }
            act!(self.store, |tx| -> Result<(), PeopleError> {
                for (member, phone) in &batch {
                    self.add(tx, &pen, &grant, member, phone.as_ref()).await?;
                }
                Ok(())
            })?;
            next = end;
        }
        Ok(())
    }

    fn member(&self, number: usize) -> Result<NewMember> {
        let first = number < CALLED;
        Ok(NewMember {
            person: PersonId::random(self.store.rng()),
            email: Email::parse(&format!("person{number}@example.org"))?,
            given_name: PersonName::parse(&format!("Vorname{number}"))?,
            family_name: PersonName::parse(&format!("Nachname{number}"))?,
            language: Lang::De,
            unit: self.unit,
            roles: vec![self.role],
            groups: first.then_some(self.group).into_iter().collect(),
            qualifications: Vec::new(),
        })
    }

    async fn add(
        &self,
        tx: &mut Tx,
        pen: &Pen,
        grant: &Grant<PeopleManage>,
        member: &NewMember,
        phone: Option<&NewDevice>,
    ) -> Result<MembershipId, PeopleError> {
        let id = people::person::add_member(tx, pen, grant, member, &self.hash).await?;
        if let Some(phone) = phone {
            let operator = Operator::not_from_a_request();
            let actor = operator.in_the_name_of(self.org, member.person, id);
            people::device::enrol(tx, pen, &oneself(&actor)?, phone).await?;
        }
        Ok(id)
    }

    /// Adds alarms of the past: each called the group and was closed.
    pub(crate) async fn add_alarms(&self, count: usize) -> Result<()> {
        let operator = Operator::not_from_a_request();
        let trigger = operator.grant::<AlarmTrigger>(self.org);
        let close = operator.grant::<AlarmClose>(self.org);
        let hub = web::LiveHub::default();
        let alarms = Alarms::new(self.store.clone(), self.ledger.clone(), hub);
        let addressed = Addressed {
            groups: vec![self.group],
            ..Addressed::default()
        };
        for number in 0..count {
            let content = Content {
                title: "B2 Rauchentwicklung im Gebäude".to_owned(),
                number: Some(format!("E-{number}")),
                text: "Rauch aus einem Fenster im ersten Obergeschoss".to_owned(),
                address: format!("Hauptstraße {number}, 12345 Messhausen"),
                place: Some((51.0, 10.0)),
                ..Content::default()
            };
            let request = Request {
                unit: self.unit,
                content: &content,
                target: Target::Ids(&addressed),
                delay: SignedDuration::ZERO,
                idempotency_key: None,
                merge: None,
            };
            let raised = alarms.raise(&trigger, request).await?;
            alarms.close(&close, raised.id).await?;
        }
        Ok(())
    }

    /// Numbers what was written to the log, and closes the database.
    pub(crate) async fn finish(self) -> Result<()> {
        self.ledger.sequence(Log::Org(self.org)).await?;
        self.ledger.sequence(Log::Installation).await?;
        self.store.close().await;
        Ok(())
    }
}

fn phone(catcher: &PushCatcher, origin: &str) -> Result<NewDevice> {
    let key = seal::DeviceKey::generate(&SystemRng)?;
    let caught = catcher.subscribe(&SystemRng)?;
    let (p256dh, auth) = (&caught.p256dh, &caught.auth);
    let push = Subscription::parse(&caught.endpoint, p256dh, auth, Some(origin))?;
    Ok(NewDevice {
        name: ShortText::squeeze("Telefon"),
        platform: Text::squeeze("Bench"),
        public_key: PublicKey::parse(&key.public_b64())?,
        push: Some(push),
    })
}

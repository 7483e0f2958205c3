//! People and places for tests, made without HTTP.

use alarm::fleet::model::{Need, NewVehicle};
use alarm::incident::model::AlarmError;
use base::{
    DeviceId, Email, GroupId, Lang, MembershipId, OrgId, PersonId, QualificationId, ShortText,
    SystemRng, Text, UnitId,
};
use people::device::{NewDevice, PublicKey, PushFamily, Subscription};
use people::machine::NewKey;
use people::organisation::{NewOrganisation, Ric, Zone};
use people::permit::{OrgConfigure, PeopleManage};
use people::person::{NewMember, PersonName};
use people::role::BuiltIn;
use people::setup::{Founder, create_organisation};
use people::signin::Password;
use people::{MachineKind, Operator, PeopleError, oneself};
use store::act;

use crate::{Client, TestApp};

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The address.
    pub email: String,
    /// The person.
    pub person: PersonId,
    /// The membership.
    pub membership: MembershipId,
}

/// A brigade with an administrator, a group, a vehicle and two keys.
#[derive(Debug, Clone)]
pub struct Brigade {
    /// What tells it apart.
    pub name: String,
    /// The organisation.
    pub org: OrgId,
    /// Its unit.
    pub unit: UnitId,
    /// Its administrator.
    pub admin: Login,
    /// A group with radio address 4711.
    pub group: GroupId,
    /// Breathing apparatus, two needed.
    pub skill: QualificationId,
    /// The key of the dispatch centre.
    pub intake_key: String,
    /// The key of the screen.
    pub monitor_key: String,
}

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";

fn text<const MIN: usize, const MAX: usize>(text: &str) -> Text<MIN, MAX> {
    Text::parse(text).unwrap()
}

impl TestApp {
    async fn hash(&self) -> String {
        let password = Password::choose(PASSWORD, &[]).unwrap();
        self.running.parts.people.hash(password).await.unwrap()
    }

    /// Makes a brigade. `name` tells several apart.
    pub async fn brigade(&self, name: &str) -> Brigade {
        let (store, people) = (&self.running.parts.store, &self.running.parts.people);
        let operator = Operator::not_from_a_request();
        let org = OrgId::new(store.clock(), store.rng());
        let email = format!("admin@{name}.example");
        let founder = Founder {
            person: PersonId::random(&SystemRng),
            email: Email::parse(&email).unwrap(),
            given_name: PersonName::parse("Anna").unwrap(),
            family_name: PersonName::parse("Admin").unwrap(),
            language: Lang::De,
            password_hash: self.hash().await,
        };
        let new = NewOrganisation {
            name: text(&format!("Feuerwehr {name}")),
            unit: text("Löschzug"),
            zone: Zone::default(),
            language: Lang::De,
            familiar: false,
        };
        let pen = people.pen_for_founding(org, founder.person).await.unwrap();
        let founded = act!(store, |tx| -> Result<_, PeopleError> {
            create_organisation(tx, &pen, operator, org, &new, &founder).await
        })
        .unwrap();
        let unit = founded.unit;
        let grant = operator.grant::<OrgConfigure>(org);
        let pen = people.pen(&grant, None).await.unwrap();
        let ric = Ric::parse("4711").unwrap();
        let (group, skill) = act!(store, |tx| -> Result<_, PeopleError> {
            let label: ShortText = text("Gruppe 1");
            let group =
                people::organisation::add_group(tx, &pen, &grant, unit, &label, Some(&ric)).await?;
            let (short, name) = (text("AGT"), text("Atemschutz"));
            let skill =
                people::organisation::add_qualification(tx, &pen, &grant, &short, &name).await?;
            Ok((group, skill))
        })
        .unwrap();
        let vehicle = NewVehicle {
            unit,
            name: text("HLF 20"),
            call_sign: text("Florian 1-46-1"),
            ric: Some(text("40-1")),
        };
        act!(store, |tx| -> Result<(), AlarmError> {
            alarm::fleet::add_vehicle(tx, &pen, &grant, &vehicle).await?;
            let needs = [Need {
                qualification: skill,
                needed: 2,
            }];
            alarm::fleet::set_needs(tx, &pen, &grant, unit, &needs).await?;
            alarm::delivery::switch_on(tx, &pen, &grant, PushFamily::Local).await
        })
        .unwrap();
        let mut keys = Vec::new();
        for kind in [MachineKind::Intake, MachineKind::Monitor] {
            let new = NewKey {
                name: text(kind.word()),
                kind,
                unit,
            };
            let shown = act!(store, |tx| -> Result<_, PeopleError> {
                people::machine::create(tx, &pen, &grant, &new).await
            });
            keys.push(shown.unwrap().key);
        }
        let monitor_key = keys.pop().unwrap();
        let intake_key = keys.pop().unwrap();
        let admin = Login {
            email,
            person: founder.person,
            membership: founded.administrator,
        };
        Brigade {
            name: name.to_owned(),
            org,
            unit,
            admin,
            group,
            skill,
            intake_key,
            monitor_key,
        }
    }

    /// Adds somebody who answers alarms. In the group, with the qualification.
    pub async fn crew(&self, brigade: &Brigade, name: &str) -> Login {
        self.member(brigade, name, BuiltIn::Member).await
    }

    /// Adds somebody with a role.
    pub async fn member(&self, brigade: &Brigade, name: &str, role: BuiltIn) -> Login {
        let (store, people) = (&self.running.parts.store, &self.running.parts.people);
        let grant = Operator::not_from_a_request().grant::<PeopleManage>(brigade.org);
        let pen = people.pen(&grant, None).await.unwrap();
        let roles = people::role::roles(&mut store.read().await.unwrap(), &grant)
            .await
            .unwrap();
        let role = roles.iter().find(|r| r.built_in == Some(role)).unwrap().id;
        let email = format!("{}@{}.example", name.to_lowercase(), brigade.name);
        let new = NewMember {
            person: PersonId::random(&SystemRng),
            email: Email::parse(&email).unwrap(),
            given_name: PersonName::parse(name).unwrap(),
            family_name: PersonName::parse("Einsatz").unwrap(),
            language: Lang::De,
            unit: brigade.unit,
            roles: vec![role],
            groups: vec![brigade.group],
            qualifications: vec![brigade.skill],
        };
        let hash = self.hash().await;
        let membership = act!(store, |tx| -> Result<MembershipId, PeopleError> {
            people::person::add_member(tx, &pen, &grant, &new, &hash).await
        })
        .unwrap();
        Login {
            email: new.email.as_str().to_owned(),
            person: new.person,
            membership,
        }
    }

    /// Enrols a device with a subscription at the test's push service; gives its id, its key and the last
    /// part of its push address.
    pub async fn phone(
        &self,
        brigade: &Brigade,
        login: &Login,
    ) -> (DeviceId, seal::DeviceKey, String) {
        let (store, people) = (&self.running.parts.store, &self.running.parts.people);
        let key = seal::DeviceKey::generate(&SystemRng).unwrap();
        let caught = self.push.subscribe(&SystemRng).unwrap();
        let end = caught.endpoint.find("/demo").unwrap();
        let local = &caught.endpoint[..end];
        let push = Subscription::parse(&caught.endpoint, &caught.p256dh, &caught.auth, Some(local));
        let new = NewDevice {
            name: text("Telefon"),
            platform: text("Test"),
            public_key: PublicKey::parse(&key.public_b64()).unwrap(),
            push: Some(push.unwrap()),
        };
        let operator = Operator::not_from_a_request();
        let actor = operator.in_the_name_of(brigade.org, login.person, login.membership);
        let grant = oneself(&actor).unwrap();
        let pen = people.pen(&grant, Some(login.person)).await.unwrap();
        let device = act!(store, |tx| -> Result<DeviceId, PeopleError> {
            people::device::enrol(tx, &pen, &grant, &new).await
        });
        (device.unwrap(), key, caught.token)
    }

    /// Signs in through the form.
    pub async fn sign_in(&self, login: &Login) -> Client {
        let client = self.client();
        let fields = [
            ("email", login.email.as_str()),
            ("password", PASSWORD),
            ("next", "/"),
        ];
        client.form("/sign-in", &fields).await.expect(303);
        client
    }
}

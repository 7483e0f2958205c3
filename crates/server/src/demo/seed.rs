//! Fills an empty folder with the demo's brigade, and gives its phones their addresses at each start.

use std::path::Path;

use alarm::fleet::model::{Need, NewVehicle};
use base::{
    Email, GroupId, Lang, MembershipId, OrgId, PersonId, QualificationId, Rng, SeededRng,
    ShortText, Text, UnitId,
};
use people::device::{NewDevice, PublicKey, PushFamily, Subscription};
use people::machine::NewKey;
use people::organisation::{NewOrganisation, Zone};
use people::person::{NewMember, PersonName};
use people::setup::{Founder, create_organisation};
use people::signin::Password;
use people::{MachineKind, Operator, People, PeopleError, oneself};
use serde::{Deserialize, Serialize};
use store::{Store, act};

use super::names::{GROUPS, ORGANISATION, PEOPLE, QUALIFICATIONS, UNIT, VEHICLES, address};
use super::push::PushCatcher;
use super::{DemoError, Phone};
use crate::data::{DataFolder, write_secret};

/// What the demo keeps in `demo.toml`: secrets that are random for each folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// Seed of the phones' keys.
    pub seed: i64,
    /// Password of the officer.
    pub officer: String,
    /// Passwords of the two crew members.
    pub crew: [String; 2],
    /// The key that sends alarms.
    pub intake_key: Option<String>,
    /// The key of the station's screen.
    pub monitor_key: Option<String>,
    /// What unlocks the officer's viewing key: six words.
    #[serde(default)]
    pub passphrase: Option<String>,
    /// What the camera agent enrols with.
    #[serde(default)]
    pub camera_token: Option<String>,
}

impl Secrets {
    /// Reads the file, or makes the first secrets.
    pub fn open(folder: &DataFolder, rng: &dyn Rng) -> Result<Self, DemoError> {
        let path = folder.demo_file();
        if path.exists() {
            let text = std::fs::read_to_string(&path).map_err(DemoError::File)?;
            return toml::from_str(&text).map_err(|error| DemoError::Secrets(error.to_string()));
        }
        let password = || format!("demo-{}", &seal::token::random128(rng)[..10]);
        let secrets = Self {
            seed: i64::from_le_bytes(base::array(rng)) & 0x7fff_ffff_ffff,
            officer: password(),
            crew: [password(), password()],
            intake_key: None,
            monitor_key: None,
            passphrase: None,
            camera_token: None,
        };
        secrets.write(&path)?;
        Ok(secrets)
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), DemoError> {
        let text = toml::to_string(self).map_err(|error| DemoError::Secrets(error.to_string()))?;
        let fresh = path.with_extension("new");
        let _ = std::fs::remove_file(&fresh);
        write_secret(&fresh, &text)?;
        std::fs::rename(&fresh, path).map_err(DemoError::File)
    }
}

/// Makes what is missing: organisation, people, keys.
pub(super) async fn fill(
    folder: &DataFolder,
    secrets: &mut Secrets,
    store: &Store,
    people: &People,
) -> Result<(OrgId, UnitId), DemoError> {
    let mut tx = store.read().await?;
    let known = people::organisation::first(&mut tx).await?;
    drop(tx);
    let (org, unit) = match known {
        Some(organisation) => {
            let operator = Operator::not_from_a_request();
            let grant = operator.grant::<people::permit::OrgConfigure>(organisation.id);
            let units = people::organisation::units(&mut store.read().await?, &grant).await?;
            let unit = units
                .first()
                .ok_or(DemoError::Secrets("no unit".to_owned()))?;
            (organisation.id, unit.id)
        }
        None => found(secrets, store, people).await?,
    };
    for (kind, name) in [
        (MachineKind::Intake, "Leitstelle (Vorführung)"),
        (MachineKind::Monitor, "Bildschirm Fahrzeughalle"),
    ] {
        let slot = match kind {
            MachineKind::Intake => &mut secrets.intake_key,
            MachineKind::Monitor => &mut secrets.monitor_key,
        };
        if slot.is_none() {
            let grant = Operator::not_from_a_request().grant(org);
            let pen = people
                .pen::<people::permit::OrgConfigure>(&grant, None)
                .await?;
            let new = NewKey {
                name: text(name)?,
                kind,
                unit,
            };
            let shown = act!(store, |tx| -> Result<_, PeopleError> {
                people::machine::create(tx, &pen, &grant, &new).await
            })?;
            *slot = Some(shown.key);
            secrets.write(&folder.demo_file())?;
        }
    }
    Ok((org, unit))
}

fn text<const MAX: usize>(text: &str) -> Result<Text<1, MAX>, DemoError> {
    Text::parse(text).map_err(|error| DemoError::Secrets(error.to_string()))
}

fn email(index: usize) -> Result<Email, DemoError> {
    Email::parse(&address(&PEOPLE[index])).map_err(|e| DemoError::Secrets(e.to_string()))
}

async fn hash(people: &People, password: &str) -> Result<String, DemoError> {
    let password =
        Password::choose(password, &[]).map_err(|error| DemoError::Secrets(error.to_string()))?;
    Ok(people.hash(password).await?)
}

/// Makes the brigade.
async fn found(
    secrets: &Secrets,
    store: &Store,
    people: &People,
) -> Result<(OrgId, UnitId), DemoError> {
    let operator = Operator::not_from_a_request();
    let org = OrgId::new(store.clock(), store.rng());
    let officer = &PEOPLE[0];
    let founder = Founder {
        person: PersonId::random(store.rng()),
        email: email(0)?,
        given_name: name(officer.given)?,
        family_name: name(officer.family)?,
        language: Lang::De,
        password_hash: hash(people, &secrets.officer).await?,
    };
    let new = NewOrganisation {
        name: text(ORGANISATION)?,
        unit: text(UNIT)?,
        zone: Zone::default(),
        language: Lang::De,
        familiar: true,
    };
    let pen = people.pen_for_founding(org, founder.person).await?;
    let founded = act!(store, |tx| -> Result<_, PeopleError> {
        create_organisation(tx, &pen, operator, org, &new, &founder).await
    })?;
    let (groups, skills) = furnish(store, people, org, founded.unit).await?;
    let crew_hashes = [
        hash(people, &secrets.crew[0]).await?,
        hash(people, &secrets.crew[1]).await?,
    ];
    // Nobody signs in as the others; their password is thrown away.
    let nobody = hash(people, &seal::token::random256(store.rng())).await?;
    let grant = operator.grant::<people::permit::PeopleManage>(org);
    let roles = people::role::roles(&mut store.read().await?, &grant).await?;
    let member_role = roles
        .iter()
        .find(|role| role.built_in == Some(people::role::BuiltIn::Member));
    let pen = people.pen(&grant, None).await?;
    for (index, person) in PEOPLE.iter().enumerate() {
        let pick = |all: &[usize]| all.to_vec();
        let groups: Vec<GroupId> = pick(person.groups).into_iter().map(|i| groups[i]).collect();
        let skills: Vec<QualificationId> =
            pick(person.skills).into_iter().map(|i| skills[i]).collect();
        if index == 0 {
            act!(store, |tx| -> Result<(), PeopleError> {
                let me = founded.administrator;
                people::person::set_groups(tx, &pen, &grant, me, &groups).await?;
                people::person::set_qualifications(tx, &pen, &grant, me, &skills).await
            })?;
            continue;
        }
        let new = NewMember {
            person: PersonId::random(store.rng()),
            email: email(index)?,
            given_name: name(person.given)?,
            family_name: name(person.family)?,
            language: Lang::De,
            unit: founded.unit,
            roles: member_role.map(|role| role.id).into_iter().collect(),
            groups,
            qualifications: skills,
        };
        let hash = crew_hashes.get(index - 1).unwrap_or(&nobody);
        act!(store, |tx| -> Result<MembershipId, PeopleError> {
            people::person::add_member(tx, &pen, &grant, &new, hash).await
        })?;
    }
    Ok((org, founded.unit))
}

fn name(text: &str) -> Result<PersonName, DemoError> {
    PersonName::parse(text).map_err(|error| DemoError::Secrets(error.to_string()))
}

/// Groups, qualifications, vehicles, needs, and the demo's own push service switched on.
async fn furnish(
    store: &Store,
    people: &People,
    org: OrgId,
    unit: UnitId,
) -> Result<(Vec<GroupId>, Vec<QualificationId>), DemoError> {
    let grant = Operator::not_from_a_request().grant::<people::permit::OrgConfigure>(org);
    let pen = people.pen(&grant, None).await?;
    let mut groups = Vec::new();
    for (label, ric) in GROUPS {
        let (label, ric) = (text(label)?, people::organisation::Ric::parse(ric));
        let ric = ric.map_err(|error| DemoError::Secrets(error.to_string()))?;
        groups.push(act!(store, |tx| -> Result<GroupId, PeopleError> {
            people::organisation::add_group(tx, &pen, &grant, unit, &label, Some(&ric)).await
        })?);
    }
    let mut skills = Vec::new();
    let mut needs = Vec::new();
    for (short, label, needed) in QUALIFICATIONS {
        let (short, label) = (text(short)?, text(label)?);
        let id = act!(store, |tx| -> Result<QualificationId, PeopleError> {
            people::organisation::add_qualification(tx, &pen, &grant, &short, &label).await
        })?;
        skills.push(id);
        needs.push(Need {
            qualification: id,
            needed,
        });
    }
    let mut vehicles = Vec::new();
    for (label, call_sign, ric) in VEHICLES {
        let ric = Some(text(ric)?);
        vehicles.push(NewVehicle {
            unit,
            name: text(label)?,
            call_sign: text(call_sign)?,
            ric,
        });
    }
    act!(store, |tx| -> Result<
        (),
        alarm::incident::model::AlarmError,
    > {
        for vehicle in &vehicles {
            alarm::fleet::add_vehicle(tx, &pen, &grant, vehicle).await?;
        }
        alarm::fleet::set_needs(tx, &pen, &grant, unit, &needs).await?;
        alarm::delivery::switch_on(tx, &pen, &grant, PushFamily::Local).await
    })?;
    Ok((groups, skills))
}

/// Gives each phone its address at this start's push service, and enrols it at the first.
pub(super) async fn connect_phones(
    store: &Store,
    people: &People,
    org: OrgId,
    push: &PushCatcher,
    seed: i64,
    local: &str,
) -> Result<Vec<Phone>, DemoError> {
    let operator = Operator::not_from_a_request();
    let manage = operator.grant::<people::permit::PeopleManage>(org);
    let directory = people::person::directory(&mut store.read().await?, &manage).await?;
    let mut phones = Vec::new();
    for (index, person) in PEOPLE.iter().enumerate().filter(|(_, person)| person.phone) {
        let wanted = address(person);
        let Some(entry) = directory.iter().find(|e| e.member.email.as_str() == wanted) else {
            continue;
        };
        let rng = SeededRng::new(seed.unsigned_abs().wrapping_add(index as u64));
        let key = seal::DeviceKey::generate(&rng)?;
        let caught = push.subscribe(&rng)?;
        let (p256dh, auth) = (&caught.p256dh, &caught.auth);
        let subscription = Subscription::parse(&caught.endpoint, p256dh, auth, Some(local))
            .map_err(|error| DemoError::Secrets(error.to_string()))?;
        let actor = operator.in_the_name_of(org, entry.member.person, entry.member.id);
        let grant = oneself(&actor).map_err(PeopleError::from)?;
        let known = people::device::devices(&mut store.read().await?, &grant).await?;
        let device = if let Some(device) = known.first() {
            let id = device.id;
            act!(store, |tx| -> Result<(), PeopleError> {
                people::device::set_push(tx, &grant, id, &subscription).await
            })?;
            id
        } else {
            let pen = people.pen(&grant, Some(entry.member.person)).await?;
            let new = NewDevice {
                name: ShortText::squeeze(&format!("Telefon von {}", person.given)),
                platform: Text::squeeze("Vorführung"),
                public_key: PublicKey::parse(&key.public_b64())
                    .map_err(|error| DemoError::Secrets(error.to_string()))?,
                push: Some(subscription),
            };
            act!(store, |tx| -> Result<_, PeopleError> {
                people::device::enrol(tx, &pen, &grant, &new).await
            })?
        };
        phones.push(Phone {
            name: format!("{} {}", person.given, person.family),
            token: caught.token,
            device,
        });
    }
    Ok(phones)
}

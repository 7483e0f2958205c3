//! Units, groups, keys, devices.

use people::device::{self, NewDevice, PublicKey, PushFamily, Subscription};
use people::machine::{self, NewKey};
use people::{
    MachineKind, Object, PeopleError, Permission, may, oneself, organisation, permit, person,
};

use crate::common::{OPERATOR, PASSWORD, World, each, found};

// The public point of the example in RFC 8291, section 5.
const POINT: &str =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const LOCAL: &str = "http://127.0.0.1:8081";

fn subscription(name: &str) -> Subscription {
    let endpoint = format!("{LOCAL}/push/{name}");
    Subscription::parse(&endpoint, POINT, "BTBZMqHH6r4Tts7J_aSIgg", Some(LOCAL)).unwrap()
}

async fn enrol(
    world: &World,
    actor: &people::Actor,
    push: Option<Subscription>,
) -> Result<base::DeviceId, PeopleError> {
    let me = oneself(actor).unwrap();
    let pen = world.people.pen(&me, None).await.unwrap();
    let new = NewDevice {
        name: base::Text::parse("Handy").unwrap(),
        platform: base::Text::squeeze("Chrome · Android"),
        public_key: PublicKey::parse(POINT).unwrap(),
        push,
    };
    store::act!(world.store, |tx| -> Result<_, PeopleError> {
        device::enrol(tx, &pen, &me, &new).await
    })
}

#[tokio::test]
async fn groups_have_members_of_their_organisation() {
    each(async |world| {
        let admin = world.admin().await;
        let grant = may::<permit::OrgConfigure>(&admin, Object::Org).unwrap();
        let people_grant = may::<permit::PeopleManage>(&admin, Object::Org).unwrap();
        let pen = world.people.pen(&grant, None).await.unwrap();
        let unit = world.founded.unit;
        let name = base::Text::parse("Atemschutz").unwrap();
        let ric = base::Text::parse("0123456A").unwrap();
        let group = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            organisation::add_group(tx, &pen, &grant, unit, &name, Some(&ric)).await
        })
        .unwrap();
        let joerg = world.add("joerg@example.org").await;
        let short = base::Text::parse("AGT").unwrap();
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::set_groups(tx, &pen, &people_grant, joerg, &[group, group]).await?;
            let agt = organisation::add_qualification(tx, &pen, &grant, &short, &name).await?;
            person::set_qualifications(tx, &pen, &people_grant, joerg, &[agt]).await
        })
        .unwrap_or_else(|error| panic!("{error:?}"));
        let mut tx = world.store.read().await.unwrap();
        let groups = organisation::groups(&mut tx, &grant).await.unwrap();
        assert_eq!((groups.len(), groups[0].members), (1, 1));
        assert_eq!(groups[0].ric.as_deref(), Some("0123456A"));
        let directory = person::directory(&mut tx, &people_grant).await.unwrap();
        let entry = directory.iter().find(|e| e.member.id == joerg).unwrap();
        assert_eq!(entry.groups, [(group, "Atemschutz".to_owned())]);
        assert_eq!(entry.qualifications, ["AGT"]);
        drop(tx);

        let other = found(&world.people, "other@example.org", &world.hash).await;
        let stranger = OPERATOR.grant(other.org);
        let removed = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            organisation::remove_group(tx, &pen, &stranger, group).await
        });
        assert!(matches!(removed, Err(PeopleError::NotFound("group"))));
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            organisation::remove_group(tx, &pen, &grant, group).await
        })
        .unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_machine_key_is_recognised_until_it_is_rotated_or_revoked() {
    each(async |world| {
        let grant = OPERATOR.grant(world.founded.org);
        let pen = world.people.pen(&grant, None).await.unwrap();
        let new = NewKey {
            name: base::Text::parse("Leitstelle").unwrap(),
            kind: MachineKind::Intake,
            unit: world.founded.unit,
        };
        let shown = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            machine::create(tx, &pen, &grant, &new).await
        })
        .unwrap();
        assert!(
            machine::recognise(&world.store, "x")
                .await
                .unwrap()
                .is_none()
        );
        let actor = machine::recognise(&world.store, &shown.key)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            actor.permissions(),
            [Permission::AlarmTrigger, Permission::AlarmRead]
        );
        let keys = machine::keys(&mut world.store.read().await.unwrap(), &grant)
            .await
            .unwrap();
        assert!(shown.key.ends_with(&keys[0].hint));
        // The use is noted a second later, behind what the key came for.
        let mut noted = false;
        for _ in 0..400 {
            world.pass(1);
            #[expect(clippy::disallowed_methods, reason = "lets the note's task run")]
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            let mut tx = world.store.read().await.unwrap();
            let keys = machine::keys(&mut tx, &grant).await.unwrap();
            noted = keys[0].last_used.is_some();
            if noted {
                break;
            }
        }
        assert!(noted);

        let fresh = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            machine::rotate(tx, &pen, &grant, shown.id).await
        })
        .unwrap();
        assert!(
            machine::recognise(&world.store, &shown.key)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            machine::recognise(&world.store, &fresh.key)
                .await
                .unwrap()
                .is_some()
        );

        let other = found(&world.people, "other@example.org", &world.hash).await;
        let stranger = OPERATOR.grant(other.org);
        let revoked = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            machine::revoke(tx, &pen, &stranger, shown.id).await
        });
        assert!(matches!(revoked, Err(PeopleError::NotFound("key"))));
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            machine::revoke(tx, &pen, &grant, shown.id).await
        })
        .unwrap();
        assert!(
            machine::recognise(&world.store, &fresh.key)
                .await
                .unwrap()
                .is_none()
        );
        let mut tx = world.store.read().await.unwrap();
        assert!(!machine::alive(&mut tx, &actor).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_browser_rings_for_whoever_enrolled_it_last() {
    each(async |world| {
        let admin = world.admin().await;
        world.add("joerg@example.org").await;
        let joerg = world
            .sign_in("joerg@example.org", PASSWORD)
            .await
            .unwrap()
            .actor;
        let first = enrol(world, &admin, Some(subscription("same")))
            .await
            .unwrap();
        let second = enrol(world, &joerg, Some(subscription("same")))
            .await
            .unwrap();
        let push = async |actor: &people::Actor| {
            let mut tx = world.store.read().await.unwrap();
            let mine = device::devices(&mut tx, &oneself(actor).unwrap())
                .await
                .unwrap();
            (mine.len(), mine[0].push)
        };
        assert_eq!(push(&admin).await, (1, None));
        assert_eq!(push(&joerg).await, (1, Some(PushFamily::Local)));

        // Nobody touches another's device.
        let me = oneself(&joerg).unwrap();
        let pen = world.people.pen(&me, None).await.unwrap();
        let name = base::Text::parse("Meins").unwrap();
        let refused = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            device::rename(tx, &me, first, &name).await
        });
        assert!(matches!(refused, Err(PeopleError::NotFound("device"))));
        let refused = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            device::remove(tx, &pen, &me, first).await
        });
        assert!(matches!(refused, Err(PeopleError::NotFound("device"))));

        // A late answer of the push service drops only the address it is about.
        let org = world.founded.org;
        for (endpoint, want) in [("old", false), ("same", true)] {
            let endpoint = format!("{LOCAL}/push/{endpoint}");
            let dropped = store::act!(world.store, |tx| -> Result<_, PeopleError> {
                Ok(device::drop_push(tx, org, second, &endpoint).await?)
            });
            assert_eq!(dropped.unwrap(), want);
        }
        assert_eq!(push(&joerg).await, (1, None));
    })
    .await;
}

#[tokio::test]
async fn a_device_is_recognised_as_long_as_its_owner_belongs() {
    each(async |world| {
        let joerg = world.add("joerg@example.org").await;
        let actor = world
            .sign_in("joerg@example.org", PASSWORD)
            .await
            .unwrap()
            .actor;
        let id = enrol(world, &actor, None).await.unwrap();
        let find = async || {
            let mut tx = world.store.read().await.unwrap();
            device::recognise(&mut tx, id).await.unwrap()
        };
        let found = find().await.unwrap();
        assert_eq!(found.actor.membership(), Some(joerg));
        assert_eq!(found.public_key, seal::b64url_decode(POINT).unwrap());
        world.pass(120);
        device::touch(&world.store, &found).await.unwrap();
        let grant = OPERATOR.grant(world.founded.org);
        let pen = world.people.pen(&grant, None).await.unwrap();
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::remove(tx, &pen, &grant, joerg).await
        })
        .unwrap();
        assert!(find().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn nobody_enrols_devices_without_end() {
    each(async |world| {
        let admin = world.admin().await;
        for _ in 0..20 {
            enrol(world, &admin, None).await.unwrap();
        }
        let more = enrol(world, &admin, None).await;
        assert!(matches!(more, Err(PeopleError::TooMany)));
    })
    .await;
}

//! Inviting, joining, roles, leaving; and that strangers get nowhere.

use people::link::{self, INVITATION_VALID};
use people::person::{self, Invited, Joining, NewMember};
use people::{Object, PeopleError, may, permit, role};

use crate::common::{ADMIN, OPERATOR, PASSWORD, World, each, found};

async fn invite(world: &World, new: &NewMember) -> Result<Invited, PeopleError> {
    let admin = world.admin().await;
    let grant = may::<permit::PeopleManage>(&admin, Object::Org).unwrap();
    let pen = world.people.pen(&grant, Some(new.person)).await.unwrap();
    store::act!(world.store, |tx| -> Result<_, PeopleError> {
        person::invite(tx, &pen, &grant, new).await
    })
}

async fn join(world: &World, code: &str, hash: Option<&str>) -> Result<(), PeopleError> {
    let mut tx = world.store.read().await.unwrap();
    let invitation = person::joining(&mut tx, code).await.unwrap();
    drop(tx);
    let invitation = invitation.ok_or(PeopleError::LinkEnded)?;
    let pen = world.people.pen_for_joining(&invitation).await.unwrap();
    let joining = Joining {
        code,
        password_hash: hash,
    };
    store::act!(world.store, |tx| -> Result<_, PeopleError> {
        person::join(tx, &pen, &joining).await
    })
    .map(drop)
}

async fn count(world: &World, table: &str) -> i64 {
    let text = format!("SELECT CAST(count(*) AS BIGINT) FROM {table}");
    let rows = world.store.raw(&text).await.unwrap();
    rows[0].cols().int().unwrap()
}

async fn sweep(world: &World) -> u64 {
    let now = base::Clock::now(world.clock.as_ref());
    store::act!(world.store, |tx| -> Result<_, PeopleError> {
        Ok(person::sweep_due(tx, now, 100).await?)
    })
    .unwrap()
}

#[tokio::test]
async fn an_invitation_is_taken_once() {
    each(async |world| {
        let new = world.newcomer("joerg@example.org").await;
        let invited = invite(world, &new).await.unwrap();
        assert!(world.sign_in("joerg@example.org", PASSWORD).await.is_none());
        assert!(join(world, "wrong", Some(&world.hash)).await.is_err());
        // Without a password nothing happens, and the link still works.
        assert!(join(world, &invited.code, None).await.is_err());
        join(world, &invited.code, Some(&world.hash)).await.unwrap();
        let again = join(world, &invited.code, Some(&world.hash)).await;
        assert!(matches!(again, Err(PeopleError::LinkEnded)));
        let joerg = world.sign_in("joerg@example.org", PASSWORD).await.unwrap();
        let allowed = joerg.actor.permissions();
        assert_eq!(allowed, [people::Permission::AlarmRead]);
        let twice = invite(world, &world.newcomer("joerg@example.org").await).await;
        assert!(matches!(twice, Err(PeopleError::MemberAlready)));
    })
    .await;
}

#[tokio::test]
async fn an_invitation_link_works_for_three_days() {
    each(async |world| {
        let seconds = u64::try_from(INVITATION_VALID.as_secs()).unwrap();
        for (name, wait, want) in [("a", seconds - 1, true), ("b", seconds + 1, false)] {
            let new = world.newcomer(&format!("{name}@example.org")).await;
            let invited = invite(world, &new).await.unwrap();
            world.pass(wait);
            let joined = join(world, &invited.code, Some(&world.hash)).await;
            assert_eq!(joined.is_ok(), want, "{wait}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_fresh_link_ends_the_older_and_does_not_prolong_the_seven_days() {
    each(async |world| {
        let new = world.newcomer("joerg@example.org").await;
        let invited = invite(world, &new).await.unwrap();
        world.pass(6 * 24 * 3600);
        let grant = OPERATOR.grant(world.founded.org);
        let pen = world.people.pen(&grant, None).await.unwrap();
        let again = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::invite_again(tx, &pen, &grant, invited.membership).await
        })
        .unwrap();
        assert_ne!(again.code, invited.code);
        assert!(join(world, &invited.code, Some(&world.hash)).await.is_err());
        world.pass(24 * 3600 - 1);
        assert_eq!(sweep(world).await, 0);
        world.pass(2);
        assert_eq!(sweep(world).await, 1);
        assert!(join(world, &again.code, Some(&world.hash)).await.is_err());
        assert_eq!(count(world, "person").await, 1, "the administrator alone");
        assert_eq!(count(world, "link").await, 0);
    })
    .await;
}

#[tokio::test]
async fn links_are_deleted_seven_days_after_their_end() {
    each(async |world| {
        let code = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            Ok(link::setup(tx, OPERATOR).await?)
        })
        .unwrap();
        let open = async || {
            let mut tx = world.store.read().await.unwrap();
            link::open_setup(&mut tx, &code).await.unwrap()
        };
        let sweep = async || {
            let now = base::Clock::now(world.clock.as_ref());
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                Ok(link::sweep_due(tx, now, 100).await?)
            })
            .unwrap()
        };
        world.pass(24 * 3600 - 1);
        assert!(open().await);
        world.pass(2);
        assert!(!open().await);
        world.pass(7 * 24 * 3600 - 2);
        assert_eq!(sweep().await, 0);
        world.pass(2);
        assert_eq!(sweep().await, 1);
    })
    .await;
}

#[tokio::test]
async fn somebody_manages_people_at_any_time() {
    each(async |world| {
        let admin = world.admin().await;
        let grant = may::<permit::PeopleManage>(&admin, Object::Org).unwrap();
        let pen = world.people.pen(&grant, None).await.unwrap();
        let me = world.founded.administrator;
        let removed = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::remove(tx, &pen, &grant, me).await
        });
        assert!(matches!(removed, Err(PeopleError::LastAdministrator)));
        let demoted = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            role::give(tx, &pen, &grant, me, &[]).await
        });
        assert!(matches!(demoted, Err(PeopleError::LastAdministrator)));
        assert!(may::<permit::PeopleManage>(&world.admin().await, Object::Org).is_ok());

        let joerg = world.add("joerg@example.org").await;
        let mut tx = world.store.read().await.unwrap();
        let roles = role::roles(&mut tx, &grant).await.unwrap();
        drop(tx);
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            role::give(tx, &pen, &grant, joerg, &[roles[0].id]).await
        })
        .unwrap();
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::remove(tx, &pen, &grant, me).await
        })
        .unwrap();
        assert!(world.sign_in(ADMIN, PASSWORD).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn strangers_ids_are_not_there() {
    each(async |world| {
        let other = found(&world.people, "other@example.org", &world.hash).await;
        let admin = world.admin().await;
        let grant = may::<permit::PeopleManage>(&admin, Object::Org).unwrap();
        let pen = world.people.pen(&grant, None).await.unwrap();
        let theirs = other.administrator;
        let mut tx = world.store.read().await.unwrap();
        assert!(
            person::member(&mut tx, &grant, theirs)
                .await
                .unwrap()
                .is_none()
        );
        let roles = role::roles(&mut tx, &OPERATOR.grant::<()>(other.org))
            .await
            .unwrap();
        assert_eq!(person::directory(&mut tx, &grant).await.unwrap().len(), 1);
        drop(tx);
        let acts = [
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                person::remove(tx, &pen, &grant, theirs).await
            }),
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                role::give(tx, &pen, &grant, theirs, &[]).await
            }),
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                person::set_groups(tx, &pen, &grant, theirs, &[]).await
            }),
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                role::give(
                    tx,
                    &pen,
                    &grant,
                    world.founded.administrator,
                    &[roles[0].id],
                )
                .await
            }),
        ];
        for act in acts {
            assert!(matches!(act, Err(PeopleError::NotFound(_))), "{act:?}");
        }
        let mut new = world.newcomer("joerg@example.org").await;
        new.unit = other.unit;
        assert!(matches!(
            invite(world, &new).await,
            Err(PeopleError::NotFound("unit"))
        ));
        let mut new = world.newcomer("joerg@example.org").await;
        new.roles = vec![roles[0].id];
        assert!(matches!(
            invite(world, &new).await,
            Err(PeopleError::NotFound("role"))
        ));
        assert_eq!(count(world, "link").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_member_of_two_organisations_keeps_one_password() {
    each(async |world| {
        let other = found(&world.people, "other@example.org", &world.hash).await;
        let mut new = world.newcomer(ADMIN).await;
        let grant = OPERATOR.grant(other.org);
        let mut tx = world.store.read().await.unwrap();
        new.unit = other.unit;
        new.roles = vec![role::roles(&mut tx, &grant).await.unwrap()[2].id];
        drop(tx);
        let pen = world.people.pen(&grant, Some(new.person)).await.unwrap();
        let invited = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::invite(tx, &pen, &grant, &new).await
        })
        .unwrap();
        let mut tx = world.store.read().await.unwrap();
        let invitation = person::joining(&mut tx, &invited.code)
            .await
            .unwrap()
            .unwrap();
        drop(tx);
        assert!(!invitation.needs_password);
        // The holder of the link can't replace the password that is there.
        let foreign = seal::password::hash("ein ganz anderes", &base::SystemRng).unwrap();
        join(world, &invited.code, Some(&foreign)).await.unwrap();
        assert!(world.sign_in(ADMIN, "ein ganz anderes").await.is_none());
        assert!(world.sign_in(ADMIN, PASSWORD).await.is_some());
        assert_eq!(count(world, "person").await, 2);
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_have() {
    each(async |world| {
        let admin = world.admin().await;
        let grant = may::<permit::OrgConfigure>(&admin, Object::Org).unwrap();
        let pen = world.people.pen(&grant, None).await.unwrap();
        let right = people::Right {
            permission: people::Permission::PeopleManage,
            scope: people::Scope::Org,
            limits: people::Limits::default(),
        };
        let name = base::Text::parse("Personal").unwrap();
        let manager = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            role::create(tx, &pen, &grant, &name, &[right]).await
        })
        .unwrap();
        let mut new = world.newcomer("joerg@example.org").await;
        new.roles = vec![manager];
        let operator = OPERATOR.grant(world.founded.org);
        let joerg = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::add_member(tx, &pen, &operator, &new, &world.hash).await
        })
        .unwrap();
        let actor = world
            .sign_in("joerg@example.org", PASSWORD)
            .await
            .unwrap()
            .actor;
        let grant = may::<permit::PeopleManage>(&actor, Object::Org).unwrap();
        let mut tx = world.store.read().await.unwrap();
        let administrators = role::roles(&mut tx, &grant).await.unwrap()[0].id;
        drop(tx);
        let raised = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            role::give(tx, &pen, &grant, joerg, &[manager, administrators]).await
        });
        assert!(matches!(raised, Err(PeopleError::RoleBeyondOwn)));
        let removed = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::remove(tx, &pen, &grant, world.founded.administrator).await
        });
        assert!(
            matches!(removed, Err(PeopleError::RoleBeyondOwn)),
            "{removed:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn set_up_works_once() {
    each(async |world| {
        let code = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            Ok(link::setup(tx, OPERATOR).await?)
        })
        .unwrap();
        let mut tx = world.store.read().await.unwrap();
        assert!(
            people::organisation::first(&mut tx)
                .await
                .unwrap()
                .is_some()
        );
        assert!(link::open_setup(&mut tx, &code).await.unwrap());
        drop(tx);
        let email = base::Email::parse("x@example.org").unwrap();
        let founder = people::setup::Founder {
            person: person::person_for(&world.store, &email).await.unwrap(),
            email,
            given_name: base::Text::parse("X").unwrap(),
            family_name: base::Text::parse("Y").unwrap(),
            language: base::Lang::En,
            password_hash: world.hash.clone(),
        };
        let new = people::organisation::NewOrganisation {
            name: base::Text::parse("Second").unwrap(),
            unit: base::Text::parse("Unit").unwrap(),
            zone: people::organisation::Zone::default(),
            language: base::Lang::En,
            familiar: false,
        };
        let org = base::OrgId::new(world.store.clock(), world.store.rng());
        let pen = world
            .people
            .pen_for_founding(org, founder.person)
            .await
            .unwrap();
        for (code, want) in [("wrong", false), (&code, true)] {
            let done = store::act!(world.store, |tx| -> Result<_, PeopleError> {
                people::setup::set_up(tx, &pen, code, org, &new, &founder).await
            });
            let there_already = matches!(done, Err(PeopleError::SetUpAlready));
            assert_eq!(there_already, want, "{done:?}");
        }
    })
    .await;
}

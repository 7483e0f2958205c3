//! Signing in, and what happens to those who guess.

use people::PeopleError;
use people::session::Browser;
use people::signin::{self, AddressPrefix, Attempt};

use crate::common::{ADMIN, PASSWORD, each};

#[tokio::test]
async fn the_right_password_alone_signs_in() {
    each(async |world| {
        assert!(world.sign_in(ADMIN, "falsch geraten").await.is_none());
        assert!(
            world
                .sign_in("nobody@example.org", PASSWORD)
                .await
                .is_none()
        );
        assert!(world.sign_in("nonsense\0", PASSWORD).await.is_none());
        let signed_in = world.sign_in(" Anna.Berg@Example.ORG ", PASSWORD).await;
        let actor = signed_in.unwrap().actor;
        assert_eq!(actor.org(), world.founded.org);
        assert_eq!(actor.permissions(), people::Permission::ALL);
        world.people.note_failures().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn known_and_unknown_addresses_are_delayed_alike() {
    each(async |world| {
        for address in [ADMIN, "nobody@example.org"] {
            for _ in 0..5 {
                assert!(world.sign_in(address, "falsch geraten").await.is_none());
            }
            let waits = world.try_sign_in(address, "falsch geraten", None).await;
            assert!(
                matches!(waits, Err(PeopleError::Wait { seconds: 6 })),
                "{waits:?}"
            );
        }
        // The right password has to wait as well, or trying would tell.
        let waits = world.try_sign_in(ADMIN, PASSWORD, None).await;
        assert!(matches!(waits, Err(PeopleError::Wait { .. })));
        world.pass(4);
        assert!(world.try_sign_in(ADMIN, PASSWORD, None).await.is_err());
        world.pass(2);
        assert!(world.sign_in(ADMIN, PASSWORD).await.is_some());
        // Success takes the count back.
        assert!(world.sign_in(ADMIN, "falsch geraten").await.is_none());
        assert!(world.sign_in(ADMIN, PASSWORD).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn nobody_can_be_locked_out_of_a_browser_they_used_before() {
    each(async |world| {
        let known = world.sign_in(ADMIN, PASSWORD).await.unwrap().known;
        for _ in 0..5 {
            assert!(world.sign_in(ADMIN, "falsch geraten").await.is_none());
        }
        assert!(world.try_sign_in(ADMIN, PASSWORD, None).await.is_err());
        let own = world.try_sign_in(ADMIN, PASSWORD, Some(&known)).await;
        assert!(own.unwrap().is_some());
        // The mark is bound to the address, and guessing with it is delayed too.
        let other = world
            .try_sign_in("nobody@example.org", "x", Some(&known))
            .await;
        assert!(other.unwrap().is_none());
        for _ in 0..5 {
            let guess = world
                .try_sign_in(ADMIN, "falsch geraten", Some(&known))
                .await;
            assert!(guess.unwrap().is_none());
        }
        assert!(
            world
                .try_sign_in(ADMIN, PASSWORD, Some(&known))
                .await
                .is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn many_guesses_at_once_do_not_get_around_the_delay() {
    each(async |world| {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let people = world.people.clone();
            tasks.spawn(async move {
                let attempt = Attempt {
                    email: ADMIN,
                    password: seal::Zeroizing::new("falsch geraten".to_owned()),
                    stay: false,
                    known: None,
                    from: None,
                    browser: Browser::default(),
                };
                people.sign_in(attempt).await
            });
        }
        let tried = tasks
            .join_all()
            .await
            .iter()
            .filter(|it| it.is_ok())
            .count();
        assert!(tried <= 5, "{tried} passwords were looked at");
    })
    .await;
}

#[tokio::test]
async fn a_network_that_guesses_at_many_addresses_is_slowed_down() {
    each(async |world| {
        let from = Some(AddressPrefix::of([192, 0, 2, 7].into()));
        let attempt = |email: String, from| {
            let people = world.people.clone();
            async move {
                let attempt = Attempt {
                    email: &email,
                    password: seal::Zeroizing::new("x".to_owned()),
                    stay: false,
                    known: None,
                    from,
                    browser: Browser::default(),
                };
                people.sign_in(attempt).await
            }
        };
        for n in 0..40 {
            let answer = attempt(format!("a{n}@example.org"), from).await;
            assert!(answer.unwrap().is_none());
        }
        let answer = attempt("b@example.org".to_owned(), from).await;
        assert!(matches!(answer, Err(PeopleError::Wait { .. })));
        let elsewhere = Some(AddressPrefix::of([192, 0, 3, 7].into()));
        let answer = attempt("b@example.org".to_owned(), elsewhere).await;
        assert!(answer.unwrap().is_none());
        world.pass(15 * 60 + 1);
        let answer = attempt("c@example.org".to_owned(), from).await;
        assert!(answer.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn counts_are_forgotten_after_an_hour() {
    each(async |world| {
        for _ in 0..4 {
            assert!(world.sign_in(ADMIN, "falsch geraten").await.is_none());
        }
        let sweep = async || {
            let now = base::Clock::now(world.clock.as_ref());
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                Ok(signin::sweep_due(tx, now, 100).await?)
            })
            .unwrap()
        };
        world.pass(3600 - 1);
        assert_eq!(sweep().await, 0);
        world.pass(2);
        for _ in 0..4 {
            assert!(world.sign_in(ADMIN, "falsch geraten").await.is_none());
        }
        world.pass(3601);
        assert_eq!(sweep().await, 1);
    })
    .await;
}

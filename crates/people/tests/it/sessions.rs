//! Sessions: their deadlines one second before and after, their changing token, their ends.

use people::session::{self, Browser};
use people::signin::Attempt;
use people::{PeopleError, oneself, person};

use crate::common::{ADMIN, OPERATOR, PASSWORD, World, each};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

async fn token(world: &World, stay: bool) -> String {
    let attempt = Attempt {
        email: ADMIN,
        password: seal::Zeroizing::new(PASSWORD.to_owned()),
        stay,
        known: None,
        from: None,
        browser: Browser::default(),
    };
    let signed_in = world.people.sign_in(attempt).await.unwrap().unwrap();
    assert_eq!(signed_in.session.max_age.is_some(), stay);
    signed_in.session.token
}

async fn lives(world: &World, token: &str) -> bool {
    world.people.see(token).await.unwrap().is_some()
}

#[tokio::test]
async fn an_idle_session_ends_after_twelve_hours() {
    each(async |world| {
        for (wait, want) in [(12 * HOUR - 1, true), (12 * HOUR + 1, false)] {
            let token = token(world, false).await;
            world.pass(wait);
            assert_eq!(lives(world, &token).await, want, "{wait}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_stays_signed_in_stays_for_fourteen_days_and_no_longer() {
    each(async |world| {
        for (wait, want) in [(14 * DAY - 1, true), (14 * DAY + 1, false)] {
            let token = token(world, true).await;
            world.pass(wait);
            assert_eq!(lives(world, &token).await, want, "{wait}");
        }
    })
    .await;
}

#[tokio::test]
async fn use_keeps_a_session_alive_up_to_fourteen_days() {
    each(async |world| {
        let mut token = token(world, false).await;
        for _ in 0..(14 * 24 / 11) {
            world.pass(11 * HOUR);
            let seen = world.people.see(&token).await.unwrap().unwrap();
            token = seen.renewed.unwrap().token;
        }
        world.pass(14 * DAY - (14 * 24 / 11) * 11 * HOUR - 1);
        let seen = world.people.see(&token).await.unwrap().unwrap();
        token = seen.renewed.map_or(token, |new| new.token);
        world.pass(2);
        assert!(!lives(world, &token).await);
    })
    .await;
}

#[tokio::test]
async fn a_token_changes_after_an_hour_and_the_old_one_works_for_a_minute() {
    each(async |world| {
        let old = token(world, false).await;
        world.pass(HOUR - 1);
        let seen = world.people.see(&old).await.unwrap().unwrap();
        assert!(seen.renewed.is_none());
        world.pass(1);
        let seen = world.people.see(&old).await.unwrap().unwrap();
        let new = seen.renewed.unwrap().token;
        assert_ne!(new, old);
        // Requests that were on their way are given the same new token.
        world.pass(59);
        let seen = world.people.see(&old).await.unwrap().unwrap();
        assert_eq!(seen.renewed.unwrap().token, new);
        assert!(lives(world, &new).await);
        world.pass(2);
        assert!(!lives(world, &old).await, "61 seconds later");
        assert!(lives(world, &new).await);
    })
    .await;
}

#[tokio::test]
async fn a_session_can_be_listed_and_revoked_by_its_owner_alone() {
    each(async |world| {
        let mine = token(world, false).await;
        let other = token(world, false).await;
        world.add("joerg@example.org").await;
        let joerg = world.sign_in("joerg@example.org", PASSWORD).await.unwrap();
        let seen = world.people.see(&mine).await.unwrap().unwrap();
        let me = oneself(&seen.actor).unwrap();
        let id = world.people.see(&other).await.unwrap().unwrap();
        let id = id.actor.session().unwrap();
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(session::sessions(&mut tx, &me).await.unwrap().len(), 2);
        drop(tx);

        let stranger = oneself(&joerg.actor).unwrap();
        let pen = world.people.pen(&stranger, None).await.unwrap();
        let refused = store::act!(world.store, |tx| -> Result<_, PeopleError> {
            session::revoke(tx, &pen, &stranger, id).await
        });
        assert!(matches!(refused, Err(PeopleError::NotFound(_))));
        assert!(lives(world, &other).await);

        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            session::revoke(tx, &pen, &me, id).await
        })
        .unwrap();
        assert!(!lives(world, &other).await);
        assert!(lives(world, &mine).await);
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            session::sign_out(tx, &pen, &me).await
        })
        .unwrap();
        assert!(!lives(world, &mine).await);
        let mut tx = world.store.read().await.unwrap();
        assert!(!session::alive(&mut tx, &seen.actor).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn the_end_of_a_membership_ends_its_sessions() {
    each(async |world| {
        let joerg = world.add("joerg@example.org").await;
        let signed_in = world.sign_in("joerg@example.org", PASSWORD).await.unwrap();
        let grant = OPERATOR.grant(world.founded.org);
        let pen = world.people.pen(&grant, None).await.unwrap();
        store::act!(world.store, |tx| -> Result<_, PeopleError> {
            person::remove(tx, &pen, &grant, joerg).await
        })
        .unwrap();
        assert!(!lives(world, &signed_in.session.token).await);
        assert!(world.sign_in("joerg@example.org", PASSWORD).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn ended_sessions_are_swept_and_others_stay() {
    each(async |world| {
        let long = token(world, true).await;
        token(world, false).await;
        world.pass(12 * HOUR - 1);
        let sweep = async || {
            let now = base::Clock::now(world.clock.as_ref());
            store::act!(world.store, |tx| -> Result<_, PeopleError> {
                Ok(session::sweep_due(tx, now, 100).await?)
            })
            .unwrap()
        };
        assert_eq!(sweep().await, 0);
        world.pass(2);
        assert_eq!(sweep().await, 1);
        assert!(lives(world, &long).await);
    })
    .await;
}

#[tokio::test]
async fn unknown_tokens_are_nobody() {
    each(async |world| {
        for token in ["", "x", "\0", &"x".repeat(5000)] {
            assert!(!lives(world, token).await);
        }
    })
    .await;
}

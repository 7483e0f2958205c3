//! To whom the agent seals: only to whom the custodian named, and never back.

use seal::SignerKey;

use crate::hub::Hub;
use crate::world::{Agent, Scratch, is_unbroken, mount, options, simulator, until};

#[tokio::test]
async fn a_list_the_custodian_did_not_sign_is_refused_and_recording_goes_on() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;

    // The hub adds a recipient, signed with a key of its own.
    let own = SignerKey::generate(&base::SeededRng::new(9)).unwrap();
    hub.book().list = hub.keys.list_by(&own, 2, true);
    hub.say_setup();
    until(&hub, "the refusal", |it| {
        it.state()
            .and_then(|it| it.refused_list.as_ref())
            .is_some_and(|it| it.why == "wrong_signature" && it.number == Some(2))
    })
    .await;
    let taken = hub.book().segments.len();
    until(&hub, "more", |it| it.segments.len() > taken + 1).await;
    assert_eq!(hub.book().state().unwrap().list, 1);
    assert!(hub.book().buckets.values().all(|it| it.list == 1));

    // The custodian adds one: a new bucket at once, and not a picture is missing.
    hub.book().list = hub.keys.list(2, true);
    hub.say_setup();
    until(&hub, "the new list", |it| {
        it.state()
            .is_some_and(|it| it.list == 2 && it.refused_list.is_none())
    })
    .await;
    until(&hub, "its bucket", |it| {
        it.buckets.values().any(|it| it.list == 2)
    })
    .await;

    // The hub replays the older one, then another with the same number.
    for (list, why) in [
        (hub.keys.list(1, false), "older"),
        (hub.keys.list(2, false), "same_number"),
    ] {
        hub.book().list = list;
        hub.say_setup();
        until(&hub, why, |it| {
            it.state()
                .and_then(|it| it.refused_list.as_ref())
                .is_some_and(|it| it.why == why)
        })
        .await;
    }
    agent.stop().await.unwrap();
    let book = hub.book();
    let pictures = book.pictures(&hub.keys).concat();
    assert!(is_unbroken(&pictures), "{pictures:?}");
    assert!(book.why().contains(&"change"));
    assert!(book.buckets.values().all(|it| it.list <= 2));
    let second = book.buckets.values().find(|it| it.list == 2).unwrap();
    let kids = seal::envelope::kids(&second.role_shares[0].0).unwrap();
    assert_eq!(kids.len(), 2);
}

#[tokio::test]
async fn an_older_list_is_refused_after_a_restart_too() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    hub.book().list = hub.keys.list(5, false);
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    agent.stop().await.unwrap();
    hub.book().states.clear();
    hub.book().list = hub.keys.list(4, true);
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "the refusal", |it| {
        it.state()
            .and_then(|it| it.refused_list.as_ref())
            .is_some_and(|it| it.why == "older")
    })
    .await;
    let taken = hub.book().segments.len();
    until(&hub, "more", |it| it.segments.len() > taken).await;
    agent.stop().await.unwrap();
    assert!(hub.book().buckets.values().all(|it| it.list == 5));
}

//! A good day: recorded, closed, sent, opened.

use media::wire::{Cause, Condition};
use seal::closing::State;

use crate::hub::Hub;
use crate::world::{Agent, Scratch, is_unbroken, mount, options, pause, simulator, until};

#[tokio::test]
async fn every_picture_reaches_the_hub_and_opens() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "three segments", |it| it.segments.len() >= 3).await;
    until(&hub, "a state that says so", |it| {
        it.camera()
            .is_some_and(|it| it.state == Condition::Recording && it.fps.is_some())
    })
    .await;
    agent.stop().await.unwrap();

    let book = hub.book();
    let pictures = book.pictures(&hub.keys).concat();
    assert!(pictures.len() > 60, "{}", pictures.len());
    assert!(is_unbroken(&pictures), "{pictures:?}");
    let mut before = None;
    for (id, taken) in &book.segments {
        assert_eq!(taken.record.state, State::Closed);
        assert_eq!(taken.record.before, before);
        before = Some(*id);
    }
    let why = book.why();
    assert_eq!(why.last(), Some(&"stopped"));
    assert!(
        why[..why.len() - 1].iter().all(|it| *it == "length"),
        "{why:?}"
    );
    assert_eq!(book.buckets.len(), 1);
    // Nothing but the bucket is left, and the gap that begins with the end.
    assert_eq!((folder.ending("seg"), folder.ending("part")), (0, 0));
    let gaps: Vec<_> = book.gaps.values().collect();
    assert!(
        gaps.iter()
            .all(|it| it.cause == Cause::AgentStopped && it.to.is_none()),
        "{gaps:?}"
    );
    assert_eq!(folder.ending("json"), 2 + 1, "{:?}", folder.files());
}

#[tokio::test]
async fn a_second_run_goes_on_where_the_first_stopped() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    agent.stop().await.unwrap();
    let first = hub.book().segments.len();

    // The token is not needed any more.
    let mut second = options(&folder, &hub, &camera.url("yard"));
    (second.hub, second.token) = (None, None);
    let agent = Agent::start(second);
    until(&hub, "more", |it| it.segments.len() > first).await;
    until(&hub, "the gap's end", |it| {
        it.gaps.values().any(|it| it.to.is_some())
    })
    .await;
    agent.stop().await.unwrap();

    let book = hub.book();
    assert_eq!(book.buckets.len(), 2, "a new run makes new buckets");
    let (a, b) = (&book.segments[first - 1].1, &book.segments[first].1);
    assert_eq!(b.record.before, None);
    let gap = book.gaps.values().find(|it| it.to.is_some()).unwrap();
    assert_eq!(gap.cause, Cause::AgentStopped);
    assert_eq!(gap.from.0.as_microsecond(), a.record.ended_us);
    let start = b.record.index[0].start_us;
    assert_eq!(gap.to.unwrap().0.as_microsecond(), start);
    assert!(book.pictures(&hub.keys).iter().all(|it| is_unbroken(it)));
}

#[tokio::test]
async fn nothing_is_recorded_until_armed_and_all_is_when_it_is() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    hub.book().arm = false;
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a state", |it| it.camera().is_some()).await;
    pause(500).await;
    assert_eq!(camera.mount("yard").unwrap().clients(), 0);
    assert_eq!(hub.book().camera().unwrap().state, Condition::Off);

    hub.book().cameras.values_mut().for_each(|it| it.1 = true);
    hub.say_setup();
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;

    hub.book().cameras.values_mut().for_each(|it| it.1 = false);
    hub.say_setup();
    until(&hub, "the last segment", |it| {
        it.why().last() == Some(&"disarmed")
    })
    .await;
    until(&hub, "that it is off", |it| {
        it.camera().is_some_and(|it| it.state == Condition::Off)
    })
    .await;
    let taken = hub.book().segments.len();
    pause(1500).await;
    assert_eq!(hub.book().segments.len(), taken);
    assert_eq!(camera.mount("yard").unwrap().clients(), 0);
    let causes: Vec<_> = hub.book().gaps.values().map(|it| it.cause).collect();
    assert_eq!(causes, [Cause::Disarmed]);
    agent.stop().await.unwrap();
}

//! Bad days: nothing recorded is lost, and everything recovers by itself.

use std::path::PathBuf;
use std::time::Duration;

use media::rtsp::Password;
use media::rtspd::{Credentials, Scheme};
use media::wire::{self, Cause, Condition};
use seal::closing::{State, Why};

use crate::hub::{Book, Hub};
use crate::world::{Agent, Scratch, is_unbroken, mount, options, pause, simulator, until};

fn fault(book: &Book, cause: Cause) -> bool {
    book.camera()
        .is_some_and(|it| it.state == Condition::Fault && it.cause == Some(cause))
}

fn records(book: &Book) -> bool {
    book.camera()
        .is_some_and(|it| it.state == Condition::Recording)
}

/// The one gap with that cause that has ended.
fn ended(book: &Book, cause: Cause) -> bool {
    book.gaps
        .values()
        .any(|it| it.cause == cause && it.to.is_some())
}

#[tokio::test]
async fn while_the_hub_is_away_it_records_and_catches_up_in_order() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    hub.book().away = Some(503);
    let before = hub.book().segments.len();
    for _ in 0..200 {
        if folder.ending("seg") >= 4 {
            break;
        }
        pause(50).await;
    }
    assert!(folder.ending("seg") >= 4, "the spool grows");
    assert_eq!(hub.book().segments.len(), before);

    // Killed and started while the hub is away: it goes on.
    agent.kill().await;
    let waiting = folder.ending("seg");
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    for _ in 0..200 {
        if folder.ending("seg") >= waiting + 3 {
            break;
        }
        pause(50).await;
    }
    assert!(folder.ending("seg") >= waiting + 3);
    hub.book().away = None;
    until(&hub, "everything", |it| {
        it.segments.len() >= before + waiting + 3
    })
    .await;
    agent.stop().await.unwrap();

    let book = hub.book();
    let starts: Vec<i64> = book
        .segments
        .iter()
        .map(|it| it.1.record.index[0].start_us)
        .collect();
    assert!(starts.is_sorted(), "in order");
    assert_eq!((folder.ending("seg"), folder.ending("part")), (0, 0));
    let interrupted: Vec<_> = book
        .segments
        .iter()
        .filter(|it| it.1.record.state == State::Interrupted)
        .collect();
    assert!(interrupted.len() <= 1);
    // Between kill and start a few pictures are missing, nowhere else.
    let pictures = book.pictures(&hub.keys).concat();
    let jumps = pictures.windows(2).filter(|it| it[1] != it[0] + 1).count();
    assert_eq!(jumps, 1, "{pictures:?}");
}

#[tokio::test]
async fn what_a_crash_cut_off_is_signed_as_interrupted() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let mut long = options(&folder, &hub, &camera.url("yard"));
    long.rules.segment = Duration::from_mins(1);
    let agent = Agent::start(long.clone());
    until(&hub, "that it records", records).await;
    pause(1500).await;
    agent.kill().await;
    assert_eq!((folder.ending("part"), folder.ending("rec")), (1, 0));
    // Half a fragment, as a power cut leaves it.
    let (part, length) = folder
        .files()
        .into_iter()
        .find(|it| it.0.extension().is_some_and(|it| it == "part"))
        .unwrap();
    let torn = std::fs::read(&part).unwrap();
    let keep = usize::try_from(length).unwrap() - 100;
    std::fs::write(&part, &torn[..keep]).unwrap();

    let agent = Agent::start(long);
    until(&hub, "what was left", |it| !it.segments.is_empty()).await;
    until(&hub, "the gap's end", |it| ended(it, Cause::AgentStopped)).await;
    agent.stop().await.unwrap();
    let book = hub.book();
    let first = &book.segments[0].1.record;
    assert_eq!((first.state, first.why), (State::Interrupted, Why::Crash));
    assert!(first.index.len() >= 5, "{}", first.index.len());
    let pictures = book.pictures(&hub.keys);
    assert!(pictures.iter().all(|it| is_unbroken(it)));
    let gap = book
        .gaps
        .values()
        .find(|it| it.cause == Cause::AgentStopped && it.to.is_some())
        .unwrap();
    assert_eq!(gap.from.0.as_microsecond(), first.ended_us);
}

#[tokio::test]
async fn a_full_disk_pauses_recording_and_loses_nothing() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    hub.book().segment_answer = Some((507, "no_room"));
    let mut small = options(&folder, &hub, &camera.url("yard"));
    small.spool_limit = Some(600 << 10);
    let agent = Agent::start(small);
    until(&hub, "a full disk", |it| fault(it, Cause::DiskFull)).await;
    let kept: u64 = folder.files().iter().map(|it| it.1).sum();
    assert!(kept < 700 << 10, "{kept}");
    hub.book().segment_answer = None;
    until(&hub, "the gap's end", |it| ended(it, Cause::DiskFull)).await;
    until(&hub, "that it records", records).await;
    agent.stop().await.unwrap();
    let book = hub.book();
    assert!(book.pictures(&hub.keys).iter().all(|it| is_unbroken(it)));
}

#[tokio::test]
async fn a_wrong_password_is_told_and_recovers() {
    let (hub, folder) = (Hub::start(1).await, Scratch::new());
    let mut locked = mount();
    locked.credentials = Some(Credentials {
        user: "viewer".to_owned(),
        password: Password::new("right"),
        scheme: Scheme::Digest,
    });
    let camera = simulator(locked).await;
    let with = |password: &str| {
        let at = format!("viewer:{password}@");
        camera
            .url("yard")
            .replace("rtsp://", &format!("rtsp://{at}"))
    };
    let agent = Agent::start(options(&folder, &hub, &with("wrong")));
    until(&hub, "the password", |it| fault(it, Cause::Password)).await;
    until(&hub, "the gap", |it| !it.gaps.is_empty()).await;
    agent.stop().await.unwrap();
    let agent = Agent::start(options(&folder, &hub, &with("right")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    until(&hub, "the gap's end", |it| ended(it, Cause::Password)).await;
    agent.stop().await.unwrap();
    // The password is nowhere in the agent's folder.
    for (path, _) in folder.files() {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(5).any(|it| it == b"wrong" || it == b"right"));
    }
}

#[tokio::test]
async fn a_camera_that_falls_silent_is_told_and_recovers() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let handle = camera.mount("yard").unwrap();
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    handle.set(|it| it.silent = true);
    until(&hub, "the silence", |it| fault(it, Cause::Silent)).await;
    handle.set(|it| it.silent = false);
    until(&hub, "the gap's end", |it| ended(it, Cause::Silent)).await;
    until(&hub, "that it records", records).await;
    agent.stop().await.unwrap();
    let book = hub.book();
    assert!(book.why().contains(&"loss"));
    assert!(book.pictures(&hub.keys).iter().all(|it| is_unbroken(it)));
}

#[tokio::test]
async fn a_camera_without_key_frames_is_told_and_recovers() {
    let (hub, folder) = (Hub::start(1).await, Scratch::new());
    let mut late = mount();
    late.faults.no_key_for = Some(Duration::from_secs(8));
    let camera = simulator(late).await;
    let mut patient = options(&folder, &hub, &camera.url("yard"));
    patient.settings.silence = Duration::from_secs(20);
    let agent = Agent::start(patient);
    until(&hub, "that none came", |it| {
        it.gaps.values().any(|it| it.cause == Cause::NoKeyFrame)
    })
    .await;
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    until(&hub, "the gap's end", |it| ended(it, Cause::NoKeyFrame)).await;
    agent.stop().await.unwrap();
    assert!(
        hub.book()
            .pictures(&hub.keys)
            .iter()
            .all(|it| is_unbroken(it))
    );
}

#[tokio::test]
async fn a_camera_that_changes_its_resolution_goes_on_in_a_new_segment() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    camera
        .mount("yard")
        .unwrap()
        .set(|it| it.size = Some((640, 360)));
    until(&hub, "the new size", |it| {
        it.camera().is_some_and(|it| it.width == Some(640))
    })
    .await;
    let taken = hub.book().segments.len();
    until(&hub, "more", |it| it.segments.len() > taken + 1).await;
    agent.stop().await.unwrap();
    let book = hub.book();
    let widths: Vec<u16> = book
        .segments
        .iter()
        .map(|it| seal::segment::scan(&it.1.file).unwrap().header.width)
        .collect();
    assert!(widths.contains(&576) && widths.contains(&640), "{widths:?}");
    assert!(widths.is_sorted());
    assert!(book.pictures(&hub.keys).iter().all(|it| is_unbroken(it)));
}

#[tokio::test]
async fn a_camera_that_drops_its_connection_again_and_again_is_recorded_in_between() {
    let (hub, folder) = (Hub::start(1).await, Scratch::new());
    let mut shaky = mount();
    shaky.faults.drop_every = Some(Duration::from_millis(1300));
    let camera = simulator(shaky).await;
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "three gaps", |it| {
        let dropped = |it: &&wire::Gap| it.cause == Cause::Dropped && it.to.is_some();
        it.gaps.values().filter(dropped).count() >= 3
    })
    .await;
    agent.stop().await.unwrap();
    let book = hub.book();
    assert!(book.segments.len() >= 3);
    assert!(book.pictures(&hub.keys).iter().all(|it| is_unbroken(it)));
    // Each gap lies between what was recorded before and after.
    for gap in book.gaps.values().filter(|it| it.to.is_some()) {
        let from = gap.from.0.as_microsecond();
        let to = gap.to.unwrap().0.as_microsecond();
        for (_, taken) in &book.segments {
            let inside = |it: &seal::closing::Entry| it.start_us > from && it.start_us < to;
            assert!(!taken.record.index.iter().any(inside));
        }
    }
}

#[tokio::test]
async fn what_the_hub_will_never_take_is_kept_aside_and_told_or_dropped() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let start = || Agent::start(options(&folder, &hub, &camera.url("yard")));
    let agent = start();
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    hub.book().segment_answer = Some((409, "segment_differs"));
    until(&hub, "that it is told", |it| {
        it.state().is_some_and(|it| it.spool.refused > 0)
    })
    .await;
    hub.book().segment_answer = Some((410, "bucket_gone"));
    for _ in 0..100 {
        if folder.ending("seg") <= 2 {
            break;
        }
        pause(50).await;
    }
    hub.book().segment_answer = None;
    let taken = hub.book().segments.len();
    until(&hub, "more", |it| it.segments.len() > taken).await;
    agent.stop().await.unwrap();
    let aside = folder.path().join("spool/refused");
    let kept: Vec<(PathBuf, u64)> = folder
        .files()
        .into_iter()
        .filter(|it| it.0.starts_with(&aside) && it.0.extension().is_some_and(|it| it == "seg"))
        .collect();

    assert!(!kept.is_empty());
    let bytes: u64 = kept.iter().map(|it| it.1).sum();
    let name = kept.iter().map(|it| it.0.file_name().unwrap().to_str());
    let start_of = |it: &str| it.split('-').nth(1).unwrap().parse::<i64>().unwrap();
    let oldest = name.map(|it| start_of(it.unwrap())).min();

    // The next run asks once more. While the hub refuses, all of it is aside again, and told: how much, and since when.
    hub.book().segment_answer = Some((409, "segment_differs"));
    hub.book().states.clear();
    let agent = start();
    until(&hub, "that it is told again", |it| {
        let spool = it.state().map(|it| it.spool);
        spool.is_some_and(|it| {
            it.refused >= kept.len() as u64
                && it.refused_bytes >= bytes
                && it.refused_since.map(|it| it.0.as_microsecond()) == oldest
        })
    })
    .await;
    agent.kill().await;

    // Once the hub takes it, it is there; what somebody else put there is left alone.
    std::fs::write(aside.join("note.txt"), b"x").unwrap();
    hub.book().segment_answer = None;
    hub.book().states.clear();
    let agent = start();
    for (path, _) in kept {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        until(&hub, "what was aside", |it| {
            let mut ids = it.segments.iter().map(|it| it.0.to_string());
            ids.any(|it| name.ends_with(&it))
        })
        .await;
    }
    agent.stop().await.unwrap();
    assert!(hub.book().states.iter().all(|it| it.spool.refused == 0));
    let left = folder.files().into_iter().map(|it| it.0);
    let left: Vec<PathBuf> = left.filter(|it| it.starts_with(&aside)).collect();
    assert_eq!(left, [aside.join("note.txt")]);
    let book = hub.book();
    assert!(book.pictures(&hub.keys).iter().all(|it| is_unbroken(it)));
}

#[tokio::test]
async fn pieces_of_a_camera_that_was_deleted_at_the_hub_are_dropped() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    hub.book().bucket_answer = Some((503, "away"));
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "pieces that wait", |it| {
        it.state().is_some_and(|it| it.spool.waiting >= 2)
    })
    .await;
    {
        let mut book = hub.book();
        book.bucket_answer = Some((410, wire::CAMERA_DELETED));
        book.cameras.clear();
    }
    hub.say_setup();
    until(&hub, "that nothing is left", |it| {
        it.state()
            .is_some_and(|it| it.spool.waiting == 0 && it.spool.bytes == 0)
    })
    .await;
    assert_eq!((folder.ending("seg"), folder.ending("rec")), (0, 0));
    let told = hub.book().state().unwrap().spool.refused;
    assert_eq!(told, 0, "nothing is kept aside");
    agent.stop().await.unwrap();
}

#[tokio::test]
async fn a_hub_that_forgot_tokens_and_buckets_gets_them_again() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    {
        let mut book = hub.book();
        book.token += 100;
        book.buckets.clear();
        book.segments.clear();
    }
    until(&hub, "more", |it| it.segments.len() > 1).await;
    agent.stop().await.unwrap();
    assert!(
        hub.book()
            .pictures(&hub.keys)
            .iter()
            .all(|it| is_unbroken(it))
    );
}

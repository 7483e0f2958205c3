//! Looking now.

use media::scene::Decoder;
use media::wire::{LiveKind, ToAgent, read_live_message};
use seal::live::{LiveKey, Opener, Picture};

use crate::hub::{Book, Hub};
use crate::keys::Keys;
use crate::world::{Agent, Scratch, is_unbroken, mount, options, pause, simulator, until};

/// Opens all sessions: their headers and pictures.
fn sessions(book: &Book, keys: &Keys) -> Vec<(seal::live::Header, Vec<Picture>)> {
    let mut sessions: Vec<(Opener, Vec<Picture>)> = Vec::new();
    for message in &book.live {
        let (kind, _, payload) = read_live_message(message).unwrap();
        match kind {
            LiveKind::Session => {
                let header = seal::live::Header::decode(payload).unwrap();
                let key = LiveKey::open(&header, keys.live.0, &keys.live.1).unwrap();
                sessions.push((Opener::new(&key, payload).unwrap(), Vec::new()));
            }
            LiveKind::Picture => {
                let (opener, pictures) = sessions.last_mut().unwrap();
                pictures.push(opener.picture(payload).unwrap());
            }
        }
    }
    sessions
        .into_iter()
        .map(|it| (it.0.header().clone(), it.1))
        .collect()
}

fn counters(header: &seal::live::Header, pictures: &[Picture]) -> Vec<u32> {
    let length = usize::from(u16::from_be_bytes([header.config[6], header.config[7]]));
    let mut decoder = Decoder::new();
    decoder.nal(&header.config[8..8 + length]).unwrap();
    pictures
        .iter()
        .map(|it| {
            decoder.access_unit(&it.access_unit).unwrap();
            decoder.strip().unwrap().counter
        })
        .collect()
}

#[tokio::test]
async fn who_looks_sees_at_once_and_recording_goes_on() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    let id = hub.book().camera().unwrap().id;
    assert!(hub.book().live.is_empty());
    hub.say(ToAgent::Watch {
        camera: id,
        on: true,
    });
    until(&hub, "pictures", |it| it.live.len() > 40).await;
    hub.say(ToAgent::Watch {
        camera: id,
        on: false,
    });
    pause(400).await;
    let sent = hub.book().live.len();
    pause(400).await;
    assert_eq!(hub.book().live.len(), sent);
    agent.stop().await.unwrap();

    let book = hub.book();
    let sessions = sessions(&book, &hub.keys);
    assert_eq!(sessions.len(), 1);
    let (header, pictures) = &sessions[0];
    assert_eq!((header.width, header.height), (576, 240));
    assert!(pictures[0].key);
    assert!(is_unbroken(&counters(header, pictures)));
    assert!(is_unbroken(&book.pictures(&hub.keys).concat()));
}

#[tokio::test]
async fn who_comes_as_another_leaves_begins_anew_and_at_once() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a segment", |it| !it.segments.is_empty()).await;
    let camera = hub.book().camera().unwrap().id;
    for look in 1..=20 {
        // Nothing in between: the agent may see both at once.
        hub.say(ToAgent::Watch { camera, on: false });
        hub.say(ToAgent::Watch { camera, on: true });
        until(&hub, "a session and its first picture", |it| {
            sessions(it, &hub.keys).len() == look && matches!(last_kind(it), LiveKind::Picture)
        })
        .await;
    }
    agent.stop().await.unwrap();
    for (header, pictures) in sessions(&hub.book(), &hub.keys) {
        assert!(pictures[0].key);
        assert!(is_unbroken(&counters(&header, &pictures)));
    }
}

fn last_kind(book: &Book) -> LiveKind {
    read_live_message(book.live.last().unwrap()).unwrap().0
}

#[tokio::test]
async fn a_camera_that_is_not_armed_is_connected_only_while_somebody_looks() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    hub.book().arm = false;
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "a state", |it| it.camera().is_some()).await;
    let watch = |on| {
        let id = hub.book().camera().unwrap().id;
        hub.say(ToAgent::Watch { camera: id, on });
    };
    let clients = || camera.mount("yard").unwrap().clients();
    watch(true);
    until(&hub, "pictures", |it| it.live.len() > 10).await;
    assert_eq!(clients(), 1);
    watch(false);
    for _ in 0..100 {
        if clients() == 0 {
            break;
        }
        pause(20).await;
    }
    assert_eq!(clients(), 0);
    watch(true);
    let before = hub.book().live.len();
    until(&hub, "pictures again", |it| it.live.len() > before + 10).await;
    agent.stop().await.unwrap();
    let book = hub.book();
    assert_eq!(sessions(&book, &hub.keys).len(), 2);
    assert!(book.segments.is_empty() && book.buckets.is_empty() && book.gaps.is_empty());
}

//! What a camera may do to us, and what we make of it.

use std::time::Duration;

use media::rtsp::{Cause, Event, GapCause, Password, Source};
use media::rtspd::{self, Credentials, Mount, Scheme};
use media::scene::{Decoder, Strip};
use media::{Codec, Frame};

use crate::world::{camera, camera_at, frames, next, scene_mount, simulator, until};

fn cause(event: &Event) -> Option<Cause> {
    match event {
        Event::Ended { cause, .. } => Some(*cause),
        _ => None,
    }
}

fn is_frame(event: &Event) -> bool {
    matches!(event, Event::Frame(_))
}

/// What the strips of the pictures say, from a key frame on.
fn strips(frames: &[Frame], camera: &Event) -> Vec<Strip> {
    let Event::Connected(parameters) = camera else {
        panic!("not connected but {camera:?}");
    };
    let mut decoder = Decoder::new();
    // avcC: the SPS is the first of its parameter sets (ISO/IEC 14496-15, section 5.3.3.1.2).
    let length = usize::from(u16::from_be_bytes([
        parameters.config[6],
        parameters.config[7],
    ]));
    decoder.nal(&parameters.config[8..8 + length]).unwrap();
    let strip = |frame: &Frame| {
        decoder.access_unit(&frame.data).unwrap();
        decoder.strip().unwrap()
    };
    frames.iter().map(strip).collect()
}

#[tokio::test]
async fn every_picture_comes_in_its_time() {
    let mut mount = scene_mount();
    mount.microphone = true;
    let simulator = simulator(mount).await;
    let mut camera = camera(&simulator.url("yard"));
    let connected = next(&mut camera).await;
    let Event::Connected(parameters) = &connected else {
        panic!("not connected but {connected:?}");
    };
    assert_eq!(
        (parameters.codec, parameters.width, parameters.height),
        (Codec::H264, 576, 240)
    );
    assert_eq!(parameters.rfc6381, "avc1.42C01E");
    assert_eq!(parameters.sample_entry[4..8], *b"avc1");
    let mut events = Vec::new();
    for _ in 0..60 {
        events.push(next(&mut camera).await);
    }
    let frames = frames(&events);
    assert_eq!(frames.len(), 60, "nothing but pictures");
    assert!(frames[0].key && frames[25].key && !frames[1].key);
    let strips = strips(&frames, &connected);
    for (n, (frame, strip)) in frames.iter().zip(&strips).enumerate() {
        assert_eq!(strip.counter, strips[0].counter + u32::try_from(n).unwrap());
        let taken = i64::try_from(strip.millis).unwrap();
        let wrong = frame.wall.as_millisecond() - taken;
        assert!((-30..=30).contains(&wrong), "picture {n} is {wrong} ms off");
        assert_eq!(frame.stream_time.0, i64::try_from(n).unwrap() * 3600);
        assert!(!frame.params_changed);
    }
    assert_eq!(simulator.mount("yard").unwrap().microphone_asked(), 0);
}

#[tokio::test]
async fn passwords_are_asked_and_known() {
    for scheme in [Scheme::Basic, Scheme::Digest] {
        let mut mount = scene_mount();
        let password = Password::new("gate 7");
        mount.credentials = Some(Credentials {
            user: "obhut".to_owned(),
            password,
            scheme,
        });
        let simulator = simulator(mount).await;
        let source = Source::parse(&simulator.url("yard")).unwrap();
        let with = |word| {
            source
                .clone()
                .with_credentials("obhut", Password::new(word))
        };
        let right = next(&mut camera_at(with("gate 7"))).await;
        assert!(matches!(right, Event::Connected(_)), "{scheme:?} {right:?}");
        let mut wrong = camera_at(with("gate 8"));
        let event = next(&mut wrong).await;
        assert_eq!(cause(&event), Some(Cause::WrongPassword), "{event:?}");
        assert!(!format!("{event:?}").contains("gate"));
        let none = next(&mut camera_at(source.clone())).await;
        assert_eq!(cause(&none), Some(Cause::WrongPassword));
        simulator
            .mount("yard")
            .unwrap()
            .set(|it| it.wrong_password = true);
        let refused = next(&mut camera_at(with("gate 7"))).await;
        assert_eq!(cause(&refused), Some(Cause::WrongPassword));
    }
}

#[tokio::test]
async fn an_attempt_that_fails_says_why() {
    let simulator = simulator(scene_mount()).await;
    let event = next(&mut camera(&simulator.url("cellar"))).await;
    assert_eq!(cause(&event), Some(Cause::NoSuchStream));
    let gone = simulator.url("yard");
    drop(simulator);
    let mut camera = camera(&gone);
    let pauses: Vec<Duration> = [
        next(&mut camera).await,
        next(&mut camera).await,
        next(&mut camera).await,
    ]
    .iter()
    .map(|event| match event {
        Event::Ended {
            cause: Cause::Refused,
            retry_in,
            ..
        } => *retry_in,
        _ => panic!("{event:?}"),
    })
    .collect();
    for (pause, longest) in pauses.iter().zip([100, 200, 400]) {
        let longest = Duration::from_millis(longest);
        assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
    }
}

#[tokio::test]
async fn nobody_at_the_other_end_is_unreachable() {
    // Accepts and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("rtsp://{}/yard", listener.local_addr().unwrap());
    assert_eq!(
        cause(&next(&mut camera(&url)).await),
        Some(Cause::Unreachable)
    );
    let unknown = next(&mut camera("rtsp://camera.invalid/yard")).await;
    assert_eq!(cause(&unknown), Some(Cause::Unreachable));
}

#[tokio::test]
async fn comes_back_after_a_drop() {
    let simulator = simulator(scene_mount()).await;
    let handle = simulator.mount("yard").unwrap();
    handle.set(|it| it.drop_every = Some(Duration::from_millis(600)));
    let mut camera = camera(&simulator.url("yard"));
    for _ in 0..2 {
        let events = until(&mut camera, |it| cause(it).is_some()).await;
        assert_eq!(events.last().and_then(cause), Some(Cause::Dropped));
        assert!(matches!(events[0], Event::Connected(_)));
        assert!(frames(&events).len() > 8 && frames(&events)[0].key);
    }
}

#[tokio::test]
async fn silence_is_noticed() {
    let simulator = simulator(scene_mount()).await;
    let mut camera = camera(&simulator.url("yard"));
    until(&mut camera, is_frame).await;
    let handle = simulator.mount("yard").unwrap();
    handle.set(|it| it.silent = true);
    let events = until(&mut camera, |it| cause(it).is_some()).await;
    assert_eq!(events.last().and_then(cause), Some(Cause::Silent));
    handle.set(|it| it.silent = false);
    until(&mut camera, is_frame).await;
}

#[tokio::test]
async fn lost_packets_are_a_gap_up_to_a_key_frame() {
    let simulator = simulator(scene_mount()).await;
    let mut camera = camera(&simulator.url("yard"));
    until(&mut camera, is_frame).await;
    let handle = simulator.mount("yard").unwrap();
    handle.set(|it| it.loss_percent = 30);
    let events = until(&mut camera, |it| matches!(it, Event::Gap(_))).await;
    let Some(Event::Gap(gap)) = events.last() else {
        unreachable!()
    };
    assert_eq!(gap.cause, GapCause::Loss);
    assert!(gap.packets > 0);
    handle.set(|it| it.loss_percent = 0);
    let events = until(&mut camera, is_frame).await;
    let frame = &frames(&events)[0];
    assert!(frame.key && gap.since.is_none_or(|it| it < frame.wall));
}

#[tokio::test]
async fn a_new_size_is_said_before_its_first_picture() {
    let simulator = simulator(scene_mount()).await;
    let mut camera = camera(&simulator.url("yard"));
    until(&mut camera, is_frame).await;
    let handle = simulator.mount("yard").unwrap();
    handle.set(|it| it.size = Some((640, 360)));
    let events = until(&mut camera, |it| matches!(it, Event::Changed(_))).await;
    let Some(Event::Changed(parameters)) = events.last() else {
        unreachable!()
    };
    assert_eq!((parameters.width, parameters.height), (640, 360));
    let event = next(&mut camera).await;
    assert!(
        matches!(&event, Event::Frame(it) if it.key && it.params_changed),
        "{event:?}"
    );
    let event = next(&mut camera).await;
    assert!(
        matches!(&event, Event::Frame(it) if !it.params_changed),
        "{event:?}"
    );
}

#[tokio::test]
async fn waits_for_a_key_frame_and_says_so() {
    let mut mount = scene_mount();
    mount.faults.no_key_for = Some(Duration::from_secs(6));
    let simulator = simulator(mount).await;
    let mut camera = camera(&simulator.url("yard"));
    let events = until(&mut camera, is_frame).await;
    let kinds: Vec<_> = events
        .iter()
        .map(|it| match it {
            Event::Connected(_) => "connected",
            Event::Gap(gap) if gap.cause == GapCause::NoKeyFrame => "no key frame",
            Event::Frame(frame) if frame.key => "key frame",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["connected", "no key frame", "key frame"]);
}

#[tokio::test]
async fn stamps_and_clocks_that_jump_do_not_show() {
    let simulator = simulator(scene_mount()).await;
    let mut camera = camera(&simulator.url("yard"));
    let first = frames(&until(&mut camera, is_frame).await).remove(0);
    let handle = simulator.mount("yard").unwrap();
    let mut last = first.clone();
    for n in 0..60 {
        match n {
            20 => handle.set(|it| it.stamp_offset = 3_000_000),
            40 => handle.set(|it| it.clock_offset = -3_600_000),
            _ => {}
        }
        let frame = frames(&until(&mut camera, is_frame).await).remove(0);
        let step = frame.wall.as_millisecond() - last.wall.as_millisecond();
        assert!((0..140).contains(&step), "picture {n}: {step} ms");
        last = frame;
    }
    let passed = last.wall.as_millisecond() - first.wall.as_millisecond();
    assert!((2200..2700).contains(&passed), "{passed} ms");
}

#[tokio::test]
async fn several_clients_see_the_same() {
    let simulator = simulator(scene_mount()).await;
    let (mut a, mut b) = (
        camera(&simulator.url("yard")),
        camera(&simulator.url("yard")),
    );
    let first = until(&mut a, is_frame).await;
    let second = until(&mut b, is_frame).await;
    assert_eq!(simulator.mount("yard").unwrap().clients(), 2);
    let (x, y) = (frames(&first).remove(0), frames(&second).remove(0));
    let (x, y) = (strips(&[x], &first[0]), strips(&[y], &second[0]));
    assert!(y[0].counter >= x[0].counter);
}

#[tokio::test]
async fn h265_is_taken_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/yard.h265");
    let source = rtspd::Source::File {
        path: path.into(),
        fps: 10,
    };
    let simulator = simulator(Mount::new("hevc", source)).await;
    let mut camera = camera(&simulator.url("hevc"));
    let event = next(&mut camera).await;
    let Event::Connected(parameters) = &event else {
        panic!("not connected but {event:?}");
    };
    assert_eq!(parameters.codec, Codec::H265);
    assert!(
        parameters.rfc6381.starts_with("hvc1."),
        "{}",
        parameters.rfc6381
    );
    assert_eq!(parameters.sample_entry[4..8], *b"hvc1");
    assert_eq!((parameters.width, parameters.height), (64, 48));
    let events = until(&mut camera, is_frame).await;
    assert!(frames(&events)[0].key);
}

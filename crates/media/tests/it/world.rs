//! What the tests share: real time, a simulator, and what a camera said.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base::{Clock, SeededRng, Sleep, Timestamp};
use media::rtsp::{Camera, Event, Settings, Source};
use media::rtspd::{Mount, Options, Simulator};
use media::{Frame, rtspd, scene};

/// Real time.
#[derive(Debug)]
pub(crate) struct RealClock(Instant);

#[expect(clippy::disallowed_methods, reason = "sockets know no simulated time")]
impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        let now = Timestamp::try_from(SystemTime::now()).unwrap();
        base::floor_to_micros(now)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[expect(clippy::disallowed_methods, reason = "sockets know no simulated time")]
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(RealClock(Instant::now()))
}

/// A small scene at 25 pictures a second.
pub(crate) fn yard() -> scene::Options {
    scene::Options {
        name: "Yard".to_owned(),
        width: 576,
        height: 240,
        fps: 25,
        ..scene::Options::default()
    }
}

pub(crate) fn scene_mount() -> Mount {
    Mount::new("yard", rtspd::Source::Scene(yard()))
}

pub(crate) async fn simulator(mount: Mount) -> Simulator {
    let options = Options {
        mounts: vec![mount],
        ..Options::default()
    };
    Simulator::start(options, clock(), Arc::new(SeededRng::new(1)))
        .await
        .unwrap()
}

/// Quick enough for a test.
pub(crate) fn settings() -> Settings {
    Settings {
        connect: Duration::from_secs(2),
        silence: Duration::from_millis(700),
        pause_first: Duration::from_millis(100),
        pause_most: Duration::from_millis(400),
    }
}

pub(crate) fn camera(url: &str) -> Camera {
    camera_at(Source::parse(url).unwrap())
}

pub(crate) fn camera_at(source: Source) -> Camera {
    Camera::new(source, settings(), clock(), Arc::new(SeededRng::new(2)))
}

/// The next event; a test that waits for ever fails.
pub(crate) async fn next(camera: &mut Camera) -> Event {
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, camera.next())
        .await
        .expect("something happens")
}

/// Events up to the first that is wanted, which comes last.
pub(crate) async fn until(camera: &mut Camera, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let event = next(camera).await;
        let over = wanted(&event);
        events.push(event);
        if over {
            return events;
        }
        assert!(events.len() < 2000, "never what was wanted");
    }
}

pub(crate) fn frames(events: &[Event]) -> Vec<Frame> {
    let frame = |it: &Event| match it {
        Event::Frame(frame) => Some(frame.clone()),
        _ => None,
    };
    events.iter().filter_map(frame).collect()
}

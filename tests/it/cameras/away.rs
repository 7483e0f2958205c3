//! The hub is away, and comes back: nothing is missing. `OBHUT_AWAY_S` says for how many seconds; `./x soak hub-away`
//! makes it an hour.

use std::collections::BTreeMap;
use std::time::Duration;

use base::{SignedDuration, Timestamp};
use testkit::{Engine, TestDb, Viewer};

use super::world::{Station, binary, now, pause, pictures};

/// A second at the beginning and the end may be in a segment that is not there yet.
const EDGE_MS: u64 = 1000;
/// So much is opened at once.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missing_on_sqlite() {
    if let Some(binary) = binary() {
        go_and_come_back(binary, Engine::Sqlite).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_missing_on_postgres() {
    if let Some(binary) = binary()
        && TestDb::engines().contains(&Engine::Postgres)
    {
        go_and_come_back(binary, Engine::Postgres).await;
    }
}

#[expect(clippy::print_stderr, reason = "what was counted is worth a look")]
async fn go_and_come_back(binary: String, engine: Engine) {
    let away = std::env::var("OBHUT_AWAY_S")
        .ok()
        .and_then(|n| n.parse().ok())
        .map_or(Duration::from_secs(10), Duration::from_secs);
    let station = Station::new(binary, engine).await;
    let mounts = ["hof", "halle"];
    let (_cameras, rtsp) = station.cameras(&mounts, &[]);
    station.list_cameras(rtsp, &mounts);
    let (hub, port) = station.hub(0);
    let since = now();
    let viewer = station.administrator(port).await;
    let (agent, ids) = station.record(&viewer, port, &mounts).await;
    testkit::eventually("something is here", async || {
        counted(&viewer, &ids[0], since).await.len() > 15
    })
    .await;

    drop(hub);
    let left = now();
    pause(away).await;
    let back = now();
    let hub = station.hub(port).0;

    // In order: whenever one looks, what has arrived has no hole in it.
    for id in &ids {
        let mut seen = 0;
        for attempt in 0.. {
            let all = counted(&viewer, id, since).await;
            if let Some(hole) = all.windows(2).find(|pair| pair[1].0 != pair[0].0 + 1) {
                let timeline = viewer.timeline(id, since, now()).await;
                panic!("{hole:?} after {attempt} looks: {}", timeline["gaps"]);
            }
            assert!(all.len() >= seen, "what was there has gone");
            seen = all.len();
            let until = all.last().map_or(0, |it| it.1);
            if until > millis(back) + EDGE_MS {
                let first = all.first().map_or(0, |it| it.1);
                assert!(first < millis(left), "the time before is gone");
                let pictures = (until - first) * 15 / 1000;
                assert!(all.len().abs_diff(usize::try_from(pictures).unwrap()) < 30);
                eprintln!(
                    "{} pictures in {} s, {} s of them without a hub; {attempt} looks until all was there",
                    all.len(),
                    (until - first) / 1000,
                    away.as_secs()
                );
                break;
            }
            assert!(attempt < 600, "it never catches up");
            pause(Duration::from_millis(500)).await;
        }
        let timeline = viewer.timeline(id, since, now()).await;
        assert_eq!(timeline["gaps"].as_array().unwrap().len(), 0, "{timeline}");
    }
    agent.end();
    hub.end();
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap()
}

/// Number and clock of every picture that is here, each once, oldest first.
async fn counted(viewer: &Viewer, camera: &str, since: Timestamp) -> Vec<(u32, u64)> {
    let mut segments = BTreeMap::new();
    let (mut from, end) = (since, now());
    while from < end {
        let to = (from + WINDOW).min(end);
        match viewer.open(camera, from, to).await {
            Ok(all) => {
                for segment in &all {
                    let strips = pictures(segment).into_iter();
                    let strips: Vec<_> = strips.map(|it| (it.0.counter, it.0.millis)).collect();
                    segments.insert(segment.id, strips);
                }
            }
            Err(shut) => panic!("does not open: {shut:?}"),
        }
        from = to;
    }
    let mut all: Vec<_> = segments.into_values().flatten().collect();
    all.sort_unstable();
    all
}

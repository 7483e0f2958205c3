//! `kill -9` of agent and hub, again and again: at most the last second is missing, and index and files agree.
//! `OBHUT_CAMERA_KILLS` sets how often.

use std::time::Duration;

use base::{Rng as _, SystemRng};
use seal::closing::State;
use testkit::Engine;

use super::world::{Station, binary, now, pause, pictures, recorded};

/// What may be missing before a kill: the fragment that was being filled.
const LAST_SECOND_US: i64 = 1_300_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_the_last_second_is_missing() {
    let Some(binary) = binary() else { return };
    let kills = std::env::var("OBHUT_CAMERA_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(5);
    let station = Station::new(binary, Engine::Sqlite).await;
    let (_cameras, rtsp) = station.cameras(&["hof"], &[]);
    station.list_cameras(rtsp, &["hof"]);
    let (mut hub, port) = station.hub(0);
    let since = now();
    let viewer = station.administrator(port).await;
    let (mut agent, ids) = station.record(&viewer, port, &["hof"]).await;

    let mut killed = Vec::new();
    for round in 0..kills {
        pause(Duration::from_millis(4000 + SystemRng.below(4000))).await;
        // The agent each time, the hub every second time as well, and it comes back later.
        if round % 2 == 0 {
            drop(hub);
            pause(Duration::from_millis(SystemRng.below(1000))).await;
            drop(agent);
            killed.push(now().as_microsecond());
            agent = station.start_agent(port, None);
            pause(Duration::from_millis(SystemRng.below(1500))).await;
            hub = station.hub(port).0;
        } else {
            drop(agent);
            killed.push(now().as_microsecond());
            agent = station.start_agent(port, None);
        }
    }
    pause(Duration::from_secs(3)).await;
    agent.end();
    let ended = now().as_microsecond();

    // What the agent could not send at its end waits in its spool; the next start brings it.
    let agent = station.start_agent(port, None);
    let enough = async || {
        let all = recorded(&viewer, &ids[0], since).await;
        let last = all.last().map_or(0, |it| it.record.ended_us);
        ended - last < LAST_SECOND_US
    };
    testkit::eventually("everything arrives", enough).await;
    let all = recorded(&viewer, &ids[0], since).await;
    drop(agent);

    let interrupted = all
        .iter()
        .filter(|it| it.record.state == State::Interrupted)
        .count();
    assert!(interrupted > 0, "no kill interrupted anything");
    for kill in &killed {
        let before = all
            .iter()
            .flat_map(|it| it.fragments.iter())
            .map(|it| it.start_us + i64::from(it.duration_us))
            .filter(|end| end <= kill)
            .max()
            .unwrap_or(0);
        let missing = kill - before;
        assert!(
            missing < LAST_SECOND_US,
            "{} ms are missing",
            missing / 1000
        );
    }
    // What was opened is whole: every picture builds on the one before.
    for segment in &all {
        let seen = pictures(segment);
        for pair in seen.windows(2) {
            assert_eq!(pair[1].0.counter, pair[0].0.counter + 1);
        }
    }
    drop(hub);
    let check = std::process::Command::new(&station.binary)
        .args(["video", "check"])
        .env("OBHUT_DATA_DIR", &station.db.folder)
        .current_dir(&station.db.folder)
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stdout)
    );
}

//! `kill -9`, again and again: at most the last second is missing.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base::SeededRng;
use media::rtspd::{self, Simulator};
use seal::closing::State;

use crate::hub::Hub;
use crate::world::{Scratch, clock, is_unbroken, mount, options_for, pause, until};

const VARIABLE: &str = "OBHUT_TEST_KILLED";
/// Pictures in a second of the camera.
const FPS: u32 = 25;

/// Not a test of its own: the agent that the test below kills, in a process of its own.
#[tokio::test]
async fn the_agent_to_be_killed() {
    let Ok(told) = std::env::var(VARIABLE) else {
        return;
    };
    let mut told = told.split(' ');
    let (folder, hub, token, source) = (
        told.next().unwrap(),
        told.next().unwrap(),
        told.next().unwrap(),
        told.next().unwrap(),
    );
    let options = options_for(folder.as_ref(), hub, token, source);
    let rng = Arc::new(base::SystemRng);
    camera::run(options, clock(), rng, std::future::pending())
        .await
        .unwrap();
}

/// Killed when it is dropped, as it should be.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn at_most_the_last_second_is_missing() {
    let (hub, folder) = (Hub::start(1).await, Scratch::new());
    let sent = Arc::new(AtomicU32::new(0));
    let keep = Arc::clone(&sent);
    let simulated = rtspd::Options {
        mounts: vec![mount()],
        on_send: Some(Arc::new(move |it| {
            keep.store(it.counter, Ordering::Relaxed);
        })),
        ..rtspd::Options::default()
    };
    let camera = Simulator::start(simulated, clock(), Arc::new(SeededRng::new(1)))
        .await
        .unwrap();
    let told = format!(
        "{} {} {} {}",
        folder.path().display(),
        hub.origin(),
        hub.keys.token().encode(),
        camera.url("yard")
    );
    let start = || {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["killed::the_agent_to_be_killed", "--exact"])
            .env(VARIABLE, &told)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Victim(child.unwrap())
    };
    let mut killed_at = Vec::new();
    for round in 0_u32..4 {
        let victim = start();
        // A part of a segment that differs from round to round; recording has begun when a part file is there.
        for _ in 0..1000 {
            if folder.path().exists() && folder.ending("part") > 0 {
                break;
            }
            pause(20).await;
        }
        pause(u64::from(1300 + round * 330)).await;
        drop(victim);
        killed_at.push(sent.load(Ordering::Relaxed));
    }
    // One more run signs and sends what is left.
    let taken = hub.book().segments.len();
    let victim = start();
    until(&hub, "the rest", |it| {
        it.segments.len() > taken + 2 && it.segments.last().unwrap().1.record.state == State::Closed
    })
    .await;
    drop(victim);

    let book = hub.book();
    let pictures = book.pictures(&hub.keys);
    assert!(pictures.iter().all(|it| is_unbroken(it)));
    let all = pictures.concat();
    assert!(all.is_sorted(), "in order");
    for at in killed_at {
        let last = all.iter().rev().find(|it| **it <= at).unwrap();
        assert!(
            at - last <= FPS,
            "killed at {at}, the last picture is {last}"
        );
    }
}

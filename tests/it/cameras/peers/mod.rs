//! Real footage, played by GStreamer, recorded by us, judged by ffmpeg: `./x e2e --peers`.
//!
//! Each test plays clips for a while and then looks at every picture that was sent: it is in the recording, once, in
//! its place and the same to the last bit when decoded, or it lies in a gap that the timeline shows.

mod judge;
mod studio;

use std::time::Duration;

use super::world::{binary, pause};
use studio::Studio;

/// What one camera does: its name is that of its mount.
struct Shoot {
    mount: &'static str,
    clip: &'static str,
    faults: &'static str,
}

const fn shoot(mount: &'static str, clip: &'static str, faults: &'static str) -> Shoot {
    Shoot {
        mount,
        clip,
        faults,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs GStreamer and ffmpeg: ./x e2e --peers"]
async fn every_picture_is_there() {
    let binary = binary().expect("run it with ./x e2e --peers");
    let shoots = [
        shoot("plain", "plain", ""),
        shoot("closed", "closed", ""),
        shoot("open", "open", ""),
        shoot("long", "long", ""),
        shoot("slices", "slices", ""),
        shoot("hevc", "hevc", ""),
    ];
    let studio = Studio::open(binary, &shoots).await;
    pause(Duration::from_secs(5)).await;
    let mut control = studio.copy_with_ffmpeg("plain", 20);
    pause(Duration::from_secs(40)).await;
    for (film, seen) in studio.wrap().await {
        let judged = film.judge(&seen);
        assert_eq!(judged.missing, 0, "{}", film.mount());
        assert_eq!(judged.gaps, 0, "{}", film.mount());
        if film.mount() == "plain" {
            // What ffmpeg wrote beside us is in the recording, whole.
            let copied = film.numbers(control.file());
            assert!(copied.len() > 200, "{}", copied.len());
            assert!(judged.holds(&copied), "{copied:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs GStreamer and ffmpeg: ./x e2e --peers"]
async fn lost_packets_leave_gaps_and_no_damage() {
    let binary = binary().expect("run it with ./x e2e --peers");
    let shoots = [
        shoot("lost", "plain", ",lose=0.004"),
        shoot("lost-open", "open", ",lose=0.004"),
        shoot("lost-slices", "slices", ",lose=0.008"),
        shoot("lost-long", "long", ",lose=0.002"),
    ];
    let studio = Studio::open(binary, &shoots).await;
    pause(Duration::from_secs(50)).await;
    for (film, seen) in studio.wrap().await {
        let judged = film.judge(&seen);
        assert!(judged.lost > 0, "{}: nothing was lost", film.mount());
        assert!(judged.missing >= judged.lost, "{}", film.mount());
        assert!(judged.gaps > 0, "{}", film.mount());
        // A long group may take longer to come than is waited for in silence.
        let known = |it: &String| it == "loss" || it == "no_key_frame";
        assert!(judged.causes.iter().all(known), "{}", film.mount());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs GStreamer and ffmpeg: ./x e2e --peers"]
async fn a_dropped_connection_is_a_gap_and_no_more() {
    let binary = binary().expect("run it with ./x e2e --peers");
    let shoots = [
        shoot("dropped", "plain", ",drop=13"),
        shoot("dropped-open", "open", ""),
        shoot("dropped-long", "long", ""),
    ];
    let studio = Studio::open(binary, &shoots).await;
    pause(Duration::from_secs(50)).await;
    for (film, seen) in studio.wrap().await {
        let judged = film.judge(&seen);
        assert!(
            judged.causes.iter().all(|it| it == "dropped"),
            "{}",
            film.mount()
        );
        // Until there is a connection again, and a picture to begin with: that takes up to a whole group.
        let (least, most) = match film.mount() {
            "dropped-long" => (1, 20),
            _ => (3, 5),
        };
        let bounded = judged.longest_gap < Duration::from_secs(most);
        assert!(judged.gaps >= least && bounded, "{}", film.mount());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs GStreamer and ffmpeg: ./x e2e --peers"]
async fn clocks_that_step_do_not_show() {
    let binary = binary().expect("run it with ./x e2e --peers");
    let shoots = [
        shoot("jumping", "plain", ",jump=11"),
        shoot("jumping-closed", "closed", ",jump=11"),
        shoot("jumping-open", "open", ",jump=11"),
    ];
    let studio = Studio::open(binary, &shoots).await;
    pause(Duration::from_secs(50)).await;
    for (film, seen) in studio.wrap().await {
        let judged = film.judge(&seen);
        assert!(judged.jumps >= 3, "{}", film.mount());
        assert_eq!(judged.missing, 0, "{}", film.mount());
        assert_eq!(judged.gaps, 0, "{}", film.mount());
    }
}

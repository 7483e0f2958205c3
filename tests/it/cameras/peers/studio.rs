//! Cameras, agent and hub at work, and ffmpeg beside them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use base::Timestamp;
use testkit::{Client, Engine, Opened, Viewer};

use super::Shoot;
use super::judge::{Film, Gap, Seen};
use crate::cameras::world::{Process, Station, now, recorded};

/// Everything that runs while pictures are taken.
pub(super) struct Studio {
    station: Arc<Station>,
    viewer: Viewer,
    since: Timestamp,
    /// Camera ids in the order of the films.
    ids: Vec<String>,
    films: Vec<Film>,
    port: u16,
    agent: Process,
    _hub: Process,
    _cameras: Process,
}

/// The clips that `./x e2e --peers` encoded.
fn footage() -> PathBuf {
    let folder = std::env::var_os("OBHUT_FOOTAGE").expect("run this with ./x e2e --peers");
    PathBuf::from(folder)
}

impl Studio {
    /// Starts all of it; records when this returns.
    pub(super) async fn open(binary: String, shoots: &[Shoot]) -> Self {
        let station = Arc::new(Station::new(binary, Engine::Sqlite).await);
        let footage = footage();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/gst_camera.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(&footage).arg(&station.agent);
        for it in shoots {
            command.arg(format!("{}={}{}", it.mount, it.clip, it.faults));
        }
        let (cameras, port) = Process::with_port(&mut command);
        let mounts: Vec<&str> = shoots.iter().map(|it| it.mount).collect();
        station.list_cameras(port, &mounts);
        let (hub, hub_port) = station.hub(0);
        let since = now();
        let viewer = station.administrator(hub_port).await;
        let (agent, ids) = station.record(&viewer, hub_port, &mounts).await;
        let films = shoots
            .iter()
            .map(|it| Film::new(it.mount, &footage.join(it.clip), &station))
            .collect();
        Self {
            station,
            viewer,
            since,
            ids,
            films,
            port,
            agent,
            _hub: hub,
            _cameras: cameras,
        }
    }

    /// Lets ffmpeg record a mount beside us.
    pub(super) fn copy_with_ffmpeg(&self, mount: &str, seconds: u32) -> Copy {
        let file = self.station.agent.join("control.h264");
        let child = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y", "-rtsp_transport", "tcp"])
            .args(["-i", &format!("rtsp://127.0.0.1:{}/{mount}", self.port)])
            .args(["-t", &seconds.to_string(), "-c", "copy", "-f", "h264"])
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        Copy { child, file }
    }

    /// Ends the agent, and gives what was recorded and what the timeline says.
    pub(super) async fn wrap(self) -> Vec<(Film, Seen)> {
        self.agent.end();
        let ended = now();
        let mut all = Vec::new();
        for (film, id) in self.films.into_iter().zip(&self.ids) {
            let mut seen = Seen {
                opened: Vec::new(),
                gaps: Vec::new(),
                ended,
            };
            testkit::eventually("the end arrives", async || {
                seen.opened = recorded(&self.viewer, id, self.since).await;
                seen.gaps = gaps(&self.viewer, id, self.since).await;
                whole(&seen)
            })
            .await;
            all.push((film, seen));
        }
        all
    }
}

/// No segment is still on its way: none is missing between, and what follows the last is a gap.
fn whole(seen: &Seen) -> bool {
    let number = |it: &Opened| seal::segment::scan(&it.file).unwrap().header.number;
    let mut numbers = (0..).zip(&seen.opened);
    let last = seen.opened.last().map_or(0, |it| it.record.ended_us);
    let told = |it: &Gap| it.from_us - last < 100_000 && it.to_us.is_none_or(|to| to > last);
    numbers.all(|(n, it)| number(it) == n) && seen.gaps.iter().any(told)
}

async fn gaps(viewer: &Viewer, camera: &str, since: Timestamp) -> Vec<Gap> {
    let path = format!("/video/cameras/{camera}/timeline?from={since}&to={}", now());
    let timeline = viewer.client.get(&Client::api(&path)).await.expect(200);
    let at = |value: &serde_json::Value| {
        let at: Timestamp = value.as_str()?.parse().ok()?;
        Some(at.as_microsecond())
    };
    timeline.json()["gaps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| Gap {
            from_us: at(&it["from"]).unwrap(),
            to_us: at(&it["to"]),
            cause: it["cause"].as_str().unwrap().to_owned(),
        })
        .collect()
}

/// A recording by ffmpeg.
pub(super) struct Copy {
    child: Child,
    file: PathBuf,
}

impl Copy {
    /// Waits until it is done.
    pub(super) fn file(&mut self) -> &Path {
        let status = self.child.wait().unwrap();
        assert!(status.success(), "ffmpeg could not record: {status}");
        &self.file
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

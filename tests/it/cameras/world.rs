//! The processes, and what was recorded, picture by picture.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base::{Clock as _, Timestamp};
use media::fmp4::read_fragments;
use media::scene::{Decoder, Strip};
use people::role::BuiltIn;
use serde_json::json;
use server::clock::SystemClock;
use testkit::{Brigade, Client, Engine, Login, Opened, TestApp, TestDb, Viewer};

/// A process that ends with its test.
pub(super) struct Process {
    child: Child,
}

impl Drop for Process {
    /// The hard way, always: nothing may depend on a good end.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts it, and waits until it says which port it took.
    pub(super) fn with_port(command: &mut Command) -> (Self, u16) {
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn();
        let mut child = child.expect("the program starts");
        let port = port_of(&mut child);
        (Self { child }, port)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended by itself; whether it says that all is well.
    pub(super) async fn ends(mut self) -> bool {
        let mut status = None;
        testkit::eventually("it ends by itself", async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap().success()
    }

    /// Asks it to end, and waits.
    pub(super) fn end(mut self) {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "ended with {status}");
    }
}

pub(super) fn binary() -> Option<String> {
    let binary = std::env::var("OBHUT_BIN").ok();
    assert!(
        binary.is_some() || std::env::var_os("CI").is_none(),
        "run the tests with ./x test"
    );
    binary
}

fn port_of(child: &mut Child) -> u16 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Port: ")?.trim().parse().ok())
        .expect("the process says its port")
}

/// A station: database, brigade, and room for the agent.
pub(super) struct Station {
    pub(super) binary: String,
    pub(super) db: TestDb,
    pub(super) brigade: Brigade,
    /// An officer: may look live and back.
    pub(super) vera: Login,
    /// The agent's folder.
    pub(super) agent: PathBuf,
}

impl Station {
    pub(super) async fn new(binary: String, engine: Engine) -> Self {
        let app = TestApp::start(engine).await;
        let brigade = app.brigade("kamera").await;
        let vera = app.member(&brigade, "Vera", BuiltIn::Officer).await;
        let (db, _) = app.stop().await;
        let agent = db.folder.join("../").join(format!(
            "{}-agent",
            db.folder.file_name().unwrap().to_string_lossy()
        ));
        std::fs::create_dir_all(&agent).unwrap();
        Self {
            binary,
            db,
            brigade,
            vera,
            agent: agent.canonicalize().unwrap(),
        }
    }

    /// Starts the hub; on a free port, or on one that was used before.
    pub(super) fn hub(&self, port: u16) -> (Process, u16) {
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--no-limits"])
            .env("OBHUT_DATA_DIR", &self.db.folder)
            .env("OBHUT_PORT", port.to_string())
            .env("OBHUT__SERVER__HEALTH_PORT", "0")
            .env("OBHUT__LOG__LEVEL", "error")
            .current_dir(&self.db.folder);
        if let Some(url) = &self.db.postgres {
            command.env("OBHUT__DATABASE__URL", url);
        }
        Process::with_port(&mut command)
    }

    /// Starts simulated cameras and gives their port.
    pub(super) fn cameras(&self, mounts: &[&str], more: &[&str]) -> (Process, u16) {
        let mut command = Command::new(&self.binary);
        command.args(["simulate", "camera", "--size", "640x360", "--fps", "15"]);
        for mount in mounts {
            command.args(["--mount", mount]);
        }
        Process::with_port(command.args(more))
    }

    /// Writes the agent's file of cameras.
    pub(super) fn list_cameras(&self, port: u16, mounts: &[&str]) {
        let mut text = String::new();
        for mount in mounts {
            let _ = writeln!(
                text,
                "[[camera]]\nlabel = \"{mount}\"\nsource = \"rtsp://127.0.0.1:{port}/{mount}\"\n"
            );
        }
        std::fs::write(self.agent.join("cameras.toml"), text).unwrap();
    }

    /// Starts the agent; with a token the first time.
    pub(super) fn start_agent(&self, hub: u16, token: Option<&str>) -> Process {
        let mut command = Command::new(&self.binary);
        command
            .args(["camera", "--log", "error", "--state"])
            .arg(self.agent.join("state"))
            .arg("--config")
            .arg(self.agent.join("cameras.toml"));
        if let Some(token) = token {
            let hub = format!("http://localhost:{hub}");
            command.args(["--hub", &hub]).args(["--token", token]);
        }
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Process { child }
    }

    /// The administrator, signed in, with a viewing key.
    pub(super) async fn administrator(&self, hub: u16) -> Viewer {
        Viewer::new(self.sign_in(hub, &self.brigade.admin.email).await).await
    }

    pub(super) async fn sign_in(&self, hub: u16, email: &str) -> Client {
        let client = Client::new(([127, 0, 0, 1], hub).into());
        let fields = [
            ("email", email),
            ("password", "correct horse battery"),
            ("next", "/"),
        ];
        client.form("/sign-in", &fields).await.expect(303);
        client
    }

    /// Founds the circle, enrols the agent, arms its cameras; gives their ids in the order of the labels.
    pub(super) async fn record(
        &self,
        viewer: &Viewer,
        hub: u16,
        mounts: &[&str],
    ) -> (Process, Vec<String>) {
        viewer.found_circle(self.brigade.org).await;
        let (_, token) = viewer.new_agent("Gerätehaus").await;
        let agent = self.start_agent(hub, Some(&token));
        testkit::eventually("the cameras are announced", async || {
            viewer.cameras().await.len() == mounts.len()
        })
        .await;
        let mut ids = Vec::new();
        let cameras = viewer.cameras().await;
        for mount in mounts {
            let camera = cameras.iter().find(|it| it["label"] == *mount).unwrap();
            assert_eq!(
                camera["armed"], false,
                "nothing records until somebody says so"
            );
            let id = camera["id"].as_str().unwrap().to_owned();
            let change = json!({ "armed": true, "unit": self.brigade.unit });
            viewer.change_camera(&id, change).await;
            ids.push(id);
        }
        (agent, ids)
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.agent);
    }
}

pub(super) fn now() -> Timestamp {
    SystemClock::new().now()
}

/// Everything recorded since, opened.
pub(super) async fn recorded(viewer: &Viewer, camera: &str, since: Timestamp) -> Vec<Opened> {
    let until = now()
        .checked_add(base::SignedDuration::from_secs(60))
        .unwrap();
    match viewer.open(camera, since, until).await {
        Ok(all) => all,
        Err(shut) => panic!("does not open: {shut:?}"),
    }
}

/// Waits until so many segments have arrived at the hub, and gives them opened.
pub(super) async fn wait_for_segments(
    viewer: &Viewer,
    camera: &str,
    since: Timestamp,
    count: usize,
) -> Vec<Opened> {
    for _ in 0..300 {
        let all = recorded(viewer, camera, since).await;
        if all.len() >= count {
            return all;
        }
        pause(Duration::from_millis(200)).await;
    }
    panic!("{count} segments never arrived");
}

/// What every recorded picture says of itself, and when the recording says it was.
pub(super) fn pictures(segment: &Opened) -> Vec<(Strip, i64)> {
    let mut decoder = Decoder::new();
    for set in parameter_sets(&segment.init) {
        decoder.nal(set).unwrap();
    }
    let mut seen = Vec::new();
    for fragment in &segment.fragments {
        let runs = read_fragments(&fragment.mp4).unwrap();
        let first = runs[0].samples[0].pts;
        for sample in runs.iter().flat_map(|run| &run.samples) {
            decoder
                .access_unit(&fragment.mp4[sample.data.clone()])
                .unwrap();
            let strip = decoder.strip().unwrap();
            seen.push((strip, fragment.start_us + (sample.pts - first) * 100 / 9));
        }
    }
    seen
}

/// The parameter sets in the `avcC` box (ISO/IEC 14496-15, 5.3.3.1): here one of each kind.
fn parameter_sets(init: &[u8]) -> [&[u8]; 2] {
    let start = init.windows(4).position(|it| it == b"avcC").unwrap() + 4;
    let take = |at: usize| {
        let length = usize::from(u16::from_be_bytes([init[at], init[at + 1]]));
        (&init[at + 2..at + 2 + length], at + 2 + length)
    };
    let (sequence, next) = take(start + 6);
    let (picture, _) = take(next + 1);
    [sequence, picture]
}

/// Every file below a folder.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            } else {
                all.push(entry.path());
            }
        }
    }
    all
}

#[expect(clippy::disallowed_methods, reason = "real processes need real time")]
pub(super) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

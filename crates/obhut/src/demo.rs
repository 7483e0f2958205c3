//! The demo's processes: simulated cameras, and an agent that records them. They end with this one.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use server::demo::cameras::{CAMERAS, Start, prepare};
use server::start::Running;

/// Processes that run beside the demo. Dropping them closes their standard input, at which they end.
pub(crate) struct Beside {
    children: Vec<Child>,
}

impl Beside {
    /// Closes their input and waits until they are gone.
    pub(crate) fn end(mut self) {
        for child in &mut self.children {
            drop(child.stdin.take());
        }
        for child in &mut self.children {
            let _ = child.wait();
        }
    }
}

/// Starts cameras and agent; nothing, when this is no demo.
pub(crate) async fn start(running: &Running) -> Result<Option<Beside>> {
    let Some(start) = prepare(running).await? else {
        return Ok(None);
    };
    let (cameras, port) = simulate()?;
    let agent = record(&start, port)?;
    Ok(Some(Beside {
        children: vec![agent, cameras],
    }))
}

fn own() -> Result<Command> {
    let program = std::env::current_exe().context("where this program lies is not known")?;
    let mut command = Command::new(program);
    command.stdin(Stdio::piped()).stderr(Stdio::inherit());
    Ok(command)
}

/// The simulated cameras and the port of their RTSP server.
fn simulate() -> Result<(Child, u16)> {
    let mut command = own()?;
    command.args(["simulate", "camera", "--until-stdin-ends"]);
    command.args(["--size", "1280x720", "--fps", "15"]);
    command.args(["--zone", "Europe/Berlin"]);
    for camera in &CAMERAS {
        command.args(["--mount", &format!("{}={}", camera.label, camera.name)]);
    }
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("the demo's cameras can't be started")?;
    let output = child.stdout.take().context("the cameras have no output")?;
    let port = BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Port: ")?.trim().parse().ok())
        .context("the demo's cameras did not start")?;
    Ok((child, port))
}

fn record(start: &Start, port: u16) -> Result<Child> {
    let mut text = String::new();
    for camera in &CAMERAS {
        let (label, name) = (camera.label, camera.name);
        writeln!(
            text,
            "[[camera]]\nlabel = \"{label}\"\nname = \"{name}\"\nsource = \"rtsp://127.0.0.1:{port}/{label}\"\n"
        )?;
    }
    std::fs::write(&start.config, text).context("the demo's cameras can't be written down")?;
    let mut command = own()?;
    command.args(["camera", "--until-stdin-ends", "--log", "warn"]);
    command.arg("--state").arg(&start.state);
    command.arg("--config").arg(&start.config);
    command.args(["--hub", &start.hub]);
    if let Some(token) = &start.token {
        command.env("OBHUT_CAMERA_TOKEN", token);
    }
    command
        .stdout(Stdio::null())
        .spawn()
        .context("the demo's camera agent can't be started")
}

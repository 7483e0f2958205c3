//! `record`: what one agent costs that records eight cameras of 1080p25 and 4 Mbit/s, without and with sending, and
//! what `ffmpeg` takes for copying the same streams.
//!
//! Simulator, agent and ffmpeg are processes of their own; the hub is a sink in this one, which checks nothing.

mod sink;

use anyhow::{Context as _, Result, bail, ensure};
use base::Clock;
use server::clock::SystemClock;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Plan;
use crate::child::{binary, cpu_seconds_of, resident_mib_of};
use crate::report::Report;
use crate::scratch::Scratch;
use sink::Sink;

const STREAMS: usize = 8;
const WINDOW: usize = 60;
/// Before measuring: connecting, first segments, first token.
const WARM_UP: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_mins(1);

/// A process that is killed when it is dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

/// Measures.
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let binary = binary()?;
    let (_cameras, urls) = cameras(&binary)?;
    let mut report = Report::new(plan)?;
    let window = Duration::from_secs(u64::try_from(plan.size(WINDOW))?);
    for run in 0..plan.runs {
        eprintln!("run {}", run + 1);
        let (cpu, rss) = agent(&binary, &urls, false, window).await?;
        report.take("record_core_percent_per_stream", "%", cpu);
        report.take("record_rss_mib", "MiB", rss);
        let (cpu, rss) = agent(&binary, &urls, true, window).await?;
        report.take("record_upload_core_percent_per_stream", "%", cpu);
        report.take("record_upload_rss_mib", "MiB", rss);
        match ffmpeg(&urls, window).await? {
            Some(cpu) => report.take("ffmpeg_copy_core_percent_per_stream", "%", cpu),
            None => eprintln!("  there is no ffmpeg here to compare with"),
        }
    }
    report.print()
}

/// Starts the cameras; where they are.
fn cameras(binary: &Path) -> Result<(Process, Vec<String>)> {
    let mut command = Command::new(binary);
    command.args(["simulate", "camera", "--size", "1920x1080", "--fps", "25"]);
    command.args(["--bitrate", "4000000", "--gop", "50"]);
    for n in 0..STREAMS {
        command.args(["--mount", &format!("c{n}")]);
    }
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut process = Process(child.context("could not start the simulator")?);
    let out = process.0.stdout.take().context("no output")?;
    let mut urls = Vec::new();
    for line in BufReader::new(out).lines() {
        let line = line?;
        if line.starts_with("rtsp://") {
            urls.push(line);
        } else if line.starts_with("Port: ") {
            // The last it says: nothing is printed into a pipe that nobody holds.
            ensure!(urls.len() == STREAMS, "{} cameras", urls.len());
            return Ok((process, urls));
        }
    }
    bail!("the simulator ended before it said where it listens")
}

/// One agent, from its enrolment on: percent of a core for each stream, and MiB.
async fn agent(
    binary: &Path,
    urls: &[String],
    takes: bool,
    window: Duration,
) -> Result<(f64, f64)> {
    let scratch = Scratch::on_disk("record")?;
    let sink = Sink::start(takes).await?;
    let roster = scratch.path().join("cameras.toml");
    let mut text = String::new();
    for (n, url) in urls.iter().enumerate() {
        write!(text, "[[camera]]\nlabel = \"c{n}\"\nsource = \"{url}\"\n")?;
    }
    fs::write(&roster, text)?;
    let state = scratch.path().join("state");
    let log = scratch.path().join("log");
    let child = Command::new(binary)
        .arg("camera")
        .arg("--state")
        .arg(&state)
        .arg("--config")
        .arg(&roster)
        .args(["--hub", &sink.origin(), "--token", &sink.token()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?)
        .spawn()
        .with_context(|| format!("could not start {}", binary.display()))?;
    let mut agent = Process(child);
    let clock = SystemClock::new();
    let since = clock.monotonic();
    while recording(&state.join("spool/cameras")) < urls.len() {
        let words = || fs::read_to_string(&log).unwrap_or_default();
        if let Some(status) = agent.0.try_wait()? {
            bail!("the agent ended with {status}:\n{}", words());
        }
        ensure!(
            clock.monotonic().saturating_sub(since) < PATIENCE,
            "the agent does not record:\n{}",
            words()
        );
        clock.sleep(Duration::from_millis(50)).await;
    }
    clock.sleep(WARM_UP).await;
    let (before, bytes) = (cpu_seconds_of(&agent.0)?, sink.bytes());
    let began = clock.monotonic();
    clock.sleep(window).await;
    let passed = clock.monotonic().saturating_sub(began).as_secs_f64();
    let cpu = cpu_seconds_of(&agent.0)? - before;
    let sent = sink.bytes() - bytes;
    eprintln!("  sent {:.1} MiB", to_f64(sent)? / f64::from(1 << 20));
    ensure!(
        !takes || sent > 0 || window < Duration::from_secs(20),
        "the agent sent nothing"
    );
    let rss = resident_mib_of(&agent.0)?;
    Ok((share(cpu, passed, urls.len())?, rss))
}

fn to_f64(value: u64) -> Result<f64> {
    Ok(f64::from(u32::try_from(value >> 10)?) * 1024.0)
}

fn share(cpu: f64, seconds: f64, streams: usize) -> Result<f64> {
    Ok(100.0 * cpu / seconds / f64::from(u32::try_from(streams)?))
}

/// Cameras of which a segment is being written.
fn recording(cameras: &Path) -> usize {
    let below = |path: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(path).into_iter().flatten();
        entries.filter_map(|it| Some(it.ok()?.path())).collect()
    };
    let writes = |camera: &PathBuf| {
        below(camera)
            .iter()
            .flat_map(|it| below(it))
            .any(|it| it.extension().is_some_and(|it| it == "part"))
    };
    below(cameras).iter().filter(|it| writes(it)).count()
}

/// As many ffmpeg that copy into fragmented MP4; `None` where there is none.
async fn ffmpeg(urls: &[String], window: Duration) -> Result<Option<f64>> {
    let scratch = Scratch::on_disk("ffmpeg")?;
    let mut copies = Vec::new();
    for (n, url) in urls.iter().enumerate() {
        let child = Command::new("ffmpeg")
            .args(["-v", "error", "-rtsp_transport", "tcp", "-i", url])
            .args(["-c", "copy", "-f", "mp4"])
            .args(["-movflags", "frag_keyframe+empty_moov+default_base_moof"])
            .arg(scratch.path().join(format!("{n}.mp4")))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match child {
            Ok(child) => copies.push(Process(child)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("could not start ffmpeg"),
        }
    }
    let clock = SystemClock::new();
    // It looks at the stream for up to five seconds before it begins.
    clock.sleep(WARM_UP * 2).await;
    let total = |copies: &[Process]| {
        copies
            .iter()
            .map(|it| cpu_seconds_of(&it.0))
            .sum::<Result<f64>>()
    };
    let before = total(&copies)?;
    let began = clock.monotonic();
    clock.sleep(window).await;
    let passed = clock.monotonic().saturating_sub(began).as_secs_f64();
    let cpu = total(&copies)? - before;
    Ok(Some(share(cpu, passed, urls.len())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percent_of_a_core() {
        let share = share(2.4, 60.0, 8).unwrap();
        assert!((share - 0.5).abs() < 1e-9, "{share}");
    }
}

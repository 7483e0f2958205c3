//! `./x bench NAME`: measures, and prints one JSON object a line.
//!
//! Builds are measured here, because a program cannot time its own making; the rest is in `bench/`.
//! The machine's load and the time stolen from it stand beside each figure: without them a number from
//! a shared machine says little.

use crate::cmd::{self, Stopwatch};
use crate::guard::Guard;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const DRIVEN: [&str; 7] = [
    "alarm-fanout",
    "live",
    "playback",
    "record",
    "seal",
    "start",
    "store",
];
/// Those that measure no server.
const ALONE: [&str; 1] = ["seal"];
const RUNS: usize = 5;
const EDITED: &str = "crates/alarm/src/lib.rs";

/// Runs one bench.
pub(crate) fn bench(args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        bail!("which one? {}, build", DRIVEN.join(", "));
    };
    if name == "build" {
        return build(rest);
    }
    if !DRIVEN.contains(&name.as_str()) {
        bail!(
            "there is no bench {name}. There are: {}, build",
            DRIVEN.join(", ")
        );
    }
    if !ALONE.contains(&name.as_str()) {
        // The server itself is measured as it is shipped.
        cmd::run(cmd::cargo(&["build", "--release", "-p", "obhut"]))?;
    }
    let mut command = cmd::cargo(&["run", "--release", "-p", "obhut-bench", "--", name]);
    command
        .args(rest)
        .env("OBHUT_BIN", cmd::target_folder()?.join("release/obhut"));
    let server = match std::env::var_os(crate::postgres::VARIABLE) {
        None if name == "store" => Some(crate::postgres::Postgres::start_durable()?),
        _ => None,
    };
    if let Some(server) = &server {
        command.env(crate::postgres::VARIABLE, server.url());
    }
    cmd::run(command)
}

fn build(args: &[String]) -> Result<()> {
    let runs = match args {
        [] => RUNS,
        [option, n] if option == "--runs" => n.parse().context("--runs takes a number")?,
        _ => bail!("bench build knows one option: --runs N"),
    };
    let watch = Machine::watch()?;
    let clean = (0..runs)
        .map(|_| clean_build())
        .collect::<Result<Vec<_>>>()?;
    report("build_clean_cpu_s", clean, "s", &watch)?;

    let watch = Machine::watch()?;
    let edited = edits(runs)?;
    report("build_one_line_in_alarm_s", edited, "s", &watch)
}

/// Processor seconds of a build into an empty folder.
fn clean_build() -> Result<f64> {
    let folder = Scratch::new("obhut-build")?;
    let before = children_cpu_seconds()?;
    let mut command = cmd::cargo(&["build", "--quiet", "-p", "obhut"]);
    command.env("CARGO_TARGET_DIR", &folder.path);
    cmd::run(command)?;
    Ok(children_cpu_seconds()? - before)
}

/// Seconds from one more line in `alarm` until the rebuilt server says where it listens.
fn edits(runs: usize) -> Result<Vec<f64>> {
    let binary = crate::run::build(false)?;
    let original = fs::read(EDITED).with_context(|| format!("could not read {EDITED}"))?;
    let scratch = Scratch::new("obhut-edit")?;
    let copy = scratch.path.join("lib.rs");
    fs::write(&copy, &original)?;
    let edited = fs::canonicalize(EDITED)?;
    let args = [copy.as_os_str(), edited.as_os_str()];
    let _restores = Guard::start(&[], "", r#"cp "$1" "$2"; rm -f "$1""#, &args)?;
    (0..runs)
        .map(|run| {
            let mut text = original.clone();
            text.extend_from_slice(format!("// Measured edit {run}.\n").as_bytes());
            let data = scratch.path.join(format!("data-{run}"));
            let since = Stopwatch::start();
            fs::write(EDITED, &text)?;
            cmd::run(cmd::cargo(&["build", "--quiet", "-p", "obhut"]))?;
            let mut server = Server::start(&binary, &data)?;
            server.wait_until_ready()?;
            Ok(since.elapsed().as_secs_f64())
        })
        .collect()
}

/// A server on a free port with an empty data folder; killed at the end.
struct Server(Child);

impl Server {
    fn start(binary: &Path, data: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let child = Command::new(binary)
            .arg("serve")
            .env("OBHUT_DATA_DIR", data)
            .env("OBHUT_PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("could not start {}", binary.display()))?;
        Ok(Self(child))
    }

    /// The server prints its first address once it listens.
    fn wait_until_ready(&mut self) -> Result<()> {
        let out = self.0.stdout.take().context("no output")?;
        for line in BufReader::new(out).lines() {
            if line?.contains("http://") {
                return Ok(());
            }
        }
        bail!("the server ended before it said where it listens")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

/// A temporary folder that goes when it is dropped.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new(name: &str) -> Result<Self> {
        let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("could not make {}", path.display()))?;
        Ok(Self { path })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).ok();
    }
}

fn report(name: &str, values: Vec<f64>, unit: &str, watch: &Machine) -> Result<()> {
    let value = median(values.clone()).context("no runs")?;
    let mut shown = String::new();
    for value in values {
        write!(shown, " {value:.2}")?;
    }
    eprintln!("{name}:{shown}");
    let value = (value * 100.0).round() / 100.0;
    println!(
        "{}",
        json!({"name": name, "value": value, "unit": unit, "machine": watch.now()?})
    );
    Ok(())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*values.get(middle - 1)?, upper))
}

/// Processor seconds, in user and kernel, of all children that have ended, and of theirs.
fn children_cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    children_ticks(&stat)
        .map(|it| it / 100.0)
        .context("/proc/self/stat is not as expected")
}

/// Fields 16 and 17; the name in brackets before them may hold anything. Linux counts hundredths.
fn children_ticks(stat: &str) -> Option<f64> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(13);
    let user: f64 = fields.next()?.parse().ok()?;
    let kernel: f64 = fields.next()?.parse().ok()?;
    Some(user + kernel)
}

/// The machine, and how much of its time had gone elsewhere when the watch began.
struct Machine {
    total: f64,
    steal: f64,
}

impl Machine {
    fn watch() -> Result<Self> {
        let (total, steal) =
            times(&fs::read_to_string("/proc/stat")?).context("/proc/stat is not as expected")?;
        Ok(Self { total, steal })
    }

    fn now(&self) -> Result<serde_json::Value> {
        let now = Self::watch()?;
        let passed = (now.total - self.total).max(1.0);
        let steal = 100.0 * (now.steal - self.steal) / passed;
        let cpus = fs::read_to_string("/proc/cpuinfo")?;
        let cpu = cpus
            .lines()
            .find_map(|it| it.strip_prefix("model name")?.split_once(": "));
        let load = fs::read_to_string("/proc/loadavg")?;
        let load: f64 = load.split(' ').next().unwrap_or_default().parse()?;
        Ok(json!({
            "cpu": cpu.map_or("unknown", |it| it.1),
            "cores": std::thread::available_parallelism()?,
            "load": load,
            "steal_percent": (steal * 10.0).round() / 10.0,
        }))
    }
}

/// All ticks, and the stolen ones, from the first line of `/proc/stat`.
fn times(stat: &str) -> Option<(f64, f64)> {
    let fields: Vec<f64> = stat
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .take(8)
        .filter_map(|it| it.parse().ok())
        .collect();
    Some((fields.iter().sum(), *fields.get(7)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_median() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn reads_the_system() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 130 40 20 0";
        assert_eq!(children_ticks(stat), Some(170.0));
        assert_eq!(
            times("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1"),
            Some((36.0, 8.0))
        );
    }
}

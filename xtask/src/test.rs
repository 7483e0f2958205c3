//! `./x test`: every test there is, on both databases, in a real browser, and with readers of our formats.
//!
//! A part that fails does not keep the next from running; only a server that does not build ends the
//! run early, because everything after needs it.

use crate::cmd::{self, Stopwatch};
use crate::counts::{self, Counts, Runner};
use crate::postgres::{self, Postgres};
use crate::{peers, run, setup};
use anyhow::Result;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs the tests, or those whose names or crates contain `FILTER`, and prints the sum as the last line.
pub(crate) fn test(args: &[String]) -> bool {
    let filter = args.first().map(String::as_str);
    let mut report = Report::default();
    let result = all(filter, &mut report);
    report.finish(result)
}

/// Runs the browser tests alone; with `--peers` those alone that need GStreamer and ffmpeg.
pub(crate) fn e2e(args: &[String]) -> bool {
    let filter = args.first().map(String::as_str);
    let mut report = Report::default();
    if filter == Some("--peers") {
        let result = peers::command().and_then(|command| {
            report.lap("set-up");
            report.part("recordings and peers", command, Runner::Nextest)
        });
        return report.finish(result);
    }
    let result = setup::for_e2e().and_then(|()| {
        let binary = run::build(false)?;
        browser(filter, &binary, &mut report)
    });
    report.finish(result)
}

fn all(filter: Option<&str>, report: &mut Report) -> Result<()> {
    setup::everything()?;
    report.lap("set-up");
    let binary = run::build(false)?;
    report.lap("building the server");
    let (server, url) = database()?;
    report.lap("starting PostgreSQL");
    let with_world = |mut command: Command| {
        command
            .env(postgres::VARIABLE, &url)
            .env("OBHUT_BIN", &binary);
        command
    };
    if cmd::says_yes("cargo", &["nextest", "--version"]) {
        let mut command = cmd::cargo(&["nextest", "run", "--workspace", "--no-tests=pass"]);
        if std::env::var("CI").is_ok_and(|it| it == "true") {
            command.args(["--profile", "ci"]);
        }
        if let Some(filter) = filter {
            command.args(["-E", &format!("test(~{filter}) | package(~{filter})")]);
        }
        report.part("Rust", with_world(command), Runner::Nextest)?;
    } else {
        let mut command = cmd::cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast"]);
        command.args(filter);
        report.part("Rust", with_world(command), Runner::Libtest)?;
    }
    let mut command = cmd::cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]);
    command.args(filter);
    report.part("documentation", with_world(command), Runner::Libtest)?;
    drop(server);
    readers(filter, report)?;
    pages(filter, report)?;
    browser(filter, &binary, report)
}

/// Our own server, or the one that the environment names.
fn database() -> Result<(Option<Postgres>, String)> {
    if let Ok(url) = std::env::var(postgres::VARIABLE) {
        return Ok((None, url));
    }
    let server = Postgres::start()?;
    let url = server.url();
    Ok((Some(server), url))
}

/// What we write, read by programs that share no code with us. A filter must name the part.
fn readers(filter: Option<&str>, report: &mut Report) -> Result<()> {
    let name = "recording format in Python";
    if filter.is_some_and(|it| !name.contains(it)) {
        return Ok(());
    }
    let mut command = Command::new(setup::peers_python()?);
    command
        .arg(Path::new(setup::PEERS).join("recording_reader.py"))
        .args(["vectors", "tests/vectors/recording"]);
    report.part(name, command, Runner::Plain)
}

fn pages(filter: Option<&str>, report: &mut Report) -> Result<()> {
    if !Path::new("web/package.json").exists() {
        return Ok(());
    }
    if let Some(filter) = filter {
        let command = cmd::npm("web", &["test", "--", "--passWithNoTests", "-t", filter]);
        return report.part("pages", command, Runner::Vitest);
    }
    report.part(
        "page style",
        cmd::npm("web", &["run", "lint"]),
        Runner::Check,
    )?;
    report.part(
        "page types",
        cmd::npm("web", &["run", "check"]),
        Runner::Check,
    )?;
    report.part("pages", cmd::npm("web", &["test"]), Runner::Vitest)
}

fn browser(filter: Option<&str>, binary: &Path, report: &mut Report) -> Result<()> {
    if !Path::new(setup::BROWSER_TESTS)
        .join("package.json")
        .exists()
    {
        return Ok(());
    }
    let mut command = cmd::npx(setup::BROWSER_TESTS, &["playwright", "test"]);
    if let Some(filter) = filter {
        command.args(["--pass-with-no-tests", "-g", filter]);
    }
    command
        .env("OBHUT_BIN", binary)
        .env("CHROMIUM", setup::CHROMIUM);
    report.part("browser", command, Runner::Playwright)
}

/// What ran, how long it took and what came of it.
struct Report {
    since: Stopwatch,
    laps: Vec<(&'static str, Duration, Option<Counts>)>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            since: Stopwatch::start(),
            laps: Vec::new(),
        }
    }
}

impl Report {
    fn lap(&mut self, name: &'static str) {
        self.push(name, None);
    }

    fn part(&mut self, name: &'static str, command: Command, runner: Runner) -> Result<()> {
        let counts = counts::count(command, runner)?;
        self.push(name, Some(counts));
        Ok(())
    }

    fn push(&mut self, name: &'static str, counts: Option<Counts>) {
        let before: Duration = self.laps.iter().map(|it| it.1).sum();
        let took = self.since.elapsed().saturating_sub(before);
        self.laps.push((name, took, counts));
    }

    /// Prints the parts and, alone on the last line, the sum. A run cut short is a failure.
    fn finish(mut self, result: Result<()>) -> bool {
        if let Err(error) = result {
            eprintln!("x: {error:#}");
            self.push(
                "what came next",
                Some(Counts {
                    passed: 0,
                    failed: 1,
                }),
            );
        }
        println!();
        let mut sum = Counts::default();
        for (name, took, counts) in &self.laps {
            let words = match counts {
                Some(it) => format!("{} passed, {} failed", it.passed, it.failed),
                None => String::new(),
            };
            println!("{:>8.1} s  {name:<26} {words}", took.as_secs_f64());
            let counts = counts.unwrap_or_default();
            sum.passed += counts.passed;
            sum.failed += counts.failed;
        }
        println!("\n{} passed, {} failed", sum.passed, sum.failed);
        sum.failed == 0
    }
}

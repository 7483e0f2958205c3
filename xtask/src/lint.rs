//! `./x lint` and its neighbours: what a machine can judge without running the product.

use crate::cmd::{self, Stopwatch};
use crate::{layers, setup, tidy};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// Runs every check, also after one has failed, and says at the end which did.
pub(crate) fn lint(args: &[String]) -> Result<bool> {
    let advisories = match args {
        [] => false,
        [one] if one == "--advisories" => true,
        _ => bail!("lint knows one option: --advisories"),
    };
    setup::for_lint()?;
    let mut report = Report { failed: Vec::new() };
    report.check("format", || {
        cmd::succeeds(cmd::cargo(&["fmt", "--all", "--check"]))
    })?;
    report.check("tidy", tidy::tidy)?;
    report.check("layers", layers::layers)?;
    report.check("clippy", || {
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ];
        cmd::succeeds(cmd::cargo(&args))
    })?;
    report.check("dependencies", || dependencies(advisories))?;
    report.check("documentation", || cmd::succeeds(documentation()))?;
    if Path::new("web/package.json").exists() {
        report.check("page style", || {
            cmd::succeeds(cmd::npm("web", &["run", "lint"]))
        })?;
        report.check("page types", || {
            cmd::succeeds(cmd::npm("web", &["run", "check"]))
        })?;
    }
    report.check("browser test types", || {
        cmd::succeeds(cmd::npm(setup::BROWSER_TESTS, &["run", "check"]))
    })?;
    if report.failed.is_empty() {
        println!("lint: everything is fine");
    } else {
        println!("lint: this failed: {}", report.failed.join(", "));
    }
    Ok(report.failed.is_empty())
}

struct Report {
    failed: Vec<&'static str>,
}

impl Report {
    fn check(&mut self, name: &'static str, run: impl FnOnce() -> Result<bool>) -> Result<()> {
        let since = Stopwatch::start();
        let fine = run()?;
        let word = if fine { "ok" } else { "FAILED" };
        println!(
            "{:>8.1} s  {name:<20} {word}",
            since.elapsed().as_secs_f64()
        );
        if !fine {
            self.failed.push(name);
        }
        Ok(())
    }
}

/// Bans, licences and sources; known holes only on request, because their list is fetched.
fn dependencies(advisories: bool) -> Result<bool> {
    if !cmd::says_yes("cargo", &["deny", "--version"]) {
        println!("skipped: cargo install --locked cargo-deny");
        return Ok(true);
    }
    let mut command = cmd::cargo(&["deny", "--log-level", "error", "check"]);
    command.args(["bans", "licenses", "sources"]);
    if advisories {
        command.arg("advisories");
    }
    cmd::succeeds(command)
}

fn documentation() -> Command {
    let mut command = cmd::cargo(&["doc", "--workspace", "--no-deps", "--quiet"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// Formats Rust and the pages.
pub(crate) fn fmt() -> Result<()> {
    cmd::run(cmd::cargo(&["fmt", "--all"]))?;
    if Path::new("web/node_modules").exists() {
        cmd::run(cmd::npm("web", &["run", "format"]))?;
    }
    Ok(())
}

/// Makes the documentation of the code, and opens it when asked.
pub(crate) fn doc(args: &[String]) -> Result<()> {
    let mut command = documentation();
    command.args(args);
    cmd::run(command)?;
    println!(
        "{}",
        cmd::target_folder()?.join("doc/obhut/index.html").display()
    );
    Ok(())
}

/// Accepts a changed interface: the test writes `openapi/obhut.json`, npm the types made from it.
pub(crate) fn openapi() -> Result<()> {
    let args = [
        "test",
        "-p",
        "server",
        "-p",
        "obhut-tests",
        "--all-targets",
        "openapi",
    ];
    let mut command = cmd::cargo(&args);
    command.env("OBHUT_ACCEPT", "1");
    cmd::run(command)?;
    if Path::new("web/package.json").exists() {
        cmd::run(cmd::npm("web", &["run", "schema"]))?;
    }
    cmd::run({
        let mut command = Command::new("git");
        command.args([
            "--no-pager",
            "diff",
            "--stat",
            "--",
            "openapi",
            "web/src/api",
        ]);
        command
    })
}

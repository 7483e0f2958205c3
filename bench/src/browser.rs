//! `live` and `playback`: what only a browser can see. The measuring is in `tests/browser/bench`, with the same Chromium
//! and the same helpers as the browser tests; medians and the machine are taken here.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Plan;
use crate::child::binary;
use crate::report::Report;
use crate::scratch::Scratch;

/// A line that the browser's side wrote.
#[derive(Debug, Deserialize)]
struct Figure {
    name: String,
    unit: String,
    value: f64,
}

/// Measures.
pub(crate) fn run(name: &str, plan: Plan) -> Result<()> {
    let binary = binary()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser");
    let scratch = Scratch::on_disk(name)?;
    let figures = scratch.path().join("figures");
    let mut report = Report::new(plan)?;
    let status = Command::new("npx")
        .args(["--no-install", "playwright", "test"])
        .args(["--config", "bench.config.ts", name])
        .current_dir(&folder)
        .env("OBHUT_BIN", binary)
        .env("OBHUT_BENCH_RUNS", plan.runs.to_string())
        .env("OBHUT_BENCH_QUICK", if plan.quick { "1" } else { "0" })
        .env("OBHUT_BENCH_FIGURES", &figures)
        .env("OBHUT_BENCH_FILL", std::env::current_exe()?)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .context("could not start npx; `./x e2e` fetches what it needs")?;
    ensure!(status.success(), "the browser ended with {status}");
    for line in fs::read_to_string(&figures)?.lines() {
        let figure: Figure = serde_json::from_str(line)?;
        report.take(&figure.name, unit(&figure.unit)?, figure.value);
    }
    report.print()
}

fn unit(word: &str) -> Result<&'static str> {
    ["ms", "MiB/s", "1/s"]
        .into_iter()
        .find(|it| *it == word)
        .with_context(|| format!("what is {word}?"))
}

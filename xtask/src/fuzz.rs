//! `./x fuzz NAME`: one parser, as much garbage as fits into the time.
//!
//! Needs a nightly compiler and cargo-fuzz; the corpora replay in `./x test` without either.

use crate::cmd;
use anyhow::{Result, bail};
use std::process::Command;

/// Fuzzes one target for a minute, or with the arguments given to libFuzzer.
pub(crate) fn fuzz(args: &[String]) -> Result<()> {
    let Some((name, rest)) = args.split_first() else {
        bail!("which one? {}", targets().join(", "));
    };
    if !targets().contains(name) {
        bail!(
            "there is no target {name} in fuzz/fuzz_targets. There are: {}",
            targets().join(", ")
        );
    }
    if !cmd::says_yes("cargo", &["+nightly", "--version"]) {
        bail!("a nightly compiler is missing: rustup toolchain install nightly --profile minimal");
    }
    if !cmd::says_yes("cargo", &["fuzz", "--version"]) {
        bail!("cargo-fuzz is missing: cargo install --locked cargo-fuzz");
    }
    let mut command = Command::new("cargo");
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO");
    command.args(["+nightly", "fuzz", "run", name, "--"]);
    if rest.is_empty() {
        command.arg("-max_total_time=60");
    } else {
        command.args(rest);
    }
    cmd::run(command)
}

fn targets() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir("fuzz/fuzz_targets")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|it| Some(it.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    names
}

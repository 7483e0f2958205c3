//! `./x run`: set up, build, and become the server.

use crate::{cmd, setup};
use anyhow::{Context, Result};
use std::convert::Infallible;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// Replaces this process by `obhut serve ARGS`; returns only with an error.
pub(crate) fn run(args: &[String]) -> Result<Infallible> {
    setup::for_run()?;
    let release = args.iter().any(|it| it == "--release");
    let binary = build(release)?;
    let rest = args.iter().filter(|it| *it != "--release");
    let error = Command::new(&binary).arg("serve").args(rest).exec();
    Err(error).with_context(|| format!("could not start {}", binary.display()))
}

/// Builds the server and says where it is.
pub(crate) fn build(release: bool) -> Result<PathBuf> {
    let mut command = cmd::cargo(&["build", "-p", "obhut"]);
    if release {
        command.arg("--release");
    }
    cmd::run(command)?;
    Ok(cmd::target_folder()?.join(if release {
        "release/obhut"
    } else {
        "debug/obhut"
    }))
}

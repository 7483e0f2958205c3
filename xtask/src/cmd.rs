//! Starting other programs, and telling the reader which.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A cargo command without the variables that the cargo which runs us has set.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    clean(&mut command);
    command.args(args);
    command
}

/// An npm command in `folder`. No package may fetch a browser or speak to a registry unasked.
pub(crate) fn npm(folder: &str, args: &[&str]) -> Command {
    in_node("npm", folder, args)
}

/// A command of an installed npm package in `folder`; never fetched when it is missing.
pub(crate) fn npx(folder: &str, args: &[&str]) -> Command {
    let mut command = in_node("npx", folder, &["--no-install"]);
    command.args(args);
    command
}

fn in_node(program: &str, folder: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    clean(&mut command);
    command.current_dir(folder).args(args);
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command.env("npm_config_update_notifier", "false");
    command
}

fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let shown = name.to_string_lossy();
        if shown.starts_with("CARGO_PKG_") || shown.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
}

/// The command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let mut words = Vec::new();
    if let Some(folder) = command.get_current_dir() {
        words.push(format!("cd {} &&", folder.display()));
    }
    words.push(command.get_program().to_string_lossy().into_owned());
    words.extend(
        command
            .get_args()
            .map(|it| it.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// Runs a command with our own input and output; an error when it fails.
pub(crate) fn run(command: Command) -> Result<()> {
    let line = shown(&command);
    if succeeds(command)? {
        Ok(())
    } else {
        bail!("this failed: {line}")
    }
}

/// Runs a command with our own input and output; `false` when it fails.
pub(crate) fn succeeds(mut command: Command) -> Result<bool> {
    let line = shown(&command);
    eprintln!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("could not start: {line}"))?;
    Ok(status.success())
}

/// Runs a command quietly and gives its standard output; its errors go to ours.
pub(crate) fn output(mut command: Command) -> Result<String> {
    let line = shown(&command);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start: {line}"))?;
    if !output.status.success() {
        bail!("this failed: {line}");
    }
    String::from_utf8(output.stdout).with_context(|| format!("not text: what {line} printed"))
}

/// Whether a command can be started and says yes; silent.
pub(crate) fn says_yes(program: &str, args: &[&str]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|it| it.success())
}

/// Time that passes while other programs work.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "measures other programs; nothing here needs a simulated clock"
    )]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// What cargo knows of this workspace, without its dependencies.
pub(crate) fn metadata() -> Result<serde_json::Value> {
    let text = output(cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    serde_json::from_str(&text).context("cargo metadata did not print JSON")
}

/// The folder cargo builds into, which may be outside the repository.
pub(crate) fn target_folder() -> Result<std::path::PathBuf> {
    let metadata = metadata()?;
    let folder = metadata["target_directory"]
        .as_str()
        .context("cargo names no target folder")?;
    Ok(folder.into())
}

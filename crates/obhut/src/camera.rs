//! `obhut camera`: the agent beside the cameras.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use server::clock::SystemClock;

use crate::ends::Ends;

/// Where the agent keeps what it must remember, unless told.
const FOLDER: &str = "camera";
const FOLDER_VARIABLE: &str = "OBHUT_CAMERA_DIR";
const TOKEN_VARIABLE: &str = "OBHUT_CAMERA_TOKEN";

/// How to run the agent.
#[derive(Args)]
pub(crate) struct Camera {
    /// The agent's folder; `$OBHUT_CAMERA_DIR` or `./camera` if none is named. One agent, one folder.
    #[arg(long)]
    state: Option<PathBuf>,
    /// The hub: https, or http on this machine. Needed the first time.
    #[arg(long)]
    hub: Option<String>,
    /// The enrolment token that the hub's page shows; `$OBHUT_CAMERA_TOKEN` keeps it out of the list of processes.
    /// Needed the first time.
    #[arg(long)]
    token: Option<String>,
    /// A file with the certificate of the authority that signed the hub's, PEM; it alone is believed then. What the
    /// operating system knows if not given.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Fingerprint of the custodian whom alone to believe, as you noted it (Video, Keys); any other is refused.
    #[arg(long)]
    custodian: Option<String>,
    /// One camera: `rtsp://user:password@host/path`. For more, name a file with --config.
    #[arg(long)]
    source: Option<String>,
    /// What the agent, and the camera of --source, should be called at first.
    #[arg(long)]
    name: Option<String>,
    /// The most the spool may take, such as 500M or 20G; as much as the disk holds if not given.
    #[arg(long, value_parser = bytes)]
    spool_limit: Option<u64>,
    /// What to log, such as `info` or `debug`.
    #[arg(long, default_value = "info")]
    log: String,
    /// End when standard input ends: for whoever starts it as a child.
    #[arg(long, hide = true)]
    until_stdin_ends: bool,
}

/// Runs the agent until it is told to end.
pub(crate) async fn run(args: Camera, config: Option<PathBuf>) -> Result<ExitCode> {
    log(&args.log)?;
    let mut options = camera::Options::new(
        folder(args.state),
        cameras(args.source.as_deref(), args.name.as_deref(), config)?,
    );
    options.hub = args.hub;
    options.token = args.token.or_else(|| std::env::var(TOKEN_VARIABLE).ok());
    options.custodian = args.custodian;
    options.authority = args.ca;
    options.name = args.name;
    options.spool_limit = args.spool_limit;
    env!("CARGO_PKG_VERSION").clone_into(&mut options.version);
    let mut ends = Ends::new()?.with_parent(args.until_stdin_ends);
    let clock = Arc::new(SystemClock::new());
    camera::run(options, clock, Arc::new(base::SystemRng), ends.wait()).await?;
    Ok(ExitCode::SUCCESS)
}

fn folder(named: Option<PathBuf>) -> PathBuf {
    named
        .or_else(|| std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(FOLDER))
}

fn cameras(
    source: Option<&str>,
    name: Option<&str>,
    config: Option<PathBuf>,
) -> Result<Vec<camera::roster::Entry>> {
    match (source, config) {
        (Some(source), None) => Ok(camera::roster::single(source, name)?),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("could not read {}", path.display()))?;
            camera::roster::read(&text).with_context(|| format!("in {}", path.display()))
        }
        (Some(_), Some(_)) => {
            bail!("name one camera with --source or many with --config, not both")
        }
        (None, None) => bail!(
            "name the camera (--source rtsp://…) or a file with cameras (--config cameras.toml)"
        ),
    }
}

/// Logs to standard error. The RTSP library's own words hold addresses and stay out.
fn log(level: &str) -> Result<()> {
    use std::io::IsTerminal as _;
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(format!("{level},retina=off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter.context("--log is no filter")?)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}

/// Bytes as people write them: 500M is 500 × 1024 × 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text} is no size; write it like 500M or 20G");
    let text = text.trim();
    let (number, shift) = match text.as_bytes().last() {
        Some(b'K' | b'k') => (&text[..text.len() - 1], 10),
        Some(b'M' | b'm') => (&text[..text.len() - 1], 20),
        Some(b'G' | b'g') => (&text[..text.len() - 1], 30),
        Some(b'T' | b't') => (&text[..text.len() - 1], 40),
        _ => (text, 0),
    };
    let number: u64 = number.trim().parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        assert_eq!(bytes("7"), Ok(7));
        assert_eq!(bytes("2K"), Ok(2048));
        assert_eq!(bytes(" 1 G "), Ok(1 << 30));
        for wrong in ["", "G", "-1", "1.5G", "99999999999T", "ä"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}

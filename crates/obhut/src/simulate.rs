//! `obhut simulate camera`: an RTSP server that plays drawn scenes, for demo, tests and benches.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use media::rtsp::Password;
use media::rtspd::{Credentials, Faults, Mount, OnSend, Options, Simulator, Source};
use media::scene;
use server::clock::SystemClock;

use crate::ends::Ends;

/// What to play, and what goes wrong.
#[derive(Args)]
pub(crate) struct Simulate {
    /// Where to listen; a free port if none is named.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Listen on this address instead of loopback.
    #[arg(long)]
    bind: Option<IpAddr>,
    /// A stream: its path, or path=name with the name to burn in; may be repeated.
    #[arg(long = "mount", default_value = "camera")]
    mounts: Vec<String>,
    /// Width and height in pixels.
    #[arg(long, default_value = "1280x720", value_parser = size)]
    size: (u32, u32),
    /// Pictures a second.
    #[arg(long, default_value_t = 15)]
    fps: u32,
    /// Fill up to so many bits a second.
    #[arg(long)]
    bitrate: Option<u32>,
    /// Pictures from one key frame to the next; a second of them if not given.
    #[arg(long)]
    gop: Option<u32>,
    /// Draw the night.
    #[arg(long)]
    night: bool,
    /// Time zone of the burned-in clock, such as Europe/Berlin.
    #[arg(long)]
    zone: Option<String>,
    /// Play this file (H.264 or H.265, Annex B) instead of a drawn scene.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Ask for this user.
    #[arg(long, requires = "password")]
    user: Option<String>,
    /// And this password.
    #[arg(long, requires = "user")]
    password: Option<String>,
    /// Append a line of JSON for each picture sent.
    #[arg(long)]
    send_log: Option<PathBuf>,
    /// End when standard input ends: for whoever starts it as a child.
    #[arg(long, hide = true)]
    until_stdin_ends: bool,
    #[command(flatten)]
    faults: FaultArgs,
}

#[derive(Args)]
struct FaultArgs {
    /// Fault: close each connection after so many seconds.
    #[arg(long)]
    drop_every: Option<u64>,
    /// Fault: send no key frame for so many seconds.
    #[arg(long)]
    no_key_for: Option<u64>,
    /// Fault: send no pictures.
    #[arg(long)]
    silent: bool,
    /// Fault: refuse every password.
    #[arg(long)]
    wrong_password: bool,
    /// Fault: lose so many of a hundred packets.
    #[arg(long, default_value_t = 0)]
    loss: u8,
    /// Fault: the camera's clock is ahead by so many milliseconds.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    clock_offset: i64,
    /// Fault: no sender reports.
    #[arg(long)]
    no_reports: bool,
}

/// Plays until it is told to end.
#[expect(clippy::print_stdout, reason = "says where it listens")]
pub(crate) async fn run(args: Simulate) -> Result<ExitCode> {
    let mut ends = Ends::new()?.with_parent(args.until_stdin_ends);
    let options = options(&args)?;
    let paths: Vec<String> = options.mounts.iter().map(|it| it.path.clone()).collect();
    let clock = Arc::new(SystemClock::new());
    let simulator = Simulator::start(options, clock, Arc::new(base::SystemRng)).await?;
    for path in paths {
        println!("{}", simulator.url(&path));
    }
    println!("Port: {}", simulator.addr().port());
    std::io::stdout().flush()?;
    ends.wait().await;
    Ok(ExitCode::SUCCESS)
}

fn options(args: &Simulate) -> Result<Options> {
    let ip = args.bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let zone_minutes = args.zone.as_deref().map(zone).transpose()?.unwrap_or(0);
    let on_send = args.send_log.as_deref().map(send_log).transpose()?;
    let mount = |text: &String| {
        let (path, name) = text.split_once('=').unwrap_or((text, text));
        let source = match &args.file {
            Some(path) => Source::File {
                path: path.clone(),
                fps: args.fps,
            },
            None => Source::Scene(scene::Options {
                name: name.to_owned(),
                width: args.size.0,
                height: args.size.1,
                fps: args.fps,
                gop: args.gop,
                bit_rate: args.bitrate,
                zone_minutes,
                night: args.night,
            }),
        };
        let mut mount = Mount::new(path, source);
        mount.credentials = args.user.as_ref().map(|user| Credentials {
            user: user.clone(),
            password: Password::new(args.password.clone().unwrap_or_default()),
            scheme: media::rtspd::Scheme::default(),
        });
        mount.faults = faults(&args.faults);
        mount
    };
    Ok(Options {
        bind: SocketAddr::new(ip, args.port),
        mounts: args.mounts.iter().map(mount).collect(),
        on_send,
    })
}

fn faults(args: &FaultArgs) -> Faults {
    Faults {
        drop_every: args.drop_every.map(Duration::from_secs),
        no_key_for: args.no_key_for.map(Duration::from_secs),
        silent: args.silent,
        wrong_password: args.wrong_password,
        clock_offset: args.clock_offset,
        loss_percent: args.loss,
        no_reports: args.no_reports,
        ..Faults::default()
    }
}

/// Minutes from UTC to the zone, now.
fn zone(name: &str) -> Result<i32> {
    let zone = jiff::tz::TimeZone::get(name).context("no such time zone")?;
    let now = base::Clock::now(&SystemClock::new());
    Ok(zone.to_offset(now).seconds() / 60)
}

fn send_log(path: &Path) -> Result<OnSend> {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("could not open {}", path.display()))?;
    let file = Mutex::new(file);
    Ok(Arc::new(move |sent| {
        let line = format!(
            "{{\"mount\":\"{}\",\"counter\":{},\"at_us\":{},\"key\":{},\"bytes\":{}}}\n",
            sent.mount, sent.counter, sent.at, sent.key, sent.bytes
        );
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that can't be written must not stop the pictures.
        let _ = file.write_all(line.as_bytes());
    }))
}

fn size(text: &str) -> Result<(u32, u32), String> {
    text.split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .ok_or_else(|| format!("{text} is no size; write it like 1280x720"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        assert_eq!(size("1280x720"), Ok((1280, 720)));
        assert!(size("1280").is_err());
        assert!(size("ax1").is_err());
    }

    #[test]
    fn zones_by_their_names() {
        assert_eq!(zone("UTC").unwrap(), 0);
        assert!([60, 120].contains(&zone("Europe/Berlin").unwrap()));
        assert!(zone("Nowhere").is_err());
    }
}

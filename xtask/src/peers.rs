//! `./x e2e --peers`: recordings judged by programs that share no code with us.
//!
//! GStreamer's RTSP server plays real surveillance footage, our agent and hub record it, and ffmpeg decodes what
//! was sent and what was recorded. The tests themselves are in `tests/it/cameras/peers`; here is what they need.

use crate::cmd::{self, Stopwatch};
use crate::run;
use crate::setup::{self, FOOTAGE};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Twenty seconds at fifteen pictures a second, every picture another, announced by a delimiter.
const PICTURES: &str = "300";
const H264: &[&str] = &["-c:v", "libx264", "-preset", "ultrafast", "-crf", "30"];

/// A clip: its name, the end of its file's name, and how it is encoded.
#[derive(Debug)]
struct Clip {
    name: &'static str,
    kind: &'static str,
    encoder: &'static [&'static str],
    how: &'static [&'static str],
}

const CLIPS: &[Clip] = &[
    Clip {
        name: "plain",
        kind: "h264",
        encoder: H264,
        how: &["-g", "15", "-bf", "0", "-x264-params", "aud=1:scenecut=0"],
    },
    Clip {
        name: "closed",
        kind: "h264",
        encoder: H264,
        how: &[
            "-g",
            "15",
            "-bf",
            "2",
            "-x264-params",
            "aud=1:scenecut=0:b-adapt=0:open-gop=0",
        ],
    },
    Clip {
        name: "open",
        kind: "h264",
        encoder: H264,
        how: &[
            "-g",
            "15",
            "-bf",
            "2",
            "-x264-params",
            "aud=1:scenecut=0:b-adapt=0:open-gop=1",
        ],
    },
    Clip {
        name: "long",
        kind: "h264",
        encoder: H264,
        how: &[
            "-g",
            "250",
            "-keyint_min",
            "250",
            "-bf",
            "0",
            "-x264-params",
            "aud=1:scenecut=0",
        ],
    },
    Clip {
        name: "slices",
        kind: "h264",
        encoder: H264,
        how: &[
            "-g",
            "15",
            "-bf",
            "0",
            "-x264-params",
            "aud=1:scenecut=0:slices=4",
        ],
    },
    Clip {
        name: "hevc",
        kind: "h265",
        encoder: &["-c:v", "libx265", "-preset", "ultrafast", "-crf", "30"],
        how: &[
            "-tag:v",
            "hvc1",
            "-x265-params",
            "log-level=error:aud=1:keyint=15:min-keyint=15:scenecut=0:bframes=2:b-adapt=0:open-gop=1",
        ],
    },
];

/// Installs and encodes what is missing; gives the command that runs the tests.
pub(crate) fn command() -> Result<Command> {
    setup::for_peers()?;
    let binary = run::build(false)?;
    let footage = footage()?;
    if !cmd::says_yes("cargo", &["nextest", "--version"]) {
        bail!("cargo-nextest is missing: cargo install --locked cargo-nextest");
    }
    let mut command = cmd::cargo(&["nextest", "run", "-p", "obhut-tests"]);
    command
        .args(["--run-ignored", "only", "-E", "test(peers::)"])
        // What was counted is worth a look also when all is well.
        .args(["--success-output", "final"])
        .env("OBHUT_BIN", binary)
        .env("OBHUT_FOOTAGE", footage);
    Ok(command)
}

/// The folder with the clips, each as a film to decode (`.mp4`), as a camera sends it (`.h264`), and with time
/// and flags of its pictures (`.pts`).
fn footage() -> Result<PathBuf> {
    let folder = cmd::target_folder()?.join("footage");
    let recipe = format!("{PICTURES} pictures of {CLIPS:?}");
    // Written last: where it is and is the same, everything before it went well.
    let made = folder.join("recipe.txt");
    if fs::read_to_string(&made).is_ok_and(|it| it == recipe) {
        return Ok(folder);
    }
    if !Path::new(FOOTAGE).exists() {
        bail!("opencv-doc is installed without {FOOTAGE}: this system leaves documentation out");
    }
    fs::create_dir_all(&folder).context("could not make the folder for footage")?;
    let since = Stopwatch::start();
    for clip in CLIPS {
        encode(&folder, clip)?;
    }
    eprintln!("x: encoded in {:.1} s", since.elapsed().as_secs_f64());
    fs::write(&made, recipe).context("could not note what was encoded")?;
    Ok(folder)
}

fn encode(folder: &Path, clip: &Clip) -> Result<()> {
    let film = folder.join(clip.name).with_extension("mp4");
    let mut command = ffmpeg();
    command.args(["-r", "15", "-i", FOOTAGE, "-frames:v", PICTURES]);
    command.args(["-vf", "scale=640:480,format=yuv420p", "-an"]);
    command.args(clip.encoder).args(clip.how).arg(&film);
    cmd::run(command)?;
    let mut command = ffmpeg();
    command.arg("-i").arg(&film).args(["-c", "copy", "-f"]);
    command.arg(if clip.kind == "h265" {
        "hevc"
    } else {
        clip.kind
    });
    command.arg(film.with_extension(clip.kind));
    cmd::run(command)?;
    let mut command = Command::new("ffprobe");
    command.args(["-v", "error", "-select_streams", "v"]);
    command.args(["-show_entries", "packet=pts,flags", "-of", "csv=p=0"]);
    command.arg(&film);
    let times = cmd::output(command)?;
    fs::write(film.with_extension("pts"), times).context("could not write times")
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-y"]);
    command
}

//! What a fresh machine needs before `run` and `test`: packages, npm's and Python's folders, the built pages.
//!
//! Installs Debian packages when it may (root, or sudo without a password); otherwise it prints the
//! command and stops. Node itself is installed only where Debian's is new enough. Fetches no browser
//! and nothing that is there already.

use crate::{cmd, postgres};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The browser tests' Chromium: Debian's.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";

/// Where the browser tests live.
pub(crate) const BROWSER_TESTS: &str = "tests/browser";

/// Readers of our formats that share no code with us.
pub(crate) const PEERS: &str = "tests/peers";

/// Real footage in Debian's `opencv-doc`: people on a lawn, 768 by 576 pixels, 795 pictures.
pub(crate) const FOOTAGE: &str = "/usr/share/doc/opencv-doc/examples/data/vtest.avi";

/// What the page tools run on.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Everything `run` needs.
pub(crate) fn for_run() -> Result<()> {
    packages(&[compiler(), node()])?;
    pages()
}

/// Everything `test` needs. A server given in `OBHUT_TEST_POSTGRES` makes our own needless.
pub(crate) fn everything() -> Result<()> {
    let mut needs = vec![compiler(), node(), chromium(), python()];
    if std::env::var_os(postgres::VARIABLE).is_none() {
        needs.push(Need {
            there: postgres::programs().is_some(),
            packages: &["postgresql"],
        });
    }
    packages(&needs)?;
    pages()?;
    peers()?;
    browser_tests()
}

/// Everything the browser tests alone need.
pub(crate) fn for_e2e() -> Result<()> {
    packages(&[compiler(), node(), chromium()])?;
    pages()?;
    browser_tests()
}

/// What [`crate::peers`] needs besides: footage, a camera by others, and who judges.
pub(crate) fn for_peers() -> Result<()> {
    for_run()?;
    packages(&[ffmpeg(), footage(), gstreamer()])
}

/// What checking the pages needs: npm's folders, no build.
pub(crate) fn for_lint() -> Result<()> {
    packages(&[compiler(), node()])?;
    npm_ci("web")?;
    browser_tests()
}

struct Need {
    there: bool,
    packages: &'static [&'static str],
}

fn compiler() -> Need {
    Need {
        there: cmd::says_yes("cc", &["--version"]),
        packages: &["gcc", "libc6-dev"],
    }
}

fn node() -> Need {
    let there =
        node_version().is_some_and(|it| it >= OLDEST_NODE) && cmd::says_yes("npm", &["--version"]);
    Need {
        there,
        packages: &["nodejs", "npm"],
    }
}

/// Python that can make environments: Debian keeps that half in a package of its own.
fn python() -> Need {
    Need {
        there: cmd::says_yes("python3", &["-c", "import venv, ensurepip"]),
        packages: &["python3", "python3-venv"],
    }
}

fn chromium() -> Need {
    Need {
        there: Path::new(CHROMIUM).exists(),
        packages: &["chromium"],
    }
}

fn ffmpeg() -> Need {
    Need {
        there: cmd::says_yes("ffmpeg", &["-version"]) && cmd::says_yes("ffprobe", &["-version"]),
        packages: &["ffmpeg"],
    }
}

fn footage() -> Need {
    Need {
        there: Path::new(FOOTAGE).exists(),
        packages: &["opencv-doc"],
    }
}

/// GStreamer's RTSP server, for the Python of the system: another one does not see its packages.
fn gstreamer() -> Need {
    let ask = "\
import gi
gi.require_version('GstRtspServer', '1.0')
from gi.repository import Gst, GstRtspServer
Gst.init(None)
needed = ['appsrc', 'h264parse', 'h265parse', 'rtph264pay', 'rtph265pay', 'rtpbin']
assert all(map(Gst.ElementFactory.find, needed))";
    Need {
        there: cmd::says_yes("/usr/bin/python3", &["-c", ask]),
        packages: &[
            "gir1.2-gst-rtsp-server-1.0",
            "gstreamer1.0-plugins-base",
            "gstreamer1.0-plugins-good",
            "gstreamer1.0-plugins-bad",
            "python3-gi",
        ],
    }
}

fn node_version() -> Option<(u32, u32)> {
    let output = Command::new("node").arg("--version").output().ok()?;
    version(std::str::from_utf8(&output.stdout).ok()?)
}

/// The first two numbers of `v20.20.2` and of Debian's `18.20.4+dfsg-1`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn packages(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> = needs
        .iter()
        .filter(|it| !it.there)
        .flat_map(|it| it.packages)
        .copied()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !cmd::says_yes("apt-get", &["--version"]) {
        bail!(
            "these Debian packages (or what your system calls them) are missing: {}",
            missing.join(" ")
        );
    }
    let update = ["apt-get", "update"];
    let install = [
        &["apt-get", "install", "-y", "--no-install-recommends"],
        &missing[..],
    ]
    .concat();
    let prefix: &[&str] = if cmd::output(words(&["id", "-u"]))?.trim() == "0" {
        &[]
    } else if cmd::says_yes("sudo", &["-n", "true"]) {
        &["sudo", "-n"]
    } else {
        bail!(
            "packages are missing. Please run:\n\n  sudo {} && sudo {}\n",
            update.join(" "),
            install.join(" ")
        );
    };
    cmd::run(words(&[prefix, &update].concat()))?;
    if missing.contains(&"nodejs") {
        refuse_old_node()?;
    }
    let keep_quiet = ["env", "DEBIAN_FRONTEND=noninteractive"];
    cmd::run(words(&[prefix, &keep_quiet, &install].concat()))
}

fn words(words: &[&str]) -> Command {
    let mut command = Command::new(words.first().copied().unwrap_or("true"));
    command.args(words.get(1..).unwrap_or_default());
    command
}

/// Stops where Debian's Node is too old for the page tools, rather than fail later in the dark.
fn refuse_old_node() -> Result<()> {
    let text = cmd::output(words(&["env", "LC_ALL=C", "apt-cache", "policy", "nodejs"]))?;
    let candidate = text
        .lines()
        .find_map(|it| it.trim().strip_prefix("Candidate: "));
    if candidate
        .and_then(version)
        .is_some_and(|it| it >= OLDEST_NODE)
    {
        return Ok(());
    }
    bail!("Node 20.19 or newer is missing and this system's package is older: see nodejs.org");
}

/// The packages of the pages, and the pages, where the sources are newer.
fn pages() -> Result<()> {
    npm_ci("web")?;
    if !Path::new("web/package.json").exists() {
        eprintln!("x: web/ has no package.json, so no pages are built");
        return Ok(());
    }
    let built = newest(Path::new("web/dist"))?;
    if built.is_none() || newest_source()? > built {
        cmd::run(cmd::npm("web", &["run", "build"]))?;
    }
    Ok(())
}

/// The Python of the peers' environment.
pub(crate) fn peers_python() -> Result<PathBuf> {
    Ok(cmd::target_folder()?.join("peers/bin/python"))
}

/// An environment with what the peers stand on, made anew when their list has changed.
fn peers() -> Result<()> {
    let wanted = Path::new(PEERS).join("requirements.txt");
    let folder = cmd::target_folder()?.join("peers");
    // Copied last: where it is and is the same, everything before it went well.
    let installed = folder.join("requirements.txt");
    let wanted_text = std::fs::read(&wanted).context("could not read the peers' requirements")?;
    if std::fs::read(&installed).is_ok_and(|it| it == wanted_text) {
        return Ok(());
    }
    let mut make = words(&["python3", "-m", "venv", "--clear"]);
    make.arg(&folder);
    cmd::run(make)?;
    let mut install = Command::new(peers_python()?);
    install.args(["-m", "pip", "install", "--quiet", "--no-deps"]);
    install.args(["--disable-pip-version-check", "--requirement"]);
    install.arg(&wanted);
    cmd::run(install)?;
    std::fs::copy(&wanted, &installed).context("could not note what is installed")?;
    Ok(())
}

fn browser_tests() -> Result<()> {
    npm_ci(BROWSER_TESTS)
}

/// `npm ci` where the lock file is newer than what lies installed.
fn npm_ci(folder: &str) -> Result<()> {
    let lock = modified(&Path::new(folder).join("package-lock.json"));
    let installed = modified(&Path::new(folder).join("node_modules/.package-lock.json"));
    if lock.is_some() && lock > installed {
        cmd::run(cmd::npm(folder, &["ci", "--no-audit", "--no-fund"]))?;
    }
    Ok(())
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|it| it.modified()).ok()
}

/// When anything the pages are made from was changed last; removing a file changes its folder.
fn newest_source() -> Result<Option<SystemTime>> {
    let mut newest_of_all = None;
    for entry in std::fs::read_dir("web").context("could not read web/")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if ["node_modules", "dist", "tests"]
            .iter()
            .all(|it| name != *it)
        {
            newest_of_all = newest_of_all.max(newest(&path)?);
        }
    }
    Ok(newest_of_all)
}

/// The latest change below a path; nothing when it is not there or an empty folder.
fn newest(path: &Path) -> Result<Option<SystemTime>> {
    let Some(own) = modified(path) else {
        return Ok(None);
    };
    if !path.is_dir() {
        return Ok(Some(own));
    }
    let mut latest = None;
    for entry in std::fs::read_dir(path)? {
        latest = latest.max(newest(&entry?.path())?);
    }
    Ok(latest.map(|it| it.max(own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_versions() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(version("18.20.4+dfsg-1~deb12u1"), Some((18, 20)));
        assert_eq!(version("(none)"), None);
    }
}

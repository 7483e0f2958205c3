//! A PostgreSQL server of our own for the tests: in a temporary folder, on a socket, gone afterwards.
//!
//! Its texts are ordered by German rules (ICU `de-DE`), so that a query which relies on the order of
//! bytes fails here and not at a customer's. It does not wait for the disk: tests that pull the plug
//! do so to the server, not to the machine.

use crate::cmd::{self, Stopwatch};
use crate::guard::Guard;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names the server to the tests.
pub(crate) const VARIABLE: &str = "OBHUT_TEST_POSTGRES";

const OLDEST: u32 = 15;
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs as the server's own user: makes the cluster, starts it.
const BEFORE: &str = r#"
"$2/initdb" -D "$1/data" --username=obhut --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=de-DE --no-sync >"$1/log" 2>&1 || exit 1
"$2/postgres" -D "$1/data" -k "$1" -c listen_addresses= -c max_connections=200 \
    $3 >>"$1/log" 2>&1 &
"#;

/// Tests do not wait for the disk.
const FORGETFUL: &str = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off";

const AFTER: &str = r#"
kill -QUIT $! 2>/dev/null
wait
rm -rf "$1"
"#;

/// A running server; stopped and removed when this goes, or when we do.
pub(crate) struct Postgres {
    folder: PathBuf,
    guard: Guard,
}

impl Postgres {
    /// Starts a server for tests, as a user who is not root.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(FORGETFUL)
    }

    /// Starts a server that waits for the disk as it ships, to be measured.
    pub(crate) fn start_durable() -> Result<Self> {
        Self::start_with("")
    }

    fn start_with(settings: &str) -> Result<Self> {
        let bin = programs().context("PostgreSQL's server is missing")?;
        let folder = new_folder()?;
        let prefix = prefix(&folder)?;
        let args = [folder.as_os_str(), bin.as_os_str(), settings.as_ref()];
        let guard = Guard::start(&prefix, BEFORE, AFTER, &args)?;
        let mut server = Self { folder, guard };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// What the tests connect to: the maintenance database; each test makes its own.
    pub(crate) fn url(&self) -> String {
        format!(
            "postgres:///postgres?host={}&user=obhut",
            self.folder.display()
        )
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let since = Stopwatch::start();
        // The server writes its state into the eighth line of this file.
        let state = self.folder.join("data/postmaster.pid");
        loop {
            let text = std::fs::read_to_string(&state).unwrap_or_default();
            if text.lines().nth(7).is_some_and(|it| it.trim() == "ready") {
                return Ok(());
            }
            if self.guard.ended() || since.elapsed() > PATIENCE {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                if self.guard.ended() {
                    std::fs::remove_dir_all(&self.folder).ok();
                }
                bail!("PostgreSQL did not start. It said:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The folder with the newest server programs, Debian's place first.
pub(crate) fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|it| {
            Some((
                it.file_name().to_str()?.parse().ok()?,
                it.path().join("bin"),
            ))
        })
        .filter(|(version, bin)| *version >= OLDEST && complete(bin))
        .collect();
    found.sort();
    if let Some((_, bin)) = found.pop() {
        return Some(bin);
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|it| complete(it))
}

fn complete(bin: &Path) -> bool {
    bin.join("initdb").exists() && bin.join("postgres").exists()
}

/// A new folder only its owner may enter, with a path short enough for a socket.
fn new_folder() -> Result<PathBuf> {
    let mut parent = std::env::temp_dir();
    if parent.as_os_str().len() > 60 {
        parent = "/tmp".into();
    }
    for n in 0..1000 {
        let folder = parent.join(format!("obhut-pg-{}-{n}", std::process::id()));
        match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).context("could not make a temporary folder"),
        }
    }
    bail!("no free name for a folder in {}", parent.display())
}

/// PostgreSQL refuses to run as root: gives the folder to an unprivileged user and runs as that one.
fn prefix(folder: &Path) -> Result<Vec<String>> {
    if std::fs::metadata(folder)?.uid() != 0 {
        return Ok(Vec::new());
    }
    let (user, uid, gid) = ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((user, id(user, "-u")?, id(user, "-g")?)))
        .context("there is neither a user postgres nor a user nobody to run PostgreSQL as")?;
    std::os::unix::fs::chown(folder, Some(uid), Some(gid))
        .with_context(|| format!("could not give the folder to {user}"))?;
    let words = [
        "setpriv",
        &format!("--reuid={uid}"),
        &format!("--regid={gid}"),
        "--clear-groups",
    ]
    .map(str::to_owned);
    Ok(words.into())
}

fn id(user: &str, which: &str) -> Option<u32> {
    let mut command = std::process::Command::new("id");
    command
        .args([which, user])
        .stderr(std::process::Stdio::null());
    cmd::output(command).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    /// Speaks the first words of PostgreSQL's protocol: "encryption?", answered by one letter.
    #[test]
    fn starts_answers_and_leaves_nothing_behind() {
        if programs().is_none() {
            return;
        }
        let server = Postgres::start().unwrap();
        let folder = server.folder.clone();
        let mut socket = UnixStream::connect(folder.join(".s.PGSQL.5432")).unwrap();
        socket
            .write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
            .unwrap();
        let mut answer = [0];
        socket.read_exact(&mut answer).unwrap();
        assert_eq!(answer, *b"N");
        drop(server);
        assert!(!folder.exists());
    }
}

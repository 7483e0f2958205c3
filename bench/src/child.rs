//! The server as it is shipped, as a process of its own: started, asked, weighed, killed.

use anyhow::{Context as _, Result, bail, ensure};
use base::Clock;
use server::clock::SystemClock;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long a server may take until it is ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// The program to measure.
pub(crate) fn binary() -> Result<PathBuf> {
    let path =
        std::env::var_os("OBHUT_BIN").context("OBHUT_BIN must name the server to measure")?;
    let path = PathBuf::from(path);
    ensure!(path.is_file(), "there is no server at {}", path.display());
    Ok(path)
}

/// A running server; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it takes alarms.
    pub(crate) address: SocketAddr,
    health: SocketAddr,
    log: PathBuf,
    /// From before the process was made until it was ready.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts it on a data folder and waits until it says that it is ready.
    pub(crate) async fn start(binary: &Path, data: &Path, more: &[(&str, &str)]) -> Result<Self> {
        let clock = SystemClock::new();
        let (address, health) = (free_address()?, free_address()?);
        let log = data.with_extension("log");
        let mut command = Command::new(binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("OBHUT") {
                command.env_remove(name);
            }
        }
        command
            .arg("serve")
            .current_dir(data.parent().unwrap_or(data))
            .env("OBHUT_DATA_DIR", data)
            .env("OBHUT_PORT", address.port().to_string())
            .env("OBHUT__SERVER__HEALTH_PORT", health.port().to_string())
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?);
        let since = clock.monotonic();
        let child = command
            .spawn()
            .with_context(|| format!("could not start {}", binary.display()))?;
        let mut server = Self {
            child,
            address,
            health,
            log,
            ready_after: Duration::ZERO,
        };
        server.wait_until_ready(&clock, since).await?;
        Ok(server)
    }

    async fn wait_until_ready(&mut self, clock: &SystemClock, since: Duration) -> Result<()> {
        loop {
            if matches!(get(self.health, "/readyz").await, Ok(200)) {
                self.ready_after = clock.monotonic().saturating_sub(since);
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.words());
            }
            if clock.monotonic().saturating_sub(since) > PATIENCE {
                bail!("the server does not get ready:\n{}", self.words());
            }
            clock.sleep(Duration::from_micros(500)).await;
        }
    }

    /// What it wrote to standard error.
    pub(crate) fn words(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Processor seconds so far, in user and kernel.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds_of(&self.child)
    }

    /// Memory that is its own or shared, in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        resident_mib_of(&self.child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

/// Processor seconds of a process so far, in user and kernel.
pub(crate) fn cpu_seconds_of(child: &Child) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
    ticks(&stat)
        .map(|it| it / 100.0)
        .context("/proc/PID/stat is not as expected")
}

/// Memory of a process that is its own or shared, in MiB.
pub(crate) fn resident_mib_of(child: &Child) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    resident(&status)
        .map(|kib| kib / 1024.0)
        .context("/proc/PID/status is not as expected")
}

fn free_address() -> Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Fields 14 and 15; the name in brackets before them may hold anything. Linux counts hundredths.
fn ticks(stat: &str) -> Option<f64> {
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let kernel: f64 = fields.next()?.parse().ok()?;
    Some(user + kernel)
}

fn resident(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The status of an answer to a plain GET.
async fn get(address: SocketAddr, path: &str) -> Result<u16> {
    let stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    Ok(exchange(stream, request.as_bytes()).await?.0)
}

/// Writes a whole HTTP/1.1 request that asks to close, and reads the answer: its status and its text.
pub(crate) async fn exchange(mut stream: TcpStream, request: &[u8]) -> Result<(u16, String)> {
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|it| it.parse().ok());
    Ok((status.context("no HTTP answer")?, answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_system() {
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 130 40 13 14";
        assert_eq!(ticks(stat), Some(170.0));
        assert_eq!(
            resident("VmPeak:\t 9 kB\nVmRSS:\t  2048 kB\n"),
            Some(2048.0)
        );
        assert_eq!(resident(""), None);
    }
}

//! Tidying up that happens however we end: by returning, by an error, by Ctrl-C, even by `kill -9`.
//!
//! A guard is a small shell in a process group of its own that waits for the end of its input. We
//! hold the other end of that pipe; the system closes it when we are gone, and then the guard does its
//! work. No signal handlers, no unsafe code.

use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Waits for our end; see the module head.
pub(crate) struct Guard(Child);

impl Guard {
    /// Runs `before` now and `after` when we end; both see `args` as `$1`, `$2` and so on.
    ///
    /// `prefix` is the command that runs the shell, such as one that changes the user. The shell runs
    /// in `/`, so paths must be absolute.
    pub(crate) fn start(
        prefix: &[String],
        before: &str,
        after: &str,
        args: &[&OsStr],
    ) -> Result<Self> {
        let script = format!("trap '' HUP INT TERM\n{before}\ncat >/dev/null\n{after}\n");
        let mut words = prefix
            .iter()
            .map(String::as_str)
            .chain(["sh", "-c", &script, "guard"]);
        let program = words.next().context("no command")?;
        let child = Command::new(program)
            .args(words)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .current_dir("/")
            .spawn()
            .with_context(|| format!("could not start {program}"))?;
        Ok(Self(child))
    }

    /// Whether the guard has ended before us, which means that `before` failed.
    pub(crate) fn ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            eprintln!("x: could not wait for the tidying up: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn does_its_work_when_dropped() {
        let folder = std::env::temp_dir().join(format!("obhut-guard-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let guard = Guard::start(&[], "", r#"rmdir "$1""#, &[folder.as_os_str()]).unwrap();
        assert!(folder.exists());
        drop(guard);
        assert!(!folder.exists());
    }
}

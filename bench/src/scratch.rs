//! Folders for a bench, gone at its end.
//!
//! Measured data lie beside the build, because that is a real disk: a temporary folder often is memory, where
//! a durable write costs nothing. What is only prepared lies in memory where there is some.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder that goes when it is dropped.
pub(crate) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A folder on the disk; `OBHUT_BENCH_DIR` may name another one.
    pub(crate) fn on_disk(name: &str) -> Result<Self> {
        let above = match std::env::var_os("OBHUT_BENCH_DIR") {
            Some(named) => PathBuf::from(named),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        };
        Self::below(&above, name)
    }

    /// A folder in memory, if there is such a place.
    pub(crate) fn in_memory(name: &str) -> Result<Self> {
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            Self::below(memory, name)
        } else {
            Self::on_disk(name)
        }
    }

    fn below(above: &Path, name: &str) -> Result<Self> {
        let path = above.join(format!("obhut-bench-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).with_context(|| format!("could not make {}", path.display()))?;
        let path = fs::canonicalize(path)?;
        Ok(Self { path })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).ok();
    }
}

/// Copies a folder with what is in it, and sees that the copy is on the disk.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            fs::File::open(&target)?.sync_all()?;
        }
    }
    Ok(())
}

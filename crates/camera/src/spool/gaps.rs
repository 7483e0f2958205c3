//! Gaps on the disk, one small file each, until the hub knows how they ended.

use std::fs;
use std::io;
use std::path::PathBuf;

use base::GapId;
use media::wire::Gap;

use super::Spool;
use crate::folder;

/// Writes a gap down, or how it ended.
pub(crate) fn write(spool: &Spool, gap: &Gap) -> io::Result<()> {
    folder::replace(&path(spool, gap.id), &serde_json::to_vec(gap)?)?;
    spool.gaps.notify_one();
    Ok(())
}

/// The oldest gaps, at most `most`. What can't be read is removed.
pub(crate) fn read(spool: &Spool, most: usize) -> io::Result<Vec<Gap>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(spool.gap_folder())?
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .collect();
    paths.sort_unstable();
    let mut gaps = Vec::new();
    for path in paths.into_iter().take(most) {
        let Some(bytes) = folder::read_small(&path)? else {
            continue;
        };
        match serde_json::from_slice(&bytes) {
            Ok(gap) => gaps.push(gap),
            Err(_) => fs::remove_file(&path)?,
        }
    }
    Ok(gaps)
}

/// The hub knows all of it.
pub(crate) fn remove(spool: &Spool, gap: GapId) -> io::Result<()> {
    match fs::remove_file(path(spool, gap)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn path(spool: &Spool, gap: GapId) -> PathBuf {
    spool.gap_folder().join(format!("{gap}.json"))
}

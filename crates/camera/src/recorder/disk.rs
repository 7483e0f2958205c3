//! The end of a segment, as the disk sees it: first its bytes, then its record, its name last.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use media::cut::Reason;
use seal::closing::Why;

use crate::spool::write_record;

/// A segment that has ended and is not known to be on the disk yet.
pub(super) struct Closing {
    pub(super) file: File,
    pub(super) part: PathBuf,
    pub(super) record_path: PathBuf,
    pub(super) closed: PathBuf,
    pub(super) record: Vec<u8>,
}

/// Gives them their names; how many. At the first that fails it stops, and leaves that and the rest for another time:
/// doing it again does no harm.
pub(super) fn finish(closing: &mut Vec<Closing>) -> io::Result<u64> {
    let mut named = 0;
    let mut folders = BTreeSet::new();
    let all = closing.iter().try_for_each(|it| {
        it.file.sync_data()?;
        write_record(&it.record_path, &it.record)?;
        fs::rename(&it.part, &it.closed)?;
        folders.extend(it.closed.parent().map(PathBuf::from));
        named += 1;
        Ok(())
    });
    closing.drain(..named);
    for folder in folders {
        File::open(folder)?.sync_all()?;
    }
    match all {
        Err(error) if named == 0 => Err(error),
        _ => Ok(u64::try_from(named).unwrap_or(u64::MAX)),
    }
}

/// The record's word for the cutter's reason.
pub(super) const fn why(reason: Reason) -> Why {
    match reason {
        Reason::Length => Why::Length,
        Reason::Hour => Why::Hour,
        Reason::Change => Why::Change,
        Reason::Disarmed => Why::Disarmed,
        Reason::Loss => Why::Loss,
        Reason::Stopped => Why::Stopped,
        Reason::Limit => Why::Limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_agree() {
        for reason in [
            Reason::Length,
            Reason::Hour,
            Reason::Change,
            Reason::Disarmed,
            Reason::Loss,
            Reason::Stopped,
            Reason::Limit,
        ] {
            assert_eq!(why(reason).word(), reason.word());
        }
    }
}

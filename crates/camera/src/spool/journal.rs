//! The times of fragments that were written since the last segments were closed.
//!
//! They stand inside the ciphertext too, but after a crash the key is gone. One file for all cameras, so that keeping
//! it costs one more write to the disk a second. An entry is 64 bytes:
//!
//! ```text
//! segment (16) ‖ offset of the ciphertext (8) ‖ its length (4) ‖ start µs (8) ‖ duration µs (4) ‖ flags (1) ‖ 0 (7)
//!     ‖ first 16 bytes of the SHA-256 of those 48
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base::{Id as _, SegmentId};
use seal::closing::Entry;

use crate::folder;

const ENTRY: usize = 64;
const BODY: usize = 48;
/// A file of this size is replaced by one with the entries that still matter.
const FULL: u64 = 256 * 1024;

/// The fragments of segments, as journals tell them.
pub(crate) type Entries = BTreeMap<SegmentId, Vec<Entry>>;

/// The journal of this run.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    file: File,
    number: u64,
    length: u64,
    dirty: bool,
}

impl Journal {
    /// Begins a journal; those of earlier runs stay.
    pub(crate) fn begin(folder: &Path) -> io::Result<Self> {
        let number = 1 + numbers(folder)?.last().copied().unwrap_or(0);
        Ok(Self {
            folder: folder.to_path_buf(),
            file: create(folder, number)?,
            number,
            length: 0,
            dirty: false,
        })
    }

    /// Appends the newest fragment of a segment.
    pub(crate) fn add(&mut self, segment: SegmentId, entry: &Entry) -> io::Result<()> {
        self.file.write_all(&write(segment, entry))?;
        self.length += ENTRY as u64;
        self.dirty = true;
        Ok(())
    }

    /// Whether it is time for [`Journal::renew`].
    pub(crate) fn is_full(&self) -> bool {
        self.length >= FULL
    }

    /// Begins a new file with what still matters, and removes the others.
    pub(crate) fn renew<'a>(
        &mut self,
        open: impl Iterator<Item = (SegmentId, &'a [Entry])>,
    ) -> io::Result<()> {
        let old = numbers(&self.folder)?;
        let number = self.number.max(old.last().copied().unwrap_or(0)) + 1;
        let file = create(&self.folder, number)?;
        let bytes: Vec<u8> = open
            .flat_map(|(segment, entries)| entries.iter().map(move |it| write(segment, it)))
            .flatten()
            .collect();
        (&file).write_all(&bytes)?;
        file.sync_all()?;
        for number in old {
            fs::remove_file(path(&self.folder, number))?;
        }
        File::open(&self.folder)?.sync_all()?;
        self.file = file;
        self.number = number;
        self.length = bytes.len() as u64;
        self.dirty = false;
        Ok(())
    }

    /// What was added is on the disk when this returns.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if self.dirty {
            self.file.sync_data()?;
            self.dirty = false;
        }
        Ok(())
    }
}

/// Reads all journals in a folder.
pub(crate) fn read(folder: &Path) -> io::Result<Entries> {
    let mut entries = Entries::new();
    for number in numbers(folder)? {
        for entry in fs::read(path(folder, number))?.chunks_exact(ENTRY) {
            if let Some((segment, entry)) = read_entry(entry) {
                let of = entries.entry(segment).or_default();
                // A renewed journal repeats what an older one said.
                if of.last().is_none_or(|last| last.offset < entry.offset) {
                    of.push(entry);
                }
            }
        }
    }
    Ok(entries)
}

fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:08}"))
}

fn create(folder: &Path, number: u64) -> io::Result<File> {
    let path = path(folder, number);
    let file = folder::private(&path, OpenOptions::new().create_new(true))?;
    folder::sync_parent(&path)?;
    Ok(file)
}

fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers: Vec<u64> = fs::read_dir(folder)?
        .filter_map(|it| it.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    Ok(numbers)
}

fn write(segment: SegmentId, entry: &Entry) -> [u8; ENTRY] {
    let mut bytes = [0; ENTRY];
    bytes[..16].copy_from_slice(&segment.bytes());
    bytes[16..24].copy_from_slice(&entry.offset.to_be_bytes());
    bytes[24..28].copy_from_slice(&entry.length.to_be_bytes());
    bytes[28..36].copy_from_slice(&entry.start_us.to_be_bytes());
    bytes[36..40].copy_from_slice(&entry.duration_us.to_be_bytes());
    bytes[40] = u8::from(entry.key);
    let sum = seal::sha256(&bytes[..BODY]);
    bytes[BODY..].copy_from_slice(&sum[..ENTRY - BODY]);
    bytes
}

fn read_entry(bytes: &[u8]) -> Option<(SegmentId, Entry)> {
    let (body, sum) = bytes.split_at_checked(BODY)?;
    if seal::sha256(body)[..ENTRY - BODY] != *sum {
        return None;
    }
    let (segment, rest) = body.split_first_chunk::<16>()?;
    let (offset, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (start, rest) = rest.split_first_chunk::<8>()?;
    let (duration, rest) = rest.split_first_chunk::<4>()?;
    let entry = Entry {
        offset: u64::from_be_bytes(*offset),
        length: u32::from_be_bytes(*length),
        start_us: i64::from_be_bytes(*start),
        duration_us: u32::from_be_bytes(*duration),
        key: *rest.first()? == 1,
    };
    Some((SegmentId::from_bytes(*segment), entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scratch;
    use proptest::prelude::*;

    fn entry(offset: u64) -> Entry {
        Entry {
            offset,
            length: 7,
            start_us: -1,
            duration_us: 9,
            key: offset.is_multiple_of(2),
        }
    }

    #[test]
    fn what_was_added_is_read_and_torn_ends_are_not() {
        let scratch = Scratch::new("journal");
        let (a, b) = (
            SegmentId::from_bytes([1; 16]),
            SegmentId::from_bytes([2; 16]),
        );
        let mut journal = Journal::begin(scratch.path()).unwrap();
        journal.add(a, &entry(1)).unwrap();
        journal.add(b, &entry(2)).unwrap();
        journal.add(a, &entry(3)).unwrap();
        journal.sync().unwrap();
        journal.file.write_all(&[1; 40]).unwrap();
        let read_back = read(scratch.path()).unwrap();
        assert_eq!(read_back[&a], [entry(1), entry(3)]);
        assert_eq!(read_back[&b], [entry(2)]);
    }

    #[test]
    fn a_new_file_holds_what_matters() {
        let scratch = Scratch::new("renewed");
        let a = SegmentId::from_bytes([1; 16]);
        let mut journal = Journal::begin(scratch.path()).unwrap();
        for n in 0..5 {
            journal.add(a, &entry(n)).unwrap();
        }
        journal
            .renew([(a, &[entry(3), entry(4)][..])].into_iter())
            .unwrap();
        journal.add(a, &entry(5)).unwrap();
        assert_eq!(numbers(scratch.path()).unwrap().len(), 1);
        assert_eq!(
            read(scratch.path()).unwrap()[&a],
            [entry(3), entry(4), entry(5)]
        );
        drop(journal);
        Journal::begin(scratch.path()).unwrap();
        assert_eq!(read(scratch.path()).unwrap()[&a].len(), 3);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, place: usize) {
            prop_assert!(read_entry(&bytes).is_none());
            let good = write(SegmentId::from_bytes([1; 16]), &entry(1));
            prop_assert!(read_entry(&good).is_some());
            let mut changed = good;
            changed[place % ENTRY] ^= 1;
            prop_assert!(read_entry(&changed).is_none());
        }
    }
}

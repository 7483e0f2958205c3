//! What the last run left behind: counted, and signed as interrupted where it was cut off.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use base::{AgentId, CameraId, Timestamp};
use seal::closing::{Record, State, Why};
use seal::segment::{Scan, Scanner};
use seal::{Sha256, SignerKey};

use super::journal::{self, Entries};
use super::names::{bucket_of, camera_of};
use super::{SegmentName, Spool, Stage, cameras_in, names, write_record};
use crate::folder;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// Cameras whose recording was cut off, and the end of the last picture that is left.
    pub(crate) interrupted: Vec<(CameraId, Timestamp)>,
}

/// Puts the spool in order. Nothing else uses it yet.
pub(crate) fn recover(spool: &Spool, key: &SignerKey, agent: AgentId) -> io::Result<Recovered> {
    take_back(spool)?;
    let entries = journal::read(&spool.journal_folder())?;
    let mut recovered = Recovered::default();
    let signer = Signer {
        key,
        agent,
        entries: &entries,
    };
    for camera in cameras_in(spool)? {
        let folder = spool.cameras().join(camera.to_string());
        for bucket in paths(&folder)? {
            if let Some(end) = signer.bucket(spool, &bucket)? {
                recovered.interrupted.push((camera, end));
            }
        }
    }
    Ok(recovered)
}

/// Puts what was kept aside back: the hub may know its camera again, or say by now that its deadline has passed. Records
/// sort before their segments and go first, here as on the way aside, so that no segment is ever found without one.
fn take_back(spool: &Spool) -> io::Result<()> {
    // What somebody else put there is left alone.
    let cameras = paths(&spool.refused_folder())?;
    for camera in cameras.iter().filter(|it| camera_of(it).is_some()) {
        let buckets = paths(camera)?;
        for bucket in buckets.iter().filter(|it| bucket_of(it).is_some()) {
            let Ok(place) = bucket.strip_prefix(spool.refused_folder()) else {
                continue;
            };
            let to = spool.cameras().join(place);
            folder::make(&to)?;
            for file in paths(bucket)? {
                fs::rename(&file, to.join(file.file_name().unwrap_or_default()))?;
            }
            folder::sync_parent(&to.join(names::BUCKET))?;
            let _ = fs::remove_dir(bucket);
        }
        let _ = fs::remove_dir(camera);
    }
    Ok(())
}

struct Signer<'a> {
    key: &'a SignerKey,
    agent: AgentId,
    entries: &'a Entries,
}

impl Signer<'_> {
    fn bucket(&self, spool: &Spool, bucket: &Path) -> io::Result<Option<Timestamp>> {
        let mut interrupted = None;
        for path in paths(bucket)? {
            match SegmentName::of(&path) {
                Some((name, Stage::Part)) => {
                    let end = self.finish(&path, bucket, name)?;
                    interrupted = interrupted.max(end);
                }
                Some((name, Stage::Closed)) if !name.at(bucket, Stage::Record).exists() => {
                    self.finish(&path, bucket, name)?;
                }
                Some((name, Stage::Record)) => {
                    let of = [Stage::Part, Stage::Closed].map(|it| name.at(bucket, it).exists());
                    if of == [false, false] {
                        fs::remove_file(&path)?;
                    }
                }
                _ if path.extension().is_some_and(|it| it == "new") => fs::remove_file(&path)?,
                _ => {}
            }
        }
        for path in paths(bucket)? {
            spool.grew(size(&path));
            if matches!(SegmentName::of(&path), Some((_, Stage::Closed))) {
                spool.closed(1);
            }
        }
        Ok(interrupted)
    }

    /// Gives a file its record and its name. Tells when its last picture ends, if it was cut off.
    fn finish(
        &self,
        path: &Path,
        bucket: &Path,
        name: SegmentName,
    ) -> io::Result<Option<Timestamp>> {
        let (record_path, closed) = (
            name.at(bucket, Stage::Record),
            name.at(bucket, Stage::Closed),
        );
        if self.is_recorded(path, &record_path)? {
            fs::rename(path, &closed)?;
            folder::sync_parent(&closed)?;
            return Ok(None);
        }
        let Some(record) = self.interrupted(path)? else {
            // Not one fragment is whole.
            fs::remove_file(path)?;
            let _ = fs::remove_file(&record_path);
            return Ok(None);
        };
        let signed = record
            .sign(self.key, self.agent)
            .map_err(io::Error::other)?;
        write_record(&record_path, &signed)?;
        fs::rename(path, &closed)?;
        folder::sync_parent(&closed)?;
        Ok(Timestamp::from_microsecond(record.ended_us).ok())
    }

    /// Whether the record is there already and fits.
    fn is_recorded(&self, path: &Path, record: &Path) -> io::Result<bool> {
        let Some(bytes) = folder::read_small(record)? else {
            return Ok(false);
        };
        let Ok(record) = Record::verify(&bytes, &self.key.public(), self.agent) else {
            return Ok(false);
        };
        Ok(size(path) == record.length && hash(path, record.length)? == record.sha256)
    }

    /// Cuts the file behind its last fragment that is whole and whose times are known.
    fn interrupted(&self, path: &Path) -> io::Result<Option<Record>> {
        let Some(scan) = scan(path)? else {
            return Ok(None);
        };
        let known = self.entries.get(&scan.header.segment);
        let index: Vec<_> = known
            .into_iter()
            .flatten()
            .zip(&scan.fragments)
            .take_while(|(entry, piece)| {
                (entry.offset, entry.length) == (piece.offset, piece.length)
            })
            .map(|(entry, _)| *entry)
            .collect();
        let Some(last) = index.last() else {
            return Ok(None);
        };
        let length = last.offset + u64::from(last.length);
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(length)?;
        file.sync_all()?;
        let ends = index
            .iter()
            .map(|it| it.start_us.saturating_add(it.duration_us.into()));
        Ok(Some(Record {
            segment: scan.header.segment,
            bucket: scan.header.bucket,
            sha256: hash(path, length)?,
            length,
            before: scan.header.before,
            ended_us: ends.max().unwrap_or(scan.header.started_us),
            state: State::Interrupted,
            index,
            why: Why::Crash,
        }))
    }
}

fn scan(path: &Path) -> io::Result<Option<Scan>> {
    let mut scanner = Scanner::new();
    let fine = pieces(path, u64::MAX, |piece| scanner.feed(piece).is_ok())?;
    Ok(if fine { scanner.finish().ok() } else { None })
}

fn hash(path: &Path, length: u64) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    pieces(path, length, |piece| {
        hash.update(piece);
        true
    })?;
    Ok(hash.finish())
}

/// Reads a file piece by piece; `false` as soon as `each` has seen enough.
fn pieces(path: &Path, length: u64, mut each: impl FnMut(&[u8]) -> bool) -> io::Result<bool> {
    let mut file = File::open(path)?.take(length);
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(true);
        }
        if !each(&buffer[..read]) {
            return Ok(false);
        }
    }
}

/// What lies in a folder, sorted; nothing where there is no folder.
pub(super) fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotADirectory | io::ErrorKind::NotFound
            ) =>
        {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut paths = list
        .map(|it| it.map(|it| it.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort_unstable();
    Ok(paths)
}

pub(super) fn size(path: &Path) -> u64 {
    let known = path.file_name().is_some_and(|it| it != names::BUCKET);
    match fs::metadata(path) {
        Ok(it) if known && it.is_file() => it.len(),
        _ => 0,
    }
}

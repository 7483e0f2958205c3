//! The agent's folder: who it is, whom it believes, what waits to be sent. 0700, its files 0600.
//!
//! | file | what |
//! | --- | --- |
//! | `lock` | held while an agent runs |
//! | `device.key` | the device key, PKCS #8 |
//! | `agent.json` | [`Identity`]: hub, organisation, pinned keys, the recipient list accepted last |
//! | `spool/` | see [`crate::spool`] |

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base::{AgentId, CameraId, OrgId, Rng};
use media::wire::Blob;
use seal::recipients::{Last, List, Pinned, Refused};
use seal::{Point, SignerKey};
use serde::{Deserialize, Serialize};

use crate::Error;

const LOCK: &str = "lock";
const KEY: &str = "device.key";
const IDENTITY: &str = "agent.json";
/// Larger than any of these files.
const SMALL: u64 = 1 << 20;

/// The folder, locked until this is dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where there is none, and locks it.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        make(root).map_err(Error::Folder)?;
        fs::set_permissions(root, fs::Permissions::from_mode(0o700)).map_err(Error::Folder)?;
        let lock = private(
            &root.join(LOCK),
            OpenOptions::new().create(true).truncate(false),
        )
        .map_err(Error::Folder)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                root: root.to_path_buf(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(Error::FolderInUse),
            Err(TryLockError::Error(error)) => Err(Error::Folder(error)),
        }
    }

    /// Where recordings wait.
    pub(crate) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// The device key; made at the first start, and written before anything is said under its name.
    pub(crate) fn device_key(&self, rng: &dyn Rng) -> Result<SignerKey, Error> {
        let path = self.root.join(KEY);
        if let Some(bytes) = read_small(&path).map_err(Error::Folder)? {
            let bytes = seal::Zeroizing::new(bytes);
            return SignerKey::from_pkcs8(&bytes).map_err(|_| Error::Damaged(KEY));
        }
        let key = SignerKey::generate(rng)?;
        replace(&path, &key.to_pkcs8()).map_err(Error::Folder)?;
        Ok(key)
    }

    /// Who the agent is, once it is enrolled.
    pub(crate) fn identity(&self) -> Result<Option<Identity>, Error> {
        let Some(bytes) = read_small(&self.root.join(IDENTITY)).map_err(Error::Folder)? else {
            return Ok(None);
        };
        let identity: Identity =
            serde_json::from_slice(&bytes).map_err(|_| Error::Damaged(IDENTITY))?;
        identity.check()?;
        Ok(Some(identity))
    }

    /// Writes it down; returns once it is on the disk.
    pub(crate) fn keep_identity(&self, identity: &Identity) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(identity).map_err(|_| Error::Damaged(IDENTITY))?;
        replace(&self.root.join(IDENTITY), &text).map_err(Error::Folder)
    }
}

/// What the agent knows from its enrolment, and the list it accepted last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// 1, the version of this file.
    pub(crate) version: u8,
    /// The hub's origin.
    pub(crate) hub: String,
    /// The organisation.
    pub(crate) org: OrgId,
    /// The agent.
    pub(crate) agent: AgentId,
    /// The hub's point.
    pub(crate) hub_key: Blob,
    /// The custodian's point.
    pub(crate) custodian: Blob,
    /// The recipient list accepted last.
    pub(crate) list: Blob,
    /// What the hub called the cameras, so that recording goes on without it.
    pub(crate) cameras: Vec<KnownCamera>,
}

/// A camera as the hub knew it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownCamera {
    pub(crate) id: CameraId,
    pub(crate) label: String,
    pub(crate) armed: bool,
}

impl Identity {
    /// The custodian's key.
    pub(crate) fn custodian(&self) -> Result<Point, Error> {
        Point::from_slice(&self.custodian.0).map_err(|_| Error::Damaged(IDENTITY))
    }

    /// The list in force.
    pub(crate) fn list(&self) -> Result<List, Error> {
        List::verify(&self.list.0, &self.custodian()?).map_err(|_| Error::Damaged(IDENTITY))
    }

    fn check(&self) -> Result<(), Error> {
        let hub = Point::from_slice(&self.hub_key.0).map_err(|_| Error::Damaged(IDENTITY))?;
        let list = self.list()?;
        if self.version == 1 && list.org == self.org && list.hub == hub {
            Ok(())
        } else {
            Err(Error::Damaged(IDENTITY))
        }
    }

    /// Takes a list if it may follow the last one. `Ok(None)` is the list already in force. Who gets a new one writes
    /// this down before sealing to it.
    pub(crate) fn take_list(&mut self, bytes: &[u8]) -> Result<Option<List>, Refused> {
        if self.list.0 == bytes {
            return Ok(None);
        }
        let (Ok(custodian), Ok(hub), Ok(last)) = (
            self.custodian(),
            Point::from_slice(&self.hub_key.0),
            self.list(),
        ) else {
            return Err(Refused::Malformed);
        };
        let mut pinned = Pinned {
            org: self.org,
            hub: hub.fingerprint(),
            custodian: custodian.fingerprint(),
            last: Some(Last {
                number: last.number,
                hash: seal::sha256(&self.list.0),
            }),
        };
        let list = pinned.accept(bytes, &custodian)?;
        self.list = Blob(bytes.to_vec());
        Ok(Some(list))
    }
}

/// Makes a folder that is ours alone, with those above it.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a file that is ours alone, to be read and written.
pub(crate) fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.read(true).write(true).mode(0o600).open(path)
}

/// Writes a file as a whole: after a crash there is the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = private(&new, OpenOptions::new().create(true).truncate(true))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_parent(path)
}

/// Makes what was created, renamed or removed beside this file last.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Reads a file that is small by its nature; `None` when there is none.
pub(crate) fn read_small(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(SMALL).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scratch, World};
    use base::SeededRng;

    #[test]
    fn two_agents_on_one_folder_refuse() {
        let scratch = Scratch::new("folder");
        let first = Folder::open(scratch.path()).unwrap();
        assert!(matches!(
            Folder::open(scratch.path()),
            Err(Error::FolderInUse)
        ));
        drop(first);
        assert!(Folder::open(scratch.path()).is_ok());
    }

    #[test]
    fn the_key_stays_and_is_ours_alone() {
        let scratch = Scratch::new("key");
        let folder = Folder::open(scratch.path()).unwrap();
        let first = folder.device_key(&SeededRng::new(1)).unwrap();
        let second = folder.device_key(&SeededRng::new(2)).unwrap();
        assert_eq!(first.public(), second.public());
        let mode = |it: &Path| fs::metadata(it).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(scratch.path()), 0o700);
        assert_eq!(mode(&scratch.path().join(KEY)), 0o600);
        fs::write(scratch.path().join(KEY), b"x").unwrap();
        assert!(matches!(
            folder.device_key(&SeededRng::new(1)),
            Err(Error::Damaged(_))
        ));
    }

    #[test]
    fn lists_only_go_forward() {
        let world = World::new(1);
        let mut identity = world.identity("http://localhost:1");
        let first = identity.list.0.clone();
        assert_eq!(identity.take_list(&first), Ok(None));
        let third = world.list(3);
        assert_eq!(identity.take_list(&third).unwrap().unwrap().number, 3);
        assert_eq!(identity.list().unwrap().number, 3);
        let before = identity.clone();
        assert!(matches!(
            identity.take_list(&world.list(2)),
            Err(Refused::Older { .. })
        ));
        assert_eq!(
            identity.take_list(&world.list_with_another_recipient(3)),
            Err(Refused::SameNumber { number: 3 })
        );
        assert_eq!(
            identity.take_list(&World::new(2).list(4)),
            Err(Refused::WrongSignature)
        );
        assert_eq!(identity.take_list(b"x"), Err(Refused::Malformed));
        assert_eq!(identity, before);
    }

    #[test]
    fn an_identity_survives_the_disk() {
        let scratch = Scratch::new("identity");
        let folder = Folder::open(scratch.path()).unwrap();
        assert_eq!(folder.identity().unwrap(), None);
        let identity = World::new(1).identity("http://localhost:1");
        folder.keep_identity(&identity).unwrap();
        assert_eq!(folder.identity().unwrap(), Some(identity.clone()));
        let mut other = identity;
        other.list = Blob(World::new(2).list(1));
        folder.keep_identity(&other).unwrap();
        assert!(matches!(folder.identity(), Err(Error::Damaged(_))));
    }
}

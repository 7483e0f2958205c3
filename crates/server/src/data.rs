//! The data folder: `obhut.db keys.db blobs/ secrets/ demo.toml`, rights 0700.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base::Rng;
use seal::RootKey;

/// What is wrong with the data folder.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file or folder can't be read or made.
    #[error("{path}: {what}")]
    File {
        /// Which.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The root key is no key.
    #[error("{0} does not hold a root key")]
    RootKey(PathBuf),
    /// A demo's folder started without `--demo`.
    #[error(
        "{0} holds a demo, whose passwords are printed at each start; start it with --demo, or take another \
         folder"
    )]
    IsDemo(PathBuf),
    /// A real folder started with `--demo`.
    #[error("{0} holds a real installation; take another folder for the demo (OBHUT_DATA_DIR)")]
    IsReal(PathBuf),
}

/// The folder and its files.
#[derive(Debug, Clone)]
pub struct DataFolder {
    /// The folder itself.
    pub path: PathBuf,
}

impl DataFolder {
    /// Makes the folder if it is not there, and sees that demo and real data never mix.
    pub fn open(path: &Path, demo: bool) -> Result<Self, DataError> {
        for folder in [path.to_owned(), path.join("secrets")] {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|source| DataError::File {
                    path: folder,
                    what: "the folder can't be made",
                    source,
                })?;
        }
        let folder = Self {
            path: path.to_owned(),
        };
        match (
            folder.demo_file().exists(),
            folder.path.join("obhut.db").exists(),
        ) {
            (true, _) if !demo => Err(DataError::IsDemo(folder.path)),
            (false, true) if demo => Err(DataError::IsReal(folder.path)),
            _ => Ok(folder),
        }
    }

    /// Where a demo keeps its secrets.
    pub fn demo_file(&self) -> PathBuf {
        self.path.join("demo.toml")
    }

    /// Reads the root key, which must be there.
    pub fn existing_root_key(&self, named: Option<&Path>) -> Result<RootKey, DataError> {
        let path = named.map_or_else(|| self.path.join("secrets/root.key"), Path::to_owned);
        let what = "the root key can't be read";
        let text = fs::read_to_string(&path).map_err(|source| DataError::File {
            path: path.clone(),
            what,
            source,
        })?;
        RootKey::parse(&text).map_err(|_| DataError::RootKey(path))
    }

    /// Reads the root key, or makes one at the first start.
    pub fn root_key(&self, named: Option<&Path>, rng: &dyn Rng) -> Result<RootKey, DataError> {
        let path = named.map_or_else(|| self.path.join("secrets/root.key"), Path::to_owned);
        match fs::read_to_string(&path) {
            Ok(text) => RootKey::parse(&text).map_err(|_| DataError::RootKey(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = RootKey::generate(rng);
                write_secret(&path, &key.to_text())?;
                Ok(key)
            }
            Err(source) => Err(DataError::File {
                path,
                what: "the root key can't be read",
                source,
            }),
        }
    }
}

/// Writes a file that only its owner reads; refuses to replace one.
pub fn write_secret(path: &Path, text: &str) -> Result<(), DataError> {
    let fail = |source| DataError::File {
        path: path.to_owned(),
        what: "the file can't be written",
        source,
    };
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(fail)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn folder(name: &str) -> PathBuf {
        let suffix = u64::from_le_bytes(base::array(&base::SystemRng));
        std::env::temp_dir().join(format!("obhut-data-{name}-{suffix:x}"))
    }

    #[test]
    fn the_root_key_stays_and_is_private() {
        let path = folder("root");
        let data = DataFolder::open(&path, false).unwrap();
        let first = data.root_key(None, &base::SystemRng).unwrap().to_text();
        assert_eq!(
            data.root_key(None, &base::SystemRng).unwrap().to_text(),
            first
        );
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("secrets/root.key")), 0o600);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn demo_and_real_data_never_mix() {
        let path = folder("mix");
        let data = DataFolder::open(&path, true).unwrap();
        write_secret(&data.demo_file(), "x").unwrap();
        assert!(matches!(
            DataFolder::open(&path, false),
            Err(DataError::IsDemo(_))
        ));
        assert!(DataFolder::open(&path, true).is_ok());
        fs::remove_file(data.demo_file()).unwrap();
        fs::write(path.join("obhut.db"), "").unwrap();
        assert!(matches!(
            DataFolder::open(&path, true),
            Err(DataError::IsReal(_))
        ));
        fs::remove_dir_all(path).unwrap();
    }
}

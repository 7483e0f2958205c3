//! Large pieces of ciphertext, each under a path: today a folder, later whatever `object_store` speaks.
//!
//! A blob appears whole or not at all, and lies on the disk before anyone is told so. Blobs are never
//! changed. A limit and a reserve keep a full disk from stopping the database beside them.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::{HasKind, Kind};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart};

/// Where blobs lie, and how many.
#[derive(Debug, Clone)]
pub struct BlobSettings {
    /// The folder; made if it is not there.
    pub folder: PathBuf,
    /// Bytes of the disk that are left to others.
    pub reserve: u64,
    /// The most bytes that may lie here; no limit unless set.
    pub most: Option<u64>,
}

/// Blobs. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn ObjectStore>,
    settings: BlobSettings,
    used: AtomicU64,
}

/// Why a blob can't be put, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No more room, by the limit, the reserve, or the disk itself.
    #[error("there is no room for more recordings")]
    Full,
    /// There is no such blob.
    #[error("there is no such file")]
    Missing,
    /// The folder or service does not take or give anything.
    #[error("the file store refuses its work")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl HasKind for BlobError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::NotFound,
            Self::Full => Kind::Full,
            Self::Refused(_) => Kind::Unavailable,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "file_missing",
            Self::Full => "storage_full",
            Self::Refused(_) => "storage_refused",
        }
    }
}

impl From<object_store::Error> for BlobError {
    fn from(error: object_store::Error) -> Self {
        if let object_store::Error::NotFound { .. } = error {
            return Self::Missing;
        }
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(it) = cause {
            if let Some(io) = it.downcast_ref::<std::io::Error>()
                && is_full(io)
            {
                return Self::Full;
            }
            cause = it.source();
        }
        Self::Refused(Box::new(error))
    }
}

fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes that lie here.
    pub used: u64,
    /// Bytes that still fit.
    pub free: u64,
}

/// Bytes handed to the disk at a time, and read from it at a time.
const PIECE: usize = 1024 * 1024;
/// Pieces on their way to the disk at the same time.
const AT_ONCE: usize = 2;

impl Blobs {
    /// Opens the folder and counts what lies there.
    pub async fn open(settings: BlobSettings) -> Result<Self, BlobError> {
        let refused = |error: std::io::Error| BlobError::Refused(Box::new(error));
        tokio::fs::create_dir_all(&settings.folder)
            .await
            .map_err(refused)?;
        let store = LocalFileSystem::new_with_prefix(&settings.folder)?
            .with_fsync(true)
            .with_automatic_cleanup(true);
        Self::over(Arc::new(store), settings).await
    }

    /// Takes another store and counts what lies there. How much room there is, the folder says all the same.
    pub async fn over(
        store: Arc<dyn ObjectStore>,
        settings: BlobSettings,
    ) -> Result<Self, BlobError> {
        let blobs = Self {
            inner: Arc::new(Inner {
                store,
                settings,
                used: AtomicU64::new(0),
            }),
        };
        let mut listed = blobs.inner.store.list(None);
        while let Some(blob) = listed.try_next().await? {
            blobs.inner.used.fetch_add(blob.size, Ordering::Relaxed);
        }
        drop(listed);
        Ok(blobs)
    }

    /// How much lies here and how much still fits.
    pub fn room(&self) -> Result<Room, BlobError> {
        let settings = &self.inner.settings;
        let used = self.inner.used.load(Ordering::Relaxed);
        let disk = rustix::fs::statvfs(&settings.folder)
            .map_err(|error| BlobError::Refused(Box::new(error)))?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let free = free.saturating_sub(settings.reserve);
        let free = settings
            .most
            .map_or(free, |most| free.min(most.saturating_sub(used)));
        Ok(Room { used, free })
    }

    /// Begins a blob of about so many bytes. It is not there before [`Upload::finish`].
    pub async fn begin(&self, path: &str, bytes: u64) -> Result<Upload, BlobError> {
        if self.room()?.free < bytes {
            return Err(BlobError::Full);
        }
        let path = Path::from(path);
        let upload = self.inner.store.put_multipart(&path).await?;
        Ok(Upload {
            writer: Some(WriteMultipart::new_with_chunk_size(upload, PIECE)),
            blobs: self.clone(),
            path,
            bytes: 0,
        })
    }

    /// Reads bytes `from` to before `to`, piece by piece.
    pub fn read(
        &self,
        path: &str,
        from: u64,
        to: u64,
    ) -> impl Stream<Item = Result<Bytes, BlobError>> + Send + 'static {
        let (blobs, path) = (self.clone(), Path::from(path));
        let step = PIECE as u64;
        let pieces = (from..to).step_by(PIECE);
        futures_util::stream::iter(pieces)
            .map(move |at| {
                let (blobs, path) = (blobs.clone(), path.clone());
                async move {
                    let until = to.min(at.saturating_add(step));
                    let bytes = blobs.inner.store.get_range(&path, at..until).await?;
                    if bytes.len() as u64 == until - at {
                        Ok(bytes)
                    } else {
                        Err(BlobError::Missing)
                    }
                }
            })
            .buffered(AT_ONCE)
    }

    /// The size of a blob, or `None` when there is none.
    pub async fn size(&self, path: &str) -> Result<Option<u64>, BlobError> {
        match self.inner.store.head(&Path::from(path)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Paths and sizes of all blobs below a path.
    pub async fn list(&self, below: &str) -> Result<Vec<(String, u64)>, BlobError> {
        let below = Path::from(below);
        let found = self.inner.store.list(Some(&below));
        let found = found.map_ok(|blob| (blob.location.to_string(), blob.size));
        Ok(found.try_collect().await?)
    }

    /// The names directly below a path that have something below them.
    pub async fn folders(&self, below: &str) -> Result<Vec<String>, BlobError> {
        let below = Path::from(below);
        let found = self.inner.store.list_with_delimiter(Some(&below)).await?;
        let name = |path: &Path| path.filename().map(str::to_owned);
        Ok(found.common_prefixes.iter().filter_map(name).collect())
    }

    /// Removes a blob; `false` when there was none.
    pub async fn remove(&self, path: &str) -> Result<bool, BlobError> {
        let path = Path::from(path);
        let size = match self.inner.store.head(&path).await {
            Ok(meta) => meta.size,
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        match self.inner.store.delete(&path).await {
            Ok(()) => {
                self.forget(size);
                Ok(true)
            }
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes everything below a path, also what a crash left half written; gives the number of blobs.
    pub async fn clear(&self, below: &str) -> Result<u64, BlobError> {
        let mut gone = 0;
        for (path, _) in self.list(below).await? {
            gone += u64::from(self.remove(&path).await?);
        }
        let folder = self.path_of(below);
        match tokio::fs::remove_dir_all(&folder).await {
            Ok(()) => Ok(gone),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(gone),
            Err(error) => Err(BlobError::Refused(Box::new(error))),
        }
    }

    /// Below our folder whatever it says: object paths hold no dots.
    fn path_of(&self, below: &str) -> PathBuf {
        let path = Path::from(below);
        let root: &FilePath = &self.inner.settings.folder;
        root.join(path.as_ref())
    }

    fn forget(&self, bytes: u64) {
        let less = |used: u64| Some(used.saturating_sub(bytes));
        let used = &self.inner.used;
        let _ = used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// A blob on its way. Dropped before [`Upload::finish`], nothing of it stays.
pub struct Upload {
    writer: Option<WriteMultipart>,
    blobs: Blobs,
    path: Path,
    bytes: u64,
}

impl Upload {
    /// Adds bytes; waits while too much is on its way to the disk.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let writer = self.writer.as_mut().ok_or(BlobError::Missing)?;
        writer.wait_for_capacity(AT_ONCE).await?;
        self.bytes += bytes.len() as u64;
        writer.put(bytes);
        Ok(())
    }

    /// Puts the whole blob in its place, on the disk.
    pub async fn finish(mut self) -> Result<(), BlobError> {
        let writer = self.writer.take().ok_or(BlobError::Missing)?;
        // The same blob may come twice, when nobody heard that it had arrived.
        let before = self.blobs.size(self.path.as_ref()).await?;
        writer.finish().await?;
        self.blobs.forget(before.unwrap_or(0));
        let used = &self.blobs.inner.used;
        used.fetch_add(self.bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Gives it up.
    pub async fn abort(mut self) -> Result<(), BlobError> {
        match self.writer.take() {
            Some(writer) => Ok(writer.abort().await?),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("obhut-blobs-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    async fn open(name: &str, most: Option<u64>) -> Blobs {
        let folder = folder(name);
        let reserve = 0;
        let settings = BlobSettings {
            folder,
            reserve,
            most,
        };
        Blobs::open(settings).await.unwrap()
    }

    async fn put(blobs: &Blobs, path: &str, bytes: &[u8]) -> Result<(), BlobError> {
        let mut upload = blobs.begin(path, bytes.len() as u64).await?;
        for piece in bytes.chunks(1000) {
            upload.write(Bytes::copy_from_slice(piece)).await?;
        }
        upload.finish().await
    }

    async fn read(blobs: &Blobs, path: &str, from: u64, to: u64) -> Result<Vec<u8>, BlobError> {
        let pieces: Vec<Bytes> = blobs.read(path, from, to).try_collect().await?;
        Ok(pieces.concat())
    }

    #[tokio::test]
    async fn what_is_put_is_read_in_any_part() {
        let blobs = open("parts", None).await;
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0] ^ 7).collect();
        put(&blobs, "video/a/b/c", &bytes).await.unwrap();
        for (from, to) in [(0, 3_000_000), (5, 6), (1_048_570, 2_097_160), (7, 7)] {
            let got = read(&blobs, "video/a/b/c", from, to).await.unwrap();
            let want = usize::try_from(from).unwrap()..usize::try_from(to).unwrap();
            assert!(got == bytes[want], "{from}..{to}");
        }
        assert!(read(&blobs, "video/a/b/c", 0, 3_000_001).await.is_err());
        assert!(matches!(
            read(&blobs, "video/x", 0, 1).await,
            Err(BlobError::Missing)
        ));
        assert_eq!(blobs.size("video/a/b/c").await.unwrap(), Some(3_000_000));
        assert_eq!(blobs.folders("video/a").await.unwrap(), ["b"]);
        assert_eq!(blobs.list("video").await.unwrap().len(), 1);
        let again = Blobs::open(blobs.inner.settings.clone()).await.unwrap();
        assert_eq!(again.room().unwrap().used, 3_000_000);
        assert_eq!(blobs.clear("video/a/b").await.unwrap(), 1);
        assert_eq!(blobs.room().unwrap().used, 0);
        assert_eq!(blobs.size("video/a/b/c").await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_given_up_never_was() {
        let blobs = open("abort", None).await;
        let mut upload = blobs.begin("video/a/b", 10).await.unwrap();
        upload.write(Bytes::from_static(b"half")).await.unwrap();
        assert_eq!(blobs.size("video/a/b").await.unwrap(), None);
        upload.abort().await.unwrap();
        let mut upload = blobs.begin("video/a/b", 10).await.unwrap();
        upload.write(Bytes::from_static(b"half")).await.unwrap();
        drop(upload);
        assert_eq!(blobs.list("video").await.unwrap(), []);
        assert_eq!(blobs.clear("video").await.unwrap(), 0);
        assert!(!blobs.path_of("video").exists());
    }

    #[tokio::test]
    async fn the_limit_holds_and_room_comes_back() {
        let blobs = open("limit", Some(100)).await;
        put(&blobs, "a", &[1; 60]).await.unwrap();
        assert!(matches!(
            put(&blobs, "b", &[1; 60]).await,
            Err(BlobError::Full)
        ));
        assert!(blobs.remove("a").await.unwrap());
        assert!(!blobs.remove("a").await.unwrap());
        put(&blobs, "b", &[1; 40]).await.unwrap();
        put(&blobs, "b", &[1; 40]).await.unwrap();
        assert_eq!(blobs.room().unwrap().used, 40);
    }

    #[tokio::test]
    async fn paths_stay_in_the_folder() {
        let blobs = open("paths", None).await;
        for path in ["../x", "/etc/x", "a/../../x", "a//b", "."] {
            assert!(
                blobs
                    .path_of(path)
                    .starts_with(&blobs.inner.settings.folder)
            );
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_gone_refuses() {
        let blobs = open("refuses", None).await;
        std::fs::remove_dir_all(&blobs.inner.settings.folder).unwrap();
        std::fs::write(&blobs.inner.settings.folder, b"").unwrap();
        let refused = put(&blobs, "a/b", b"x").await;
        assert!(matches!(refused, Err(BlobError::Refused(_))), "{refused:?}");
    }
}

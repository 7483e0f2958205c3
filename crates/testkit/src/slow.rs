//! A place for recordings that takes its time, or refuses.

use std::fmt;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use store::{BlobSettings, Blobs};
use tokio::sync::watch;

/// How the place behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It does what it is asked.
    Quick,
    /// It takes nothing and gives nothing until it is quick again.
    Silent,
    /// It refuses at once.
    Refusing,
}

/// A folder that behaves as it is told to.
#[derive(Debug, Clone)]
pub struct MoodyStore {
    folder: Arc<LocalFileSystem>,
    mood: Arc<watch::Sender<Mood>>,
    waiting: Arc<watch::Sender<usize>>,
}

impl MoodyStore {
    /// Makes the folder, and blobs that lie in it.
    pub async fn open(settings: BlobSettings) -> (Self, Blobs) {
        std::fs::create_dir_all(&settings.folder).unwrap();
        let folder = LocalFileSystem::new_with_prefix(&settings.folder).unwrap();
        let it = Self {
            folder: Arc::new(folder.with_fsync(true).with_automatic_cleanup(true)),
            mood: Arc::new(watch::channel(Mood::Quick).0),
            waiting: Arc::new(watch::channel(0).0),
        };
        let blobs = Blobs::over(Arc::new(it.clone()), settings).await.unwrap();
        (it, blobs)
    }

    /// How it behaves from now on.
    pub fn be(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Waits until somebody waits for it.
    pub async fn is_waited_for(&self) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|it| *it > 0).await.unwrap();
    }

    async fn pass(&self) -> Result<()> {
        self.waiting.send_modify(|it| *it += 1);
        let mut mood = self.mood.subscribe();
        let now = *mood.wait_for(|it| *it != Mood::Silent).await.unwrap();
        self.waiting.send_modify(|it| *it -= 1);
        match now {
            Mood::Refusing => Err(Error::Generic {
                store: "moody",
                source: "it does not want to".into(),
            }),
            Mood::Quick | Mood::Silent => Ok(()),
        }
    }
}

impl fmt::Display for MoodyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a store with moods")
    }
}

#[async_trait::async_trait]
impl ObjectStore for MoodyStore {
    async fn put_opts(&self, to: &Path, bytes: PutPayload, how: PutOptions) -> Result<PutResult> {
        self.pass().await?;
        self.folder.put_opts(to, bytes, how).await
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        how: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.pass().await?;
        self.folder.put_multipart_opts(to, how).await
    }

    async fn get_opts(&self, from: &Path, how: GetOptions) -> Result<GetResult> {
        self.pass().await?;
        self.folder.get_opts(from, how).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.folder.delete_stream(paths)
    }

    fn list(&self, below: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.folder.list(below)
    }

    async fn list_with_delimiter(&self, below: Option<&Path>) -> Result<ListResult> {
        self.pass().await?;
        self.folder.list_with_delimiter(below).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, how: CopyOptions) -> Result<()> {
        self.pass().await?;
        self.folder.copy_opts(from, to, how).await
    }
}

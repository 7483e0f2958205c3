//! What the tests share: real time, a camera, an agent that can be stopped or killed.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use base::{Clock, SeededRng, Sleep, Timestamp};
use camera::{Error, Options, roster};
use media::cut::Rules;
use media::rtsp::Settings;
use media::rtspd::{self, Mount, Simulator};
use media::scene;
use tokio::sync::oneshot;

use crate::hub::{Book, Hub};

#[derive(Debug)]
struct RealClock(Instant);

#[expect(clippy::disallowed_methods, reason = "sockets know no simulated time")]
impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        base::floor_to_micros(Timestamp::try_from(SystemTime::now()).unwrap())
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[expect(clippy::disallowed_methods, reason = "sockets know no simulated time")]
pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(RealClock(Instant::now()))
}

/// A temporary folder.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("obhut-agent-{}-{n}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Every file in it, with its length.
    pub(crate) fn files(&self) -> Vec<(PathBuf, u64)> {
        let mut files = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                match entry.metadata() {
                    Ok(it) if it.is_dir() => folders.push(entry.path()),
                    Ok(it) => files.push((entry.path(), it.len())),
                    Err(_) => {}
                }
            }
        }
        files
    }

    pub(crate) fn ending(&self, end: &str) -> usize {
        let ends = |it: &PathBuf| it.extension().is_some_and(|it| it == end);
        self.files().iter().filter(|it| ends(&it.0)).count()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A small camera at 25 pictures a second, a key frame each 0.4 s.
pub(crate) fn mount() -> Mount {
    Mount::new(
        "yard",
        rtspd::Source::Scene(scene::Options {
            name: "Yard".to_owned(),
            width: 576,
            height: 240,
            fps: 25,
            gop: Some(10),
            ..scene::Options::default()
        }),
    )
}

pub(crate) async fn simulator(mount: Mount) -> Simulator {
    let options = rtspd::Options {
        mounts: vec![mount],
        ..rtspd::Options::default()
    };
    Simulator::start(options, clock(), Arc::new(SeededRng::new(1)))
        .await
        .unwrap()
}

/// An agent with one camera, quick enough for a test: fragments of 0.2 s, segments of 1 s.
pub(crate) fn options(folder: &Scratch, hub: &Hub, source: &str) -> Options {
    let token = hub.keys.token().encode();
    options_for(folder.path(), &hub.origin(), &token, source)
}

/// The same, without a hub at hand.
pub(crate) fn options_for(folder: &Path, hub: &str, token: &str, source: &str) -> Options {
    let mut options = Options::new(folder, roster::single(source, Some("Yard")).unwrap());
    options.hub = Some(hub.to_owned());
    options.token = Some(token.to_owned());
    options.pause_most = Duration::from_secs(1);
    options.settings = Settings {
        connect: Duration::from_secs(2),
        silence: Duration::from_millis(700),
        pause_first: Duration::from_millis(100),
        pause_most: Duration::from_millis(400),
    };
    options.rules = Rules {
        fragment: Duration::from_millis(200),
        segment: Duration::from_secs(1),
        ..Rules::default()
    };
    options
}

/// An agent that runs in a thread of its own.
pub(crate) struct Agent {
    stop: Option<oneshot::Sender<()>>,
    kill: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    result: Arc<Mutex<Option<Result<(), Error>>>>,
}

impl Agent {
    pub(crate) fn start(options: Options) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (kill, killed) = oneshot::channel::<()>();
        let result = Arc::new(Mutex::new(None));
        let to = Arc::clone(&result);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let shutdown = async {
                let _ = stopped.await;
            };
            let agent = camera::run(options, clock(), Arc::new(base::SystemRng), shutdown);
            runtime.block_on(async {
                tokio::select! {
                    result = agent => *to.lock().unwrap() = Some(result),
                    _ = killed => {}
                }
            });
        });
        Self {
            stop: Some(stop),
            kill: Some(kill),
            thread: Some(thread),
            result,
        }
    }

    /// As SIGTERM does.
    pub(crate) async fn stop(mut self) -> Result<(), Error> {
        let _ = self.stop.take().unwrap().send(());
        self.ends().await
    }

    /// Ends it without another word: segments are not closed.
    pub(crate) async fn kill(mut self) {
        let _ = self.kill.take().unwrap().send(());
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(|| thread.join().unwrap())
            .await
            .unwrap();
        // The recorder's thread notices that nobody is left to tell it anything.
        pause(200).await;
    }

    /// Waits for it to end by itself.
    pub(crate) async fn ends(mut self) -> Result<(), Error> {
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(|| thread.join().unwrap())
            .await
            .unwrap();
        self.result.lock().unwrap().take().unwrap()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let (Some(kill), Some(thread)) = (self.kill.take(), self.thread.take()) {
            let _ = kill.send(());
            let _ = thread.join();
        }
    }
}

/// Waits until the hub's book says so; a test that waits for ever fails.
pub(crate) async fn until(hub: &Hub, what: &str, wanted: impl Fn(&Book) -> bool) {
    for _ in 0..1500 {
        if wanted(&hub.book()) {
            return;
        }
        pause(20).await;
    }
    let book = hub.book();
    panic!(
        "never: {what}; segments {}, gaps {:?}, state {:?}",
        book.segments.len(),
        book.gaps,
        book.state()
    );
}

#[expect(clippy::disallowed_methods, reason = "sockets know no simulated time")]
pub(crate) async fn pause(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Whether the numbers rise by one.
pub(crate) fn is_unbroken(counters: &[u32]) -> bool {
    counters.windows(2).all(|it| it[1] == it[0] + 1)
}

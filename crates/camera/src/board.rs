//! What the agent knows of its hub's wishes, and how it is: the meeting point of channel and cameras.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::{CameraId, Clock, Rng, RunId, chain};
use media::cut::Rules;
use media::rtsp::Settings;
use media::wire::{
    Announced, Assigned, CamerasAnswer, CamerasRequest, Gap, Instant, RefusedList, Setup,
    Spool as SpoolState, State,
};
use seal::recipients::List;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::Error;
use crate::face::Face;
use crate::folder::{Folder, Identity, KnownCamera};
use crate::intake::{self, Intake, Wanted};
use crate::live::{Live, Queue};
use crate::recorder::Order;
use crate::roster::Entry;
use crate::spool::Spool;

/// The hub's clock and ours may differ by so many seconds before anybody is told.
const SKEW: i64 = 60;

/// The meeting point.
pub(crate) struct Board {
    pub(crate) parts: Parts,
    inner: Mutex<Inner>,
}

/// What it is made of.
pub(crate) struct Parts {
    pub(crate) folder: Folder,
    pub(crate) spool: Arc<Spool>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) settings: Settings,
    pub(crate) rules: Rules,
    pub(crate) orders: mpsc::Sender<Order>,
    pub(crate) queue: Queue,
    pub(crate) run: RunId,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) is_full: Arc<AtomicBool>,
    /// Something changed that the hub wants to know.
    pub(crate) changed: Arc<Notify>,
}

struct Inner {
    identity: Identity,
    list: Arc<List>,
    refused: Option<RefusedList>,
    cameras: BTreeMap<String, Watched>,
    /// Gaps that an earlier run left open.
    open: BTreeMap<CameraId, Gap>,
    tasks: JoinSet<()>,
    stopping: bool,
}

/// A camera whose task runs.
struct Watched {
    face: Arc<Face>,
    wanted: watch::Sender<Wanted>,
}

impl Board {
    pub(crate) fn new(
        parts: Parts,
        identity: Identity,
        open: BTreeMap<CameraId, Gap>,
    ) -> Result<Self, Error> {
        let list = Arc::new(identity.list()?);
        let inner = Inner {
            identity,
            list,
            refused: None,
            cameras: BTreeMap::new(),
            open,
            tasks: JoinSet::new(),
            stopping: false,
        };
        Ok(Self {
            parts,
            inner: Mutex::new(inner),
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the cameras the hub knew when it was last asked.
    pub(crate) async fn begin(&self) {
        let known = self.lock().identity.cameras.clone();
        for camera in known {
            self.start(&camera.label, camera.id).await;
            self.want(&camera.label, |it| it.armed = camera.armed);
        }
    }

    /// What the operator's file holds.
    pub(crate) fn announce(&self) -> CamerasRequest {
        let inner = self.lock();
        let cameras = self.parts.entries.iter().map(|entry| {
            let face = inner.cameras.get(&entry.label).map(|it| &it.face);
            let parameters = face.and_then(|it| it.parameters());
            Announced {
                label: entry.label.clone(),
                name: entry.name.clone(),
                codec: parameters.as_ref().map(|it| it.rfc6381.clone()),
                width: parameters.as_ref().map(|it| it.width),
                height: parameters.as_ref().map(|it| it.height),
            }
        });
        CamerasRequest {
            cameras: cameras.collect(),
        }
    }

    /// The hub's names for them; starts the ones that are new.
    pub(crate) async fn assigned(&self, answer: CamerasAnswer) {
        for camera in &answer.cameras {
            self.start(&camera.label, camera.id).await;
        }
        self.arm(&answer.cameras);
    }

    async fn start(&self, label: &str, id: CameraId) {
        let entry = self.parts.entries.iter().find(|it| it.label == label);
        let Some(entry) = entry else {
            return;
        };
        let face = Arc::new(Face::new(id, Arc::clone(&self.parts.changed)));
        let open = {
            let mut inner = self.lock();
            match inner.cameras.get(label) {
                Some(it) if it.face.id() == id => return,
                // The hub knows it by another id now.
                Some(it) => it.wanted.send_modify(|it| it.stop = true),
                None => {}
            }
            if inner.stopping {
                return;
            }
            inner.open.remove(&id)
        };
        let order = Order::Camera(Arc::clone(&face), open);
        if self.parts.orders.send(order).await.is_err() {
            return;
        }
        let mut inner = self.lock();
        let list = Arc::clone(&inner.list);
        let (wanted, receiver) = watch::channel(Wanted {
            armed: false,
            watched: false,
            looks: 0,
            list: Arc::clone(&list),
            stop: inner.stopping,
        });
        let outlet = self.parts.queue.outlet();
        let live = Live::new(id, list, outlet, Arc::clone(&self.parts.rng));
        let task = Intake::new(intake::Parts {
            source: entry.source.clone(),
            settings: self.parts.settings.clone(),
            rules: self.parts.rules.clone(),
            face: Arc::clone(&face),
            live,
            orders: self.parts.orders.clone(),
            wanted: receiver,
            clock: Arc::clone(&self.parts.clock),
            rng: Arc::clone(&self.parts.rng),
        });
        inner.tasks.spawn(task.run());
        let camera = Watched { face, wanted };
        inner.cameras.insert(label.to_owned(), camera);
    }

    /// Arms and disarms, and remembers it for a start without hub.
    fn arm(&self, cameras: &[Assigned]) {
        let mut inner = self.lock();
        let known = |label: &String| cameras.iter().find(|it| it.label == *label);
        for (label, camera) in &inner.cameras {
            // A camera the hub does not name was removed there: nothing of it is recorded.
            let armed = known(label).is_some_and(|it| it.armed && it.id == camera.face.id());
            camera
                .wanted
                .send_if_modified(|it| std::mem::replace(&mut it.armed, armed) != armed);
        }
        let remembered: Vec<KnownCamera> = cameras
            .iter()
            .map(|it| KnownCamera {
                id: it.id,
                label: it.label.clone(),
                armed: it.armed,
            })
            .collect();
        if inner.identity.cameras != remembered {
            inner.identity.cameras = remembered;
            if let Err(error) = self.parts.folder.keep_identity(&inner.identity) {
                warn!(error = %chain(&error), "the cameras could not be written down");
            }
        }
    }

    /// Does what the hub wants.
    pub(crate) async fn apply(&self, setup: Setup) {
        self.look_at_clock(setup.now);
        if let Some(list) = self.take_list(&setup) {
            info!(
                list.number = list.number,
                "sealing to recipient list {}", list.number
            );
            // First the recorder, then the cameras, whose next segments follow.
            if self
                .parts
                .orders
                .send(Order::List(Arc::clone(&list)))
                .await
                .is_err()
            {
                return;
            }
            let mut inner = self.lock();
            inner.list = Arc::clone(&list);
            for camera in inner.cameras.values() {
                camera.wanted.send_modify(|it| it.list = Arc::clone(&list));
            }
        }
        let cameras: Vec<Assigned> = setup
            .cameras
            .into_iter()
            .map(|it| Assigned {
                id: it.id,
                label: it.label,
                armed: it.armed,
            })
            .collect();
        for camera in &cameras {
            self.start(&camera.label, camera.id).await;
        }
        self.arm(&cameras);
        self.parts.changed.notify_one();
    }

    /// A new list, written down, if it may be used. One that may not is told to the hub; the one in force stays.
    fn take_list(&self, setup: &Setup) -> Option<Arc<List>> {
        let mut inner = self.lock();
        let mut identity = inner.identity.clone();
        match identity.take_list(&setup.list.cose.0) {
            Ok(None) => {
                inner.refused = None;
                None
            }
            Ok(Some(list)) => {
                if let Err(error) = self.parts.folder.keep_identity(&identity) {
                    error!(error = %chain(&error), "a recipient list could not be written down and is not used");
                    return None;
                }
                inner.identity = identity;
                inner.refused = None;
                Some(Arc::new(list))
            }
            Err(refused) => {
                let number = List::read_unverified(&setup.list.cose.0)
                    .ok()
                    .map(|it| it.number);
                let why = refused.code().to_owned();
                let refused_list = RefusedList { number, why };
                if inner.refused.as_ref() != Some(&refused_list) {
                    error!(
                        error = %refused,
                        "the hub sent a recipient list that is not acceptable; recording goes on under the one before"
                    );
                }
                inner.refused = Some(refused_list);
                None
            }
        }
    }

    fn look_at_clock(&self, hub: Instant) {
        let ahead = self.parts.clock.now().duration_since(hub.0).as_secs();
        if ahead.abs() > SKEW {
            warn!(
                clock.ahead_s = ahead,
                "this computer's clock and the hub's differ by {ahead} s; set it, or recordings carry wrong times"
            );
        }
    }

    /// Somebody looks at a camera, or nobody any more.
    pub(crate) fn watch(&self, id: CameraId, on: bool) {
        let inner = self.lock();
        if let Some(camera) = inner.cameras.values().find(|it| it.face.id() == id) {
            camera.wanted.send_if_modified(|it| {
                let was = std::mem::replace(&mut it.watched, on);
                it.looks += u64::from(on);
                on || was
            });
        }
    }

    /// The channel is gone, and with it whoever looked.
    pub(crate) fn nobody_looks(&self) {
        for camera in self.lock().cameras.values() {
            camera
                .wanted
                .send_if_modified(|it| std::mem::take(&mut it.watched));
        }
    }

    fn want(&self, label: &str, change: impl FnOnce(&mut Wanted)) {
        if let Some(camera) = self.lock().cameras.get(label) {
            camera.wanted.send_modify(change);
        }
    }

    /// How the agent is.
    pub(crate) fn state(&self) -> State {
        let spool = &self.parts.spool;
        let full = self.parts.is_full.load(Ordering::Relaxed);
        let (oldest, aside) = (spool.oldest().map(Instant), spool.aside());
        let inner = self.lock();
        State {
            spool: SpoolState {
                bytes: spool.used(),
                free: spool.free(),
                waiting: spool.waiting(),
                oldest,
                refused: aside.segments,
                refused_bytes: aside.bytes,
                refused_since: aside.oldest().map(Instant),
            },
            cameras: inner
                .cameras
                .values()
                .map(|it| it.face.state(full))
                .collect(),
            run: self.parts.run,
            list: inner.list.number,
            refused_list: inner.refused.clone(),
        }
    }

    /// Ends the cameras' tasks; their segments are ended when this returns.
    pub(crate) async fn stop(&self) {
        let mut tasks = {
            let mut inner = self.lock();
            inner.stopping = true;
            for camera in inner.cameras.values() {
                camera.wanted.send_modify(|it| it.stop = true);
            }
            std::mem::take(&mut inner.tasks)
        };
        while tasks.join_next().await.is_some() {}
    }
}

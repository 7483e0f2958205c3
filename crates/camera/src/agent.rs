//! The whole agent: from its options to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use base::{CameraId, Clock, GapId, Rng, RunId};
use media::cut::Rules;
use media::rtsp::Settings;
use media::wire::{Cause, EnrolmentToken, Gap, Instant, fingerprint_text, read_fingerprint};
use seal::SignerKey;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tracing::{info, warn};

use crate::Error;
use crate::board::{self, Board};
use crate::channel;
use crate::enrol::{self, Invitation};
use crate::folder::{Folder, Identity};
use crate::hub::{Door, Hub, Origin, tls::roots};
use crate::live::Queue;
use crate::pace;
use crate::recorder::{self, Order, Recorder};
use crate::roster::Entry;
use crate::spool::{self, Spool, gaps};
use crate::upload::Uploader;

/// At the end, sending the rest is tried for so long.
const LAST_CALL: Duration = Duration::from_secs(5);
/// The recorder is told the time so often.
const TICK: Duration = Duration::from_secs(1);
/// So many orders may wait for the recorder, for each camera: some seconds of a disk that hesitates.
const ORDERS: usize = 8;

/// How an agent runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its folder; made when there is none.
    pub folder: PathBuf,
    /// The hub's origin; needed until it is enrolled.
    pub hub: Option<String>,
    /// The enrolment token; needed until it is enrolled.
    pub token: Option<String>,
    /// Fingerprint of the custodian to believe, as hexadecimal digits; that of the token, if `None`.
    pub custodian: Option<String>,
    /// A file with the certificates of the authorities to believe about the hub's name, those alone; what the system
    /// knows, if `None`.
    pub authority: Option<PathBuf>,
    /// What it would like to be called when it enrols.
    pub name: Option<String>,
    /// Its cameras.
    pub cameras: Vec<Entry>,
    /// The most bytes of its spool; what the disk holds, if `None`.
    pub spool_limit: Option<u64>,
    /// Version of the program.
    pub version: String,
    /// The longest pause between attempts to reach the hub.
    pub pause_most: Duration,
    /// Patience with cameras.
    pub settings: Settings,
    /// Where recordings are cut.
    pub rules: Rules,
}

impl Options {
    /// What there is to be said at least.
    pub fn new(folder: impl Into<PathBuf>, cameras: Vec<Entry>) -> Self {
        Self {
            folder: folder.into(),
            hub: None,
            token: None,
            custodian: None,
            authority: None,
            name: None,
            cameras,
            spool_limit: None,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pause_most: pace::MOST,
            settings: Settings::default(),
            rules: Rules::default(),
        }
    }
}

/// Runs the agent until `shutdown` resolves or its hub revokes it. When this returns, segments are closed and signed;
/// what the hub does not have yet waits in the folder for the next start.
pub async fn run(
    options: Options,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), Error> {
    tokio::pin!(shutdown);
    let folder = Folder::open(&options.folder)?;
    let key = Arc::new(folder.device_key(&*rng)?);
    let (door, identity) = tokio::select! {
        known = introduce(&options, &folder, &key, &*clock, &*rng) => known?,
        () = &mut shutdown => return Ok(()),
    };
    let custodian = fingerprint_text(&identity.custodian()?.fingerprint(), ' ');
    info!(
        "recordings are sealed for those whom the custodian names; its fingerprint is {custodian}"
    );
    let mut agent = Agent::start(options, folder, &key, door, identity, &clock, &rng).await?;
    let revoked = agent.until(shutdown).await;
    agent.stop(&*clock, revoked).await;
    if revoked { Err(Error::Revoked) } else { Ok(()) }
}

/// Finds out who the agent is; enrols when it is nobody yet.
async fn introduce(
    options: &Options,
    folder: &Folder,
    key: &SignerKey,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<(Door, Identity), Error> {
    let decode = |it: &String| EnrolmentToken::decode(it).ok_or(Error::Token);
    let token = options.token.as_ref().map(decode).transpose()?;
    let origin = options.hub.as_deref().map(Origin::parse).transpose()?;
    let roots = roots(options.authority.as_deref()).map_err(Error::Authority)?;
    let named = |it: &String| read_fingerprint(it).ok_or(Error::Fingerprint);
    let named = options.custodian.as_ref().map(named).transpose()?;
    let check = |found: [u8; 32]| match named {
        Some(named) if !seal::same(&named, &found) => {
            Err(Error::OtherCustodian(fingerprint_text(&found, ' ')))
        }
        _ => Ok(()),
    };
    // Before anything is said to the hub: the token may come from one that lies.
    token.as_ref().map_or(Ok(()), |it| check(it.custodian))?;
    if let Some(identity) = folder.identity()? {
        check(identity.custodian()?.fingerprint())?;
        let known = Origin::parse(&identity.hub)?;
        if origin.is_some_and(|it| it != known) {
            return Err(Error::OtherHub);
        }
        let door = Door::new(known, roots)?;
        if let Some(token) = token {
            if token.agent != identity.agent {
                return Err(Error::OtherAgent);
            }
            let invitation = invitation(options, token);
            enrol::renew(&identity, &door, &invitation, key).await?;
        }
        return Ok((door, identity));
    }
    let (Some(token), Some(origin)) = (token, origin) else {
        return Err(Error::NotEnrolled);
    };
    let door = Door::new(origin, roots)?;
    let invitation = invitation(options, token);
    let identity = enrol::enrol(folder, &door, &invitation, key, clock, rng).await?;
    Ok((door, identity))
}

fn invitation(options: &Options, token: EnrolmentToken) -> Invitation<'_> {
    Invitation {
        token,
        name: options.name.as_deref(),
        version: &options.version,
        pause_most: options.pause_most,
    }
}

/// The parts that run.
struct Agent {
    board: Arc<Board>,
    orders: mpsc::Sender<Order>,
    spool: Arc<Spool>,
    recorder: std::thread::JoinHandle<()>,
    /// Ends by itself when the hub revokes the agent.
    channel: JoinSet<()>,
    /// Sends what waits, and tells the time. Like all tasks here they end with the agent, however that ends.
    helpers: JoinSet<()>,
}

impl Agent {
    async fn start(
        options: Options,
        folder: Folder,
        key: &Arc<SignerKey>,
        door: Door,
        identity: Identity,
        clock: &Arc<dyn Clock>,
        rng: &Arc<dyn Rng>,
    ) -> Result<Self, Error> {
        let run = RunId::random(&**rng);
        let spool = Spool::new(folder.spool(), options.spool_limit).map_err(Error::Folder)?;
        let spool = Arc::new(spool);
        let recovered = spool::recover(&spool, key, identity.agent).map_err(Error::Folder)?;
        if !recovered.interrupted.is_empty() {
            warn!(
                cameras = recovered.interrupted.len(),
                "the last run was cut off; what it left is signed as interrupted"
            );
        }
        let known: Vec<CameraId> = identity.cameras.iter().map(|it| it.id).collect();
        let open = open_gaps(&spool, &recovered.interrupted, &known, &**clock, &**rng)
            .map_err(Error::Folder)?;
        let is_full = Arc::new(AtomicBool::new(false));
        let (orders, taken) = mpsc::channel(ORDERS * (options.cameras.len() + 2));
        let recorder = Recorder::new(recorder::Parts {
            spool: Arc::clone(&spool),
            agent: identity.agent,
            key: Arc::clone(key),
            run,
            clock: Arc::clone(clock),
            rng: Arc::clone(rng),
            list: Arc::new(identity.list()?),
            is_full: Arc::clone(&is_full),
        })
        .map_err(Error::Folder)?;
        let recorder = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || recorder.run(taken))
            .map_err(Error::Folder)?;
        let hub = Arc::new(Hub::new(
            door,
            identity.agent,
            Arc::clone(key),
            Arc::clone(clock),
            Arc::clone(rng),
        ));
        let parts = board::Parts {
            folder,
            spool: Arc::clone(&spool),
            entries: options.cameras,
            settings: options.settings,
            rules: options.rules,
            orders: orders.clone(),
            queue: Queue::default(),
            run,
            clock: Arc::clone(clock),
            rng: Arc::clone(rng),
            is_full,
            changed: Arc::new(Notify::new()),
        };
        let board = Arc::new(Board::new(parts, identity, open)?);
        board.begin().await;
        let uploader = Arc::new(Uploader::new(
            Arc::clone(&spool),
            Arc::clone(&hub),
            Arc::clone(clock),
            Arc::clone(rng),
            options.pause_most,
        ));
        let (mut channel, mut helpers) = (JoinSet::new(), JoinSet::new());
        channel.spawn(channel::run(
            Arc::clone(&board),
            hub,
            Arc::clone(clock),
            Arc::clone(rng),
            options.pause_most,
        ));
        helpers.spawn(uploader.run());
        helpers.spawn(tick(orders.clone(), Arc::clone(clock)));
        info!(run.id = %run, "the agent runs");
        Ok(Self {
            board,
            orders,
            spool,
            recorder,
            channel,
            helpers,
        })
    }

    /// Whether it was revoked; otherwise it was asked to stop.
    async fn until(&mut self, shutdown: impl Future<Output = ()>) -> bool {
        tokio::select! {
            _ = self.channel.join_next() => true,
            () = shutdown => false,
        }
    }

    async fn stop(mut self, clock: &dyn Clock, revoked: bool) {
        info!("stopping");
        self.channel.shutdown().await;
        self.board.stop().await;
        let _ = self.orders.send(Order::Stop).await;
        let recorder = self.recorder;
        let _ = tokio::task::spawn_blocking(move || recorder.join()).await;
        if !revoked {
            tokio::select! {
                () = drained(&self.spool, clock) => {}
                () = clock.sleep(LAST_CALL) => {}
            }
        }
        self.helpers.shutdown().await;
        info!(spool.waiting = self.spool.waiting(), "stopped");
    }
}

async fn drained(spool: &Spool, clock: &dyn Clock) {
    while spool.waiting() > 0 {
        clock.sleep(Duration::from_millis(50)).await;
    }
}

async fn tick(orders: mpsc::Sender<Order>, clock: Arc<dyn Clock>) {
    loop {
        clock.sleep(TICK).await;
        // A recorder that is behind has other work than to look at the time.
        if let Err(mpsc::error::TrySendError::Closed(_)) = orders.try_send(Order::Tick) {
            return;
        }
    }
}

/// The gap each camera is in at the start: one that was told of, or the time since the last run was cut off.
fn open_gaps(
    spool: &Spool,
    interrupted: &[(CameraId, base::Timestamp)],
    known: &[CameraId],
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> std::io::Result<BTreeMap<CameraId, Gap>> {
    let mut open: BTreeMap<CameraId, Gap> = BTreeMap::new();
    for mut gap in gaps::read(spool, usize::MAX)? {
        if gap.to.is_some() {
            continue;
        }
        if known.contains(&gap.camera) && !open.contains_key(&gap.camera) {
            open.insert(gap.camera, gap);
        } else {
            // Its camera is not ours any more.
            gap.to = Some(Instant(clock.now().max(gap.from.0)));
            gaps::write(spool, &gap)?;
        }
    }
    for (camera, end) in interrupted {
        let later = open.get(camera).is_some_and(|it| it.from.0 >= *end);
        if !known.contains(camera) || later {
            continue;
        }
        let gap = Gap {
            id: GapId::new(clock, rng),
            camera: *camera,
            from: Instant(*end),
            to: None,
            cause: Cause::AgentStopped,
        };
        gaps::write(spool, &gap)?;
        if let Some(mut older) = open.insert(*camera, gap) {
            older.to = Some(Instant((*end).max(older.from.0)));
            gaps::write(spool, &older)?;
        }
    }
    if !open.is_empty() {
        info!(gaps = open.len(), "gaps of earlier runs are still open");
    }
    Ok(open)
}

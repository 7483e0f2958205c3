//! A hub that believes nothing: it checks what a real one checks, keeps everything, and misbehaves on request.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Form, Json};
use base::{BucketId, CameraId, GapId, SegmentId};
use futures_util::SinkExt as _;
use media::wire::{
    self, AccessToken, Assigned, Blob, BucketRequest, CamerasAnswer, CamerasRequest, EnrolRequest,
    Enrolled, Gap, GapsRequest, ProblemBody, Setup, SetupCamera, SetupList, ToAgent, ToHub,
    TokenRequest, enrolment_proof,
};
use seal::closing::Record;
use seal::{Point, assertion, bucket};
use tokio::sync::broadcast;

use crate::keys::{Keys, counters};
use crate::world::clock;

/// A segment as it was taken.
#[derive(Clone)]
pub(crate) struct Taken {
    pub(crate) record: Record,
    pub(crate) file: Vec<u8>,
}

/// What the hub knows.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) device: Option<Point>,
    pub(crate) second_tries: u32,
    jtis: BTreeSet<String>,
    pub(crate) token: u32,
    pub(crate) cameras: BTreeMap<String, (CameraId, bool)>,
    /// Whether cameras that are new are armed at once.
    pub(crate) arm: bool,
    pub(crate) list: Vec<u8>,
    pub(crate) buckets: BTreeMap<BucketId, BucketRequest>,
    pub(crate) segments: Vec<(SegmentId, Taken)>,
    pub(crate) gaps: BTreeMap<GapId, Gap>,
    pub(crate) states: Vec<wire::State>,
    pub(crate) live: Vec<Vec<u8>>,
    /// Everything is answered so.
    pub(crate) away: Option<u16>,
    /// Segments are answered so.
    pub(crate) segment_answer: Option<(u16, &'static str)>,
    /// Buckets are answered so.
    pub(crate) bucket_answer: Option<(u16, &'static str)>,
    pub(crate) channels: u32,
    pub(crate) revoked: bool,
}

impl Book {
    /// The pictures of a camera, as numbers, segment by segment in the order they were taken; each is opened and
    /// compared with its record.
    pub(crate) fn pictures(&self, keys: &Keys) -> Vec<Vec<u32>> {
        self.segments
            .iter()
            .map(|(_, taken)| {
                let bucket = &self.buckets[&taken.record.bucket];
                let fragments = keys.open(bucket, &taken.file, &taken.record);
                counters(&taken.file, &fragments)
            })
            .collect()
    }

    pub(crate) fn why(&self) -> Vec<&'static str> {
        self.segments
            .iter()
            .map(|it| it.1.record.why.word())
            .collect()
    }

    pub(crate) fn state(&self) -> Option<&wire::State> {
        self.states.last()
    }

    pub(crate) fn camera(&self) -> Option<&wire::CameraState> {
        self.state()?.cameras.first()
    }
}

pub(crate) struct Hub {
    pub(crate) keys: Keys,
    pub(crate) address: SocketAddr,
    public: OnceLock<String>,
    book: Mutex<Book>,
    to_agent: broadcast::Sender<ToAgent>,
}

type Shared = State<Arc<Hub>>;

impl Hub {
    pub(crate) async fn start(seed: u64) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let keys = Keys::new(seed);
        let book = Book {
            list: keys.list(1, false),
            arm: true,
            ..Book::default()
        };
        let hub = Arc::new(Self {
            keys,
            address: listener.local_addr().unwrap(),
            public: OnceLock::new(),
            book: Mutex::new(book),
            to_agent: broadcast::channel(64).0,
        });
        let routes = Router::new()
            .route(wire::ENROL, post(enrol))
            .route(wire::TOKEN, post(token))
            .route(wire::SETUP, get(setup))
            .route(wire::CAMERAS, post(cameras))
            .route(wire::BUCKETS, post(buckets))
            .route(&format!("{}/{{segment}}", wire::SEGMENTS), put(segment))
            .route(wire::GAPS, post(gaps))
            .route(wire::CHANNEL, get(channel))
            .layer(DefaultBodyLimit::max(90 << 20))
            .with_state(Arc::clone(&hub));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        hub
    }

    /// Where agents find it.
    pub(crate) fn origin(&self) -> String {
        let own = || format!("http://{}", self.address);
        self.public.get().cloned().unwrap_or_else(own)
    }

    /// Agents find it elsewhere: something stands before it.
    pub(crate) fn stands_behind(&self, origin: String) {
        self.public.set(origin).unwrap();
    }

    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    pub(crate) fn say(&self, message: ToAgent) {
        let _ = self.to_agent.send(message);
    }

    /// Sends the setup as it is now.
    pub(crate) fn say_setup(&self) {
        let setup = self.setup();
        self.say(ToAgent::Setup(setup));
    }

    fn setup(&self) -> Setup {
        let book = self.book();
        let cameras = book.cameras.iter().map(|(label, (id, armed))| SetupCamera {
            id: *id,
            label: label.clone(),
            armed: *armed,
            name: label.clone(),
        });
        Setup {
            org: self.keys.org,
            list: SetupList {
                cose: Blob(book.list.clone()),
                custodian: Blob::from(self.keys.custodian.public().as_bytes()),
            },
            cameras: cameras.collect(),
            now: clock().now().into(),
            segment_seconds: 10,
        }
    }

    /// Lets pass whoever carries the current token, unless the hub is away.
    fn gate(&self, headers: &HeaderMap) -> Result<(), (u16, &'static str)> {
        let book = self.book();
        if let Some(status) = book.away {
            return Err((status, "away"));
        }
        let expected = format!("Bearer t{}", book.token);
        match headers.get("authorization") {
            Some(it) if *it == *expected && book.token > 0 => Ok(()),
            _ => Err((401, "token_unknown")),
        }
    }
}

fn problem(status: u16, code: &str) -> Response {
    let body = ProblemBody {
        code: code.to_owned(),
        detail: String::new(),
    };
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}

fn done() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

async fn enrol(State(hub): Shared, Json(it): Json<EnrolRequest>) -> Response {
    let mut book = hub.book();
    if let Some(status) = book.away {
        return problem(status, "away");
    }
    let token = hub.keys.token();
    if it.agent != token.agent || it.secret.0 != token.secret {
        return problem(401, "token_wrong");
    }
    let key = Point::from_slice(&it.public_key.0).unwrap();
    key.verify(&enrolment_proof(it.agent, &it.secret.0), &it.proof.0)
        .unwrap();
    if book.device.is_some_and(|known| known != key) {
        book.second_tries += 1;
        return problem(409, "token_used");
    }
    book.device = Some(key);
    Json(Enrolled {
        org: hub.keys.org,
        agent: hub.keys.agent,
        hub_key: Blob::from(hub.keys.hub.public().as_bytes()),
        custodian: Blob::from(hub.keys.custodian.public().as_bytes()),
        list: Blob(book.list.clone()),
    })
    .into_response()
}

async fn token(State(hub): Shared, Form(it): Form<TokenRequest>) -> Response {
    let mut book = hub.book();
    if let Some(status) = book.away {
        return problem(status, "away");
    }
    if book.revoked {
        return problem(403, "agent_revoked");
    }
    assert_eq!(it.grant_type, wire::GRANT_TYPE);
    assert_eq!(it.client_assertion_type, wire::ASSERTION_TYPE);
    let audience = format!("{}{}", hub.origin(), wire::TOKEN);
    let now = clock().now().as_second();
    let device = book.device;
    let read = assertion::verify(&it.client_assertion, |_| device, &audience, now).unwrap();
    assert!(book.jtis.insert(read.jti), "an assertion is used once");
    book.token += 1;
    Json(AccessToken {
        access_token: format!("t{}", book.token),
        token_type: "Bearer".to_owned(),
        expires_in: 900,
    })
    .into_response()
}

async fn setup(State(hub): Shared, headers: HeaderMap) -> Response {
    match hub.gate(&headers) {
        Ok(()) => Json(hub.setup()).into_response(),
        Err((status, code)) => problem(status, code),
    }
}

async fn cameras(
    State(hub): Shared,
    headers: HeaderMap,
    Json(it): Json<CamerasRequest>,
) -> Response {
    if let Err((status, code)) = hub.gate(&headers) {
        return problem(status, code);
    }
    let mut book = hub.book();
    for camera in &it.cameras {
        let number = u8::try_from(book.cameras.len()).unwrap();
        let arm = book.arm;
        book.cameras
            .entry(camera.label.clone())
            .or_insert((CameraId::from_bytes([100 + number; 16]), arm));
    }
    let assigned = it.cameras.iter().map(|it| {
        let (id, armed) = book.cameras[&it.label];
        Assigned {
            id,
            label: it.label.clone(),
            armed,
        }
    });
    Json(CamerasAnswer {
        cameras: assigned.collect(),
    })
    .into_response()
}

async fn buckets(
    State(hub): Shared,
    headers: HeaderMap,
    Json(it): Json<BucketRequest>,
) -> Response {
    if let Err((status, code)) = hub.gate(&headers) {
        return problem(status, code);
    }
    let mut book = hub.book();
    if let Some((status, code)) = book.bucket_answer {
        return problem(status, code);
    }
    assert!(bucket::open_hub_share(it.id, &it.hub_share.0, &hub.keys.hub).is_ok());
    assert_eq!((it.stream.as_str(), it.sensitivity), ("main", 0));
    if book.buckets.get(&it.id).is_some_and(|known| *known != it) {
        return problem(409, "bucket_differs");
    }
    book.buckets.insert(it.id, it);
    done()
}

async fn segment(
    State(hub): Shared,
    Path(id): Path<SegmentId>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err((status, code)) = hub.gate(&headers) {
        return problem(status, code);
    }
    let mut book = hub.book();
    if let Some((status, code)) = book.segment_answer {
        return problem(status, code);
    }
    let (length, rest) = body.split_first_chunk::<4>().unwrap();
    let (record, file) = rest.split_at(u32::from_be_bytes(*length) as usize);
    let record = Record::verify(record, &book.device.unwrap(), hub.keys.agent).unwrap();
    assert_eq!(record.segment, id);
    assert_eq!(record.length, file.len() as u64);
    assert_eq!(record.sha256, seal::sha256(file));
    if !book.buckets.contains_key(&record.bucket) {
        return problem(404, "bucket_unknown");
    }
    let taken = Taken {
        record,
        file: file.to_vec(),
    };
    if !book.segments.iter().any(|it| it.0 == id) {
        book.segments.push((id, taken));
    }
    done()
}

async fn gaps(State(hub): Shared, headers: HeaderMap, Json(it): Json<GapsRequest>) -> Response {
    if let Err((status, code)) = hub.gate(&headers) {
        return problem(status, code);
    }
    assert!(it.gaps.len() <= 100);
    let mut book = hub.book();
    for gap in it.gaps {
        book.gaps.insert(gap.id, gap);
    }
    done()
}

async fn channel(State(hub): Shared, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    match hub.gate(&headers) {
        Ok(()) => upgrade.on_upgrade(|socket| talk(hub, socket)),
        Err((status, code)) => problem(status, code),
    }
}

async fn talk(hub: Arc<Hub>, mut socket: WebSocket) {
    let mut orders = hub.to_agent.subscribe();
    hub.book().channels += 1;
    let text = |it: &ToAgent| Message::Text(serde_json::to_string(it).unwrap().into());
    let first = ToAgent::Setup(hub.setup());
    if socket.send(text(&first)).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            order = orders.recv() => {
                // What is said in one breath arrives in one packet.
                let mut next = order.ok();
                if next.is_none() {
                    return;
                }
                while let Some(order) = next {
                    if socket.feed(text(&order)).await.is_err() {
                        return;
                    }
                    next = orders.try_recv().ok();
                }
                if socket.flush().await.is_err() {
                    return;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let ToHub::State(state) = serde_json::from_str(&text).unwrap();
                    hub.book().states.push(state);
                }
                Some(Ok(Message::Binary(bytes))) => hub.book().live.push(bytes.to_vec()),
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

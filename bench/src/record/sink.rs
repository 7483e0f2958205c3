//! A hub that says yes: enrols whoever comes, arms every camera, and throws away what it is sent. No channel.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use base::{AgentId, CameraId, GenerationId, OrgId, SystemRng, array};
use media::wire::{
    AccessToken, Assigned, Blob, CAMERAS, CamerasAnswer, CamerasRequest, ENROL, Enrolled,
    EnrolmentToken, SEGMENTS, SETUP, Setup, SetupCamera, SetupList, TOKEN,
};
use seal::recipients::{List, Recipient};
use seal::{AgreementKey, SignerKey};
use server::clock::SystemClock;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The hub; it ends when this is dropped.
pub(super) struct Sink {
    state: Arc<State>,
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

struct State {
    takes: bool,
    bytes: AtomicU64,
    enrolled: Enrolled,
    token: EnrolmentToken,
}

impl Sink {
    /// Listens. When it does not take segments, it answers that there is no room.
    pub(super) async fn start(takes: bool) -> Result<Self> {
        let rng = SystemRng;
        let hub = AgreementKey::generate(&rng)?.public();
        let custodian = SignerKey::generate(&rng)?;
        let generation = || -> Result<Recipient> {
            Ok(Recipient {
                generation: GenerationId::random(&rng),
                key: AgreementKey::generate(&rng)?.public(),
            })
        };
        let org = OrgId::from_bytes(array(&rng));
        let agent = AgentId::from_bytes(array(&rng));
        let list = List {
            org,
            number: 1,
            issued_us: 0,
            hub,
            recording: vec![vec![generation()?]],
            live: vec![generation()?],
        };
        let state = Arc::new(State {
            takes,
            bytes: AtomicU64::new(0),
            token: EnrolmentToken {
                agent,
                secret: array(&rng),
                hub: hub.fingerprint(),
                custodian: custodian.public().fingerprint(),
            },
            enrolled: Enrolled {
                org,
                agent,
                hub_key: Blob::from(hub.as_bytes()),
                custodian: Blob::from(custodian.public().as_bytes()),
                list: Blob(list.sign(&custodian)?),
            },
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        let shared = Arc::clone(&state);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                connections.spawn(async move {
                    // An agent that goes away is no news.
                    let _ = serve(stream, &state).await;
                });
            }
        });
        Ok(Self {
            state,
            address,
            _tasks: tasks,
        })
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn token(&self) -> String {
        self.state.token.encode()
    }

    /// Bytes of segments so far.
    pub(super) fn bytes(&self) -> u64 {
        self.state.bytes.load(Ordering::Relaxed)
    }
}

/// One kept connection.
async fn serve(stream: TcpStream, state: &State) -> Result<()> {
    let mut stream = BufReader::with_capacity(256 * 1024, stream);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).context("no path")?.to_owned();
        let mut length = 0;
        loop {
            line.clear();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim().split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
        }
        let answer = if path.starts_with(SEGMENTS) {
            let mut body = (&mut stream).take(length);
            tokio::io::copy_buf(&mut body, &mut tokio::io::sink()).await?;
            if state.takes {
                state.bytes.fetch_add(length, Ordering::Relaxed);
                answer("204 No Content", &[])
            } else {
                answer("507 Insufficient Storage", b"{}")
            }
        } else {
            let mut body = vec![0; usize::try_from(length)?];
            stream.read_exact(&mut body).await?;
            state.answer(&path, &body)?
        };
        stream.write_all(&answer).await?;
    }
}

impl State {
    fn answer(&self, path: &str, body: &[u8]) -> Result<Vec<u8>> {
        let json = match path {
            ENROL => serde_json::to_vec(&self.enrolled)?,
            TOKEN => serde_json::to_vec(&AccessToken {
                access_token: "token".to_owned(),
                token_type: "Bearer".to_owned(),
                expires_in: 900,
            })?,
            CAMERAS => {
                let request: CamerasRequest = serde_json::from_slice(body)?;
                let cameras = request.cameras.iter().map(|it| Assigned {
                    id: camera(&it.label),
                    label: it.label.clone(),
                    armed: true,
                });
                serde_json::to_vec(&CamerasAnswer {
                    cameras: cameras.collect(),
                })?
            }
            SETUP => serde_json::to_vec(&self.setup())?,
            _ if path.ends_with("/channel") => {
                return Ok(answer("503 Service Unavailable", b"{}"));
            }
            _ => return Ok(answer("204 No Content", &[])),
        };
        Ok(answer("200 OK", &json))
    }

    fn setup(&self) -> Setup {
        let cameras = (0..super::STREAMS).map(|n| format!("c{n}"));
        Setup {
            org: self.enrolled.org,
            list: SetupList {
                cose: self.enrolled.list.clone(),
                custodian: self.enrolled.custodian.clone(),
            },
            cameras: cameras
                .map(|label| SetupCamera {
                    id: camera(&label),
                    name: label.clone(),
                    label,
                    armed: true,
                })
                .collect(),
            now: base::Clock::now(&SystemClock::new()).into(),
            segment_seconds: 10,
        }
    }
}

/// A camera for each label.
fn camera(label: &str) -> CameraId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&seal::sha256(label.as_bytes())[..16]);
    CameraId::from_bytes(bytes)
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

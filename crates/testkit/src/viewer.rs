//! Somebody who looks at recordings: what the pages do in a browser, done with `seal` over the same interface.

use std::collections::HashMap;
use std::sync::Mutex;

use base::{AgentId, BucketId, GenerationId, OrgId, SegmentId, SystemRng, Timestamp, ViewingKeyId};
use reqwest::Method;
use seal::recipients::{List, Recipient};
use seal::segment::{Fragment, open_whole};
use seal::{
    AgreementKey, Point, SealError, SignerKey, Zeroizing, b64url_decode, b64url_encode, bucket,
    closing, viewing,
};
use serde_json::{Value, json};

use crate::{Answer, Client};

/// A signed-in person with a viewing key.
pub struct Viewer {
    /// Their session.
    pub client: Client,
    /// Their viewing key's id.
    pub id: ViewingKeyId,
    /// What unlocks it.
    pub passphrase: String,
    /// The private half; a browser keeps it where nobody gets it out.
    pub key: AgreementKey,
    /// Generations they were handed: PKCS #8 by id.
    held: Mutex<HashMap<GenerationId, Zeroizing<Vec<u8>>>>,
}

/// A key pair of a viewing role, fresh.
struct Fresh {
    id: GenerationId,
    pkcs8: Zeroizing<Vec<u8>>,
    public: Point,
}

impl Fresh {
    fn agreement() -> Self {
        let key = AgreementKey::generate(&SystemRng).unwrap();
        Self {
            id: GenerationId::random(&SystemRng),
            pkcs8: key.to_pkcs8(),
            public: key.public(),
        }
    }

    fn json(&self) -> Value {
        json!({ "generation": self.id, "public_key": self.public.to_b64() })
    }

    fn recipient(&self) -> Recipient {
        Recipient {
            generation: self.id,
            key: self.public,
        }
    }
}

/// An opened segment.
#[derive(Debug)]
pub struct Opened {
    /// Its id.
    pub id: SegmentId,
    /// Its bucket.
    pub bucket: BucketId,
    /// The ciphertext, as the hub gave it out.
    pub file: Vec<u8>,
    /// What the agent said about it.
    pub record: closing::Record,
    /// The initialisation segment and its codec.
    pub init: Vec<u8>,
    /// RFC 6381.
    pub codec: String,
    /// The pictures.
    pub fragments: Vec<Fragment>,
}

/// Why a recording did not open.
#[derive(Debug)]
pub enum Shut {
    /// The hub refused.
    Refused(Box<Answer>),
    /// The keys do not fit or the bytes were changed.
    Sealed(SealError),
    /// No generation that the bucket is sealed to was handed to this person.
    NoKey,
}

fn bytes(value: &Value) -> Vec<u8> {
    b64url_decode(value.as_str().expect("base64url")).unwrap()
}

fn parsed<T: std::str::FromStr>(value: &Value) -> T
where
    T::Err: std::fmt::Debug,
{
    value.as_str().expect("a text").parse().unwrap()
}

impl Viewer {
    /// Makes a viewing key for a signed-in person and gives it to the hub, wrapped.
    pub async fn new(client: Client) -> Self {
        let key = AgreementKey::generate(&SystemRng).unwrap();
        let id = ViewingKeyId::random(&SystemRng);
        let passphrase = "sechs kurze woerter fuer den test".to_owned();
        let sheet = base::array(&SystemRng);
        let wrapped = viewing::wrap(&key, id, &passphrase, &sheet, &SystemRng).unwrap();
        let body = json!({
            "id": id,
            "public_key": key.public().to_b64(),
            "salt": b64url_encode(&wrapped.salt),
            "pass": b64url_encode(&wrapped.pass),
            "sheet": b64url_encode(&wrapped.sheet),
            "replace": false,
        });
        let path = Client::api("/video/viewing-key");
        client.json(Method::PUT, &path, body).await.expect(200);
        Self {
            client,
            id,
            passphrase,
            key,
            held: Mutex::default(),
        }
    }

    /// The circle as the hub shows it.
    pub async fn circle(&self) -> Value {
        let answer = self.client.get(&Client::api("/video/circle")).await;
        answer.expect(200).json()
    }

    fn hand(fresh: &Fresh, to: ViewingKeyId, key: &Point) -> Value {
        let sealed = viewing::hand_over(&fresh.pkcs8, fresh.id, to, key, &SystemRng).unwrap();
        json!({ "generation": fresh.id, "viewing_key": to, "cose": b64url_encode(&sealed) })
    }

    /// Makes custodian, recording and live keys and signs the first list, as the first administrator's browser does.
    pub async fn found_circle(&self, org: OrgId) {
        let hub = Point::from_b64(self.circle().await["hub_key"].as_str().unwrap()).unwrap();
        let signer = SignerKey::generate(&SystemRng).unwrap();
        let custodian = Fresh {
            id: GenerationId::random(&SystemRng),
            pkcs8: signer.to_pkcs8(),
            public: signer.public(),
        };
        let (recording, live) = (Fresh::agreement(), Fresh::agreement());
        let list = List {
            org,
            number: 1,
            issued_us: 1,
            hub,
            recording: vec![vec![recording.recipient()]],
            live: vec![live.recipient()],
        };
        let public = self.key.public();
        let wrapped = [&custodian, &recording, &live].map(|it| Self::hand(it, self.id, &public));
        let body = json!({
            "custodian": custodian.json(),
            "recording": recording.json(),
            "live": live.json(),
            "wrapped": wrapped,
            "list": b64url_encode(&list.sign(&signer).unwrap()),
        });
        let answer = self.client.post(&Client::api("/video/circle"), body).await;
        assert!(answer.status < 300, "{}", answer.text);
        self.refresh().await;
    }

    /// Takes over what was handed to this person since.
    pub async fn refresh(&self) {
        let circle = self.circle().await;
        let mut held = self.held.lock().unwrap();
        for one in circle["mine"].as_array().unwrap() {
            let generation = parsed(&one["generation"]);
            let sealed = bytes(&one["wrapped"]);
            let key = viewing::take_over(&sealed, generation, self.id, &self.key).unwrap();
            held.insert(generation, key);
        }
    }

    /// Every private key this person could take over: for searching where none may lie.
    pub fn secrets(&self) -> Vec<Vec<u8>> {
        let held = self.held.lock().unwrap();
        let mut all: Vec<Vec<u8>> = held.values().map(|it| it.to_vec()).collect();
        all.push(self.key.to_pkcs8().to_vec());
        all
    }

    /// Hands every generation this person holds to everybody who waits for it; says to how many.
    pub async fn hand_over(&self) -> usize {
        self.refresh().await;
        let circle = self.circle().await;
        let mut wrapped = Vec::new();
        for role in circle["roles"].as_array().unwrap() {
            let Some(generation) = role["generation"]["id"].as_str() else {
                continue;
            };
            let generation: GenerationId = generation.parse().unwrap();
            let Some(pkcs8) = self.held.lock().unwrap().get(&generation).cloned() else {
                continue;
            };
            for member in role["members"].as_array().unwrap() {
                if member["state"] != "waiting" || member["viewing_key"].is_null() {
                    continue;
                }
                let to: ViewingKeyId = parsed(&member["viewing_key"]);
                let point = Point::from_b64(member["public_key"].as_str().unwrap()).unwrap();
                let sealed = viewing::hand_over(&pkcs8, generation, to, &point, &SystemRng);
                wrapped.push(json!({
                    "generation": generation,
                    "viewing_key": to,
                    "cose": b64url_encode(&sealed.unwrap()),
                }));
            }
        }
        let count = wrapped.len();
        if count > 0 {
            let path = Client::api("/video/circle/hand-over");
            let answer = self.client.post(&path, json!({ "wrapped": wrapped })).await;
            assert!(answer.status < 300, "{}", answer.text);
        }
        count
    }

    /// Makes a new generation of the recording or live role, hands it to all who still may, and signs the next list.
    pub async fn rotate(&self, kind: &str) {
        self.refresh().await;
        let circle = self.circle().await;
        let roles = circle["roles"].as_array().unwrap();
        let role = roles.iter().find(|role| role["kind"] == kind).unwrap();
        let fresh = Fresh::agreement();
        let mut wrapped = Vec::new();
        for member in role["members"].as_array().unwrap() {
            if member["viewing_key"].is_null() {
                continue;
            }
            let point = Point::from_b64(member["public_key"].as_str().unwrap()).unwrap();
            wrapped.push(Self::hand(&fresh, parsed(&member["viewing_key"]), &point));
        }
        let custodian = circle["custodian"]["generation"].as_str().unwrap();
        let signer = {
            let held = self.held.lock().unwrap();
            SignerKey::from_pkcs8(&held[&custodian.parse().unwrap()]).unwrap()
        };
        let mut list = List::read_unverified(&bytes(&circle["list"]["cose"])).unwrap();
        list.number += 1;
        match kind {
            "recording" => list.recording = vec![vec![fresh.recipient()]],
            _ => list.live = vec![fresh.recipient()],
        }
        let body = json!({
            "role": role["id"],
            "generation": fresh.id,
            "public_key": fresh.public.to_b64(),
            "wrapped": wrapped,
            "list": b64url_encode(&list.sign(&signer).unwrap()),
        });
        let path = Client::api("/video/circle/generations");
        let answer = self.client.post(&path, body).await;
        assert!(answer.status < 300, "{}", answer.text);
        self.refresh().await;
    }

    /// Adds a recorder; gives its id and the token to start it with.
    pub async fn new_agent(&self, name: &str) -> (String, String) {
        let path = Client::api("/video/agents");
        let answer = self.client.post(&path, json!({ "name": name })).await;
        assert!(answer.status < 300, "{}", answer.text);
        let agent = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&agent["agent"]["id"]), text(&agent["token"]))
    }

    /// The cameras this person sees.
    pub async fn cameras(&self) -> Vec<Value> {
        let answer = self.client.get(&Client::api("/video/cameras")).await;
        let list = answer.expect(200).json();
        list["cameras"].as_array().unwrap().clone()
    }

    /// Changes a camera.
    pub async fn change_camera(&self, camera: &str, change: Value) {
        let path = Client::api(&format!("/video/cameras/{camera}"));
        let answer = self.client.json(Method::PATCH, &path, change).await;
        assert!(answer.status < 300, "{}", answer.text);
    }

    /// Asks for what is needed to open a time: the hub's answer as it comes.
    pub async fn ask(&self, camera: &str, from: Timestamp, to: Timestamp) -> Answer {
        let path = Client::api(&format!("/video/cameras/{camera}/open"));
        let body = json!({ "from": from.to_string(), "to": to.to_string() });
        self.client.post(&path, body).await
    }

    /// A camera's timeline as the hub shows it.
    pub async fn timeline(&self, camera: &str, from: Timestamp, to: Timestamp) -> Value {
        let path = format!("/video/cameras/{camera}/timeline?from={from}&to={to}");
        self.client
            .get(&Client::api(&path))
            .await
            .expect(200)
            .json()
    }

    /// Opens everything recorded between two instants, oldest first.
    pub async fn open(
        &self,
        camera: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Opened>, Shut> {
        let answer = self.ask(camera, from, to).await;
        if answer.status != 200 {
            return Err(Shut::Refused(Box::new(answer)));
        }
        let mut all = Vec::new();
        for one in answer.json()["buckets"].as_array().unwrap() {
            let key = self.bucket_key(one)?;
            let agent: AgentId = parsed(&one["agent"]);
            let device = Point::from_b64(one["agent_key"].as_str().unwrap()).unwrap();
            for segment in one["segments"].as_array().unwrap() {
                let id: SegmentId = parsed(&segment["id"]);
                let record = closing::Record::verify(&bytes(&segment["record"]), &device, agent)
                    .map_err(Shut::Sealed)?;
                let path = Client::api(&format!("/video/segments/{id}/bytes"));
                let request = self.client.request(Method::GET, &path);
                let response = request.send().await.unwrap();
                if response.status() != 200 {
                    let (status, headers) =
                        (response.status().as_u16(), response.headers().clone());
                    let text = response.text().await.unwrap();
                    return Err(Shut::Refused(Box::new(Answer {
                        status,
                        headers,
                        text,
                    })));
                }
                let file = response.bytes().await.unwrap().to_vec();
                let header = seal::segment::scan(&file).map_err(Shut::Sealed)?.header;
                let fragments = open_whole(&key, &file, &record).map_err(Shut::Sealed)?;
                all.push(Opened {
                    id,
                    bucket: header.bucket,
                    file,
                    record,
                    init: header.init,
                    codec: header.codec,
                    fragments,
                });
            }
        }
        all.sort_by_key(|it| it.fragments.first().map(|first| first.start_us));
        Ok(all)
    }

    /// The role shares of a bucket, opened with what this person holds.
    pub fn role_shares(&self, one: &Value) -> Result<Vec<Zeroizing<Vec<u8>>>, Shut> {
        let id: BucketId = parsed(&one["id"]);
        let held = self.held.lock().unwrap();
        let mut shares = Vec::new();
        for sealed in one["role_shares"].as_array().unwrap() {
            let sealed = bytes(sealed);
            let kids = seal::envelope::kids(&sealed).map_err(Shut::Sealed)?;
            let mine = kids
                .iter()
                .filter_map(|kid| kid.parse::<GenerationId>().ok())
                .find_map(|kid| Some((kid, held.get(&kid)?)));
            let (generation, pkcs8) = mine.ok_or(Shut::NoKey)?;
            let key = AgreementKey::from_pkcs8(pkcs8).map_err(Shut::Sealed)?;
            let share = bucket::open_role_share(id, &sealed, generation, &key);
            shares.push(share.map_err(Shut::Sealed)?);
        }
        Ok(shares)
    }

    /// The key of a bucket, out of the hub's share and what this person holds.
    pub fn bucket_key(&self, one: &Value) -> Result<bucket::BucketKey, Shut> {
        let hub: [u8; 32] = bytes(&one["hub_share"]).try_into().unwrap();
        let shares = self.role_shares(one)?;
        bucket::combine(parsed(&one["id"]), &hub, &shares).map_err(Shut::Sealed)
    }
}

//! An agent as far as the hub can tell: keys, buckets, sealed segments. It sees no camera.

use std::sync::Arc;

use base::{
    AgentId, BucketId, CameraId, Clock as _, SegmentId, SignedDuration, SimClock, SystemRng,
    Timestamp,
};
use media::wire::{self, Blob, EnrolmentToken};
use seal::bucket::{BucketKey, create};
use seal::closing::{State, Tally, Why};
use seal::recipients::List;
use seal::segment::{Header, Sealer};
use seal::{SignerKey, assertion};
use serde_json::{Value, json};
use testkit::{Answer, Client, Method, TestApp};

/// An agent.
pub(crate) struct Agent {
    pub(crate) client: Client,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) hub: String,
    pub(crate) token: EnrolmentToken,
    pub(crate) id: AgentId,
    pub(crate) key: SignerKey,
    pub(crate) run: base::RunId,
    pub(crate) access: String,
    pub(crate) list: Vec<u8>,
}

/// A bucket whose key the agent has.
pub(crate) struct Bucket {
    pub(crate) id: BucketId,
    pub(crate) camera: CameraId,
    pub(crate) key: BucketKey,
    pub(crate) request: Value,
}

/// A segment on its way.
pub(crate) struct Segment {
    pub(crate) id: SegmentId,
    pub(crate) body: Vec<u8>,
    /// What is in its fragments.
    pub(crate) plain: Vec<Vec<u8>>,
}

impl Agent {
    /// An agent that has its token and a key, and is not enrolled yet.
    pub(crate) fn new(app: &TestApp, token: &str) -> Self {
        let token = EnrolmentToken::decode(token).unwrap();
        Self {
            client: app.client(),
            clock: Arc::clone(&app.clock),
            hub: format!("http://{}", app.running.address),
            id: token.agent,
            token,
            key: SignerKey::generate(&SystemRng).unwrap(),
            run: base::RunId::random(&SystemRng),
            access: String::new(),
            list: Vec::new(),
        }
    }

    /// Tries to enrol.
    pub(crate) async fn enrol(&self) -> Answer {
        let proof = wire::enrolment_proof(self.id, &self.token.secret);
        let request = wire::EnrolRequest {
            agent: self.id,
            secret: self.token.secret.into(),
            public_key: self.key.public().as_bytes().into(),
            proof: self.key.sign(&proof).unwrap().into(),
            name: None,
            version: "1.2.3".to_owned(),
        };
        let request = serde_json::to_value(request).unwrap();
        self.client.post(wire::ENROL, request).await
    }

    /// An assertion for this hub, good now.
    pub(crate) fn assertion(&self, jti: &str) -> String {
        let audience = format!("{}{}", self.hub, wire::TOKEN);
        let now = self.clock.now().as_second();
        assertion::sign(&self.key, self.id, &audience, now, jti).unwrap()
    }

    /// Asks for an access token.
    pub(crate) async fn ask_token(&self, assertion: &str) -> Answer {
        let fields = [
            ("grant_type", wire::GRANT_TYPE),
            ("client_assertion_type", wire::ASSERTION_TYPE),
            ("client_assertion", assertion),
        ];
        self.client.form(wire::TOKEN, &fields).await
    }

    /// Gets a fresh access token.
    pub(crate) async fn renew(&mut self) {
        let jti = seal::token::random128(&SystemRng);
        let answer = self.ask_token(&self.assertion(&jti)).await.expect(200);
        let answer = answer.json();
        assert_eq!(
            (&answer["token_type"], &answer["expires_in"]),
            (&json!("Bearer"), &json!(900))
        );
        answer["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.access);
    }

    /// Enrols, gets a token, takes the list.
    pub(crate) async fn join(&mut self) {
        let answer = self.enrol().await.expect(200).json();
        let enrolled: wire::Enrolled = serde_json::from_value(answer).unwrap();
        let hub = seal::Point::from_slice(&enrolled.hub_key.0).unwrap();
        let custodian = seal::Point::from_slice(&enrolled.custodian.0).unwrap();
        assert_eq!(hub.fingerprint(), self.token.hub);
        assert_eq!(custodian.fingerprint(), self.token.custodian);
        let list = List::verify(&enrolled.list.0, &custodian).unwrap();
        assert_eq!((list.org, list.hub), (enrolled.org, hub));
        self.list = enrolled.list.0;
        self.renew().await;
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> testkit::RequestBuilder {
        self.client
            .request(method, path)
            .header("authorization", format!("Bearer {}", self.access))
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        self.client.send(request).await
    }

    /// What the hub wants.
    pub(crate) async fn setup(&self) -> wire::Setup {
        let answer = self
            .client
            .send(self.request(Method::GET, wire::SETUP))
            .await;
        serde_json::from_value(answer.expect(200).json()).unwrap()
    }

    /// Says which cameras there are; gives their ids.
    pub(crate) async fn announce(&self, labels: &[&str]) -> Vec<CameraId> {
        let cameras: Vec<Value> = labels.iter().map(|it| json!({ "label": it })).collect();
        let answer = self
            .post(wire::CAMERAS, &json!({ "cameras": cameras }))
            .await;
        let answer: wire::CamerasAnswer =
            serde_json::from_value(answer.expect(200).json()).unwrap();
        answer.cameras.iter().map(|it| it.id).collect()
    }

    /// Makes a bucket without telling the hub.
    pub(crate) fn bucket(&self, camera: CameraId, hour: Timestamp) -> Bucket {
        let list = List::read_unverified(&self.list).unwrap();
        let id = BucketId::random(&SystemRng);
        let (key, shares) = create(id, &list, &SystemRng).unwrap();
        let request = wire::BucketRequest {
            id,
            camera,
            stream: "main".to_owned(),
            hour: hour.into(),
            sensitivity: 0,
            run: self.run,
            list: list.number,
            hub_share: shares.hub.into(),
            role_shares: shares.roles.into_iter().map(Blob).collect(),
        };
        let request = serde_json::to_value(request).unwrap();
        Bucket {
            id,
            camera,
            key,
            request,
        }
    }

    /// Makes a bucket that the hub has.
    pub(crate) async fn announced(&self, camera: CameraId, hour: Timestamp) -> Bucket {
        let bucket = self.bucket(camera, hour);
        self.post(wire::BUCKETS, &bucket.request).await.expect(204);
        bucket
    }

    /// Seals a segment of so many seconds, one fragment each, so many bytes each.
    pub(crate) fn segment(
        &self,
        bucket: &Bucket,
        from: Timestamp,
        seconds: i64,
        bytes: usize,
    ) -> Segment {
        let id = SegmentId::random(&SystemRng);
        let hour = serde_json::from_value::<wire::Instant>(bucket.request["hour"].clone()).unwrap();
        let header = Header {
            camera: bucket.camera,
            stream: "main".to_owned(),
            bucket: bucket.id,
            hour_s: hour.0.as_second(),
            segment: id,
            run: self.run,
            number: 0,
            before: None,
            started_us: from.as_microsecond(),
            codec: "avc1.4d401f".to_owned(),
            width: 1280,
            height: 720,
            init: vec![1; 600],
        };
        let (mut sealer, head) = Sealer::begin(&bucket.key, &header).unwrap();
        let mut tally = Tally::new(&head);
        let (mut file, mut plain) = (head, Vec::new());
        for second in 0..seconds {
            let at = from.checked_add(SignedDuration::from_secs(second)).unwrap();
            let at = at.as_microsecond();
            let picture = vec![second.to_le_bytes()[0]; bytes];
            let sealed = sealer.fragment(at, 1_000_000, true, &picture).unwrap();
            tally.fragment(at, 1_000_000, true, &sealed).unwrap();
            file.extend(sealed);
            plain.push(picture);
        }
        let end = sealer.finish().unwrap();
        tally.end(&end);
        file.extend(end);
        let record = tally.record(&header, State::Closed, Why::Length);
        let record = record.sign(&self.key, self.id).unwrap();
        let mut body = wire::record_length(&record).unwrap().to_vec();
        body.extend(record);
        body.extend(file);
        Segment { id, body, plain }
    }

    /// Sends a segment.
    pub(crate) async fn upload(&self, id: SegmentId, body: &[u8]) -> Answer {
        let request = self.request(Method::PUT, &wire::segment_path(id));
        self.client.send(request.body(body.to_vec())).await
    }

    /// Records from an instant on: a bucket, a segment, both at the hub.
    pub(crate) async fn record(
        &self,
        camera: CameraId,
        from: Timestamp,
        seconds: i64,
    ) -> (Bucket, Segment) {
        let bucket = self.announced(camera, hour_of(from)).await;
        let segment = self.segment(&bucket, from, seconds, 1000);
        self.upload(segment.id, &segment.body).await.expect(204);
        (bucket, segment)
    }
}

/// The first instant of an hour.
pub(crate) fn hour_of(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(3600)).unwrap()
}

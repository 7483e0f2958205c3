//! Everybody who takes part: custodian, hub, generations, agent; and a small camera.

use base::{
    AgentId, BucketId, CameraId, GenerationId, LiveKeyId, LiveSessionId, OrgId, Rng, RunId,
    SegmentId, ViewingKeyId,
};
use seal::bucket::{self, BucketKey, Shares};
use seal::closing::{Record, State, Tally, Why};
use seal::recipients::{List, Pinned, Recipient};
use seal::segment::{Header, Sealer};
use seal::{AgreementKey, SignerKey, Zeroizing, sha256_parts};

/// 2027-01-15 08:00 UTC, the beginning of an hour.
pub(crate) const HOUR_S: i64 = 1_800_000_000;

/// Chance that is the same on every machine and with every version of every library.
pub(crate) struct Counted {
    seed: u64,
    next: std::sync::Mutex<u64>,
}

impl Counted {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            next: std::sync::Mutex::new(0),
        }
    }
}

impl Rng for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        let mut next = self.next.lock().unwrap();
        for chunk in bytes.chunks_mut(32) {
            let block = sha256_parts(&[&self.seed.to_be_bytes(), &next.to_be_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
            *next += 1;
        }
    }
}

/// A viewing role's key pair.
pub(crate) struct Generation {
    pub(crate) id: GenerationId,
    pub(crate) key: AgreementKey,
}

impl Generation {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self {
            id: GenerationId::random(rng),
            key: AgreementKey::generate(rng).unwrap(),
        }
    }

    pub(crate) fn recipient(&self) -> Recipient {
        Recipient {
            generation: self.id,
            key: self.key.public(),
        }
    }
}

pub(crate) struct World {
    pub(crate) rng: Counted,
    pub(crate) org: OrgId,
    pub(crate) agent: AgentId,
    pub(crate) camera: CameraId,
    pub(crate) run: RunId,
    pub(crate) custodian: SignerKey,
    pub(crate) hub: AgreementKey,
    pub(crate) device: SignerKey,
    pub(crate) recording: [Generation; 2],
    pub(crate) live: Generation,
    pub(crate) viewing_id: ViewingKeyId,
    pub(crate) viewing: AgreementKey,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = Counted::new(seed);
        Self {
            org: OrgId::from_bytes(base::array(&rng)),
            agent: AgentId::from_bytes(base::array(&rng)),
            camera: CameraId::from_bytes(base::array(&rng)),
            run: RunId::random(&rng),
            custodian: SignerKey::generate(&rng).unwrap(),
            hub: AgreementKey::generate(&rng).unwrap(),
            device: SignerKey::generate(&rng).unwrap(),
            recording: [Generation::new(&rng), Generation::new(&rng)],
            live: Generation::new(&rng),
            viewing_id: ViewingKeyId::random(&rng),
            viewing: AgreementKey::generate(&rng).unwrap(),
            rng,
        }
    }

    pub(crate) fn list(&self, number: u64) -> List {
        List {
            org: self.org,
            number,
            issued_us: HOUR_S * 1_000_000,
            hub: self.hub.public(),
            recording: vec![self.recording.iter().map(Generation::recipient).collect()],
            live: vec![self.live.recipient()],
        }
    }

    pub(crate) fn pinned(&self) -> Pinned {
        Pinned {
            org: self.org,
            hub: self.hub.public().fingerprint(),
            custodian: self.custodian.public().fingerprint(),
            last: None,
        }
    }

    pub(crate) fn bucket(&self) -> (BucketKey, Shares) {
        let bucket = BucketId::random(&self.rng);
        bucket::create(bucket, &self.list(1), &self.rng).unwrap()
    }

    /// What a person with the first generation gets out of hub and envelope.
    pub(crate) fn combined(&self, shares: &Shares) -> BucketKey {
        let hub = bucket::open_hub_share(shares.bucket, &shares.hub, &self.hub).unwrap();
        let role = &self.recording[0];
        let roles: Vec<Zeroizing<Vec<u8>>> = shares
            .roles
            .iter()
            .map(|it| bucket::open_role_share(shares.bucket, it, role.id, &role.key).unwrap())
            .collect();
        bucket::combine(shares.bucket, &hub, &roles).unwrap()
    }

    pub(crate) fn header(&self, bucket: BucketId, before: Option<&Header>) -> Header {
        Header {
            camera: self.camera,
            stream: "main".to_owned(),
            bucket,
            hour_s: HOUR_S,
            segment: SegmentId::random(&self.rng),
            run: self.run,
            number: before.map_or(0, |it| it.number + 1),
            before: before.map(|it| it.segment),
            started_us: HOUR_S * 1_000_000 + 40_000,
            codec: "avc1.42c00a".to_owned(),
            width: 64,
            height: 48,
            init: b"....ftypiso6 and a moov, as far as anybody here cares".to_vec(),
        }
    }

    pub(crate) fn live_header(&self, key: LiveKeyId, envelope: Vec<u8>) -> seal::live::Header {
        seal::live::Header {
            camera: self.camera,
            session: LiveSessionId::random(&self.rng),
            key,
            hour_s: HOUR_S,
            codec: "avc1.42c00a".to_owned(),
            width: 64,
            height: 48,
            config: vec![1, 0x42, 0xc0, 0x0a, 0xff, 0xe1],
            envelope,
        }
    }
}

/// A finished segment and what its agent says about it.
pub(crate) struct Made {
    pub(crate) header: Header,
    pub(crate) file: Vec<u8>,
    pub(crate) record: Record,
}

/// Seals the fragments, one a second; `close` says whether it gets its end.
pub(crate) fn make(key: &BucketKey, header: Header, fragments: &[&[u8]], close: bool) -> Made {
    let (mut sealer, mut file) = Sealer::begin(key, &header).unwrap();
    let mut tally = Tally::new(&file);
    let mut start = header.started_us;
    for (n, mp4) in fragments.iter().enumerate() {
        let sealed = sealer.fragment(start, 1_000_000, n == 0, mp4).unwrap();
        tally.fragment(start, 1_000_000, n == 0, &sealed).unwrap();
        file.extend_from_slice(&sealed);
        start += 1_000_000;
    }
    let (state, why) = if close {
        let end = sealer.finish().unwrap();
        tally.end(&end);
        file.extend_from_slice(&end);
        (State::Closed, Why::Length)
    } else {
        (State::Interrupted, Why::Crash)
    };
    let record = tally.record(&header, state, why);
    Made {
        header,
        file,
        record,
    }
}

/// The same bytes with one bit changed.
pub(crate) fn flip(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let bit = place % (bytes.len() * 8);
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}

//! The keys of an organisation, and what they open.

use base::{AgentId, GenerationId, OrgId, SeededRng};
use media::fmp4;
use media::scene::Decoder;
use media::wire::{BucketRequest, EnrolmentToken};
use seal::bucket;
use seal::closing::Record;
use seal::recipients::{List, Recipient};
use seal::segment::{Fragment, Scan, open_whole, scan};
use seal::{AgreementKey, SignerKey};

pub(crate) struct Keys {
    pub(crate) org: OrgId,
    pub(crate) agent: AgentId,
    pub(crate) hub: AgreementKey,
    pub(crate) custodian: SignerKey,
    pub(crate) recording: (GenerationId, AgreementKey),
    pub(crate) live: (GenerationId, AgreementKey),
    pub(crate) stranger: (GenerationId, AgreementKey),
}

impl Keys {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = SeededRng::new(seed);
        let generation = || {
            let key = AgreementKey::generate(&rng).unwrap();
            (GenerationId::random(&rng), key)
        };
        Self {
            org: OrgId::from_bytes([1; 16]),
            agent: AgentId::from_bytes([2; 16]),
            hub: AgreementKey::generate(&rng).unwrap(),
            custodian: SignerKey::generate(&rng).unwrap(),
            recording: generation(),
            live: generation(),
            stranger: generation(),
        }
    }

    pub(crate) fn token(&self) -> EnrolmentToken {
        EnrolmentToken {
            agent: self.agent,
            secret: [7; 16],
            hub: self.hub.public().fingerprint(),
            custodian: self.custodian.public().fingerprint(),
        }
    }

    /// A list; `more` adds the stranger to the recipients of recordings.
    pub(crate) fn list(&self, number: u64, more: bool) -> Vec<u8> {
        self.list_by(&self.custodian, number, more)
    }

    pub(crate) fn list_by(&self, custodian: &SignerKey, number: u64, more: bool) -> Vec<u8> {
        let recipient = |it: &(GenerationId, AgreementKey)| Recipient {
            generation: it.0,
            key: it.1.public(),
        };
        let mut recording = vec![recipient(&self.recording)];
        if more {
            recording.push(recipient(&self.stranger));
        }
        let list = List {
            org: self.org,
            number,
            issued_us: 0,
            hub: self.hub.public(),
            recording: vec![recording],
            live: vec![recipient(&self.live)],
        };
        list.sign(custodian).unwrap()
    }

    /// Opens a segment as a viewer does, with the hub's share and their own.
    pub(crate) fn open(
        &self,
        bucket: &BucketRequest,
        file: &[u8],
        record: &Record,
    ) -> Vec<Fragment> {
        let hub = bucket::open_hub_share(bucket.id, &bucket.hub_share.0, &self.hub).unwrap();
        let (generation, key) = &self.recording;
        let share =
            bucket::open_role_share(bucket.id, &bucket.role_shares[0].0, *generation, key).unwrap();
        let key = bucket::combine(bucket.id, &hub, &[share]).unwrap();
        open_whole(&key, file, record).unwrap()
    }
}

/// The numbers that the pictures of a segment show.
pub(crate) fn counters(file: &[u8], fragments: &[Fragment]) -> Vec<u32> {
    let Scan { header, .. } = scan(file).unwrap();
    let head = fmp4::read_init(&header.init).unwrap();
    assert_eq!(
        (head.width, head.height),
        (header.width.into(), header.height.into())
    );
    // The sequence parameter set stands in `avcC`, six bytes behind its name and its own length.
    let at = header.init.windows(4).position(|it| it == b"avcC").unwrap();
    let config = &header.init[at + 4..];
    let length = usize::from(u16::from_be_bytes([config[6], config[7]]));
    let mut decoder = Decoder::new();
    decoder.nal(&config[8..8 + length]).unwrap();
    let mut counters = Vec::new();
    for fragment in fragments {
        for run in fmp4::read_fragments(&fragment.mp4).unwrap() {
            for sample in run.samples {
                decoder.access_unit(&fragment.mp4[sample.data]).unwrap();
                counters.push(decoder.strip().unwrap().counter);
            }
        }
    }
    counters
}

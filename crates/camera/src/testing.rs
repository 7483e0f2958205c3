//! For tests: a hub's and custodian's keys, a folder that goes away, a clock that runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use base::{AgentId, CameraId, GenerationId, OrgId, SeededRng};
use media::wire::Blob;
use seal::recipients::{List, Recipient};
use seal::{AgreementKey, SignerKey};

use crate::folder::{Identity, KnownCamera};

/// A temporary folder.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("obhut-camera-{name}-{}-{n}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The keys of an organisation.
pub(crate) struct World {
    pub(crate) org: OrgId,
    pub(crate) agent: AgentId,
    pub(crate) camera: CameraId,
    pub(crate) hub: AgreementKey,
    pub(crate) custodian: SignerKey,
    pub(crate) recording: (GenerationId, AgreementKey),
    pub(crate) live: (GenerationId, AgreementKey),
    other: (GenerationId, AgreementKey),
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let rng = SeededRng::new(seed);
        let generation = || {
            (
                GenerationId::random(&rng),
                AgreementKey::generate(&rng).unwrap(),
            )
        };
        Self {
            org: OrgId::from_bytes([1; 16]),
            agent: AgentId::from_bytes([2; 16]),
            camera: CameraId::from_bytes([3; 16]),
            hub: AgreementKey::generate(&rng).unwrap(),
            custodian: SignerKey::generate(&rng).unwrap(),
            recording: generation(),
            live: generation(),
            other: generation(),
        }
    }

    fn list_of(&self, number: u64, recording: Vec<Recipient>) -> Vec<u8> {
        let list = List {
            org: self.org,
            number,
            issued_us: 0,
            hub: self.hub.public(),
            recording: vec![recording],
            live: vec![recipient(&self.live)],
        };
        list.sign(&self.custodian).unwrap()
    }

    /// The list with that number.
    pub(crate) fn list(&self, number: u64) -> Vec<u8> {
        self.list_of(number, vec![recipient(&self.recording)])
    }

    pub(crate) fn list_with_another_recipient(&self, number: u64) -> Vec<u8> {
        self.list_of(
            number,
            vec![recipient(&self.recording), recipient(&self.other)],
        )
    }

    /// An enrolled agent with one armed camera.
    pub(crate) fn identity(&self, hub: &str) -> Identity {
        Identity {
            version: 1,
            hub: hub.to_owned(),
            org: self.org,
            agent: self.agent,
            hub_key: Blob::from(self.hub.public().as_bytes()),
            custodian: Blob::from(self.custodian.public().as_bytes()),
            list: Blob(self.list(1)),
            cameras: vec![KnownCamera {
                id: self.camera,
                label: "camera".to_owned(),
                armed: true,
            }],
        }
    }
}

fn recipient(of: &(GenerationId, AgreementKey)) -> Recipient {
    Recipient {
        generation: of.0,
        key: of.1.public(),
    }
}

//! Buckets: one key for a camera, a stream, an hour and a run of the agent, divided between the hub and the
//! viewing roles.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base::{BucketId, GenerationId, Rng, SegmentId};
use zeroize::Zeroizing;

use crate::recipients::{List, MAX_SHARES, names};
use crate::{AgreementKey, SealError, Secret, envelope, hkdf_sha256};

/// How envelopes call the hub's key.
pub const HUB: &str = "hub";

const SHARE: usize = 32;

/// The shares of a bucket's key, each in its envelope: what an agent gives to the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shares {
    /// The bucket.
    pub bucket: BucketId,
    /// H, sealed to the hub.
    pub hub: Vec<u8>,
    /// R₁, R₂, R₃, each sealed to the generations of its entry.
    pub roles: Vec<Vec<u8>>,
}

/// The key of a bucket. Can't be copied, so that it knows which segments it has sealed.
pub struct BucketKey {
    bucket: BucketId,
    key: Secret<32>,
    sealed: Mutex<BTreeSet<SegmentId>>,
}

impl BucketKey {
    /// Whose key it is.
    pub const fn bucket(&self) -> BucketId {
        self.bucket
    }

    /// The key of one segment.
    pub(crate) fn segment_key(&self, segment: SegmentId) -> Secret<32> {
        let segment = segment.to_string();
        let info: [&[u8]; 2] = [b"obhut/segment/1", segment.as_bytes()];
        Secret::new(hkdf_sha256(&[], self.key.expose(), &info))
    }

    /// The key of a segment that was not sealed before: its nonces count from 0.
    pub(crate) fn fresh_segment_key(&self, segment: SegmentId) -> Result<Secret<32>, SealError> {
        let mut sealed = self.sealed.lock().unwrap_or_else(PoisonError::into_inner);
        if sealed.insert(segment) {
            Ok(self.segment_key(segment))
        } else {
            Err(SealError::Reused)
        }
    }
}

impl fmt::Debug for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BucketKey({})", self.bucket)
    }
}

/// Makes a bucket's shares and key. The shares are forgotten here; who has lost the key must have both.
pub fn create(
    bucket: BucketId,
    list: &List,
    rng: &dyn Rng,
) -> Result<(BucketKey, Shares), SealError> {
    let aad = bucket.to_string();
    let hub = Zeroizing::new(base::array::<SHARE>(rng));
    let to = [(HUB.to_owned(), list.hub)];
    let hub_sealed = envelope::seal(hub.as_slice(), &to, aad.as_bytes(), rng)?;
    let mut shares = Vec::new();
    let mut roles = Vec::new();
    for entry in &list.recording {
        let share = Zeroizing::new(base::array::<SHARE>(rng).to_vec());
        roles.push(envelope::seal(&share, &names(entry), aad.as_bytes(), rng)?);
        shares.push(share);
    }
    let key = combine(bucket, &hub, &shares)?;
    let shares = Shares {
        bucket,
        hub: hub_sealed,
        roles,
    };
    Ok((key, shares))
}

/// The key from all its shares, in their order. Wrong shares give a key that opens nothing.
pub fn combine(
    bucket: BucketId,
    hub: &[u8; SHARE],
    roles: &[Zeroizing<Vec<u8>>],
) -> Result<BucketKey, SealError> {
    let fits = (1..=MAX_SHARES).contains(&roles.len());
    if !fits || roles.iter().any(|it| it.len() != SHARE) {
        return Err(SealError::Malformed("share of a key"));
    }
    let mut secret = Zeroizing::new([0; SHARE * (1 + MAX_SHARES)]);
    secret[..SHARE].copy_from_slice(hub);
    for (place, share) in secret[SHARE..].chunks_exact_mut(SHARE).zip(roles) {
        place.copy_from_slice(share);
    }
    let secret = &secret[..SHARE * (1 + roles.len())];
    Ok(BucketKey {
        bucket,
        key: Secret::new(hkdf_sha256(&[], secret, &[bucket.to_string().as_bytes()])),
        sealed: Mutex::default(),
    })
}

/// Opens H, as the hub does when it gets it.
pub fn open_hub_share(
    bucket: BucketId,
    sealed: &[u8],
    hub: &AgreementKey,
) -> Result<Zeroizing<[u8; SHARE]>, SealError> {
    let share = envelope::open(sealed, HUB, hub, bucket.to_string().as_bytes())?;
    let share = <[u8; SHARE]>::try_from(share.as_slice());
    share
        .map(Zeroizing::new)
        .map_err(|_| SealError::Malformed("share of a key"))
}

/// Opens Rₙ with the private key of a generation, as a browser does.
pub fn open_role_share(
    bucket: BucketId,
    sealed: &[u8],
    generation: GenerationId,
    key: &AgreementKey,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let aad = bucket.to_string();
    envelope::open(sealed, &generation.to_string(), key, aad.as_bytes())
}

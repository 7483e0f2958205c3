//! P-256 (FIPS 186-5): key pairs out of our own chance, points, and the signatures of enrolled devices.

use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use base::Rng;

use crate::{SealError, Secret};

/// Bytes of an uncompressed point: 0x04, x, y.
pub(crate) const POINT: usize = 65;

/// A private key with its scalar and public point.
pub(crate) struct KeyPair {
    pub(crate) scalar: Secret<32>,
    pub(crate) private: PrivateKey,
    pub(crate) point: [u8; POINT],
}

impl KeyPair {
    /// A key pair with a scalar from `rng`. One in 2³² draws lies outside the group's order and is repeated.
    pub(crate) fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        for _ in 0..4 {
            if let Ok(pair) = Self::from_scalar(Secret::random(rng)) {
                return Ok(pair);
            }
        }
        Err(SealError::Library)
    }

    /// The key pair of this scalar; refuses zero and what is not below the group's order.
    pub(crate) fn from_scalar(scalar: Secret<32>) -> Result<Self, SealError> {
        let private = PrivateKey::from_private_key(&ECDH_P256, scalar.expose())
            .map_err(|_| SealError::Malformed("P-256 private key"))?;
        let point = private
            .compute_public_key()?
            .as_ref()
            .try_into()
            .map_err(|_| SealError::Library)?;
        Ok(Self {
            scalar,
            private,
            point,
        })
    }

    /// The x coordinate that both sides share (ECDH, SEC 1).
    pub(crate) fn agree(&self, peer: &[u8]) -> Result<Secret<32>, SealError> {
        let wrong = SealError::Malformed("P-256 point");
        if !has_point_form(peer) {
            return Err(wrong);
        }
        let peer = agreement::UnparsedPublicKey::new(&ECDH_P256, peer);
        agreement::agree(&self.private, peer, wrong, Secret::from_slice)
    }
}

fn has_point_form(point: &[u8]) -> bool {
    point.len() == POINT && point[0] == 4
}

/// Whether the bytes are an uncompressed point on P-256 (SEC 1, section 2.3.3), as WebCrypto exports `raw`.
pub fn is_p256_point(point: &[u8]) -> bool {
    has_point_form(point) && ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).is_ok()
}

/// Checks an ECDSA P-256 SHA-256 signature as WebCrypto makes it: `r ‖ s`, 64 bytes, over `message`, with
/// the public key as an uncompressed point.
pub fn device_verify(point: &[u8], message: &[u8], signature: &[u8]) -> Result<(), SealError> {
    if !has_point_form(point) {
        return Err(SealError::Malformed("P-256 point"));
    }
    if signature.len() != 64 {
        return Err(SealError::Signature);
    }
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .map_err(|_| SealError::Malformed("P-256 point"))?
        .verify_sig(message, signature)
        .map_err(|_| SealError::Signature)
}

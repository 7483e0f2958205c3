//! Key pairs on P-256 (FIPS 186-5) for envelopes and signatures: of agents, the hub, roles and persons.
//!
//! Private keys are kept as PKCS #8 (RFC 5208) in the one form that WebCrypto, OpenSSL and Python's
//! `cryptography` write too: 138 bytes with the public point.

use std::fmt;

use aws_lc_rs::encoding::AsBigEndian;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base::Rng;
use zeroize::Zeroizing;

use crate::p256::{KeyPair, POINT};
use crate::{
    SealError, Secret, b64url_decode, b64url_encode, device_verify, is_p256_point, sha256,
};

/// What lies before the scalar and between scalar and point (RFC 5208, RFC 5915).
const BEFORE: [u8; 36] = [
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02,
    0x01, 0x01, 0x04, 0x20,
];
const BETWEEN: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];

/// A public key: a point on P-256, uncompressed (SEC 1, section 2.3.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point([u8; POINT]);

impl Point {
    /// The point with these 65 bytes, if it lies on the curve.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, SealError> {
        let wrong = SealError::Malformed("P-256 point");
        let point = bytes.try_into().map_err(|_| wrong)?;
        if is_p256_point(bytes) {
            Ok(Self(point))
        } else {
            Err(wrong)
        }
    }

    /// The point from base64url, as JSON carries it.
    pub fn from_b64(text: &str) -> Result<Self, SealError> {
        if text.len() > 128 {
            return Err(SealError::Malformed("P-256 point"));
        }
        Self::from_slice(&b64url_decode(text)?)
    }

    /// The bytes: 0x04, x, y.
    pub const fn as_bytes(&self) -> &[u8; POINT] {
        &self.0
    }

    /// The bytes in base64url.
    pub fn to_b64(&self) -> String {
        b64url_encode(&self.0)
    }

    /// What people compare: SHA-256 of the bytes.
    pub fn fingerprint(&self) -> [u8; 32] {
        sha256(&self.0)
    }

    /// Checks an ECDSA signature with SHA-256, `r ‖ s`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SealError> {
        device_verify(&self.0, message, signature)
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Point({})", self.to_b64())
    }
}

/// A private key for agreement (ECDH): opens envelopes.
pub struct AgreementKey {
    pair: KeyPair,
}

impl AgreementKey {
    /// A fresh key; the same randomness gives the same one.
    pub fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        KeyPair::generate(rng).map(|pair| Self { pair })
    }

    /// The key from stored PKCS #8 bytes, as WebCrypto exports them.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SealError> {
        read_pkcs8(bytes).map(|pair| Self { pair })
    }

    /// PKCS #8 bytes, to be kept under another key.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        write_pkcs8(&self.pair)
    }

    /// The public half.
    pub const fn public(&self) -> Point {
        Point(self.pair.point)
    }

    /// The x coordinate that both sides share.
    pub(crate) fn agree(&self, peer: &Point) -> Result<Secret<32>, SealError> {
        self.pair.agree(&peer.0)
    }
}

impl fmt::Debug for AgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgreementKey(..)")
    }
}

/// A private key for signatures (ECDSA with SHA-256).
pub struct SignerKey {
    pair: KeyPair,
    signing: EcdsaKeyPair,
}

impl SignerKey {
    /// A fresh key; the same randomness gives the same one.
    pub fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        Self::from_pair(KeyPair::generate(rng)?)
    }

    /// The key from stored PKCS #8 bytes, as WebCrypto exports them.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SealError> {
        Self::from_pair(read_pkcs8(bytes)?)
    }

    /// PKCS #8 bytes, to be kept where nobody else reads.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        write_pkcs8(&self.pair)
    }

    /// The public half.
    pub const fn public(&self) -> Point {
        Point(self.pair.point)
    }

    /// Signs the message: `r ‖ s`. The library takes its own chance, so two signatures differ.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], SealError> {
        self.signing
            .sign(&SystemRandom::new(), message)?
            .as_ref()
            .try_into()
            .map_err(|_| SealError::Library)
    }

    fn from_pair(pair: KeyPair) -> Result<Self, SealError> {
        let signing = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            pair.scalar.expose(),
            &pair.point,
        )
        .map_err(|_| SealError::Library)?;
        Ok(Self { pair, signing })
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignerKey(..)")
    }
}

fn read_pkcs8(bytes: &[u8]) -> Result<KeyPair, SealError> {
    let wrong = SealError::Malformed("PKCS #8 key");
    if bytes.len() > 512 {
        return Err(wrong);
    }
    let read =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes).map_err(|_| wrong)?;
    let scalar = read.private_key().as_be_bytes().map_err(|_| wrong)?;
    KeyPair::from_scalar(Secret::from_slice(scalar.as_ref())?)
}

fn write_pkcs8(pair: &KeyPair) -> Zeroizing<Vec<u8>> {
    // One allocation: a vector that grows would leave the scalar behind.
    let mut out = Zeroizing::new(Vec::with_capacity(138));
    out.extend_from_slice(&BEFORE);
    out.extend_from_slice(pair.scalar.expose());
    out.extend_from_slice(&BETWEEN);
    out.extend_from_slice(&pair.point);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use base::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn the_stored_form_is_the_librarys_own() {
        let key = SignerKey::generate(&SeededRng::new(1)).unwrap();
        let theirs = key.signing.to_pkcs8v1().unwrap();
        assert_eq!(key.to_pkcs8().as_slice(), theirs.as_ref());
        assert_eq!(key.to_pkcs8().len(), 138);
        assert_eq!(format!("{key:?}"), "SignerKey(..)");
    }

    #[test]
    fn both_sides_agree() {
        let rng = SeededRng::new(1);
        let (a, b) = (
            AgreementKey::generate(&rng).unwrap(),
            AgreementKey::generate(&rng).unwrap(),
        );
        assert_eq!(a.agree(&b.public()), b.agree(&a.public()));
        assert_eq!(format!("{a:?}"), "AgreementKey(..)");
        let other = Point::from_b64(&b.public().to_b64()).unwrap();
        assert_eq!(other, b.public());
        assert_eq!(other.fingerprint(), sha256(b.public().as_bytes()));
    }

    proptest! {
        #[test]
        fn keys_survive_their_stored_form(seed: u64, message: Vec<u8>, place: usize) {
            let rng = SeededRng::new(seed);
            let key = SignerKey::generate(&rng).unwrap();
            let again = SignerKey::from_pkcs8(&key.to_pkcs8()).unwrap();
            prop_assert_eq!(again.public(), key.public());
            let signature = again.sign(&message).unwrap();
            prop_assert_eq!(key.public().verify(&message, &signature), Ok(()));
            let changed = flip(&signature, place);
            prop_assert_eq!(key.public().verify(&message, &changed), Err(SealError::Signature));
            let agreement = AgreementKey::from_pkcs8(&key.to_pkcs8()).unwrap();
            prop_assert_eq!(agreement.public(), key.public());
            prop_assert_eq!(agreement.to_pkcs8(), key.to_pkcs8());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, place: usize) {
            prop_assert!(AgreementKey::from_pkcs8(&bytes).is_err());
            prop_assert!(Point::from_slice(&bytes).is_err());
            let key = AgreementKey::generate(&SeededRng::new(1)).unwrap();
            let _ = SignerKey::from_pkcs8(&flip(&key.to_pkcs8(), place));
            prop_assert!(Point::from_slice(&flip(key.public().as_bytes(), place)).is_err());
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Zeros, flip, hex};
    use proptest::prelude::*;

    /// RFC 6979, appendix A.2.5: key, and the signature of "sample" with SHA-256.
    fn sample() -> (KeyPair, Vec<u8>) {
        let scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let signature = "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
            F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
        let pair = KeyPair::from_scalar(Secret::from_slice(&scalar).unwrap()).unwrap();
        (pair, hex(signature))
    }

    #[test]
    fn verifies_the_vector_of_rfc_6979() {
        let (pair, signature) = sample();
        let point = hex(
            "04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6
                7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
        );
        assert_eq!(pair.point.as_slice(), point);
        assert!(is_p256_point(&point));
        assert_eq!(device_verify(&point, b"sample", &signature), Ok(()));
        let wrong = Err(SealError::Signature);
        assert_eq!(device_verify(&point, b"Sample", &signature), wrong);
        assert_eq!(device_verify(&point, b"sample", &signature[..63]), wrong);
    }

    #[test]
    fn takes_uncompressed_points_only() {
        let (pair, signature) = sample();
        let mut compressed = pair.point[..33].to_vec();
        compressed[0] = 2 | (pair.point[64] & 1);
        let mut hybrid = pair.point;
        hybrid[0] = 6 | (pair.point[64] & 1);
        for point in [&compressed[..], &hybrid, &[4; 65], &[0], &[]] {
            assert!(!is_p256_point(point), "{point:?}");
            assert!(device_verify(point, b"sample", &signature).is_err());
            assert!(pair.agree(point).is_err());
        }
    }

    #[test]
    fn refuses_scalars_outside_the_group() {
        let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        for scalar in [[0; 32], [255; 32], order.try_into().unwrap()] {
            assert!(KeyPair::from_scalar(Secret::new(scalar)).is_err());
        }
        assert!(KeyPair::generate(&Zeros).is_err());
    }

    proptest! {
        #[test]
        fn any_changed_bit_is_refused(place: usize) {
            let (pair, signature) = sample();
            prop_assert!(device_verify(&pair.point, b"sample", &flip(&signature, place)).is_err());
            prop_assert!(device_verify(&pair.point, &flip(b"sample", place), &signature).is_err());
            prop_assert!(device_verify(&flip(&pair.point, place), b"sample", &signature).is_err());
        }

        #[test]
        fn any_bytes_are_refused_without_panic(point: Vec<u8>, signature: Vec<u8>) {
            prop_assert!(device_verify(&point, &[], &signature).is_err());
        }
    }
}

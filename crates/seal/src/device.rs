//! The key of a device, for programs that play a browser: the demo's phones and tests. Real devices make
//! theirs in WebCrypto and never show it.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base::Rng;

use crate::p256::{KeyPair, POINT};
use crate::{SealError, b64url_encode, sha256};

/// A device's key pair.
pub struct DeviceKey {
    pair: EcdsaKeyPair,
    point: [u8; POINT],
}

impl DeviceKey {
    /// A key pair; the same randomness gives the same one.
    pub fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        let fresh = KeyPair::generate(rng)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            fresh.scalar.expose(),
            &fresh.point,
        )
        .map_err(|_| SealError::Library)?;
        Ok(Self {
            pair,
            point: fresh.point,
        })
    }

    /// The public point, uncompressed, in base64url: what enrolment asks for.
    pub fn public_b64(&self) -> String {
        b64url_encode(&self.point)
    }

    /// The `Obhut-Signature` of a request: over method, path, time in milliseconds and the body's hash.
    pub fn sign_request(
        &self,
        method: &str,
        path: &str,
        time_ms: i64,
        body: &[u8],
    ) -> Result<String, SealError> {
        let hash = b64url_encode(&sha256(body));
        let message = format!("obhut-device-1\n{method}\n{path}\n{time_ms}\n{hash}");
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes())?;
        Ok(b64url_encode(signature.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{b64url_decode, device_verify};

    #[test]
    fn what_it_signs_is_what_the_server_checks() {
        let key = DeviceKey::generate(&base::SeededRng::new(1)).unwrap();
        let again = DeviceKey::generate(&base::SeededRng::new(1)).unwrap();
        assert_eq!(key.public_b64(), again.public_b64());
        let signature = key.sign_request("POST", "/a", 7, b"{}").unwrap();
        let hash = b64url_encode(&sha256(b"{}"));
        let message = format!("obhut-device-1\nPOST\n/a\n7\n{hash}");
        let signature = b64url_decode(&signature).unwrap();
        assert!(device_verify(&key.point, message.as_bytes(), &signature).is_ok());
        assert!(device_verify(&key.point, b"other", &signature).is_err());
    }
}

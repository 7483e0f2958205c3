//! Ed25519 (RFC 8032): the keys that sign checkpoints.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use base::Rng;

use crate::{SealError, Secret};

/// A private Ed25519 key.
pub struct SigningKey {
    seed: Secret<32>,
    pair: Ed25519KeyPair,
    public: [u8; 32],
}

impl SigningKey {
    /// A fresh key.
    pub fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        Self::from_seed(Secret::random(rng))
    }

    /// The key with this seed, the private key of RFC 8032.
    pub fn from_seed(seed: Secret<32>) -> Result<Self, SealError> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed.expose()).map_err(|_| SealError::Library)?;
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| SealError::Library)?;
        Ok(Self { seed, pair, public })
    }

    /// The key from stored bytes.
    pub fn from_bytes(seed: &[u8]) -> Result<Self, SealError> {
        Self::from_seed(Secret::from_slice(seed)?)
    }

    /// The seed, to be kept in the key store.
    pub fn to_bytes(&self) -> &Secret<32> {
        &self.seed
    }

    /// Signs the message.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], SealError> {
        self.pair
            .try_sign(message)?
            .as_ref()
            .try_into()
            .map_err(|_| SealError::Library)
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.public)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// A public Ed25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// The key with these bytes; whether they are a point shows when a signature is checked.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks a signature of 64 bytes.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SealError> {
        ParsedPublicKey::new(&ED25519, self.0)
            .map_err(|_| SealError::Malformed("Ed25519 key"))?
            .verify_sig(message, signature)
            .map_err(|_| SealError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{flip, hex};
    use base::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn signs_as_rfc_8032_section_7_1_test_1() {
        let seed = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let public = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let want = hex(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb88215
             90a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        );
        let key = SigningKey::from_bytes(&seed).unwrap();
        assert_eq!(key.verifying_key().as_bytes().as_slice(), public);
        assert_eq!(key.sign(b"").unwrap().as_slice(), want);
        assert_eq!(key.verifying_key().verify(b"", &want), Ok(()));
        assert_eq!(format!("{key:?}"), "SigningKey(..)");
    }

    proptest! {
        #[test]
        fn verifies_its_own_and_nothing_else(seed: u64, message: Vec<u8>, place: usize) {
            let key = SigningKey::generate(&SeededRng::new(seed)).unwrap();
            let again = SigningKey::from_bytes(key.to_bytes().expose()).unwrap();
            let public = again.verifying_key();
            let signature = key.sign(&message).unwrap();
            prop_assert_eq!(public.verify(&message, &signature), Ok(()));
            let wrong = Err(SealError::Signature);
            prop_assert_eq!(public.verify(&message, &flip(&signature, place)), wrong);
            prop_assert_eq!(public.verify(&[&message[..], &[0]].concat(), &signature), wrong);
        }

        #[test]
        fn any_bytes_are_refused_without_panic(key: [u8; 32], message: Vec<u8>, signature: Vec<u8>) {
            prop_assert!(VerifyingKey::from_bytes(key).verify(&message, &signature).is_err());
        }
    }
}

//! AES-256-GCM (NIST SP 800-38D) with a random nonce, and the root key that wraps all stored keys.
//!
//! Sealed bytes are `nonce (12) ‖ ciphertext ‖ tag (16)`. Random nonces allow 2³² messages per key, which is
//! why every use has a key of its own.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base::Rng;
use zeroize::Zeroizing;

use crate::{SealError, Secret, b64url_decode, b64url_encode, hkdf_sha256};

const NONCE: usize = 12;
const TAG: usize = 16;

/// Seals `plain` under `key`; `aad` is not stored but must be given again to open.
///
/// # Panics
/// For a plain text beyond 64 GiB, the bound of the algorithm.
pub fn aead_seal(key: &Secret<32>, aad: &[u8], plain: &[u8], rng: &dyn Rng) -> Vec<u8> {
    let mut sealed = Vec::with_capacity(NONCE + plain.len() + TAG);
    append_sealed(&mut sealed, key, aad, plain, rng);
    sealed
}

/// Opens what [`aead_seal`] made; any other key, context or changed bit is [`SealError::Unreadable`].
pub fn aead_open(key: &Secret<32>, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE>()
        .ok_or(SealError::Unreadable)?;
    let mut plain = body.to_vec();
    let length = gcm(key)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(aad),
            &mut plain,
        )
        .map_err(|_| SealError::Unreadable)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

fn append_sealed(out: &mut Vec<u8>, key: &Secret<32>, aad: &[u8], plain: &[u8], rng: &dyn Rng) {
    let nonce: [u8; NONCE] = base::array(rng);
    out.extend_from_slice(&nonce);
    let start = out.len();
    out.extend_from_slice(plain);
    let tag = gcm(key)
        .and_then(|gcm| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            Ok(gcm.seal_in_place_separate_tag(nonce, Aad::from(aad), &mut out[start..])?)
        })
        .expect("a 256-bit key and less than 64 GiB can always be sealed");
    out.extend_from_slice(tag.as_ref());
}

fn gcm(key: &Secret<32>) -> Result<LessSafeKey, SealError> {
    Ok(LessSafeKey::new(UnboundKey::new(
        &AES_256_GCM,
        key.expose(),
    )?))
}

/// The key outside every backup under which the key store keeps all others.
///
/// Never used itself: wrapping and each derived key have a label of their own (HKDF, RFC 5869).
#[derive(Clone)]
pub struct RootKey {
    root: Secret<32>,
    wrapping: Secret<32>,
}

const WRAPPED_V1: u8 = 1;

impl RootKey {
    /// A fresh root key.
    pub fn generate(rng: &dyn Rng) -> Self {
        Self::from_secret(Secret::random(rng))
    }

    /// The root key with these bytes.
    pub fn from_secret(root: Secret<32>) -> Self {
        let wrapping = derive(&root, "obhut/root/wrap/1");
        Self { root, wrapping }
    }

    /// Reads the text form that `root_key_file` holds; white space around it does not matter.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let bytes = Zeroizing::new(b64url_decode(text.trim())?);
        Ok(Self::from_secret(Secret::from_slice(&bytes)?))
    }

    /// The text form for `root_key_file`: base64url, 43 characters.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(b64url_encode(self.root.expose()))
    }

    /// A key for one purpose; labels look like `obhut/what/1`.
    pub fn derive(&self, label: &str) -> Secret<32> {
        derive(&self.root, label)
    }

    /// Wraps a key for the key store; `aad` (kind and id) binds it to its place.
    ///
    /// # Panics
    /// For more than 64 GiB, the bound of the algorithm.
    pub fn wrap(&self, aad: &[u8], key: &[u8], rng: &dyn Rng) -> Vec<u8> {
        let mut wrapped = Vec::with_capacity(1 + NONCE + key.len() + TAG);
        wrapped.push(WRAPPED_V1);
        append_sealed(&mut wrapped, &self.wrapping, aad, key, rng);
        wrapped
    }

    /// Gives back what [`RootKey::wrap`] took, if it lies where it was put and nothing was changed.
    pub fn unwrap_key(&self, aad: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        match wrapped.split_first() {
            Some((&WRAPPED_V1, sealed)) => {
                aead_open(&self.wrapping, aad, sealed).map(Zeroizing::new)
            }
            _ => Err(SealError::Unreadable),
        }
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(..)")
    }
}

fn derive(root: &Secret<32>, label: &str) -> Secret<32> {
    Secret::new(hkdf_sha256(&[], root.expose(), &[label.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Zeros, flip, hex};
    use base::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn seals_as_the_gcm_specification_case_14() {
        let key = Secret::new([0; 32]);
        let sealed = aead_seal(&key, &[], &[0; 16], &Zeros);
        let want = "cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919";
        assert_eq!(sealed[NONCE..], hex(want));
    }

    #[test]
    fn the_root_key_survives_its_text_form() {
        let rng = SeededRng::new(1);
        let root = RootKey::generate(&rng);
        let again = RootKey::parse(&format!("{}\n", *root.to_text())).unwrap();
        let wrapped = root.wrap(b"subject/sky_1", b"key", &rng);
        assert_eq!(
            *again.unwrap_key(b"subject/sky_1", &wrapped).unwrap(),
            b"key"
        );
        assert!(again.unwrap_key(b"subject/sky_2", &wrapped).is_err());
        assert_ne!(root.derive("a/1"), root.derive("b/1"));
        assert!(RootKey::parse("short").is_err());
        assert_eq!(format!("{root:?}"), "RootKey(..)");
    }

    proptest! {
        #[test]
        fn opens_what_was_sealed_and_nothing_else(
            seed: u64, plain: Vec<u8>, aad: Vec<u8>, place: usize,
        ) {
            let rng = SeededRng::new(seed);
            let key = Secret::random(&rng);
            let sealed = aead_seal(&key, &aad, &plain, &rng);
            prop_assert_eq!(sealed.len(), NONCE + plain.len() + TAG);
            prop_assert_eq!(aead_open(&key, &aad, &sealed), Ok(plain));
            let wrong = Err(SealError::Unreadable);
            prop_assert_eq!(aead_open(&key, &aad, &flip(&sealed, place)), wrong.clone());
            prop_assert_eq!(aead_open(&key, &aad, &sealed[..place % sealed.len()]), wrong.clone());
            prop_assert_eq!(aead_open(&Secret::random(&rng), &aad, &sealed), wrong.clone());
            prop_assert_eq!(aead_open(&key, &[&aad[..], &[0]].concat(), &sealed), wrong);
        }

        #[test]
        fn unwraps_what_was_wrapped_and_nothing_else(seed: u64, key: Vec<u8>, place: usize) {
            let rng = SeededRng::new(seed);
            let root = RootKey::generate(&rng);
            let wrapped = root.wrap(b"place", &key, &rng);
            prop_assert_eq!(&*root.unwrap_key(b"place", &wrapped).unwrap(), &key);
            prop_assert!(root.unwrap_key(b"place", &flip(&wrapped, place)).is_err());
        }

        #[test]
        fn any_bytes_are_opened_without_panic(sealed: Vec<u8>) {
            prop_assert!(aead_open(&Secret::new([7; 32]), &[], &sealed).is_err());
        }
    }
}

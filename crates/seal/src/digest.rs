//! SHA-256 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869) and comparing in constant time.

use aws_lc_rs::{constant_time, digest, hmac};
use zeroize::Zeroizing;

/// SHA-256 fed piece by piece.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of everything added.
    pub fn finish(self) -> [u8; 32] {
        take(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// SHA-256 of the bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    take(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// SHA-256 of the pieces, one behind the other.
pub fn sha256_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// HMAC-SHA256 (RFC 2104).
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    hmac_sha256_parts(key, &[message])
}

/// HMAC-SHA256 over the pieces, one behind the other. The caller sees to it that pieces can't be confused.
pub fn hmac_sha256_parts(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    take(context.sign().as_ref())
}

/// HKDF-SHA256 (RFC 5869), extract and expand, for up to 32 bytes of output.
pub fn hkdf_sha256<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> [u8; N] {
    const { assert!(N <= 32, "one block of output is all that is needed here") };
    let prk = Zeroizing::new(hmac_sha256(salt, secret));
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, prk.as_slice()));
    for piece in info {
        context.update(piece);
    }
    context.update(&[1]);
    let block = Zeroizing::new(take(context.sign().as_ref()));
    let mut out = [0; N];
    out.copy_from_slice(&block[..N]);
    out
}

/// Compares in a time that depends on the lengths alone.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// The library gives slices; all of them are 32 bytes long.
fn take(hash: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hash);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hex;
    use proptest::prelude::*;

    #[test]
    fn sha256_of_fips_180_4() {
        let want = hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(sha256(b"abc").as_slice(), want);
        assert_eq!(sha256_parts(&[b"a", b"", b"bc"]).as_slice(), want);
    }

    #[test]
    fn hmac_of_rfc_4231_case_2() {
        let want = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let message: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert_eq!(hmac_sha256_parts(b"Jefe", &message).as_slice(), want);
        assert_eq!(hmac_sha256(b"Jefe", &message.concat()).as_slice(), want);
    }

    #[test]
    fn hkdf_of_rfc_5869_cases_1_and_3() {
        let secret = [0x0b; 22];
        let (salt, info) = (
            hex("000102030405060708090a0b0c"),
            hex("f0f1f2f3f4f5f6f7f8f9"),
        );
        let want = hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
        let out: [u8; 32] = hkdf_sha256(&salt, &secret, &[&info[..3], &info[3..]]);
        assert_eq!(out.as_slice(), want);
        let short: [u8; 12] = hkdf_sha256(&salt, &secret, &[&info]);
        assert_eq!(short, want[..12]);
        let bare: [u8; 32] = hkdf_sha256(&[], &secret, &[]);
        let want = hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
        assert_eq!(bare.as_slice(), want);
    }

    proptest! {
        #[test]
        fn same_is_equality(a: Vec<u8>, b: Vec<u8>) {
            prop_assert_eq!(same(&a, &b), a == b);
            prop_assert!(same(&a, &a.clone()));
        }
    }
}

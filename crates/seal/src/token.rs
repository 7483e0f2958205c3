//! Random tokens for links, sessions and machine keys. Shown once; tables keep only their digest.
//!
//! A token has 128 or 256 random bits, so a plain SHA-256 is enough: there is nothing to guess.

use base::Rng;
use zeroize::Zeroizing;

use crate::{b64url_encode, sha256};

/// A token of 128 random bits: 22 characters of base64url.
pub fn random128(rng: &dyn Rng) -> String {
    b64url_encode(Zeroizing::new(base::array::<16>(rng)).as_slice())
}

/// A token of 256 random bits: 43 characters of base64url.
pub fn random256(rng: &dyn Rng) -> String {
    b64url_encode(Zeroizing::new(base::array::<32>(rng)).as_slice())
}

/// What a table keeps instead of the token.
pub fn digest(token: &str) -> [u8; 32] {
    sha256(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;

    #[test]
    fn tokens_differ_and_have_their_length() {
        let rng = SeededRng::new(1);
        let (short, long) = (random128(&rng), random256(&rng));
        assert_eq!((short.len(), long.len()), (22, 43));
        assert_ne!(random256(&rng), long);
        assert_ne!(digest(&short), digest(&long));
    }
}

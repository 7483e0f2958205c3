//! What the tests of this crate share: hex, chance that is none, and one changed bit.

use base::Rng;

/// Bytes from hex digits; white space is skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// Gives zeros, for vectors with a nonce of zeros.
pub(crate) struct Zeros;

impl Rng for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// The same bytes with one bit changed.
pub(crate) fn flip(bytes: &[u8], place: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let bit = place % (bytes.len() * 8);
    changed[bit / 8] ^= 1 << (bit % 8);
    changed
}

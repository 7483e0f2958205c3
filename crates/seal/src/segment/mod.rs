//! Segments: a minute or so of sealed video in one file, written and read fragment by fragment.
//!
//! The payload follows STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015): AES-256-GCM under a key of the
//! segment's own, nonces that count, and a mark on the last piece, so that nothing can be cut, moved,
//! repeated or taken from elsewhere.

mod header;
mod open;
mod scan;
mod seal;

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, Nonce, UnboundKey};

use crate::{SealError, Secret};

pub use header::Header;
pub(crate) use header::is_word;
pub use open::{Fragment, Opener, open_whole};
pub use scan::{Piece, Scan, Scanner, scan};
pub use seal::Sealer;

/// The longest file that a hub takes.
pub const MAX_FILE: u64 = 80 * 1024 * 1024;
/// The most fragments of a segment, without the empty end.
pub const MAX_FRAGMENTS: u32 = 16_384;
/// The longest fragment, as MP4.
pub const MAX_FRAGMENT: usize = 32 * 1024 * 1024;
/// Flag of a fragment that begins with a key frame.
pub const KEY_FRAME: u8 = 1;

/// What every file begins with.
const MAGIC: &[u8; 8] = b"OBHUTSG1";
/// Bytes of the length before header and ciphertexts.
const LENGTH: usize = 4;
/// Bytes of the tag at the end of a ciphertext.
const TAG: usize = 16;
/// Start, duration and flags before the MP4.
const PREFIX: usize = 8 + 4 + 1;

fn gcm(key: &Secret<32>) -> Result<LessSafeKey, SealError> {
    Ok(LessSafeKey::new(UnboundKey::new(
        &AES_256_GCM,
        key.expose(),
    )?))
}

/// Seven zero bytes, the number, and whether it is the last.
fn nonce(number: u32, last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}

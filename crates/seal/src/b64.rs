//! Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without. One text per value:
//! padding and unused bits are checked.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use crate::SealError;

/// Base64url without padding (RFC 4648, section 5).
pub fn b64url_encode(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding; refuses everything else.
pub fn b64url_decode(text: &str) -> Result<Vec<u8>, SealError> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| SealError::Malformed("base64url text"))
}

/// Base64 with padding (RFC 4648, section 4), as notes and checkpoints use it.
pub fn b64_encode(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// Reads base64 with padding; refuses everything else.
pub fn b64_decode(text: &str) -> Result<Vec<u8>, SealError> {
    BASE64_STANDARD
        .decode(text)
        .map_err(|_| SealError::Malformed("base64 text"))
}

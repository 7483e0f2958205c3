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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_text_per_value(bytes: Vec<u8>, text in "[A-Za-z0-9+/_=-]{0,12}") {
            prop_assert_eq!(b64_decode(&b64_encode(&bytes)), Ok(bytes.clone()));
            prop_assert_eq!(b64url_decode(&b64url_encode(&bytes)), Ok(bytes));
            if let Ok(read) = b64_decode(&text) {
                prop_assert_eq!(b64_encode(&read), text.clone());
            }
            if let Ok(read) = b64url_decode(&text) {
                prop_assert_eq!(b64url_encode(&read), text);
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            let _ = (b64_decode(&text), b64url_decode(&text));
        }
    }
}

//! Words of viewing keys. No I/O.

use base::{Timestamp, ViewingKeyId};
use seal::Point;

use crate::VideoError;

/// A viewing key as the hub keeps it: nothing here opens anything without passphrase or sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewingKey {
    /// Its id.
    pub(crate) id: ViewingKeyId,
    /// Its public half.
    pub(crate) public_key: Point,
    /// For deriving from the passphrase.
    pub(crate) salt: Vec<u8>,
    /// Its private half under the passphrase.
    pub(crate) pass: Vec<u8>,
    /// Its private half under the recovery sheet.
    pub(crate) sheet: Vec<u8>,
    /// When it was made.
    pub(crate) created: Timestamp,
}

/// Bytes of the salt.
const SALT: usize = 16;
/// Nonce, the shortest PKCS #8 form of a P-256 key, tag; and what nobody needs more than.
const WRAPPED: std::ops::RangeInclusive<usize> = (12 + 67 + 16)..=512;

impl ViewingKey {
    /// Whether the parts have lengths that the format knows.
    pub(crate) fn check(&self) -> Result<(), VideoError> {
        if self.salt.len() != SALT {
            return Err(VideoError::wrong("salt", "wrong_length", "needs 16 bytes"));
        }
        for (field, part) in [("pass", &self.pass), ("sheet", &self.sheet)] {
            if !WRAPPED.contains(&part.len()) {
                return Err(VideoError::wrong(
                    field,
                    "wrong_length",
                    "is not a sealed private key",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SystemRng;

    #[test]
    fn lengths_are_checked() {
        let public_key = seal::AgreementKey::generate(&SystemRng).unwrap().public();
        let fine = ViewingKey {
            id: ViewingKeyId::from_bytes([1; 16]),
            public_key,
            salt: vec![0; 16],
            pass: vec![0; 166],
            sheet: vec![0; 166],
            created: Timestamp::UNIX_EPOCH,
        };
        assert!(fine.check().is_ok());
        for change in [
            |key: &mut ViewingKey| key.salt.push(0),
            |key: &mut ViewingKey| key.pass.truncate(50),
            |key: &mut ViewingKey| key.sheet.resize(513, 0),
        ] {
            let mut wrong = fine.clone();
            change(&mut wrong);
            assert!(wrong.check().is_err());
        }
    }
}

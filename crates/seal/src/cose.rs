//! `COSE_Sign1` (RFC 9052, section 4.2) with ES256 (RFC 9053, section 2.1), in the one form we write.

use crate::cbor::{Reader, Writer, only_form};
use crate::{Point, SealError, SignerKey};

const TAG: u64 = 18;
const ALG: i64 = 1;
const KID: i64 = 4;
const ES256: i64 = -7;
/// Fingerprints have 32 bytes, ids 30.
const MAX_KID: usize = 64;

/// A message with its signature, not checked yet.
pub(crate) struct Signed<'b> {
    pub(crate) kid: &'b [u8],
    pub(crate) payload: &'b [u8],
    protected: &'b [u8],
    signature: [u8; 64],
}

/// Signs the payload; `external_aad` says what kind of message it is.
pub(crate) fn sign(
    key: &SignerKey,
    kid: &[u8],
    external_aad: &[u8],
    payload: &[u8],
) -> Result<Vec<u8>, SealError> {
    let protected = protected(kid);
    let signature = key.sign(&to_be_signed(&protected, external_aad, payload))?;
    Ok(message(&protected, payload, &signature))
}

impl<'b> Signed<'b> {
    /// Takes a message apart; `max` bounds its bytes.
    pub(crate) fn read(bytes: &'b [u8], what: &'static str, max: usize) -> Result<Self, SealError> {
        let mut from = Reader::new(bytes, what, max)?;
        from.tag(TAG)?;
        from.items(4)?;
        let protected = from.bytes(MAX_KID + 16)?;
        from.map(0)?;
        let payload = from.bytes(max)?;
        let signature = from.fixed()?;
        from.end()?;

        let mut from = Reader::new(protected, what, protected.len())?;
        from.map(2)?;
        from.exactly(ALG)?;
        from.exactly(ES256)?;
        from.exactly(KID)?;
        let kid = from.bytes(MAX_KID)?;
        from.end()?;

        let ours = message(&self::protected(kid), payload, &signature);
        only_form(bytes, &ours, what)?;
        Ok(Self {
            kid,
            payload,
            protected,
            signature,
        })
    }

    /// Whether that key signed it as that kind of message.
    pub(crate) fn verify(&self, key: &Point, external_aad: &[u8]) -> Result<(), SealError> {
        let signed = to_be_signed(self.protected, external_aad, self.payload);
        key.verify(&signed, &self.signature)
    }
}

fn protected(kid: &[u8]) -> Vec<u8> {
    let mut to = Writer::new();
    to.map(2).int(ALG).int(ES256).int(KID).bytes(kid);
    to.finish()
}

fn message(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut to = Writer::new();
    to.tag(TAG).array(4).bytes(protected).map(0);
    to.bytes(payload).bytes(signature);
    to.finish()
}

/// The `Sig_structure` (RFC 9052, section 4.4).
fn to_be_signed(protected: &[u8], external_aad: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut to = Writer::new();
    to.array(4).text("Signature1").bytes(protected);
    to.bytes(external_aad).bytes(payload);
    to.finish()
}

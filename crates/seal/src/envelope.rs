//! Envelopes: something short, sealed to one or more P-256 keys. `COSE_Encrypt` (RFC 9052, section 5.1) with
//! A256GCM, and ECDH-ES + A256KW (RFC 9053, section 6.4.1) for each recipient.
//!
//! A changed byte in another recipient's part is not seen by those it does not concern: COSE does not bind
//! recipients to the content. Everything a recipient uses is bound.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use base::Rng;
use zeroize::Zeroizing;

use crate::cbor::{Reader, Writer, only_form};
use crate::{AgreementKey, Point, SealError, Secret, hkdf_sha256};

/// The longest plain text: a private key is the longest thing anybody puts into an envelope.
pub const MAX_PLAIN: usize = 1024;
/// The most recipients of one envelope.
pub const MAX_RECIPIENTS: usize = 16;
/// The longest name of a recipient's key.
pub const MAX_KID: usize = 64;
/// The longest envelope.
pub const MAX_BYTES: usize = 8 * 1024;

const WHAT: &str = "envelope";
const TAG: u64 = 96;
const ALG: i64 = 1;
const KID: i64 = 4;
const IV: i64 = 5;
const EPHEMERAL_KEY: i64 = -1;
const A256GCM: i64 = 3;
const A256KW: i64 = -5;
const ECDH_ES_A256KW: i64 = -31;
const GCM_TAG: usize = 16;
const WRAPPED: usize = 40;

/// Seals `plain` to the keys; `external_aad` is not in the envelope but must be given again to open.
pub fn seal(
    plain: &[u8],
    to: &[(String, Point)],
    external_aad: &[u8],
    rng: &dyn Rng,
) -> Result<Vec<u8>, SealError> {
    let doubled = (1..to.len()).any(|n| to[..n].iter().any(|it| it.0 == to[n].0));
    if to.is_empty() || doubled || to.iter().any(|it| it.0.is_empty()) {
        return Err(SealError::Malformed("list of recipients"));
    }
    let long = to.iter().any(|it| it.0.len() > MAX_KID);
    if plain.len() > MAX_PLAIN || to.len() > MAX_RECIPIENTS || long {
        return Err(SealError::TooLarge);
    }
    let key = Secret::<32>::random(rng);
    let iv: [u8; 12] = base::array(rng);
    let mut ciphertext = Vec::with_capacity(plain.len() + GCM_TAG);
    ciphertext.extend_from_slice(plain);
    gcm(&key)?.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(iv),
        Aad::from(enc_structure(external_aad)),
        &mut ciphertext,
    )?;
    let mut recipients = Vec::with_capacity(to.len());
    for (kid, point) in to {
        let ephemeral = AgreementKey::generate(rng)?;
        let mut wrapped = [0; WRAPPED];
        wrapping_key(&ephemeral.agree(point)?)?.wrap(key.expose(), &mut wrapped)?;
        recipients.push(Part {
            kid,
            ephemeral: *ephemeral.public().as_bytes(),
            wrapped,
        });
    }
    let envelope = Envelope {
        iv,
        ciphertext: &ciphertext,
        recipients,
    };
    Ok(envelope.write())
}

/// Opens an envelope with the key that it calls `kid`.
///
/// Not sealed to that key at all is [`SealError::NoRecipient`]; everything else that does not fit is
/// [`SealError::Unreadable`].
pub fn open(
    bytes: &[u8],
    kid: &str,
    key: &AgreementKey,
    external_aad: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let envelope = Envelope::read(bytes)?;
    let part = envelope
        .recipients
        .iter()
        .find(|it| it.kid == kid)
        .ok_or(SealError::NoRecipient)?;
    let unreadable = SealError::Unreadable;
    let ephemeral = Point::from_slice(&part.ephemeral).map_err(|_| unreadable)?;
    let mut content_key = Zeroizing::new([0; 32]);
    wrapping_key(&key.agree(&ephemeral)?)?
        .unwrap(&part.wrapped, content_key.as_mut_slice())
        .map_err(|_| unreadable)?;
    let mut plain = Zeroizing::new(envelope.ciphertext.to_vec());
    let length = gcm(&Secret::new(*content_key))?
        .open_in_place(
            Nonce::assume_unique_for_key(envelope.iv),
            Aad::from(enc_structure(external_aad)),
            &mut plain,
        )
        .map_err(|_| unreadable)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

/// To which keys an envelope says that it was sealed; opens nothing.
pub fn kids(bytes: &[u8]) -> Result<Vec<String>, SealError> {
    let envelope = Envelope::read(bytes)?;
    Ok(envelope
        .recipients
        .iter()
        .map(|it| it.kid.to_owned())
        .collect())
}

struct Envelope<'b> {
    iv: [u8; 12],
    ciphertext: &'b [u8],
    recipients: Vec<Part<'b>>,
}

struct Part<'b> {
    kid: &'b str,
    ephemeral: [u8; 65],
    wrapped: [u8; WRAPPED],
}

impl<'b> Envelope<'b> {
    fn write(&self) -> Vec<u8> {
        let mut to = Writer::new();
        to.tag(TAG).array(4).bytes(&algorithm(A256GCM));
        to.map(1).int(IV).bytes(&self.iv).bytes(self.ciphertext);
        to.array(self.recipients.len());
        for part in &self.recipients {
            to.array(3).bytes(&algorithm(ECDH_ES_A256KW));
            to.map(2).int(KID).bytes(part.kid.as_bytes());
            // A COSE_Key (RFC 9053, section 7.1.1): kty EC2, crv P-256, x, y.
            to.int(EPHEMERAL_KEY).map(4).int(1).int(2).int(-1).int(1);
            to.int(-2).bytes(&part.ephemeral[1..33]);
            to.int(-3).bytes(&part.ephemeral[33..]);
            to.bytes(&part.wrapped);
        }
        to.finish()
    }

    fn read(bytes: &'b [u8]) -> Result<Self, SealError> {
        let mut from = Reader::new(bytes, WHAT, MAX_BYTES)?;
        from.tag(TAG)?;
        from.items(4)?;
        from.bytes(8)?;
        from.map(1)?;
        from.exactly(IV)?;
        let iv = from.fixed()?;
        let ciphertext = from.bytes(MAX_PLAIN + GCM_TAG)?;
        let parts = from.array(1..=MAX_RECIPIENTS as u64)?;
        let recipients = (0..parts)
            .map(|_| Part::read(&mut from))
            .collect::<Result<Vec<_>, _>>()?;
        from.end()?;
        let doubled = (1..recipients.len())
            .any(|n| recipients[..n].iter().any(|it| it.kid == recipients[n].kid));
        if doubled {
            return Err(SealError::Malformed(WHAT));
        }
        let envelope = Self {
            iv,
            ciphertext,
            recipients,
        };
        only_form(bytes, &envelope.write(), WHAT)?;
        Ok(envelope)
    }
}

impl<'b> Part<'b> {
    fn read(from: &mut Reader<'b>) -> Result<Self, SealError> {
        from.items(3)?;
        from.bytes(8)?;
        from.map(2)?;
        from.exactly(KID)?;
        let kid = str::from_utf8(from.bytes(MAX_KID)?).map_err(|_| from.wrong())?;
        from.exactly(EPHEMERAL_KEY)?;
        from.map(4)?;
        for wanted in [1, 2, -1, 1, -2] {
            from.exactly(wanted)?;
        }
        let mut ephemeral = [4; 65];
        ephemeral[1..33].copy_from_slice(&from.fixed::<32>()?);
        from.exactly(-3)?;
        ephemeral[33..].copy_from_slice(&from.fixed::<32>()?);
        let wrapped = from.fixed()?;
        if kid.is_empty() {
            return Err(from.wrong());
        }
        Ok(Self {
            kid,
            ephemeral,
            wrapped,
        })
    }
}

fn algorithm(algorithm: i64) -> Vec<u8> {
    let mut to = Writer::new();
    to.map(1).int(ALG).int(algorithm);
    to.finish()
}

/// The additional data of the content (RFC 9052, section 5.3).
fn enc_structure(external_aad: &[u8]) -> Vec<u8> {
    let mut to = Writer::new();
    to.array(3).text("Encrypt").bytes(&algorithm(A256GCM));
    to.bytes(external_aad);
    to.finish()
}

/// HKDF over the shared x coordinate with the `COSE_KDF_Context` (RFC 9053, sections 5.2 and 6.4).
fn wrapping_key(shared: &Secret<32>) -> Result<AesKek, SealError> {
    let mut to = Writer::new();
    to.array(4).int(A256KW);
    for _party in ["U", "V"] {
        to.array(3).null().null().null();
    }
    to.array(2).uint(256).bytes(&algorithm(ECDH_ES_A256KW));
    let key = Secret::<32>::new(hkdf_sha256(&[], shared.expose(), &[&to.finish()]));
    Ok(AesKek::new(&AES_256, key.expose())?)
}

fn gcm(key: &Secret<32>) -> Result<LessSafeKey, SealError> {
    let key = UnboundKey::new(&AES_256_GCM, key.expose())?;
    Ok(LessSafeKey::new(key))
}

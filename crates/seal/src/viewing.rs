//! Viewing keys: a person's key pair, made in their browser and kept by the hub under two locks that it has
//! no key to, and the hand-over of a role's private key to such a key.
//!
//! Browsers do this; here it is for the demo, for tests and as the second reading of the specification.

use argon2::{Algorithm, Argon2, Params, Version};
use base::{GenerationId, Rng, ViewingKeyId};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::{AgreementKey, Point, SealError, Secret, envelope, hkdf_sha256, same, sha256};

/// Memory of the password hash (RFC 9106), in KiB.
pub const MEMORY_KIB: u32 = 65_536;
/// Its passes.
pub const PASSES: u32 = 3;
/// Its lanes.
pub const LANES: u32 = 1;
/// The longest passphrase, in bytes.
pub const MAX_PASSPHRASE: usize = 1024;

/// Characters of a recovery sheet's secret, without the hyphens.
const SHEET_DIGITS: usize = 28;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A viewing key as the hub keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// Salt of the passphrase.
    pub salt: [u8; 16],
    /// The private key under the passphrase.
    pub pass: Vec<u8>,
    /// The private key under the recovery sheet's secret.
    pub sheet: Vec<u8>,
}

/// Wraps a viewing key under a passphrase and the secret of a recovery sheet. Takes about 0.1 s and 64 MiB.
pub fn wrap(
    key: &AgreementKey,
    id: ViewingKeyId,
    passphrase: &str,
    sheet: &[u8; 16],
    rng: &dyn Rng,
) -> Result<Wrapped, SealError> {
    let salt = base::array(rng);
    let plain = key.to_pkcs8();
    let pass_key = pass_key(passphrase, &salt)?;
    let pass = crate::aead_seal(&pass_key, &pass_aad(id), &plain, rng);
    let sheet = crate::aead_seal(&sheet_key(id, sheet), &sheet_aad(id), &plain, rng);
    Ok(Wrapped { salt, pass, sheet })
}

/// Opens a viewing key with the passphrase.
pub fn open_pass(
    wrapped: &Wrapped,
    id: ViewingKeyId,
    passphrase: &str,
) -> Result<AgreementKey, SealError> {
    let key = pass_key(passphrase, &wrapped.salt)?;
    let plain = crate::aead_open(&key, &pass_aad(id), &wrapped.pass).map(Zeroizing::new)?;
    AgreementKey::from_pkcs8(&plain)
}

/// Opens a viewing key with the secret of the recovery sheet.
pub fn open_sheet(
    wrapped: &Wrapped,
    id: ViewingKeyId,
    sheet: &[u8; 16],
) -> Result<AgreementKey, SealError> {
    let key = sheet_key(id, sheet);
    let plain = crate::aead_open(&key, &sheet_aad(id), &wrapped.sheet).map(Zeroizing::new)?;
    AgreementKey::from_pkcs8(&plain)
}

/// The secret as it is printed: seven groups of four.
pub fn sheet_text(sheet: &[u8; 16]) -> Zeroizing<String> {
    let hash = sha256(sheet);
    let check = u16::from_be_bytes([hash[0], hash[1]]) >> 4;
    let bits = u128::from_be_bytes(*sheet);
    let mut text = Zeroizing::new(String::with_capacity(SHEET_DIGITS + 6));
    for place in 0..SHEET_DIGITS {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        // 140 bits: the secret's 128 and the check's 12, five at a time from the left.
        let value = match place {
            0..25 => bits >> (123 - 5 * place),
            25 => bits << 2 | u128::from(check >> 10),
            _ => u128::from(check >> (5 * (27 - place))),
        };
        text.push(char::from(ALPHABET[(value & 31) as usize]));
    }
    text
}

/// Reads what somebody typed from the sheet: case, hyphens and spaces do not matter, and the letters that
/// Crockford's base 32 leaves out count as the digits they look like. A slip of the pen is found by the check.
pub fn parse_sheet(text: &str) -> Result<Zeroizing<[u8; 16]>, SealError> {
    let wrong = SealError::Malformed("recovery sheet");
    if text.len() > 256 {
        return Err(wrong);
    }
    let (mut bits, mut check, mut digits) = (0_u128, 0_u16, 0);
    for c in text.chars() {
        if c == '-' || c.is_whitespace() {
            continue;
        }
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        };
        let value = ALPHABET.iter().position(|it| char::from(*it) == c);
        let value = value.ok_or(wrong)?;
        let small = u16::try_from(value).map_err(|_| wrong)?;
        match digits {
            0..25 => bits = bits << 5 | value as u128,
            25 => {
                bits = bits << 3 | (value >> 2) as u128;
                check = small & 3;
            }
            26..SHEET_DIGITS => check = check << 5 | small,
            _ => return Err(wrong),
        }
        digits += 1;
    }
    let secret = Zeroizing::new(bits.to_be_bytes());
    let hash = sha256(secret.as_slice());
    let expected = u16::from_be_bytes([hash[0], hash[1]]) >> 4;
    if digits == SHEET_DIGITS && same(&check.to_be_bytes(), &expected.to_be_bytes()) {
        Ok(secret)
    } else {
        Err(wrong)
    }
}

/// Seals the private key of a generation (PKCS #8) to a viewing key.
pub fn hand_over(
    pkcs8: &[u8],
    generation: GenerationId,
    viewing_key: ViewingKeyId,
    to: &Point,
    rng: &dyn Rng,
) -> Result<Vec<u8>, SealError> {
    let to = [(viewing_key.to_string(), *to)];
    envelope::seal(pkcs8, &to, &role_aad(generation, viewing_key), rng)
}

/// Opens the private key of a generation with a viewing key.
pub fn take_over(
    bytes: &[u8],
    generation: GenerationId,
    viewing_key: ViewingKeyId,
    key: &AgreementKey,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let kid = viewing_key.to_string();
    envelope::open(bytes, &kid, key, &role_aad(generation, viewing_key))
}

fn role_aad(generation: GenerationId, viewing_key: ViewingKeyId) -> Vec<u8> {
    format!("obhut/role-key/1 {generation} {viewing_key}").into_bytes()
}

fn pass_aad(id: ViewingKeyId) -> Vec<u8> {
    format!("obhut/viewing-key/1 pass {id}").into_bytes()
}

fn sheet_aad(id: ViewingKeyId) -> Vec<u8> {
    format!("obhut/viewing-key/1 sheet {id}").into_bytes()
}

fn sheet_key(id: ViewingKeyId, sheet: &[u8; 16]) -> Secret<32> {
    let salt = id.to_string();
    Secret::new(hkdf_sha256(salt.as_bytes(), sheet, &[b"obhut/recovery/1"]))
}

fn pass_key(passphrase: &str, salt: &[u8; 16]) -> Result<Secret<32>, SealError> {
    if passphrase.len() > MAX_PASSPHRASE {
        return Err(SealError::TooLarge);
    }
    let normal = normal_form(passphrase);
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, Some(32)).map_err(|_| SealError::Library)?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(normal.as_bytes(), salt, out.as_mut_slice())
        .map_err(|_| SealError::Library)?;
    Ok(Secret::new(*out))
}

/// Unicode form NFKC (UAX #15), then words joined by one space; `White_Space` (UAX #44) divides words.
fn normal_form(passphrase: &str) -> Zeroizing<String> {
    let mut composed = Zeroizing::new(String::with_capacity(4 * passphrase.len()));
    composed.extend(passphrase.nfkc());
    let mut normal = Zeroizing::new(String::with_capacity(composed.len()));
    for word in composed.split_whitespace() {
        if !normal.is_empty() {
            normal.push(' ');
        }
        normal.push_str(word);
    }
    normal
}

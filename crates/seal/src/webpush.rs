//! Web Push messages (RFC 8291 over RFC 8188, `aes128gcm`): one record, at most 4096 bytes of body.
//!
//! Plain texts are padded to a multiple of 128 bytes, so that their length says less. One message costs two
//! multiplications on P-256 (about 75 µs of a core) and two allocations.

use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base::Rng;

use crate::p256::{KeyPair, POINT};
use crate::{SealError, Secret, hkdf_sha256};

/// Every push service takes a body of this size (RFC 8030, section 7.2).
pub const MAX_BODY: usize = 4096;
/// The longest plain text that fits.
pub const MAX_PLAIN: usize = MAX_BODY - HEADER - 1 - TAG;

const SALT: usize = 16;
const HEADER: usize = SALT + 4 + 1 + POINT;
const TAG: usize = 16;
const STEP: usize = 128;
const RECORD_SIZE: u32 = 4096;
/// Marks the last record (RFC 8188, section 2).
const LAST: u8 = 2;

/// Encrypts for one subscription: its `p256dh` point and its `auth` secret of 16 bytes.
pub fn encrypt(
    p256dh: &[u8],
    auth: &[u8],
    plain: &[u8],
    rng: &dyn Rng,
) -> Result<Vec<u8>, SealError> {
    let sender = KeyPair::generate(rng)?;
    let padded = (plain.len() + 1).next_multiple_of(STEP).min(MAX_PLAIN + 1);
    encrypt_with(&sender, &base::array(rng), p256dh, auth, plain, padded)
}

/// The deterministic part. `padded` counts the plain text with its delimiter and padding.
fn encrypt_with(
    sender: &KeyPair,
    salt: &[u8; SALT],
    p256dh: &[u8],
    auth: &[u8],
    plain: &[u8],
    padded: usize,
) -> Result<Vec<u8>, SealError> {
    if plain.len() > MAX_PLAIN {
        return Err(SealError::TooLarge);
    }
    if auth.len() != 16 {
        return Err(SealError::Malformed("push subscription"));
    }
    let shared = sender.agree(p256dh)?;
    let (key, nonce) = keys(&shared, auth, p256dh, &sender.point, salt)?;
    let mut body = Vec::with_capacity(HEADER + padded + TAG);
    body.extend_from_slice(salt);
    body.extend_from_slice(&RECORD_SIZE.to_be_bytes());
    body.push(65);
    body.extend_from_slice(&sender.point);
    body.extend_from_slice(plain);
    body.push(LAST);
    body.resize((HEADER + padded).max(body.len()), 0);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut body[HEADER..])?;
    body.extend_from_slice(tag.as_ref());
    Ok(body)
}

/// RFC 8291, section 3.4, and RFC 8188, sections 2.2 and 2.3.
fn keys(
    shared: &Secret<32>,
    auth: &[u8],
    receiver: &[u8],
    sender: &[u8],
    salt: &[u8; SALT],
) -> Result<(LessSafeKey, Nonce), SealError> {
    let info: [&[u8]; 3] = [b"WebPush: info\0", receiver, sender];
    let input = Secret::<32>::new(hkdf_sha256(auth, shared.expose(), &info));
    let key = Secret::<16>::new(hkdf_sha256(
        salt,
        input.expose(),
        &[b"Content-Encoding: aes128gcm\0"],
    ));
    let nonce: [u8; 12] = hkdf_sha256(salt, input.expose(), &[b"Content-Encoding: nonce\0"]);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.expose())?);
    Ok((key, Nonce::assume_unique_for_key(nonce)))
}

/// What a browser keeps for a subscription; here for the local push service and for tests.
pub struct ReceiverKeys {
    pair: KeyPair,
    auth: Secret<16>,
}

impl ReceiverKeys {
    /// Fresh keys.
    pub fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        Ok(Self {
            pair: KeyPair::generate(rng)?,
            auth: Secret::random(rng),
        })
    }

    /// Keys from the 48 bytes of [`ReceiverKeys::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealError> {
        let (scalar, auth) = bytes
            .split_first_chunk::<32>()
            .ok_or(SealError::Malformed("receiver key"))?;
        Ok(Self {
            pair: KeyPair::from_scalar(Secret::new(*scalar))?,
            auth: Secret::from_slice(auth)?,
        })
    }

    /// The private scalar and the authentication secret.
    pub fn to_bytes(&self) -> Secret<48> {
        let mut bytes = [0; 48];
        bytes[..32].copy_from_slice(self.pair.scalar.expose());
        bytes[32..].copy_from_slice(self.auth.expose());
        Secret::new(bytes)
    }

    /// The public point, as `p256dh` of the subscription.
    pub fn p256dh(&self) -> &[u8; 65] {
        &self.pair.point
    }

    /// The authentication secret, as `auth` of the subscription.
    pub fn auth(&self) -> &[u8; 16] {
        self.auth.expose()
    }
}

impl fmt::Debug for ReceiverKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiverKeys(..)")
    }
}

/// Opens a body of one record, as browsers do.
pub fn decrypt(keys_of: &ReceiverKeys, body: &[u8]) -> Result<Vec<u8>, SealError> {
    let malformed = SealError::Malformed("push message");
    if body.len() > MAX_BODY {
        return Err(SealError::TooLarge);
    }
    let (salt, rest) = body.split_first_chunk::<SALT>().ok_or(malformed)?;
    let (size, rest) = rest.split_first_chunk::<4>().ok_or(malformed)?;
    let (length, rest) = rest.split_first().ok_or(malformed)?;
    let (sender, record) = rest.split_first_chunk::<POINT>().ok_or(malformed)?;
    let size = u32::from_be_bytes(*size);
    let record_bytes = u32::try_from(record.len()).map_err(|_| malformed)?;
    if usize::from(*length) != POINT || size < 18 || record_bytes > size {
        return Err(malformed);
    }
    let shared = keys_of.pair.agree(sender)?;
    let (key, nonce) = keys(
        &shared,
        keys_of.auth.expose(),
        &keys_of.pair.point,
        sender,
        salt,
    )?;
    let mut plain = record.to_vec();
    let opened = key
        .open_in_place(nonce, Aad::empty(), &mut plain)
        .map_err(|_| SealError::Unreadable)?;
    let end = opened.iter().rposition(|b| *b != 0).ok_or(malformed)?;
    if opened[end] != LAST {
        return Err(malformed);
    }
    plain.truncate(end);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use crate::{b64url_decode, b64url_encode};
    use base::SeededRng;
    use proptest::prelude::*;

    fn scalar(text: &str) -> Secret<32> {
        Secret::from_slice(&b64url_decode(text).unwrap()).unwrap()
    }

    #[test]
    fn makes_and_opens_the_message_of_rfc_8291_appendix_a() {
        let sender =
            KeyPair::from_scalar(scalar("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let receiver = ReceiverKeys {
            pair: KeyPair::from_scalar(scalar("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
                .unwrap(),
            auth: Secret::from_slice(&b64url_decode("BTBZMqHH6r4Tts7J_aSIgg").unwrap()).unwrap(),
        };
        let salt: [u8; 16] = b64url_decode("DGv6ra1nlYgDCS1FRnbzlw")
            .unwrap()
            .try_into()
            .unwrap();
        let plain = b"When I grow up, I want to be a watermelon";
        let (point, auth) = (receiver.p256dh(), receiver.auth());
        assert_eq!(
            b64url_encode(point),
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        );
        let body = encrypt_with(&sender, &salt, point, auth, plain, 0).unwrap();
        assert_eq!(
            b64url_encode(&body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLoc\
             InmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLV\
             WGNWQexSgSxsj_Qulcy4a-fN"
        );
        assert_eq!(decrypt(&receiver, &body).unwrap(), plain);
    }

    #[test]
    fn the_longest_fits_and_one_more_does_not() {
        let rng = SeededRng::new(1);
        let receiver = ReceiverKeys::generate(&rng).unwrap();
        let (point, auth) = (receiver.p256dh(), receiver.auth());
        let longest = vec![0; MAX_PLAIN];
        let body = encrypt(point, auth, &longest, &rng).unwrap();
        assert_eq!(body.len(), MAX_BODY);
        assert_eq!(decrypt(&receiver, &body), Ok(longest));
        let long = encrypt(point, auth, &vec![0; MAX_PLAIN + 1], &rng);
        assert_eq!(long, Err(SealError::TooLarge));
    }

    #[test]
    fn length_tells_little() {
        let rng = SeededRng::new(1);
        let receiver = ReceiverKeys::generate(&rng).unwrap();
        let length = |plain: &[u8]| {
            encrypt(receiver.p256dh(), receiver.auth(), plain, &rng)
                .unwrap()
                .len()
        };
        assert_eq!(length(&[1; 3]), length(&[1; 127]));
        assert_eq!(length(&[1; 3]) + 128, length(&[1; 128]));
    }

    #[test]
    fn refuses_a_wrong_subscription() {
        let rng = SeededRng::new(1);
        let receiver = ReceiverKeys::generate(&rng).unwrap();
        assert!(encrypt(&[4; 65], receiver.auth(), b"x", &rng).is_err());
        assert!(encrypt(receiver.p256dh(), &[0; 15], b"x", &rng).is_err());
    }

    proptest! {
        #[test]
        fn opens_what_was_sent_and_nothing_else(
            seed: u64, plain in proptest::collection::vec(any::<u8>(), 0..400), place: usize,
        ) {
            let rng = SeededRng::new(seed);
            let receiver = ReceiverKeys::generate(&rng).unwrap();
            let kept = ReceiverKeys::from_bytes(receiver.to_bytes().expose()).unwrap();
            let body = encrypt(receiver.p256dh(), receiver.auth(), &plain, &rng).unwrap();
            prop_assert_eq!(decrypt(&kept, &body), Ok(plain));
            let changed = flip(&body, place);
            // The record size is a bound, not a part of what is sealed (RFC 8188, section 2.1).
            if changed[16..20] == body[16..20] {
                prop_assert!(decrypt(&kept, &changed).is_err());
            }
            let other = ReceiverKeys::generate(&rng).unwrap();
            prop_assert_eq!(decrypt(&other, &body), Err(SealError::Unreadable));
        }

        #[test]
        fn any_body_is_read_without_panic(
            body in proptest::collection::vec(any::<u8>(), 0..200), known: bool,
        ) {
            let rng = SeededRng::new(1);
            let receiver = ReceiverKeys::generate(&rng).unwrap();
            let mut body = body;
            if known && body.len() > HEADER {
                body[SALT..SALT + 5].copy_from_slice(&[0, 0, 16, 0, 65]);
                body[SALT + 5..HEADER].copy_from_slice(receiver.p256dh());
            }
            prop_assert!(decrypt(&receiver, &body).is_err());
            prop_assert!(ReceiverKeys::from_bytes(&body).is_err() || body.len() == 48);
        }
    }
}

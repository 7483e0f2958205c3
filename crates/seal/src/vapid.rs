//! VAPID (RFC 8292): a push service learns who sends, by an ES256 token (RFC 7515, RFC 7519).
//!
//! A token is good for one origin and at most 24 hours; senders keep it and sign anew when half is gone.

use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base::Rng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::p256::{KeyPair, POINT};
use crate::{SealError, b64url_decode, b64url_encode, device_verify};

/// The longest a token may be good for (RFC 8292, section 2).
pub const MAX_SECONDS: i64 = 24 * 60 * 60;

/// The application server's key pair.
pub struct Key {
    pair: EcdsaKeyPair,
    public_b64: String,
}

impl Key {
    /// A fresh key.
    pub fn generate(rng: &dyn Rng) -> Result<Self, SealError> {
        let fresh = KeyPair::generate(rng)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            fresh.scalar.expose(),
            &fresh.point,
        )
        .map_err(|_| SealError::Library)?;
        Ok(Self::from_pair(pair))
    }

    /// The key from stored PKCS #8 bytes (RFC 5208).
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SealError> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes)
            .map(Self::from_pair)
            .map_err(|_| SealError::Malformed("PKCS #8 key"))
    }

    /// PKCS #8 bytes for the key store.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let document = self.pair.to_pkcs8v1()?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// The public point in base64url: `applicationServerKey` of `subscribe()`.
    pub fn public_b64(&self) -> &str {
        &self.public_b64
    }

    /// A token for one push service. `audience` is its origin (`https://push.example`), `subject` a `mailto:`
    /// or `https:` contact, `expires` seconds since 1970, at most [`MAX_SECONDS`] ahead.
    pub fn token(&self, audience: &str, subject: &str, expires: i64) -> Result<String, SealError> {
        let claims = Claims {
            aud: audience,
            exp: expires,
            sub: subject,
        };
        let claims = serde_json::to_vec(&claims).map_err(|_| SealError::Library)?;
        let mut token = b64url_encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        token.push('.');
        token.push_str(&b64url_encode(&claims));
        let signature = self.pair.sign(&SystemRandom::new(), token.as_bytes())?;
        token.push('.');
        token.push_str(&b64url_encode(signature.as_ref()));
        Ok(token)
    }

    /// The value of the `Authorization` header (RFC 8292, section 3) that carries a token of this key.
    pub fn authorization(&self, token: &str) -> String {
        format!("vapid t={token}, k={}", self.public_b64)
    }

    fn from_pair(pair: EcdsaKeyPair) -> Self {
        let public_b64 = b64url_encode(pair.public_key().as_ref());
        Self { pair, public_b64 }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vapid::Key({})", self.public_b64)
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    sub: &'a str,
}

#[derive(Deserialize)]
struct SeenHeader {
    alg: String,
}

#[derive(Deserialize)]
struct SeenClaims {
    aud: String,
    exp: i64,
}

/// Checks an `Authorization` header as a push service does, and gives the sender's public point.
pub fn verify(header: &str, audience: &str, now: i64) -> Result<[u8; POINT], SealError> {
    let malformed = SealError::Malformed("VAPID header");
    let (scheme, parameters) = header
        .split_at_checked(6)
        .filter(|_| header.len() <= 4096)
        .ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case("vapid ") {
        return Err(malformed);
    }
    let (mut token, mut key) = (None, None);
    for parameter in parameters.split(',') {
        let (name, value) = parameter.trim().split_once('=').ok_or(malformed)?;
        let place = match name {
            "t" => &mut token,
            "k" => &mut key,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(malformed);
        }
    }
    let (token, key) = token.zip(key).ok_or(malformed)?;
    let point: [u8; POINT] = b64url_decode(key)?.try_into().map_err(|_| malformed)?;
    let (signed, signature) = token.rsplit_once('.').ok_or(malformed)?;
    let (head, claims) = signed.split_once('.').ok_or(malformed)?;
    let head: SeenHeader = json(head)?;
    if head.alg != "ES256" {
        return Err(malformed);
    }
    device_verify(&point, signed.as_bytes(), &b64url_decode(signature)?)?;
    let claims: SeenClaims = json(claims)?;
    if claims.aud != audience {
        return Err(SealError::Signature);
    }
    if claims.exp <= now || claims.exp > now.saturating_add(MAX_SECONDS) {
        return Err(SealError::Expired);
    }
    Ok(point)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, SealError> {
    serde_json::from_slice(&b64url_decode(text)?)
        .map_err(|_| SealError::Malformed("JSON Web Token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use base::SeededRng;
    use proptest::prelude::*;

    const PUSH: &str = "https://push.example.net";
    const EXPIRES: i64 = 1_453_523_768;

    /// RFC 8292, section 2.4.
    const EXAMPLE: &str = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3\
        B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.\
        i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA, \
        k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";

    #[test]
    fn verifies_the_example_of_rfc_8292() {
        let point = verify(EXAMPLE, PUSH, EXPIRES - 1).unwrap();
        assert!(EXAMPLE.ends_with(&b64url_encode(&point)));
    }

    #[test]
    fn signs_as_the_example_does() {
        let key = Key::generate(&SeededRng::new(1)).unwrap();
        let token = key.token(PUSH, "mailto:push@example.com", EXPIRES).unwrap();
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert!(EXAMPLE.contains(signed), "{signed}");
    }

    #[test]
    fn holds_from_a_day_before_until_the_last_second() {
        let at = |now| verify(EXAMPLE, PUSH, now).map(drop);
        assert_eq!(at(EXPIRES - MAX_SECONDS - 1), Err(SealError::Expired));
        assert_eq!(at(EXPIRES - MAX_SECONDS), Ok(()));
        assert_eq!(at(EXPIRES - 1), Ok(()));
        assert_eq!(at(EXPIRES), Err(SealError::Expired));
        let elsewhere = verify(EXAMPLE, "https://push.example.org", EXPIRES - 1);
        assert_eq!(elsewhere, Err(SealError::Signature));
    }

    #[test]
    fn refuses_other_algorithms_and_doubled_parameters() {
        let key = Key::generate(&SeededRng::new(1)).unwrap();
        let token = key.token(PUSH, "mailto:a@b.de", 1000).unwrap();
        let header = key.authorization(&token);
        assert!(verify(&header, PUSH, 999).is_ok());
        assert!(verify(&format!("{header}, k=x"), PUSH, 999).is_err());
        let (_, rest) = token.split_once('.').unwrap();
        for algorithm in ["none", "HS256"] {
            let head = b64url_encode(format!(r#"{{"alg":"{algorithm}"}}"#).as_bytes());
            let header = key.authorization(&format!("{head}.{rest}"));
            assert!(verify(&header, PUSH, 999).is_err());
        }
    }

    proptest! {
        #[test]
        fn verifies_its_own_and_nothing_else(seed: u64, subject: String, place: usize) {
            let key = Key::generate(&SeededRng::new(seed)).unwrap();
            let key = Key::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
            let token = key.token(PUSH, &subject, 1000).unwrap();
            if subject.len() < 1000 {
                let point = verify(&key.authorization(&token), PUSH, 999).unwrap();
                prop_assert_eq!(b64url_encode(&point), key.public_b64());
            }
            if let Ok(changed) = String::from_utf8(flip(token.as_bytes(), place)) {
                prop_assert!(verify(&key.authorization(&changed), PUSH, 999).is_err());
            }
        }

        #[test]
        fn any_header_is_read_without_panic(header in "(vapid )?[tk]?=?.{0,40}") {
            prop_assert!(verify(&header, PUSH, 0).is_err());
        }
    }
}

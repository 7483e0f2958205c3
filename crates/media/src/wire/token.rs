//! The enrolment token.

use std::fmt;

use base::AgentId;
use seal::{b64url_decode, b64url_encode};

/// What the page shows once and the operator carries to the agent: who it is, a secret that works once, and whom to
/// believe.
///
/// As text `obhut-camera-` and base64url of the CBOR array
/// `[agent id, secret (16), SHA-256 of the hub key (32), SHA-256 of the custodian key (32)]`.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentToken {
    /// The agent that is to be.
    pub agent: AgentId,
    /// Works for one public key.
    pub secret: [u8; 16],
    /// Fingerprint of the hub key.
    pub hub: [u8; 32],
    /// Fingerprint of the organisation's custodian key.
    pub custodian: [u8; 32],
}

const TOKEN_PREFIX: &str = "obhut-camera-";
/// Heads of the CBOR items: an array of four, text of 30 bytes, bytes of 16, twice bytes of 32.
const ARRAY_OF_4: &[u8] = &[0x84, 0x78, 30];
const BYTES_16: &[u8] = &[0x50];
const BYTES_32: &[u8] = &[0x58, 32];

impl EnrolmentToken {
    /// The text to show.
    pub fn encode(&self) -> String {
        let agent = self.agent.to_string();
        let mut bytes = Vec::with_capacity(120);
        for part in [
            ARRAY_OF_4,
            agent.as_bytes(),
            BYTES_16,
            &self.secret,
            BYTES_32,
            &self.hub,
            BYTES_32,
            &self.custodian,
        ] {
            bytes.extend_from_slice(part);
        }
        format!("{TOKEN_PREFIX}{}", b64url_encode(&bytes))
    }

    /// Reads a token as somebody pasted it. `None`: that is not one, or not the whole of it.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = b64url_decode(text.trim().strip_prefix(TOKEN_PREFIX)?).ok()?;
        let mut rest = bytes.as_slice();
        let mut take = |head: &[u8], length: usize| {
            let (item, after) = rest.strip_prefix(head)?.split_at_checked(length)?;
            rest = after;
            Some(item)
        };
        let token = Self {
            agent: str::from_utf8(take(ARRAY_OF_4, 30)?).ok()?.parse().ok()?,
            secret: take(BYTES_16, 16)?.try_into().ok()?,
            hub: take(BYTES_32, 32)?.try_into().ok()?,
            custodian: take(BYTES_32, 32)?.try_into().ok()?,
        };
        rest.is_empty().then_some(token)
    }
}

impl fmt::Debug for EnrolmentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnrolmentToken({}, ..)", self.agent)
    }
}

/// What the agent signs with its new device key to show that it holds it.
pub fn enrolment_proof(agent: AgentId, secret: &[u8]) -> Vec<u8> {
    format!("obhut-enrol-1\n{agent}\n{}", b64url_encode(secret)).into_bytes()
}

/// A fingerprint as people compare it: hexadecimal digits in groups of four.
pub fn fingerprint_text(fingerprint: &[u8; 32], between: char) -> String {
    let mut text = String::with_capacity(80);
    for (n, byte) in fingerprint.iter().enumerate() {
        if n > 0 && n % 2 == 0 {
            text.push(between);
        }
        for half in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
    }
    text
}

/// Reads a fingerprint as somebody typed or pasted it; what stands between the digits does not count. `None`: it is not
/// the whole of one.
pub fn read_fingerprint(text: &str) -> Option<[u8; 32]> {
    let plain = |it: &char| !matches!(it, ' ' | '-' | ':');
    let mut digits = text.trim().chars().filter(plain);
    let mut fingerprint = [0; 32];
    for byte in &mut fingerprint {
        for _ in 0..2 {
            let digit = digits.next()?.to_digit(16)?;
            *byte = (*byte << 4) | u8::try_from(digit).ok()?;
        }
    }
    digits.next().is_none().then_some(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(seed: [u8; 16]) -> EnrolmentToken {
        EnrolmentToken {
            agent: AgentId::from_bytes(seed),
            secret: seed,
            hub: [seed[0]; 32],
            custodian: [seed[1]; 32],
        }
    }

    #[test]
    fn a_token_is_what_the_page_says() {
        let text = token([7; 16]).encode();
        assert!(text.starts_with("obhut-camera-hHge"), "{text}");
        let pasted = format!(" {text}\n");
        assert_eq!(EnrolmentToken::decode(&pasted), Some(token([7; 16])));
        assert_eq!(EnrolmentToken::decode(&text[..text.len() - 1]), None);
        assert!(!format!("{:?}", token([7; 16])).contains("7, 7"));
    }

    #[test]
    fn fingerprints_are_read_in_groups() {
        let text = fingerprint_text(&[0xab; 32], ' ');
        assert_eq!((text.len(), &text[..9]), (79, "abab abab"));
        for typed in [
            text.replace(' ', ""),
            text.to_uppercase(),
            format!(" {text}\n"),
        ] {
            assert_eq!(read_fingerprint(&typed), Some([0xab; 32]), "{typed}");
        }
        for wrong in [
            "",
            "ab",
            &text[..77],
            &format!("{text}a"),
            &text.replace('a', "g"),
        ] {
            assert_eq!(read_fingerprint(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn fingerprints_come_back(fingerprint: [u8; 32]) {
            for between in [' ', '-', ':'] {
                let text = fingerprint_text(&fingerprint, between);
                prop_assert_eq!(read_fingerprint(&text), Some(fingerprint));
            }
        }

        #[test]
        fn any_fingerprint_is_read_without_panic(text: String) {
            let _ = read_fingerprint(&text);
        }

        #[test]
        fn tokens_survive_paper(seed: [u8; 16]) {
            prop_assert_eq!(EnrolmentToken::decode(&token(seed).encode()), Some(token(seed)));
        }

        #[test]
        fn any_text_is_read_without_panic(text in "(obhut-camera-)?[A-Za-z0-9_-]{0,200}") {
            if let Some(token) = EnrolmentToken::decode(&text) {
                prop_assert_eq!(token.encode(), text);
            }
        }
    }
}

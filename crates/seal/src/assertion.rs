//! How an agent proves to the hub who it is: `private_key_jwt` (RFC 7523) with ES256 (RFC 7518).

use base::AgentId;
use serde::{Deserialize, Serialize};

use crate::{Point, SealError, SignerKey, b64url_decode, b64url_encode};

/// How long an assertion is good for, in seconds.
pub const SECONDS: i64 = 60;
/// By how much the clocks of agent and hub may differ, in seconds (RFC 7519, section 4.1.4).
pub const LEEWAY: i64 = 30;
/// The longest assertion.
pub const MAX_BYTES: usize = 2048;

const WHAT: &str = "assertion";
const MAX_JTI: usize = 64;

/// What a verified assertion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Who made it.
    pub agent: AgentId,
    /// Its own name, to be used once: whoever takes it remembers it until it expires.
    pub jti: String,
    /// From this second since 1970 on it is refused, the leeway included.
    pub expires: i64,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: AgentId,
    sub: AgentId,
    aud: &'a str,
    exp: i64,
    jti: &'a str,
}

#[derive(Deserialize)]
struct SeenHeader {
    alg: String,
}

#[derive(Deserialize)]
struct SeenClaims {
    iss: AgentId,
    sub: AgentId,
    aud: String,
    exp: i64,
    jti: String,
}

/// An assertion for one audience, good for [`SECONDS`] from `now_s` on. `jti` must be fresh and random.
pub fn sign(
    key: &SignerKey,
    agent: AgentId,
    audience: &str,
    now_s: i64,
    jti: &str,
) -> Result<String, SealError> {
    let claims = Claims {
        iss: agent,
        sub: agent,
        aud: audience,
        exp: now_s.saturating_add(SECONDS),
        jti,
    };
    let claims = serde_json::to_vec(&claims).map_err(|_| SealError::Library)?;
    let mut token = b64url_encode(br#"{"typ":"JWT","alg":"ES256"}"#);
    token.push('.');
    token.push_str(&b64url_encode(&claims));
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&b64url_encode(&signature));
    Ok(token)
}

/// Whom an assertion names, verified or not: to look up the key that [`verify`] asks for.
pub fn claimed_agent(token: &str) -> Result<AgentId, SealError> {
    parts(token).map(|(_, claims, _)| claims.iss)
}

/// Checks an assertion; `point_of` knows the keys of the agents that are enrolled.
pub fn verify(
    token: &str,
    point_of: impl FnOnce(AgentId) -> Option<Point>,
    audience: &str,
    now_s: i64,
) -> Result<Assertion, SealError> {
    let (signed, claims, signature) = parts(token)?;
    let point = point_of(claims.iss).ok_or(SealError::UnknownKey)?;
    point.verify(signed.as_bytes(), &signature)?;
    if claims.iss != claims.sub || claims.aud != audience {
        return Err(SealError::Signature);
    }
    let expires = claims.exp.saturating_add(LEEWAY);
    if now_s >= expires || claims.exp > now_s.saturating_add(SECONDS + LEEWAY) {
        return Err(SealError::Expired);
    }
    Ok(Assertion {
        agent: claims.iss,
        jti: claims.jti,
        expires,
    })
}

/// What was signed, what it claims, and the signature.
fn parts(token: &str) -> Result<(&str, SeenClaims, Vec<u8>), SealError> {
    let wrong = SealError::Malformed(WHAT);
    if token.len() > MAX_BYTES {
        return Err(SealError::TooLarge);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(wrong)?;
    let (head, claims) = signed.split_once('.').ok_or(wrong)?;
    let head: SeenHeader = json(head)?;
    let claims: SeenClaims = json(claims)?;
    if head.alg != "ES256" || !(1..=MAX_JTI).contains(&claims.jti.len()) {
        return Err(wrong);
    }
    Ok((signed, claims, b64url_decode(signature)?))
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, SealError> {
    serde_json::from_slice(&b64url_decode(text)?).map_err(|_| SealError::Malformed(WHAT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use base::SeededRng;
    use proptest::prelude::*;

    const HUB: &str = "https://hub.example/api/obhut/v1/camera/token";
    const NOW: i64 = 1_800_000_000;

    fn agent(n: u8) -> AgentId {
        AgentId::from_bytes([n; 16])
    }

    #[test]
    fn holds_for_its_time_its_audience_and_its_key() {
        let key = SignerKey::generate(&SeededRng::new(1)).unwrap();
        let other = SignerKey::generate(&SeededRng::new(2)).unwrap();
        let token = sign(&key, agent(1), HUB, NOW, "once").unwrap();
        let at = |now| verify(&token, |_| Some(key.public()), HUB, now);
        assert_eq!(claimed_agent(&token), Ok(agent(1)));
        let good = at(NOW).unwrap();
        assert_eq!((good.agent, good.jti.as_str()), (agent(1), "once"));
        assert_eq!(good.expires, NOW + SECONDS + LEEWAY);
        assert!(at(NOW + SECONDS + LEEWAY - 1).is_ok());
        assert_eq!(at(NOW + SECONDS + LEEWAY), Err(SealError::Expired));
        assert!(at(NOW - LEEWAY).is_ok());
        assert_eq!(at(NOW - LEEWAY - 1), Err(SealError::Expired));
        let elsewhere = verify(&token, |_| Some(key.public()), "https://other", NOW);
        assert_eq!(elsewhere, Err(SealError::Signature));
        let foreign = verify(&token, |_| Some(other.public()), HUB, NOW);
        assert_eq!(foreign, Err(SealError::Signature));
        assert_eq!(
            verify(&token, |_| None, HUB, NOW),
            Err(SealError::UnknownKey)
        );
    }

    #[test]
    fn refuses_other_algorithms_and_names() {
        let key = SignerKey::generate(&SeededRng::new(1)).unwrap();
        let claims = |sub: u8, jti: &str| {
            let (iss, sub) = (agent(1), agent(sub));
            format!(r#"{{"iss":"{iss}","sub":"{sub}","aud":"{HUB}","exp":{NOW},"jti":"{jti}"}}"#)
        };
        let check = |head: &str, claims: &str| {
            let signed = [head, claims]
                .map(|it| b64url_encode(it.as_bytes()))
                .join(".");
            let signature = b64url_encode(&key.sign(signed.as_bytes()).unwrap());
            let token = format!("{signed}.{signature}");
            verify(&token, |_| Some(key.public()), HUB, NOW)
        };
        let es256 = r#"{"alg":"ES256"}"#;
        assert!(check(es256, &claims(1, "x")).is_ok());
        assert!(check(es256, &claims(2, "x")).is_err());
        assert!(check(es256, &claims(1, "")).is_err());
        assert!(check(es256, &claims(1, &"x".repeat(65))).is_err());
        assert!(check(r#"{"alg":"none"}"#, &claims(1, "x")).is_err());
        assert!(check(r#"{"alg":"HS256"}"#, &claims(1, "x")).is_err());
    }

    proptest! {
        #[test]
        fn any_changed_bit_is_refused(seed: u64, place: usize) {
            let key = SignerKey::generate(&SeededRng::new(seed)).unwrap();
            let token = sign(&key, agent(1), HUB, NOW, "once").unwrap();
            if let Ok(changed) = String::from_utf8(flip(token.as_bytes(), place)) {
                prop_assert!(verify(&changed, |_| Some(key.public()), HUB, NOW).is_err());
            }
        }

        #[test]
        fn any_text_is_read_without_panic(token in "[A-Za-z0-9_.-]{0,80}|.{0,40}") {
            prop_assert!(claimed_agent(&token).is_err());
        }
    }
}

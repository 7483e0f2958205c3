//! The delay after failures, and whom it hits. No I/O.

use core::net::IpAddr;

use base::{Lang, Rng, SignedDuration};
use seal::{Secret, Zeroizing};

use crate::access::Actor;
use crate::session::{Browser, NewToken};

/// So many attempts are free.
const FREE: i64 = 4;
/// The delay after the first one that is not; it doubles from there.
const FIRST_DELAY_S: i64 = 5;
/// The longest delay.
const LONGEST_DELAY_S: i64 = 15 * 60;
/// Failures are forgotten after this, counted from the end of the delay.
pub(crate) const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// How long to wait after so many attempts that did not succeed.
pub(crate) fn delay(attempts: i64) -> SignedDuration {
    if attempts <= FREE {
        return SignedDuration::ZERO;
    }
    let doublings = u32::try_from((attempts - FREE - 1).min(20)).unwrap_or(20);
    let seconds = FIRST_DELAY_S.saturating_mul(1 << doublings);
    SignedDuration::from_secs(seconds.min(LONGEST_DELAY_S))
}

/// Where a request comes from, cut to the network: 24 bits of IPv4, 48 of IPv6.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AddressPrefix([u8; 7]);

impl AddressPrefix {
    /// Cuts an address.
    pub fn of(address: IpAddr) -> Self {
        let mut prefix = [0; 7];
        match address.to_canonical() {
            IpAddr::V4(v4) => {
                prefix[0] = 4;
                prefix[1..4].copy_from_slice(&v4.octets()[..3]);
            }
            IpAddr::V6(v6) => {
                prefix[0] = 6;
                prefix[1..].copy_from_slice(&v6.octets()[..6]);
            }
        }
        Self(prefix)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for AddressPrefix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressPrefix(..)")
    }
}

/// An attempt to sign in.
pub struct Attempt<'a> {
    /// The address as it was typed.
    pub email: &'a str,
    /// The password as it was typed.
    pub password: Zeroizing<String>,
    /// Stay signed in for 14 days.
    pub stay: bool,
    /// What the cookie of a browser that signed in before holds.
    pub known: Option<&'a str>,
    /// Where the request comes from.
    pub from: Option<AddressPrefix>,
    /// Browser and system, coarsely.
    pub browser: Browser,
}

/// Somebody who signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The token for the browser.
    pub session: NewToken,
    /// For the cookie by which this browser is known from now on; keep it a year.
    pub known: String,
    /// Who it is.
    pub actor: Actor,
    /// The language they read.
    pub language: Lang,
}

/// The mark of a browser that signed in before: a random number, bound to the typed address by a key of the
/// installation. It gives no right; it only has a count of its own.
pub(crate) struct Known {
    nonce: [u8; 16],
}

impl Known {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self {
            nonce: base::array(rng),
        }
    }

    /// What the cookie holds.
    pub(crate) fn cookie(&self, key: &Secret<32>, email: &str) -> String {
        let mut bytes = self.nonce.to_vec();
        bytes.extend_from_slice(&self.mark(key, email)[..16]);
        seal::b64url_encode(&bytes)
    }

    /// Reads a cookie; `None` when it is not one of ours for this address.
    pub(crate) fn read(key: &Secret<32>, email: &str, cookie: &str) -> Option<Self> {
        if cookie.len() > 64 {
            return None;
        }
        let bytes = seal::b64url_decode(cookie).ok()?;
        let (nonce, mark) = bytes.split_first_chunk::<16>()?;
        let known = Self { nonce: *nonce };
        seal::same(&known.mark(key, email)[..16], mark).then_some(known)
    }

    fn mark(&self, key: &Secret<32>, email: &str) -> [u8; 32] {
        let parts: [&[u8]; 3] = [b"obhut/known-browser/1\0", &self.nonce, email.as_bytes()];
        seal::hmac_sha256_parts(key.expose(), &parts)
    }
}

/// Under which key attempts for a typed address are counted.
pub(crate) fn account_of(key: &Secret<32>, email: &str, known: Option<&Known>) -> [u8; 32] {
    let nonce: &[u8] = known.map_or(&[], |known| &known.nonce);
    let length = [u8::try_from(nonce.len()).unwrap_or(0)];
    let parts: [&[u8]; 4] = [b"obhut/sign-in-count/1\0", &length, nonce, email.as_bytes()];
    seal::hmac_sha256_parts(key.expose(), &parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn delays_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = (1..=14).map(|n| delay(n).as_secs()).collect();
        let want = [0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900];
        assert_eq!(seconds, want);
        assert_eq!(delay(i64::MAX).as_secs(), 900);
    }

    #[test]
    fn addresses_are_cut() {
        let prefix = |text: &str| AddressPrefix::of(text.parse().unwrap());
        assert_eq!(prefix("192.0.2.1"), prefix("192.0.2.254"));
        assert_eq!(prefix("192.0.2.1"), prefix("::ffff:192.0.2.9"));
        assert_ne!(prefix("192.0.2.1"), prefix("192.0.3.1"));
        assert_eq!(prefix("2001:db8:1:2::1"), prefix("2001:db8:1:3::1"));
        assert_ne!(prefix("2001:db8:1::1"), prefix("2001:db8:2::1"));
        assert_ne!(prefix("4.0.0.1"), prefix("0:0:0:1::"));
    }

    #[test]
    fn a_known_browser_is_known_for_one_address() {
        let rng = SeededRng::new(1);
        let key = Secret::random(&rng);
        let known = Known::new(&rng);
        let cookie = known.cookie(&key, "a@b.de");
        assert!(Known::read(&key, "a@b.de", &cookie).is_some());
        assert!(Known::read(&key, "c@b.de", &cookie).is_none());
        assert!(Known::read(&Secret::random(&rng), "a@b.de", &cookie).is_none());
        assert_ne!(
            account_of(&key, "a@b.de", Some(&known)),
            account_of(&key, "a@b.de", None)
        );
    }

    proptest! {
        #[test]
        fn any_cookie_is_read_without_panic(cookie: String) {
            let key = Secret::new([7; 32]);
            prop_assert!(Known::read(&key, "a@b.de", &cookie).is_none());
        }
    }
}

//! Password hashes: Argon2id (RFC 9106) with 19 MiB, two passes, one lane, in the PHC text form.
//!
//! One hash takes about 20 ms of a core and 19 MiB: callers run it on a bounded pool.

use argon2::{Algorithm, Argon2, Params, Version};
use base::Rng;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::{SealError, same};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Longest password that is looked at; a longer one never fits.
pub const MAX_BYTES: usize = 1024;

/// Hashes a new password with a fresh salt.
pub fn hash(password: &str, rng: &dyn Rng) -> Result<String, SealError> {
    let salt: [u8; 16] = base::array(rng);
    let out = run::<32>(password, &salt, MEMORY_KIB, PASSES, LANES)?;
    Ok(format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}",
        BASE64_STANDARD_NO_PAD.encode(salt),
        BASE64_STANDARD_NO_PAD.encode(out.as_slice()),
    ))
}

/// Whether the password fits the stored hash; a malformed hash fits nothing.
pub fn verify(password: &str, stored: &str) -> bool {
    let Some(stored) = Stored::parse(stored) else {
        return false;
    };
    run::<32>(
        password,
        &stored.salt,
        stored.memory,
        stored.passes,
        stored.lanes,
    )
    .is_ok_and(|out| same(out.as_slice(), &stored.hash))
}

/// Whether a stored hash was made with other costs than today's and should be renewed after signing in.
pub fn is_outdated(stored: &str) -> bool {
    Stored::parse(stored)
        .is_none_or(|s| (s.memory, s.passes, s.lanes) != (MEMORY_KIB, PASSES, LANES))
}

/// A hash nobody has the password of, to verify against when there is no account: same work, same time.
pub const fn dummy() -> &'static str {
    "$argon2id$v=19$m=19456,t=2,p=1$2yvYp1yJ3Ys0ZlTnbcGmDQ$Ij1oHQ8Yv3mH8o0mGx0O2gVUQm0TtT1xvYJkLkq1cXo"
}

struct Stored {
    memory: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    hash: [u8; 32],
}

impl Stored {
    /// Reads the one form that [`hash`] writes, with costs in bounds that no stored text can make us exceed.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let (costs, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
        let mut costs = costs.split(',');
        let mut cost = |name: &str| -> Option<u32> {
            let digits = costs.next()?.strip_prefix(name)?;
            digits.parse().ok()
        };
        let (memory, passes, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
        let bounded =
            (8..=65_536).contains(&memory) && (1..=8).contains(&passes) && (1..=4).contains(&lanes);
        if parts.next().is_some() || costs.next().is_some() || !bounded || salt.len() > 86 {
            return None;
        }
        Some(Self {
            memory,
            passes,
            lanes,
            salt: BASE64_STANDARD_NO_PAD.decode(salt).ok()?,
            hash: BASE64_STANDARD_NO_PAD.decode(hash).ok()?.try_into().ok()?,
        })
    }
}

fn run<const N: usize>(
    password: &str,
    salt: &[u8],
    memory: u32,
    passes: u32,
    lanes: u32,
) -> Result<Zeroizing<[u8; N]>, SealError> {
    if password.len() > MAX_BYTES {
        return Err(SealError::TooLarge);
    }
    let params =
        Params::new(memory, passes, lanes, Some(N)).map_err(|_| SealError::Malformed("hash"))?;
    let mut out = Zeroizing::new([0; N]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, out.as_mut_slice())
        .map_err(|_| SealError::Library)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;
    use proptest::prelude::*;

    #[test]
    fn verifies_the_vector_of_the_reference_implementation() {
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$\
            CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(verify("password", stored));
        assert!(!verify("sassword", stored));
        assert!(is_outdated(stored));
    }

    #[test]
    fn verifies_its_own() {
        let rng = SeededRng::new(1);
        let stored = hash("Löschzug 7 über Köln", &rng).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("Löschzug 7 über Köln", &stored));
        assert!(!verify("Löschzug 7 über Koln", &stored));
        assert!(!is_outdated(&stored));
        assert_ne!(hash("same", &rng), hash("same", &rng));
    }

    #[test]
    fn the_dummy_costs_as_much_and_fits_nothing() {
        let stored = Stored::parse(dummy()).unwrap();
        assert!(!is_outdated(dummy()));
        assert_eq!(stored.salt.len(), 16);
        assert!(!verify("", dummy()));
    }

    #[test]
    fn refuses_what_would_cost_too_much() {
        let long = "x".repeat(MAX_BYTES + 1);
        assert_eq!(hash(&long, &SeededRng::new(1)), Err(SealError::TooLarge));
        for costs in [
            "m=4194304,t=2,p=1",
            "m=65536,t=1000000,p=1",
            "m=65536,t=2,p=9",
        ] {
            let stored = dummy().replace("m=19456,t=2,p=1", costs);
            assert!(!verify("x", &stored), "{costs}");
        }
    }

    proptest! {
        #[test]
        fn any_stored_text_is_read_without_panic(
            text in r"(\$argon2id\$v=19\$)?(m=[0-9]{1,3},t=[0-9],p=[0-9])?[$A-Za-z0-9]{0,60}",
        ) {
            prop_assert!(!verify("x", &text));
        }

        #[test]
        fn any_text_is_read_without_panic(text: String) {
            prop_assert!(!verify("x", &text));
        }
    }
}

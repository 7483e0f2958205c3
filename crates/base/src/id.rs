//! Every entity has an id type of its own; its text form (`alm_…`) is the same in table, URL and log.
//!
//! Ids are 128 bits in Crockford base 32. Most begin with 48 bits of milliseconds, so that they sort by
//! age; those that could tell something by it (persons, links, devices, sessions) are all random. Knowing
//! an id never gives a right.

use std::fmt;
use std::str::FromStr;

use crate::{Clock, Rng, Value};

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the kind {prefix}_")]
pub struct IdError {
    /// The prefix that was wanted.
    pub prefix: &'static str,
}

/// What all id types have in common.
pub trait Id:
    Copy + Eq + Ord + fmt::Display + FromStr<Err = IdError> + Send + Sync + 'static
{
    /// The prefix of the text form, without the underscore.
    const PREFIX: &'static str;
    /// The 16 bytes behind the text.
    fn bytes(&self) -> [u8; 16];
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 26;

fn write(f: &mut fmt::Formatter<'_>, prefix: &str, bits: u128) -> fmt::Result {
    let mut text = [0_u8; DIGITS];
    for (i, digit) in text.iter_mut().enumerate() {
        let shift = 5 * (DIGITS - 1 - i);
        *digit = ALPHABET[((bits >> shift) & 31) as usize];
    }
    f.write_str(prefix)?;
    f.write_str("_")?;
    f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

fn read(text: &str, prefix: &'static str) -> Result<u128, IdError> {
    let wrong = IdError { prefix };
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|digits| digits.len() == DIGITS)
        .ok_or(wrong)?;
    let mut bits: u128 = 0;
    for (i, c) in digits.bytes().enumerate() {
        let value = ALPHABET.iter().position(|a| *a == c).ok_or(wrong)? as u128;
        if i == 0 && value > 7 {
            return Err(wrong);
        }
        bits = (bits << 5) | value;
    }
    Ok(bits)
}

fn by_time(clock: &dyn Clock, rng: &dyn Rng) -> u128 {
    let millis = u128::from(clock.now().as_millisecond().unsigned_abs());
    let mut tail = [0; 16];
    rng.fill(&mut tail[6..]);
    (millis << 80) | u128::from_be_bytes(tail)
}

fn by_chance(rng: &dyn Rng) -> u128 {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal $kind:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            ids!(@new $kind);

            /// The id with exactly these bytes; for derived ids and for tests.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self { Self(u128::from_be_bytes(bytes)) }
        }
        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn bytes(&self) -> [u8; 16] { self.0.to_be_bytes() }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write(f, $prefix, self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write(f, $prefix, self.0) }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> { read(text, $prefix).map(Self) }
        }
        impl From<$name> for Value {
            fn from(id: $name) -> Self { Value::Text(Some(id.to_string())) }
        }
        impl From<Option<$name>> for Value {
            fn from(id: Option<$name>) -> Self { Value::Text(id.map(|id| id.to_string())) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*

    /// Every prefix in use; a test keeps them apart.
    pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
    (@new ordered) => {
        /// A new id that sorts behind the older ones.
        pub fn new(clock: &dyn Clock, rng: &dyn Rng) -> Self { Self(by_time(clock, rng)) }
    };
    (@new random) => {
        /// A new id that tells nothing.
        pub fn random(rng: &dyn Rng) -> Self { Self(by_chance(rng)) }
    };
}

ids! {
    /// A camera agent: the recorder beside the cameras.
    AgentId = "agt" ordered;
    /// An alarm (Alarm).
    AlarmId = "alm" ordered;
    /// An answer that a unit offers its people (Rückmeldung).
    AnswerId = "ans" ordered;
    /// A bookmark in a camera's recordings.
    BookmarkId = "bmk" ordered;
    /// What is sealed with one key: a camera, a stream, an hour, a run of its agent.
    BucketId = "bkt" random;
    /// A group of cameras that rights are given for.
    CameraGroupId = "cgr" ordered;
    /// A camera.
    CameraId = "cam" ordered;
    /// A device that a person enrolled.
    DeviceId = "dev" random;
    /// A gap in a camera's recordings.
    GapId = "gap" ordered;
    /// A generation of a viewing role's key.
    GenerationId = "vgn" random;
    /// A group inside a unit (Gruppe).
    GroupId = "grp" ordered;
    /// A one-time link sent by mail or printed.
    LinkId = "lnk" random;
    /// A job of the outbox.
    JobId = "job" ordered;
    /// The key of a camera's live picture in one hour.
    LiveKeyId = "lvk" random;
    /// One unbroken stream of live pictures.
    LiveSessionId = "lvs" random;
    /// A machine key.
    KeyId = "key" ordered;
    /// A leaf of the log.
    LeafId = "lef" ordered;
    /// A mail going out.
    MailId = "mai" ordered;
    /// A membership of a person in an organisation.
    MembershipId = "mem" ordered;
    /// An organisation (tenant).
    OrgId = "org" ordered;
    /// A person; random, because age is nobody's business.
    PersonId = "per" random;
    /// A qualification such as breathing apparatus (Qualifikation).
    QualificationId = "qua" ordered;
    /// A role.
    RoleId = "rol" ordered;
    /// One start of a camera agent.
    RunId = "run" random;
    /// A sealed piece of a recording.
    SegmentId = "seg" random;
    /// A session of a signed-in browser.
    SessionId = "ses" random;
    /// A key that protects what is kept about one subject in one time bucket.
    SubjectKeyId = "sky" random;
    /// A unit: station, site (Einheit).
    UnitId = "unt" ordered;
    /// A vehicle (Fahrzeug).
    VehicleId = "veh" ordered;
    /// A person's own key for looking at recordings.
    ViewingKeyId = "vky" random;
    /// A role whose members can open recordings or live pictures.
    ViewingRoleId = "vro" ordered;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SeededRng, SimClock, Timestamp};
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn prefixes_are_unique() {
        let mut seen = PREFIXES.to_vec();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), PREFIXES.len());
    }

    #[test]
    fn later_ids_sort_behind_earlier_ones() {
        let clock = SimClock::at(Timestamp::UNIX_EPOCH);
        let rng = SeededRng::new(1);
        let first = AlarmId::new(&clock, &rng);
        clock.advance(Duration::from_millis(1));
        let second = AlarmId::new(&clock, &rng);
        assert!(first.to_string() < second.to_string());
    }

    #[test]
    fn a_foreign_prefix_is_refused() {
        let id = PersonId::random(&SeededRng::new(1)).to_string();
        assert!(id.parse::<AlarmId>().is_err());
        assert!(id.parse::<PersonId>().is_ok());
    }

    proptest! {
        #[test]
        fn text_and_back(bytes: [u8; 16]) {
            let id = DeviceId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<DeviceId>(), Ok(id));
        }

        #[test]
        fn any_text_is_parsed_without_panic(text: String) {
            if let Ok(id) = text.parse::<DeviceId>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }
}

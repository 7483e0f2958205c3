//! What a leaf says, and what lies beside it.
//!
//! A leaf is a canonical CBOR array (RFC 8949, section 4.2) of at most 300 bytes. It holds pseudonyms, codes
//! and ids, never a name, an address or free text. Readable details are sealed under a key per subject and
//! time bucket; the leaf holds a commitment to the sealed bytes, salted from the same key. Destroying the key
//! leaves a random number behind, and the tree stays valid.

use std::fmt;
use std::str::FromStr;

use base::{Id as _, IdError, LeafId, OrgId, Rng, SubjectKeyId, Timestamp};
use minicbor::{Decoder, Encoder};
use seal::{Secret, aead_open, aead_seal, hkdf_sha256, hmac_sha256_parts, sha256_parts};

/// The longest a leaf may be.
pub const MAX_LEAF: usize = 300;
/// The longest the encoded details may be.
pub const MAX_DETAILS: usize = 8 * 1024;

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

const VERSION: u8 = 1;
const FIELDS: u64 = 11;
const MAX_PAIRS: u64 = 64;

/// Why a leaf or its details are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// Not the one encoding of a leaf of a known version.
    #[error("not a well-formed leaf")]
    Malformed,
    /// A code or reference with other characters or more of them than allowed.
    #[error("not a code or reference fit for a leaf")]
    BadText,
    /// The details are not well formed, doubled or too long.
    #[error("not well-formed details")]
    BadDetails,
    /// The details are not those the leaf commits to, or the key is another one.
    #[error("the details do not belong to the leaf")]
    WrongDetails,
}

/// Whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogId {
    /// The log of the installation.
    Installation,
    /// The log of an organisation.
    Org(OrgId),
}

const INSTALLATION: &str = "installation";

impl From<OrgId> for LogId {
    fn from(org: OrgId) -> Self {
        Self::Org(org)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installation => f.write_str(INSTALLATION),
            Self::Org(id) => id.fmt(f),
        }
    }
}

impl FromStr for LogId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            INSTALLATION => Ok(Self::Installation),
            _ => text.parse().map(Self::Org),
        }
    }
}

/// Stands for a person or machine in one context; without the pepper and the subject's salt it is a random number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 16]);

impl Pseudonym {
    /// The first half of HMAC-SHA256 under the organisation's pepper over `context ‖ 0x00 ‖ salt ‖ subject`.
    /// Contexts (`ledger`, …) hold no NUL. Destroying the subject's salt makes it nobody's.
    pub fn of(pepper: &Secret<32>, context: &str, salt: &Secret<32>, subject: &str) -> Self {
        let parts: [&[u8]; 4] = [context.as_bytes(), &[0], salt.expose(), subject.as_bytes()];
        let hash = hmac_sha256_parts(pepper.expose(), &parts);
        let mut half = [0; 16];
        half.copy_from_slice(&hash[..16]);
        Self(half)
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $max:literal, $extra:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text in, or refuses it.
            pub fn parse(text: &str) -> Result<Self, LeafError> {
                let fits = |b: u8| {
                    b.is_ascii_lowercase() || b.is_ascii_digit() || $extra.contains(&b)
                };
                if (1..=$max).contains(&text.len()) && text.bytes().all(fits) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(LeafError::BadText)
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// What was done, as a code such as `alarm.trigger`: lower case, digits, `.` and `_`, at most 48.
    Action, 48, b"._";
    /// To what it was done: an id such as `alm_…`, several joined by `/`; at most 64 characters.
    Object, 64, b"._-:/";
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Denied,
    /// It was allowed and went wrong.
    Failed,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Denied, Self::Failed];

    /// The stable code, in the leaf as in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }

    /// The outcome with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The leaf's own id; the details are bound to it.
    pub id: LeafId,
    /// When, in whole microseconds.
    pub at: Timestamp,
    /// In whose log.
    pub log: LogId,
    /// Who did it.
    pub actor: Pseudonym,
    /// To whom, if to a person.
    pub subject: Option<Pseudonym>,
    /// What.
    pub action: Action,
    /// To what.
    pub object: Option<Object>,
    /// How it ended.
    pub outcome: Outcome,
    /// The key under which the details lie beside the leaf, and the commitment to them.
    pub details: Option<Commitment>,
}

/// Ties sealed details to a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Commitment {
    /// Under whose key they lie.
    pub key: SubjectKeyId,
    /// SHA-256 of `0x00 ‖ salt ‖ sealed details`.
    pub hash: [u8; 32],
}

impl Leaf {
    /// The bytes that are hashed into the tree; at most [`MAX_LEAF`].
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Encoder::new(Vec::with_capacity(MAX_LEAF));
        self.write(&mut to)
            .expect("a vector takes whatever is written");
        to.into_writer()
    }

    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(FIELDS)?.u8(VERSION)?.bytes(&self.id.bytes())?;
        to.i64(self.at.as_microsecond())?
            .str(&self.log.to_string())?;
        to.bytes(&self.actor.0)?;
        match &self.subject {
            Some(subject) => to.bytes(&subject.0)?,
            None => to.null()?,
        };
        to.str(self.action.as_str())?;
        match &self.object {
            Some(object) => to.str(object.as_str())?,
            None => to.null()?,
        };
        to.str(self.outcome.code())?;
        match &self.details {
            Some(details) => to.str(&details.key.to_string())?.bytes(&details.hash)?,
            None => to.null()?.null()?,
        };
        Ok(())
    }

    /// Reads a leaf. Total, and each leaf has one encoding: any other is [`LeafError::Malformed`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > MAX_LEAF {
            return Err(LeafError::Malformed);
        }
        let leaf = Self::read(&mut Decoder::new(bytes)).ok_or(LeafError::Malformed)?;
        if leaf.encode() == bytes {
            Ok(leaf)
        } else {
            Err(LeafError::Malformed)
        }
    }

    fn read(from: &mut Decoder<'_>) -> Option<Self> {
        if from.array().ok()? != Some(FIELDS) || from.u8().ok()? != VERSION {
            return None;
        }
        Some(Self {
            id: LeafId::from_bytes(fixed(from)?),
            at: Timestamp::from_microsecond(from.i64().ok()?).ok()?,
            log: from.str().ok()?.parse().ok()?,
            actor: Pseudonym(fixed(from)?),
            subject: optional(from, fixed).ok()?.map(Pseudonym),
            action: Action::parse(from.str().ok()?).ok()?,
            object: optional(from, |from| Object::parse(from.str().ok()?).ok()).ok()?,
            outcome: Outcome::parse(from.str().ok()?)?,
            details: {
                let key = optional(from, |from| from.str().ok()?.parse().ok()).ok()?;
                match (key, optional(from, fixed).ok()?) {
                    (Some(key), Some(hash)) => Some(Commitment { key, hash }),
                    (None, None) => None,
                    _ => return None,
                }
            },
        })
    }
}

fn fixed<const N: usize>(from: &mut Decoder<'_>) -> Option<[u8; N]> {
    from.bytes().ok()?.try_into().ok()
}

/// `None` for null; an error when it is neither null nor what was wanted.
fn optional<'b, T>(
    from: &mut Decoder<'b>,
    read: impl FnOnce(&mut Decoder<'b>) -> Option<T>,
) -> Result<Option<T>, LeafError> {
    if matches!(from.datatype(), Ok(minicbor::data::Type::Null)) && from.null().is_ok() {
        return Ok(None);
    }
    read(from).map(Some).ok_or(LeafError::Malformed)
}

/// The readable part of an entry: names and values, each name once, sorted.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Details(Vec<(String, String)>);

impl Details {
    /// Sorts the pairs; refuses a doubled name, and more than fits.
    pub fn new(
        pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, LeafError> {
        let mut pairs: Vec<(String, String)> = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        pairs.sort();
        let details = Self(pairs);
        if details.is_good() && details.encode().len() <= MAX_DETAILS {
            Ok(details)
        } else {
            Err(LeafError::BadDetails)
        }
    }

    /// The pairs, sorted by name.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// A value by its name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    fn is_good(&self) -> bool {
        self.0.len() as u64 <= MAX_PAIRS && self.0.windows(2).all(|pair| pair[0].0 < pair[1].0)
    }

    fn encode(&self) -> Vec<u8> {
        let mut to = Encoder::new(Vec::new());
        self.write(&mut to)
            .expect("a vector takes whatever is written");
        to.into_writer()
    }

    fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
        to.array(self.0.len() as u64)?;
        for (name, value) in &self.0 {
            to.array(2)?.str(name)?.str(value)?;
        }
        Ok(())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Decoder::new(bytes);
        let count = from.array().ok()?.filter(|count| *count <= MAX_PAIRS)?;
        let mut pairs = Vec::new();
        for _ in 0..count {
            from.array().ok()?.filter(|two| *two == 2)?;
            pairs.push((from.str().ok()?.to_owned(), from.str().ok()?.to_owned()));
        }
        let details = Self(pairs);
        (details.is_good() && details.encode() == bytes).then_some(details)
    }

    /// Seals the details under the subject's key of this time bucket. Gives the bytes to lie beside the leaf
    /// and the hash for [`Commitment`].
    pub fn seal(&self, bucket: &Secret<32>, leaf: LeafId, rng: &dyn Rng) -> (Vec<u8>, [u8; 32]) {
        let sealed = aead_seal(&details_key(bucket), &leaf.bytes(), &self.encode(), rng);
        let hash = commit(bucket, leaf, &sealed);
        (sealed, hash)
    }

    /// Opens details, if they are the ones the leaf commits to.
    pub fn open(
        bucket: &Secret<32>,
        leaf: LeafId,
        sealed: &[u8],
        committed: &[u8; 32],
    ) -> Result<Self, LeafError> {
        if commit(bucket, leaf, sealed) != *committed {
            return Err(LeafError::WrongDetails);
        }
        let plain = aead_open(&details_key(bucket), &leaf.bytes(), sealed)
            .map_err(|_| LeafError::WrongDetails)?;
        Self::decode(&plain).ok_or(LeafError::BadDetails)
    }
}

/// Details are personal: only the number of pairs is shown.
impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Details({} pairs)", self.0.len())
    }
}

/// The commitment to sealed details: SHA-256 of `0x00 ‖ salt ‖ sealed`, where the salt is
/// HKDF(bucket key, "obhut/ledger/salt/1" ‖ leaf id).
pub fn commit(bucket: &Secret<32>, leaf: LeafId, sealed: &[u8]) -> [u8; 32] {
    let info: [&[u8]; 2] = [b"obhut/ledger/salt/1", &leaf.bytes()];
    let salt = Secret::<32>::new(hkdf_sha256(&[], bucket.expose(), &info));
    sha256_parts(&[&[0], salt.expose(), sealed])
}

fn details_key(bucket: &Secret<32>) -> Secret<32> {
    let info: [&[u8]; 1] = [b"obhut/ledger/details/1"];
    Secret::new(hkdf_sha256(&[], bucket.expose(), &info))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;
    use proptest::prelude::*;

    fn longest() -> Leaf {
        Leaf {
            id: LeafId::from_bytes([1; 16]),
            at: Timestamp::MIN,
            log: LogId::Org(OrgId::from_bytes([2; 16])),
            actor: Pseudonym([3; 16]),
            subject: Some(Pseudonym([4; 16])),
            action: Action::parse(&"a".repeat(48)).unwrap(),
            object: Some(Object::parse(&"o".repeat(64)).unwrap()),
            outcome: Outcome::Denied,
            details: Some(Commitment {
                key: SubjectKeyId::from_bytes([5; 16]),
                hash: [6; 32],
            }),
        }
    }

    prop_compose! {
        fn leaves()(
            id: [u8; 16],
            at in -1_000_000_000_000_000_i64..4_000_000_000_000_000,
            org: Option<[u8; 16]>,
            actor: [u8; 16],
            subject: Option<[u8; 16]>,
            action in "[a-z0-9._]{1,48}",
            object in proptest::option::of("[a-z0-9._:/-]{1,64}"),
            outcome in 0_usize..3,
            details: Option<([u8; 16], [u8; 32])>,
        ) -> Leaf {
            Leaf {
                id: LeafId::from_bytes(id),
                at: Timestamp::from_microsecond(at).unwrap(),
                log: org.map_or(LogId::Installation, |id| LogId::Org(OrgId::from_bytes(id))),
                actor: Pseudonym(actor),
                subject: subject.map(Pseudonym),
                action: Action::parse(&action).unwrap(),
                object: object.map(|text| Object::parse(&text).unwrap()),
                outcome: Outcome::ALL[outcome],
                details: details.map(|(key, hash)| Commitment {
                    key: SubjectKeyId::from_bytes(key),
                    hash,
                }),
            }
        }
    }

    #[test]
    fn the_longest_leaf_fits() {
        let body = longest().encode();
        assert!(body.len() <= MAX_LEAF, "{}", body.len());
        assert_eq!(Leaf::decode(&body), Ok(longest()));
    }

    #[test]
    fn texts_hold_codes_only() {
        let long = "a".repeat(49);
        for bad in ["", "Alarm", "alarm trigger", "müller", "a@b.de", &long] {
            assert_eq!(Action::parse(bad), Err(LeafError::BadText), "{bad}");
        }
        assert!(Object::parse("alm_01j/dev_7").is_ok());
    }

    #[test]
    fn a_pseudonym_depends_on_all_it_is_made_of() {
        let (a, b) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let all = [
            Pseudonym::of(&a, "ledger", &a, "per_1"),
            Pseudonym::of(&b, "ledger", &a, "per_1"),
            Pseudonym::of(&a, "monitor", &a, "per_1"),
            Pseudonym::of(&a, "ledger", &b, "per_1"),
            Pseudonym::of(&a, "ledger", &a, "per_2"),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(Pseudonym([0xab; 16]).to_string(), "ab".repeat(16));
    }

    #[test]
    fn details_are_sorted_and_bounded() {
        let details = Details::new([("new", "2"), ("a", "1")]).unwrap();
        assert_eq!(details.pairs()[0].0, "a");
        assert_eq!(details.get("new"), Some("2"));
        assert_eq!(format!("{details:?}"), "Details(2 pairs)");
        assert!(Details::new([("a", "1"), ("a", "2")]).is_err());
        assert!(Details::new([("a", "x".repeat(MAX_DETAILS))]).is_err());
        assert!(Details::new((0..65).map(|n| (n.to_string(), ""))).is_err());
    }

    proptest! {
        #[test]
        fn bytes_and_back(leaf in leaves()) {
            let body = leaf.encode();
            prop_assert!(body.len() <= MAX_LEAF);
            prop_assert_eq!(Leaf::decode(&body), Ok(leaf));
        }

        #[test]
        fn a_leaf_has_one_encoding(leaf in leaves(), place: usize, byte: u8) {
            let mut body = leaf.encode();
            let place = place % body.len();
            body[place] = byte;
            if let Ok(read) = Leaf::decode(&body) {
                prop_assert_eq!(read.encode(), body.clone());
            }
            body.push(byte);
            prop_assert!(Leaf::decode(&body).is_err());
            prop_assert!(Leaf::decode(&body[..place]).is_err());
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
            prop_assert!(Leaf::decode(&bytes).is_err());
            let _ = Details::decode(&bytes);
            let mut like = vec![0x8b, 0x01, 0x50];
            like.extend_from_slice(&bytes);
            prop_assert!(Leaf::decode(&like).is_err());
        }

        #[test]
        fn details_open_with_their_key_and_leaf_alone(
            pairs in proptest::collection::btree_map("[a-z]{1,8}", ".{0,20}", 0..6),
            seed: u64, place: usize,
        ) {
            let rng = SeededRng::new(seed);
            let (bucket, other) = (Secret::random(&rng), Secret::random(&rng));
            let (id, another) = (LeafId::from_bytes([1; 16]), LeafId::from_bytes([2; 16]));
            let details = Details::new(pairs).unwrap();
            let (sealed, hash) = details.seal(&bucket, id, &rng);
            prop_assert_eq!(Details::open(&bucket, id, &sealed, &hash), Ok(details));
            let wrong = Err(LeafError::WrongDetails);
            prop_assert_eq!(Details::open(&other, id, &sealed, &hash), wrong.clone());
            prop_assert_eq!(Details::open(&bucket, another, &sealed, &hash), wrong.clone());
            let mut changed = sealed.clone();
            changed[place % sealed.len()] ^= 1;
            prop_assert_eq!(Details::open(&bucket, id, &changed, &hash), wrong.clone());
            // Even who holds the key can't put other details in the place of these.
            let (swapped, _) = Details::default().seal(&bucket, id, &rng);
            prop_assert_eq!(Details::open(&bucket, id, &swapped, &hash), wrong);
        }
    }
}

//! To whom an agent may seal: lists that the custodian key signs, and what an agent remembers of them.

use base::{GenerationId, OrgId};

use crate::cbor::{Reader, Writer, only_form};
use crate::cose::{self, Signed};
use crate::{Point, SealError, SignerKey, same, sha256};

/// The longest list.
pub const MAX_BYTES: usize = 16 * 1024;
/// The most shares of a bucket's key beside the hub's.
pub const MAX_SHARES: usize = 3;
/// The most generations that one share is sealed to.
pub const MAX_GENERATIONS: usize = crate::envelope::MAX_RECIPIENTS;

const WHAT: &str = "recipient list";
const VERSION: i64 = 1;
const AAD: &[u8] = b"obhut/recipients/1";

/// A generation of a viewing role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient {
    /// Which one.
    pub generation: GenerationId,
    /// Its public key.
    pub key: Point,
}

/// A recipient list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// For which organisation.
    pub org: OrgId,
    /// From 1; each list's is higher than the last one's.
    pub number: u64,
    /// When it was signed, microseconds since 1970.
    pub issued_us: i64,
    /// The hub's key.
    pub hub: Point,
    /// For each share R₁, R₂, R₃ the generations it is sealed to.
    pub recording: Vec<Vec<Recipient>>,
    /// The generations that live keys are sealed to.
    pub live: Vec<Recipient>,
}

impl List {
    /// The list, signed with the custodian key.
    pub fn sign(&self, custodian: &SignerKey) -> Result<Vec<u8>, SealError> {
        self.check()?;
        let kid = custodian.public().fingerprint();
        cose::sign(custodian, &kid, AAD, &self.write())
    }

    /// The list, if that custodian key signed it.
    pub fn verify(bytes: &[u8], custodian: &Point) -> Result<Self, SealError> {
        let signed = Signed::read(bytes, WHAT, MAX_BYTES)?;
        if !same(signed.kid, &custodian.fingerprint()) {
            return Err(SealError::UnknownKey);
        }
        signed.verify(custodian, AAD)?;
        Self::read(signed.payload)
    }

    /// What the list says, whoever signed it: for showing, never for sealing.
    pub fn read_unverified(bytes: &[u8]) -> Result<Self, SealError> {
        Self::read(Signed::read(bytes, WHAT, MAX_BYTES)?.payload)
    }

    fn check(&self) -> Result<(), SealError> {
        let shares = (1..=MAX_SHARES).contains(&self.recording.len());
        let mut entries = self.recording.iter().chain([&self.live]);
        if self.number > 0 && shares && entries.all(|it| is_entry(it)) {
            Ok(())
        } else {
            Err(SealError::Malformed(WHAT))
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut to = Writer::new();
        to.map(7).int(1).int(VERSION);
        to.int(2).id(self.org);
        to.int(3).uint(self.number);
        to.int(4).int(self.issued_us);
        to.int(5).bytes(self.hub.as_bytes());
        to.int(6).array(self.recording.len());
        for entry in &self.recording {
            write_entry(&mut to, entry);
        }
        write_entry(to.int(7), &self.live);
        to.finish()
    }

    fn read(payload: &[u8]) -> Result<Self, SealError> {
        let mut from = Reader::new(payload, WHAT, MAX_BYTES)?;
        from.map(7)?;
        from.exactly(1)?;
        from.exactly(VERSION)?;
        from.exactly(2)?;
        let org = from.id()?;
        from.exactly(3)?;
        let number = from.uint()?;
        from.exactly(4)?;
        let issued_us = from.int()?;
        from.exactly(5)?;
        let hub = Point::from_slice(from.bytes(65)?)?;
        from.exactly(6)?;
        let shares = from.array(1..=MAX_SHARES as u64)?;
        let recording = (0..shares)
            .map(|_| read_entry(&mut from))
            .collect::<Result<_, _>>()?;
        from.exactly(7)?;
        let live = read_entry(&mut from)?;
        from.end()?;
        let list = Self {
            org,
            number,
            issued_us,
            hub,
            recording,
            live,
        };
        list.check()?;
        only_form(payload, &list.write(), WHAT)?;
        Ok(list)
    }
}

fn is_entry(entry: &[Recipient]) -> bool {
    let doubled = (1..entry.len()).any(|n| {
        entry[..n]
            .iter()
            .any(|it| it.generation == entry[n].generation)
    });
    (1..=MAX_GENERATIONS).contains(&entry.len()) && !doubled
}

fn write_entry(to: &mut Writer, entry: &[Recipient]) {
    to.array(entry.len());
    for recipient in entry {
        to.map(2).int(1).id(recipient.generation);
        to.int(2).bytes(recipient.key.as_bytes());
    }
}

fn read_entry(from: &mut Reader<'_>) -> Result<Vec<Recipient>, SealError> {
    let recipients = from.array(1..=MAX_GENERATIONS as u64)?;
    (0..recipients)
        .map(|_| {
            from.map(2)?;
            from.exactly(1)?;
            let generation = from.id()?;
            from.exactly(2)?;
            let key = Point::from_slice(from.bytes(65)?)?;
            Ok(Recipient { generation, key })
        })
        .collect()
}

/// The recipients of an entry as an envelope takes them.
pub(crate) fn names(entry: &[Recipient]) -> Vec<(String, Point)> {
    entry
        .iter()
        .map(|it| (it.generation.to_string(), it.key))
        .collect()
}

/// Why an agent does not take a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not a list at all.
    #[error("not a well-formed recipient list")]
    Malformed,
    /// Another key than the pinned custodian's signed it, or its bytes were changed.
    #[error("the custodian key did not sign this list")]
    WrongSignature,
    /// It is for another organisation.
    #[error("the list is for another organisation")]
    OtherOrganisation,
    /// It names another hub key than the pinned one.
    #[error("the list names another hub key")]
    OtherHub,
    /// A list with a higher number was accepted before.
    #[error("the list is number {number}, but number {last} was accepted before")]
    Older {
        /// Its number.
        number: u64,
        /// The number of the list that was accepted last.
        last: u64,
    },
    /// It has the number of the list that was accepted last, and other bytes.
    #[error("another list with number {number} was accepted before")]
    SameNumber {
        /// Its number.
        number: u64,
    },
}

impl Refused {
    /// A word for logs and messages between programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WrongSignature => "wrong_signature",
            Self::OtherOrganisation => "other_organisation",
            Self::OtherHub => "other_hub",
            Self::Older { .. } => "older",
            Self::SameNumber { .. } => "same_number",
        }
    }
}

/// The list that was accepted last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Its number.
    pub number: u64,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
}

/// What an agent was told when it enrolled, and the list that it accepted last. Outlives restarts: who keeps
/// it writes it down before sealing to an accepted list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pinned {
    /// The organisation.
    pub org: OrgId,
    /// SHA-256 of the hub's key.
    pub hub: [u8; 32],
    /// SHA-256 of the custodian's key.
    pub custodian: [u8; 32],
    /// The list that was accepted last.
    pub last: Option<Last>,
}

impl Pinned {
    /// Takes the list, or says why not. An accepted one is remembered; the same bytes are accepted again.
    pub fn accept(&mut self, bytes: &[u8], custodian: &Point) -> Result<List, Refused> {
        if custodian.fingerprint() != self.custodian {
            return Err(Refused::WrongSignature);
        }
        let list = List::verify(bytes, custodian).map_err(|error| match error {
            SealError::Signature | SealError::UnknownKey => Refused::WrongSignature,
            _ => Refused::Malformed,
        })?;
        if list.org != self.org {
            return Err(Refused::OtherOrganisation);
        }
        if list.hub.fingerprint() != self.hub {
            return Err(Refused::OtherHub);
        }
        let (number, hash) = (list.number, sha256(bytes));
        match self.last {
            Some(last) if number < last.number => {
                let last = last.number;
                return Err(Refused::Older { number, last });
            }
            Some(last) if number == last.number && hash != last.hash => {
                return Err(Refused::SameNumber { number });
            }
            _ => {}
        }
        self.last = Some(Last { number, hash });
        Ok(list)
    }
}

//! The log's keys in the key store: pepper, salts, keys of a subject and month, and what signs.
//!
//! All are made before the act that needs them. A salt makes a pseudonym; a monthly key seals details. Both
//! are destroyed in order to forget. What is used often stays in memory for minutes, and in bounded number.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::store::{Store, StoreError};
use base::{Id as _, OrgId, SubjectKeyId, Timestamp};
use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use seal::note::Signer;
use seal::{SealError, Secret, SigningKey, Zeroizing, hmac_sha256_parts};

use crate::LedgerError;
use crate::leaf::{LogId, Pseudonym};

/// The context of pseudonyms in the log.
const CONTEXT: &str = "ledger";
/// How long a key may stay in memory: other processes learn of its destruction after this at the latest.
const FRESH: Duration = Duration::from_mins(10);
/// Keys of one of the two generations in memory.
const GENERATION: usize = 8192;

/// Signing keys in memory.
const SIGNERS: usize = 4096;

const SIGNING: &str = "ledger-signing";
const PEPPER: &str = "ledger-pepper";
const SALT: &str = "ledger-salt";
pub(crate) const BUCKET: &str = "ledger-key";

/// A calendar month in UTC: the time bucket of details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(u16);

impl Month {
    /// The month in which an instant lies.
    pub fn of(at: Timestamp) -> Self {
        let date = Offset::UTC.to_datetime(at).date();
        let months = i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
        Self(u16::try_from(months).unwrap_or(0))
    }

    /// The last microsecond of the month, from which the period of deletion counts.
    pub fn end(self) -> Timestamp {
        let next = self.0.saturating_add(1);
        let (Ok(year), Ok(month)) = (i16::try_from(next / 12), i8::try_from(next % 12 + 1)) else {
            return Timestamp::MAX;
        };
        civil::Date::new(year, month, 1)
            .and_then(|first| first.to_zoned(TimeZone::UTC))
            .and_then(|first| {
                first
                    .timestamp()
                    .checked_sub(jiff::SignedDuration::from_micros(1))
            })
            .unwrap_or(Timestamp::MAX)
    }

    /// The month of a key, which its id begins with.
    pub fn of_key(key: SubjectKeyId) -> Self {
        let bytes = key.bytes();
        Self(u16::from_be_bytes([bytes[0], bytes[1]]))
    }
}

/// The keys of all logs.
pub(crate) struct Keep {
    store: Store,
    cache: Mutex<Cache>,
    signers: Mutex<HashMap<LogId, Arc<Signer>>>,
}

#[derive(Default)]
struct Cache {
    young: HashMap<String, Held>,
    old: HashMap<String, Held>,
}

#[derive(Clone)]
struct Held {
    secret: Secret<32>,
    since: Duration,
}

/// A key for details, and how leaves name it.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) id: SubjectKeyId,
    pub(crate) key: Secret<32>,
}

impl Keep {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            cache: Mutex::default(),
            signers: Mutex::default(),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// What signs a log; made with the log's first head. A log is named `host/log` when this is made and keeps
    /// the name, whatever the host is called later.
    pub(crate) async fn signer(&self, log: LogId, host: &str) -> Result<Arc<Signer>, LedgerError> {
        if let Some(signer) = self.known_signer(log).await? {
            return Ok(signer);
        }
        let mut fresh = Zeroizing::new(base::array::<32>(self.store.rng()).to_vec());
        fresh.extend_from_slice(format!("{host}/{log}").as_bytes());
        // Before it is kept: a host whose name does not fit must not spoil the log for good.
        read_signer(&fresh)?;
        let keys = self.store.keys();
        keys.put(&signing_id(log), SIGNING, org_of(log), &fresh)
            .await?;
        let kept = self.known_signer(log).await?;
        kept.ok_or(LedgerError::Store(StoreError::Missing))
    }

    /// What signs a log, if the log has a head already.
    pub(crate) async fn known_signer(
        &self,
        log: LogId,
    ) -> Result<Option<Arc<Signer>>, LedgerError> {
        {
            let signers = self.signers.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(signer) = signers.get(&log) {
                return Ok(Some(Arc::clone(signer)));
            }
        }
        let Some(bytes) = self.store.keys().get(&signing_id(log)).await? else {
            return Ok(None);
        };
        let signer = Arc::new(read_signer(&bytes)?);
        let mut signers = self.signers.lock().unwrap_or_else(PoisonError::into_inner);
        if signers.len() >= SIGNERS {
            signers.clear();
        }
        signers.insert(log, Arc::clone(&signer));
        Ok(Some(signer))
    }

    /// The pseudonym of somebody who acts or whom an act concerns; makes the salt when there is none.
    pub(crate) async fn pseudonym(
        &self,
        log: LogId,
        subject: &str,
    ) -> Result<Pseudonym, LedgerError> {
        let pepper = self.make(log, PEPPER, format!("{PEPPER}:{log}")).await?;
        let salt = self.make(log, SALT, salt_id(log, subject)).await?;
        Ok(Pseudonym::of(&pepper, CONTEXT, &salt, subject))
    }

    /// The pseudonym, if there is a salt still.
    pub(crate) async fn known_pseudonym(
        &self,
        log: LogId,
        subject: &str,
    ) -> Result<Option<Pseudonym>, LedgerError> {
        let pepper = self.make(log, PEPPER, format!("{PEPPER}:{log}")).await?;
        let salt = self.find(&salt_id(log, subject)).await?;
        Ok(salt.map(|salt| Pseudonym::of(&pepper, CONTEXT, &salt, subject)))
    }

    /// The key for what is written about a subject in a month; makes it when there is none.
    pub(crate) async fn bucket(
        &self,
        log: LogId,
        subject: &str,
        month: Month,
    ) -> Result<Bucket, LedgerError> {
        let pepper = self.make(log, PEPPER, format!("{PEPPER}:{log}")).await?;
        let salt = self.make(log, SALT, salt_id(log, subject)).await?;
        let id = bucket_id(&pepper, &salt, subject, month);
        let key = self.make(log, BUCKET, key_id(log, id)).await?;
        Ok(Bucket { id, key })
    }

    /// A key that is there, or `None` when it was destroyed. Not from memory: others may have destroyed it.
    pub(crate) async fn bucket_key(
        &self,
        log: LogId,
        id: SubjectKeyId,
    ) -> Result<Option<Secret<32>>, LedgerError> {
        let bytes = self.store.keys().get(&key_id(log, id)).await?;
        bytes.map(|bytes| secret(&bytes)).transpose()
    }

    /// Every monthly key there is, oldest first within its log.
    pub(crate) async fn buckets(&self) -> Result<Vec<(LogId, SubjectKeyId)>, StoreError> {
        let ids = self.store.keys().ids(BUCKET).await?;
        Ok(ids.iter().filter_map(|id| parse_key_id(id)).collect())
    }

    /// Which of the subjects have a salt: everybody else has never been in the log, or is forgotten.
    pub(crate) async fn salted(&self, log: LogId) -> Result<Vec<String>, StoreError> {
        let prefix = salt_id(log, "");
        let ids = self.store.keys().ids(SALT).await?;
        let subject = |id: &String| id.strip_prefix(&prefix).map(str::to_owned);
        Ok(ids.iter().filter_map(subject).collect())
    }

    /// Destroys keys for good, here and in memory.
    pub(crate) async fn destroy(
        &self,
        log: LogId,
        keys: &[SubjectKeyId],
    ) -> Result<u64, StoreError> {
        let ids: Vec<String> = keys.iter().map(|id| key_id(log, *id)).collect();
        self.destroy_ids(&ids).await
    }

    /// Destroys everything by which a log knows a subject: monthly keys, then the salt.
    pub(crate) async fn forget(&self, log: LogId, subject: &str) -> Result<u64, LedgerError> {
        let pepper = self.make(log, PEPPER, format!("{PEPPER}:{log}")).await?;
        let salt_id = salt_id(log, subject);
        // From the store: what is in memory may be older than a destruction elsewhere.
        let Some(salt) = self.store.keys().get(&salt_id).await? else {
            return Ok(0);
        };
        let salt = secret(&salt)?;
        let theirs = |(of, id): &(LogId, SubjectKeyId)| {
            *of == log && *id == bucket_id(&pepper, &salt, subject, Month::of_key(*id))
        };
        let buckets = self.buckets().await?;
        let mut ids: Vec<String> = buckets
            .iter()
            .filter(|bucket| theirs(bucket))
            .map(|(_, id)| key_id(log, *id))
            .collect();
        ids.push(salt_id);
        Ok(self.destroy_ids(&ids).await?)
    }

    async fn destroy_ids(&self, ids: &[String]) -> Result<u64, StoreError> {
        let destroyed = self.store.keys().destroy(ids).await?;
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        for id in ids {
            cache.young.remove(id);
            cache.old.remove(id);
        }
        Ok(destroyed)
    }

    async fn find(&self, id: &str) -> Result<Option<Secret<32>>, LedgerError> {
        if let Some(secret) = self.held(id) {
            return Ok(Some(secret));
        }
        let Some(bytes) = self.store.keys().get(id).await? else {
            return Ok(None);
        };
        let secret = secret(&bytes)?;
        self.hold(id.to_owned(), secret.clone());
        Ok(Some(secret))
    }

    async fn make(
        &self,
        log: LogId,
        kind: &'static str,
        id: String,
    ) -> Result<Secret<32>, LedgerError> {
        if let Some(secret) = self.find(&id).await? {
            return Ok(secret);
        }
        let fresh = Secret::<32>::random(self.store.rng());
        let keys = self.store.keys();
        let kept = keys.put(&id, kind, org_of(log), fresh.expose()).await?;
        let secret = secret(&kept)?;
        self.hold(id, secret.clone());
        Ok(secret)
    }

    fn held(&self, id: &str) -> Option<Secret<32>> {
        let now = self.store.clock().monotonic();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |held: &Held| now.saturating_sub(held.since) < FRESH;
        if let Some(held) = cache.young.get(id).filter(|held| fresh(held)) {
            return Some(held.secret.clone());
        }
        let held = cache.old.remove(id).filter(fresh)?;
        let secret = held.secret.clone();
        cache.keep(id.to_owned(), held);
        Some(secret)
    }

    fn hold(&self, id: String, secret: Secret<32>) {
        let since = self.store.clock().monotonic();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.keep(id, Held { secret, since });
    }
}

impl Cache {
    fn keep(&mut self, id: String, held: Held) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, held);
    }
}

/// Derived from the salt, so that without it the id is a random number behind its month.
fn bucket_id(pepper: &Secret<32>, salt: &Secret<32>, subject: &str, month: Month) -> SubjectKeyId {
    let month = month.0.to_be_bytes();
    let parts: [&[u8]; 4] = [b"ledger-key\0", salt.expose(), &month, subject.as_bytes()];
    let hash = hmac_sha256_parts(pepper.expose(), &parts);
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&month);
    bytes[2..].copy_from_slice(&hash[..14]);
    SubjectKeyId::from_bytes(bytes)
}

fn salt_id(log: LogId, subject: &str) -> String {
    format!("{SALT}:{log}:{subject}")
}

fn key_id(log: LogId, id: SubjectKeyId) -> String {
    format!("{BUCKET}:{log}:{id}")
}

fn signing_id(log: LogId) -> String {
    format!("{SIGNING}:{log}")
}

/// 32 bytes of seed, then the log's name.
fn read_signer(bytes: &[u8]) -> Result<Signer, LedgerError> {
    let wrong = LedgerError::Key(SealError::Malformed("signing key"));
    let Some((seed, name)) = bytes.split_at_checked(32) else {
        return Err(wrong);
    };
    let name = str::from_utf8(name).map_err(|_| wrong)?;
    let key = SigningKey::from_bytes(seed).map_err(LedgerError::Key)?;
    Signer::new(name, key).map_err(LedgerError::Key)
}

fn parse_key_id(text: &str) -> Option<(LogId, SubjectKeyId)> {
    let rest = text.strip_prefix(BUCKET)?.strip_prefix(':')?;
    let (log, id) = rest.split_once(':')?;
    Some((log.parse().ok()?, id.parse().ok()?))
}

pub(crate) fn org_of(log: LogId) -> Option<OrgId> {
    match log {
        LogId::Org(org) => Some(org),
        LogId::Installation => None,
    }
}

fn secret(bytes: &Zeroizing<Vec<u8>>) -> Result<Secret<32>, LedgerError> {
    Secret::from_slice(bytes).map_err(LedgerError::Key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_in_utc() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let november = Month::of(at("2026-11-01T00:00:00Z"));
        assert_eq!(november, Month::of(at("2026-11-30T23:59:59.999999Z")));
        assert_eq!(november.end(), at("2026-11-30T23:59:59.999999Z"));
        let december = Month::of(at("2026-12-01T00:00:00Z"));
        assert!(november < december);
        assert_eq!(december.end(), at("2026-12-31T23:59:59.999999Z"));
    }

    #[test]
    fn a_key_says_its_month_and_nothing_else() {
        let (pepper, salt) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let month = Month::of("2026-11-22T00:00:00Z".parse().unwrap());
        let id = bucket_id(&pepper, &salt, "per_1", month);
        assert_eq!(Month::of_key(id), month);
        assert_ne!(
            id,
            bucket_id(&pepper, &Secret::new([3; 32]), "per_1", month)
        );
        let log = LogId::Installation;
        assert_eq!(parse_key_id(&key_id(log, id)), Some((log, id)));
    }
}

//! Writing into the log: a pen is taken before the act, because keys are written first, and writes in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ::store::{Store, StoreError, Tx};
use base::{Clock, Id as _, LeafId, Rng};

use crate::keep::{Bucket, Keep, Month};
use crate::leaf::{Action, Commitment, Details, Leaf, LeafError, LogId, MAX_DETAILS, Object};
use crate::leaf::{Outcome, Pseudonym};
use crate::{LedgerError, store};

/// The logs of this installation. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) keep: Keep,
    pub(crate) host: String,
    /// This process, for leases.
    pub(crate) owner: OnceLock<String>,
    /// The last leaf written here, so that those of one millisecond keep their order.
    last: Mutex<u128>,
    /// Leases of this process, and when each was last prolonged.
    pub(crate) leases: Mutex<HashMap<LogId, Duration>>,
}

impl Ledger {
    /// The logs in a store. New logs are named after the host; a log keeps its name for life.
    pub fn open(store: Store, host: &str) -> Self {
        let inner = Inner {
            keep: Keep::new(store),
            host: host.to_owned(),
            owner: OnceLock::new(),
            last: Mutex::default(),
            leases: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        self.inner.keep.store()
    }

    /// A pen for acts of `actor` that concern `subject`: ids of persons or machine keys, or `system`.
    ///
    /// Taken before the act: keys are written first. Details lie under the subject's key, without a subject
    /// under the actor's. A pen is for one act; it is not kept over months.
    pub async fn pen(
        &self,
        log: LogId,
        actor: &str,
        subject: Option<&str>,
    ) -> Result<Pen, LedgerError> {
        let keep = &self.inner.keep;
        let of = subject.unwrap_or(actor);
        let month = Month::of(keep.store().clock().now());
        let bucket = keep.bucket(log, of, month).await?;
        let actor = keep.pseudonym(log, actor).await?;
        let subject = match subject {
            Some(subject) => Some(keep.pseudonym(log, subject).await?),
            None => None,
        };
        let nib = Nib {
            inner: Arc::clone(&self.inner),
            log,
            actor,
            subject,
            bucket,
        };
        Ok(Pen { nib: Arc::new(nib) })
    }
}

impl Inner {
    /// A new id; behind the last one when both are of the same millisecond.
    fn leaf_id(&self, clock: &dyn Clock, rng: &dyn Rng) -> LeafId {
        let fresh = u128::from_be_bytes(LeafId::new(clock, rng).bytes());
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let behind = last.saturating_add(1 + u128::from(rng.below(1 << 32)));
        let same_time = fresh >> 80 == *last >> 80 && behind >> 80 == *last >> 80;
        *last = if same_time { behind } else { fresh };
        LeafId::from_bytes(last.to_be_bytes())
    }
}

/// Writes leaves of one actor, about one subject, into one log. Cheap to clone.
#[derive(Clone)]
pub struct Pen {
    nib: Arc<Nib>,
}

struct Nib {
    inner: Arc<Inner>,
    log: LogId,
    actor: Pseudonym,
    subject: Option<Pseudonym>,
    bucket: Bucket,
}

/// What a leaf says.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was done, as a code such as `alarm.raised`.
    pub action: &'static str,
    /// The id of what it was done to, several joined by `/`.
    pub object: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The readable part, each name once; values that are too long together are cut.
    pub details: Vec<(&'static str, String)>,
}

impl Pen {
    /// Writes a leaf as part of the act: one row, which commits with the rest of it.
    pub async fn write(&self, tx: &mut Tx, entry: Entry) -> Result<LeafId, StoreError> {
        let nib = &self.nib;
        let id = nib.inner.leaf_id(tx.clock(), tx.rng());
        let refused = |error: LeafError| StoreError::Column {
            column: 0,
            source: Box::new(error),
        };
        let action = Action::parse(entry.action).map_err(refused)?;
        let object = entry.object.as_deref().map(Object::parse);
        let object = object.transpose().map_err(refused)?;
        let (mut sealed, mut details) = (None, None);
        if !entry.details.is_empty() {
            let readable = Details::new(fitting(entry.details)).map_err(refused)?;
            let (bytes, hash) = readable.seal(&nib.bucket.key, id, tx.rng());
            let key = nib.bucket.id;
            (sealed, details) = (Some(bytes), Some(Commitment { key, hash }));
        }
        let leaf = Leaf {
            id,
            at: tx.clock().now(),
            log: nib.log,
            actor: nib.actor,
            subject: nib.subject,
            action,
            object,
            outcome: entry.outcome,
            details,
        };
        store::insert(tx, &leaf, sealed).await?;
        Ok(id)
    }
}

/// Cuts values so that all together fit: no act fails because somebody wrote much.
fn fitting(details: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    let long = |(name, value): &(&str, String)| name.len() + value.len() + 8;
    if details.iter().map(long).sum::<usize>() + 8 <= MAX_DETAILS {
        return details;
    }
    let share = (MAX_DETAILS - 8) / details.len();
    let cut = |(name, mut value): (&'static str, String)| {
        let most = share.saturating_sub(name.len() + 8 + '…'.len_utf8());
        if value.len() > most {
            value.truncate(value.floor_char_boundary(most));
            value.push('…');
        }
        (name, value)
    };
    details.into_iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn can_be_sent<T: Send + Sync + Clone + 'static>() {}

    #[test]
    fn pens_go_between_threads() {
        can_be_sent::<Pen>();
        can_be_sent::<Ledger>();
    }

    const NAMES: [&str; 16] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
    ];

    proptest! {
        #[test]
        fn whatever_is_written_fits(
            words in proptest::collection::vec(("\\PC{1,4}", 0_usize..1000), 1..16),
        ) {
            let values = words.into_iter().map(|(word, times)| word.repeat(times));
            let details: Vec<_> = NAMES.into_iter().zip(values).collect();
            let short = details.iter().map(|(_, value)| value.len()).sum::<usize>() < 7000;
            let fitted = fitting(details.clone());
            prop_assert!(Details::new(fitted.clone()).is_ok());
            prop_assert!(!short || fitted == details);
        }
    }
}

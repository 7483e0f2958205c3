//! How many attempts failed from a network lately: in memory, as keyed hashes, for 15 minutes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base::{Clock, Rng};
use seal::Secret;

use super::model::AddressPrefix;

const REMEMBERED: Duration = Duration::from_mins(15);
/// A whole brigade may sit behind one address.
const FREE: u32 = 40;
const MOST: usize = 8192;

/// Counts failures by network. Its key is made at start and never kept.
pub(crate) struct Nearby {
    key: Secret<32>,
    counts: Mutex<HashMap<[u8; 16], Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    failures: u32,
    until: Duration,
}

impl Nearby {
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self {
            key: Secret::random(rng),
            counts: Mutex::new(HashMap::new()),
        }
    }

    fn id(&self, prefix: AddressPrefix) -> [u8; 16] {
        let hash = seal::hmac_sha256(self.key.expose(), prefix.bytes());
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        id
    }

    /// Seconds to wait, if there were too many failures.
    pub(crate) fn wait(&self, clock: &dyn Clock, prefix: AddressPrefix) -> Option<u32> {
        let now = clock.monotonic();
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.get(&self.id(prefix)).copied()?;
        let left = count
            .until
            .checked_sub(now)
            .filter(|left| !left.is_zero())?;
        (count.failures >= FREE).then(|| u32::try_from(left.as_secs() + 1).unwrap_or(u32::MAX))
    }

    /// Notes a failure.
    pub(crate) fn failed(&self, clock: &dyn Clock, prefix: AddressPrefix) {
        let now = clock.monotonic();
        let id = self.id(prefix);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST && !counts.contains_key(&id) {
            counts.retain(|_, count| count.until > now);
            if counts.len() >= MOST {
                // Flooded from everywhere: better to forget than to grow. The count by account stays.
                counts.clear();
            }
        }
        let fresh = Count {
            failures: 0,
            until: now + REMEMBERED,
        };
        let count = counts.entry(id).or_insert(fresh);
        if count.until <= now {
            *count = fresh;
        }
        count.failures = count.failures.saturating_add(1);
    }

    /// Forgets what is older than 15 minutes.
    pub(crate) fn sweep(&self, clock: &dyn Clock) {
        let now = clock.monotonic();
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, count| count.until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{SeededRng, SimClock, Timestamp};

    #[test]
    fn forgets_after_a_quarter_of_an_hour() {
        let clock = SimClock::at(Timestamp::UNIX_EPOCH);
        let nearby = Nearby::new(&SeededRng::new(1));
        let here = AddressPrefix::of([192, 0, 2, 1].into());
        for _ in 0..FREE {
            assert_eq!(nearby.wait(&clock, here), None);
            nearby.failed(&clock, here);
        }
        assert!(nearby.wait(&clock, here).is_some());
        let elsewhere = AddressPrefix::of([192, 0, 3, 1].into());
        assert_eq!(nearby.wait(&clock, elsewhere), None);
        clock.advance(Duration::from_secs(15 * 60 - 1));
        assert!(nearby.wait(&clock, here).is_some());
        clock.advance(Duration::from_secs(2));
        assert_eq!(nearby.wait(&clock, here), None);
        nearby.sweep(&clock);
        assert!(nearby.counts.lock().unwrap().is_empty());
    }

    #[test]
    fn never_grows_beyond_its_bounds() {
        let clock = SimClock::at(Timestamp::UNIX_EPOCH);
        let nearby = Nearby::new(&SeededRng::new(1));
        for n in 0..20_000_u32 {
            let [_, a, b, c] = n.to_be_bytes();
            nearby.failed(&clock, AddressPrefix::of([a, b, c, 0].into()));
        }
        assert!(nearby.counts.lock().unwrap().len() <= MOST);
    }
}

//! When to try again: pauses that grow, with chance in them, so that a hundred agents do not knock together.

use std::time::Duration;

use base::Rng;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause, unless told.
pub(crate) const MOST: Duration = Duration::from_mins(1);

/// Counts failures in a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    failures: u32,
    most: Duration,
}

impl Pace {
    /// Nothing failed yet.
    pub(crate) const fn new(most: Duration) -> Self {
        Self { failures: 0, most }
    }

    /// It worked.
    pub(crate) fn worked(&mut self) {
        self.failures = 0;
    }

    /// Whether the last attempt worked, or there was none.
    pub(crate) const fn is_fresh(self) -> bool {
        self.failures == 0
    }

    /// It did not: how long to wait. Between half of the pause and the whole; never less than what was asked for.
    pub(crate) fn failed(&mut self, asked: Option<u64>, rng: &dyn Rng) -> Duration {
        let pause = FIRST
            .saturating_mul(1 << self.failures.min(10))
            .min(self.most);
        self.failures = self.failures.saturating_add(1);
        let half = pause / 2;
        let chance = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
        let pause = half + Duration::from_millis(rng.below(chance.saturating_add(1)));
        pause.max(Duration::from_secs(asked.unwrap_or(0).min(600)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;

    #[test]
    fn pauses_grow_and_stay_below_a_minute() {
        let (mut pace, rng) = (Pace::new(MOST), SeededRng::new(1));
        let mut most = FIRST;
        for _ in 0..40 {
            let pause = pace.failed(None, &rng);
            assert!(pause >= most / 2 && pause <= most, "{pause:?} of {most:?}");
            most = (most * 2).min(MOST);
        }
        pace.worked();
        assert!(pace.failed(None, &rng) <= FIRST);
        assert_eq!(pace.failed(Some(90), &rng), Duration::from_secs(90));
    }
}

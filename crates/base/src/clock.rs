//! Time as a parameter. Whoever needs "now", a duration or a pause takes `&dyn Clock`.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::Timestamp;

/// A pause that somebody awaits.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where time comes from. The real one lives in `server`, the simulated one is [`SimClock`].
pub trait Clock: Send + Sync + 'static {
    /// The time of day, in UTC, cut to whole microseconds because tables hold no more.
    fn now(&self) -> Timestamp;
    /// Time since an arbitrary start that never goes back.
    fn monotonic(&self) -> Duration;
    /// Resolves once the duration has passed.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// Cuts an instant to whole microseconds, the unit of every table.
pub fn floor_to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

/// A clock that only moves when told to. Sleepers wake when it is advanced past their time.
#[derive(Debug)]
pub struct SimClock {
    state: std::sync::Arc<Mutex<Sim>>,
}

#[derive(Debug)]
struct Sim {
    now: Timestamp,
    elapsed: Duration,
    next: u64,
    sleepers: BTreeMap<u64, (Duration, Option<Waker>)>,
}

impl SimClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        let sim = Sim {
            now: floor_to_micros(now),
            elapsed: Duration::ZERO,
            next: 0,
            sleepers: BTreeMap::new(),
        };
        Self {
            state: std::sync::Arc::new(Mutex::new(sim)),
        }
    }

    /// Moves both the time of day and the monotonic time forward and wakes who is due.
    pub fn advance(&self, by: Duration) {
        let mut wake = Vec::new();
        {
            let mut sim = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            sim.now = sim.now.checked_add(by).unwrap_or(Timestamp::MAX);
            sim.elapsed += by;
            let elapsed = sim.elapsed;
            for (until, waker) in sim.sleepers.values_mut() {
                if *until <= elapsed {
                    wake.extend(waker.take());
                }
            }
        }
        wake.into_iter().for_each(Waker::wake);
    }

    /// Sets the time of day alone, as an operator or a time server would; it may go back.
    pub fn step_to(&self, now: Timestamp) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .now = floor_to_micros(now);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .now
    }

    fn monotonic(&self) -> Duration {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut sim = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let until = sim.elapsed + duration;
        let key = sim.next;
        sim.next += 1;
        sim.sleepers.insert(key, (until, None));
        drop(sim);
        Box::pin(SimSleep {
            key,
            state: std::sync::Arc::clone(&self.state),
        })
    }
}

struct SimSleep {
    key: u64,
    state: std::sync::Arc<Mutex<Sim>>,
}

impl Future for SimSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut sim = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = sim.elapsed;
        match sim.sleepers.get_mut(&self.key) {
            Some((until, waker)) if *until > elapsed => {
                *waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for SimSleep {
    fn drop(&mut self) {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .sleepers
            .remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_microseconds() {
        let clock = SimClock::at(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_micros(7));
        assert_eq!(clock.now().as_microsecond(), 7);
        assert_eq!(clock.monotonic(), Duration::from_micros(7));
    }

    #[test]
    fn a_step_back_leaves_monotonic_time_alone() {
        let clock = SimClock::at(Timestamp::UNIX_EPOCH);
        clock.advance(Duration::from_secs(10));
        clock.step_to(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        assert_eq!(clock.monotonic(), Duration::from_secs(10));
    }

    #[test]
    fn sleepers_wake_when_their_time_has_come() {
        let clock = SimClock::at(Timestamp::UNIX_EPOCH);
        let mut sleep = clock.sleep(Duration::from_secs(1));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        clock.advance(Duration::from_millis(999));
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        clock.advance(Duration::from_millis(1));
        assert!(sleep.as_mut().poll(&mut cx).is_ready());
    }
}

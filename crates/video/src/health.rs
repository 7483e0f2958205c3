//! How the file store was the last time somebody wrote to it.

use std::time::Duration;

/// What was noticed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Health {
    refusing: bool,
    slow: bool,
    /// The size of what did not fit.
    wanted: Option<u64>,
}

/// Writing that takes longer, and is slower than the next figure, is slow.
const LONG: Duration = Duration::from_secs(5);
/// Bytes a second.
const SLOW: u64 = 1 << 20;

impl Health {
    /// Something was written.
    pub(crate) fn written(&mut self, bytes: u64, took: Duration) {
        let expected = Duration::from_micros(bytes.saturating_mul(1_000_000) / SLOW);
        *self = Self {
            slow: took > LONG && took > expected,
            ..Self::default()
        };
    }

    /// Something did not fit.
    pub(crate) fn full(&mut self, wanted: u64) {
        self.wanted = Some(wanted);
    }

    /// The store refused.
    pub(crate) fn refused(&mut self) {
        self.refusing = true;
    }

    /// In one word, now that there is so much room.
    pub(crate) fn word(self, free: u64) -> &'static str {
        match self {
            _ if free == 0 => "full",
            Self { refusing: true, .. } => "refusing",
            Self {
                wanted: Some(wanted),
                ..
            } if free < wanted => "full",
            Self { slow: true, .. } => "slow",
            _ => "ok",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_recovers_by_itself() {
        let mut health = Health::default();
        assert_eq!(health.word(1000), "ok");
        health.full(500);
        assert_eq!((health.word(400), health.word(500)), ("full", "ok"));
        health.refused();
        assert_eq!(health.word(1000), "refusing");
        health.written(1 << 20, Duration::from_secs(6));
        assert_eq!(health.word(1000), "slow");
        health.written(60 << 20, Duration::from_secs(6));
        assert_eq!((health.word(1000), health.word(0)), ("ok", "full"));
    }
}

//! Which pictures still go out when the line is slow: whole groups are left out, so that what arrives is fresh and
//! can be shown. Pure rules.

/// A queue may hold so much at any rate: a large key frame must fit.
const LEAST: usize = 512 * 1024;
/// A queue never holds more.
const MOST: usize = 4 << 20;

/// The gate of one camera.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    shut: bool,
}

impl Gate {
    /// Whether the next picture goes out. `queued` bytes of this camera wait; `rate` is its bytes a second. About a
    /// second may wait. After a picture was left out, the next to go is a key frame.
    pub(crate) fn passes(&mut self, key: bool, size: usize, queued: usize, rate: usize) -> bool {
        let room = rate.clamp(LEAST, MOST);
        let fits = queued == 0 || queued.saturating_add(size) <= room;
        self.shut = !(fits && (key || !self.shut));
        !self.shut
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn leaves_out_whole_groups() {
        let mut gate = Gate::default();
        let rate = 500_000;
        assert!(gate.passes(true, 100_000, 0, rate));
        assert!(gate.passes(false, 100_000, 100_000, rate));
        assert!(!gate.passes(false, 100_000, 500_000, rate));
        // Room again, but nothing to build on.
        assert!(!gate.passes(false, 10, 0, rate));
        assert!(gate.passes(true, 10, 0, rate));
        assert!(gate.passes(false, 10, 10, rate));
    }

    #[test]
    fn a_picture_larger_than_the_queue_goes_alone() {
        let mut gate = Gate::default();
        assert!(gate.passes(true, MOST * 2, 0, 1));
        assert!(!gate.passes(true, 1, MOST * 2, 1));
    }

    proptest! {
        #[test]
        fn what_goes_out_can_be_shown(pictures: Vec<(bool, u32, u32)>, rate: u16) {
            let mut gate = Gate::default();
            let mut whole = true;
            for (key, size, queued) in pictures {
                let passes = gate.passes(key, size as usize, queued as usize, rate.into());
                whole = passes && (key || whole);
                prop_assert_eq!(passes, whole);
            }
        }
    }
}

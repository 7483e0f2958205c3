//! What must be known of an access unit before it is passed on: whether decoding can begin with it, and whether
//! its beginning is there. Nothing is decoded; bytes that make no sense are no beginning.

use super::Role;
use crate::{Codec, Ticks};

/// Whether decoding can begin with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// No.
    None,
    /// Yes, but pictures may follow that are shown before it and need ones from before it: it begins an open
    /// group. H.264: a recovery point with which all is well at once (ITU-T H.264, section D.2.8). H.265: a
    /// random access point other than IDR (types 16 to 23; ITU-T H.265, table 7-1); some cameras send one IDR
    /// picture and then only CRA.
    Open,
    /// Yes: IDR.
    Closed,
}

/// What the first slice and the units before it say.
pub(super) fn entry(codec: Codec, data: &[u8]) -> Entry {
    let mut recovers = false;
    for nal in nals(data) {
        let first = nal.first().copied().unwrap_or(0);
        match (codec, first & 31, first >> 1 & 63) {
            (Codec::H264, 5, _) | (Codec::H265, _, 19 | 20) => return Entry::Closed,
            (Codec::H265, _, 16..=23) => return Entry::Open,
            (Codec::H264, 1..=4, _) if recovers => return Entry::Open,
            (Codec::H264, 1..=4, _) | (Codec::H265, _, 0..=31) => return Entry::None,
            (Codec::H264, 6, _) => recovers |= is_recovery_point(nal.get(1..).unwrap_or_default()),
            _ => {}
        }
    }
    Entry::None
}

/// Where a picture that is no key frame may be shown, by its first slice.
pub(super) fn role(codec: Codec, data: &[u8]) -> Role {
    let found = nals(data).find_map(|nal| {
        let first = *nal.first()?;
        match (codec, first & 31, first >> 1 & 63) {
            // Whether other pictures are built upon it stands in the head: `nal_ref_idc`.
            (Codec::H264, 1 | 2, _) => Some(if !is_b_slice(nal.get(1..)?)? {
                Role::Ahead
            } else if first & 0x60 == 0 {
                Role::Back
            } else {
                Role::Either
            }),
            // Even types below 16: no other picture is built upon these (ITU-T H.265, table 7-1).
            (Codec::H265, _, kind @ 0..=15) if kind % 2 == 0 => Some(Role::Back),
            (Codec::H265, _, 0..=15) => Some(Role::Either),
            _ => None,
        }
    });
    found.unwrap_or(Role::Either)
}

/// The type of a slice (ITU-T H.264, section 7.4.3): the second number of its header.
fn is_b_slice(header: &[u8]) -> Option<bool> {
    let mut bits = header
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |n| byte >> n & 1));
    let mut number = || {
        let zeros = bits.by_ref().take(20).position(|it| it == 1)?;
        let mut rest = bits.by_ref().take(zeros);
        let value = rest.try_fold(1_u32, |value, bit| Some(value << 1 | u32::from(bit)))?;
        Some(value - 1)
    };
    number()?;
    Some(number()? % 5 == 1)
}

/// Whether the first slice is the first of its picture. After packets were lost it may be a later one.
pub(super) fn has_beginning(codec: Codec, data: &[u8]) -> bool {
    nals(data)
        .find_map(|nal| {
            let first = *nal.first()?;
            // H.264: `first_mb_in_slice` is 0, one bit that is set; H.265: `first_slice_segment_in_pic_flag`.
            match (codec, first & 31, first >> 1 & 63) {
                (Codec::H264, 1 | 2 | 5, _) => Some(nal.get(1)? & 0x80 != 0),
                (Codec::H264, 3 | 4, _) => Some(false),
                (Codec::H265, _, 0..=31) => Some(nal.get(2)? & 0x80 != 0),
                _ => None,
            }
        })
        .unwrap_or(false)
}

/// Keeps back pictures that cannot be shown, because ones before them are missing.
#[derive(Debug)]
pub(super) struct Gate {
    closed: bool,
    /// When the picture is shown that all began with, while such as are shown before it may come.
    leads_to: Option<Ticks>,
}

impl Gate {
    /// Closed: nothing came yet.
    pub(super) fn new() -> Self {
        Self {
            closed: true,
            leads_to: None,
        }
    }

    /// Pictures are missing from here on.
    pub(super) fn close(&mut self) {
        *self = Self::new();
    }

    /// Whether it waits for a picture to begin with.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the next picture can be shown; opens with the first that decoding can begin with.
    pub(super) fn admits(&mut self, entry: Entry, shown: Ticks) -> bool {
        if self.closed {
            self.closed = entry == Entry::None;
            self.leads_to = (entry == Entry::Open).then_some(shown);
            return !self.closed;
        }
        // What follows in decoding order and is shown before the first one is built upon what is missing.
        let leads = self.leads_to.is_some_and(|first| shown < first);
        if !leads {
            self.leads_to = None;
        }
        !leads
    }
}

/// The NAL units of an access unit with a length of four bytes before each; those that are whole.
fn nals(mut data: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = data.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (nal, rest) = rest.split_at_checked(length)?;
        data = rest;
        Some(nal)
    })
}

/// Whether one of the messages (ITU-T H.264, section 7.3.2.3.1) is a recovery point after 0 pictures.
fn is_recovery_point(mut messages: &[u8]) -> bool {
    // A type and a size, each a sum that goes on after 255, and one byte at least.
    while messages.len() > 2 {
        let (Some(kind), Some(size)) = (sum(&mut messages), sum(&mut messages)) else {
            return false;
        };
        if kind == 6 {
            // `recovery_frame_cnt` is 0: its one bit is set.
            return messages.first().is_some_and(|it| it & 0x80 != 0);
        }
        messages = messages.get(size..).unwrap_or_default();
    }
    false
}

fn sum(bytes: &mut &[u8]) -> Option<usize> {
    let mut sum = 0;
    loop {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        sum += usize::from(*first);
        if *first != 255 {
            return Some(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(nals: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        for nal in nals {
            out.extend_from_slice(&u32::try_from(nal.len()).unwrap().to_be_bytes());
            out.extend_from_slice(nal);
        }
        out
    }

    const LONG_NOTE: [u8; 304] = {
        let mut it = [7; 304];
        (it[0], it[1], it[2], it[3]) = (6, 5, 255, 45);
        it
    };

    #[test]
    fn tells_where_decoding_can_begin() {
        let check = |codec, nals: &[&[u8]], expected| {
            assert_eq!(entry(codec, &unit(nals)), expected, "{nals:?}");
        };
        check(Codec::H264, &[&[0x65, 0x88]], Entry::Closed);
        check(Codec::H264, &[&[0x41, 0x9a]], Entry::None);
        let recovery: &[u8] = &[6, 6, 1, 0xc4, 0x80];
        check(Codec::H264, &[recovery, &[0x41, 0x9a]], Entry::Open);
        check(
            Codec::H264,
            &[&LONG_NOTE, recovery, &[0x41, 0x9a]],
            Entry::Open,
        );
        let mut both = LONG_NOTE.to_vec();
        both.extend_from_slice(&recovery[1..]);
        check(Codec::H264, &[&both, &[0x41, 0x9a]], Entry::Open);
        // Recovers after a picture.
        check(
            Codec::H264,
            &[&[6, 6, 1, 0x54, 0x80], &[0x41, 0x9a]],
            Entry::None,
        );
        check(Codec::H264, &[&[0x41, 0x9a], recovery], Entry::None);
        check(Codec::H265, &[&[0x40, 1], &[0x28, 1, 0xaf]], Entry::Closed);
        check(Codec::H265, &[&[0x2a, 1, 0xaf]], Entry::Open);
        check(Codec::H265, &[&[0x02, 1, 0xd0]], Entry::None);
    }

    #[test]
    fn tells_whether_the_first_slice_is_there() {
        let check = |codec, nals: &[&[u8]], expected| {
            assert_eq!(has_beginning(codec, &unit(nals)), expected, "{nals:?}");
        };
        check(Codec::H264, &[&[6, 5, 0], &[0x65, 0x88]], true);
        check(Codec::H264, &[&[0x65, 0x08], &[0x65, 0x88]], false);
        check(Codec::H264, &[&[6, 5, 0]], false);
        check(Codec::H265, &[&[0x4e, 1, 0], &[0x28, 1, 0xaf]], true);
        check(Codec::H265, &[&[0x28, 1, 0x2f]], false);
    }

    #[test]
    fn tells_what_may_be_shown_before_others() {
        let check = |codec, nal: &[u8], expected| {
            assert_eq!(role(codec, &unit(&[nal])), expected, "{nal:?}");
        };
        // Slice types 5 (P), 0 (P), 6 (B) and 1 (B), behind a `first_mb_in_slice` of 0, once of 300.
        check(Codec::H264, &[0x41, 0b1001_1000], Role::Ahead);
        check(Codec::H264, &[0x41, 0b1100_0000], Role::Ahead);
        check(Codec::H264, &[0x01, 0b1001_1100], Role::Back);
        check(Codec::H264, &[0x01, 0b1010_0000], Role::Back);
        check(Codec::H264, &[0x21, 0b1010_0000], Role::Either);
        check(Codec::H264, &[0x41, 0x00, 0x96, 0b1010_0000], Role::Either);
        check(Codec::H264, &[0x41], Role::Either);
        check(Codec::H265, &[0x00, 1, 0xd0], Role::Back);
        check(Codec::H265, &[0x02, 1, 0xd0], Role::Either);
    }

    #[test]
    fn lets_through_what_can_be_shown() {
        let mut gate = Gate::new();
        let mut check = |entry, shown, expected| {
            assert_eq!(gate.admits(entry, Ticks(shown)), expected, "{shown}");
        };
        check(Entry::None, 1, false);
        // An open group: 4 comes first, then 2 and 3, which need 1.
        check(Entry::Open, 4, true);
        check(Entry::None, 2, false);
        check(Entry::None, 3, false);
        check(Entry::None, 7, true);
        check(Entry::None, 5, true);
        check(Entry::None, 6, true);
        // All before the next open group is there, so this one is whole.
        check(Entry::Open, 10, true);
        check(Entry::None, 8, true);
        gate.close();
        assert!(gate.is_closed());
        let mut check = |entry, shown, expected| {
            assert_eq!(gate.admits(entry, Ticks(shown)), expected, "{shown}");
        };
        check(Entry::None, 11, false);
        check(Entry::Closed, 20, true);
        check(Entry::None, 19, true);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_asked(data: Vec<u8>, sei: Vec<u8>) {
            let mut message = vec![6];
            message.extend(sei);
            for data in [data, unit(&[&message, &[0x41, 0x9a]])] {
                for codec in [Codec::H264, Codec::H265] {
                    let _ = (entry(codec, &data), role(codec, &data), has_beginning(codec, &data));
                }
            }
        }
    }
}

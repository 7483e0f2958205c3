//! Files of H.264 and H.265 in Annex B format: NAL units between start codes, pictures of NAL units.

use std::path::Path;

use bytes::Bytes;

use crate::Codec;

/// The codec that the end of a file's name tells.
pub(super) fn codec(path: &Path) -> Option<Codec> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "h264" | "264" | "avc" => Some(Codec::H264),
        "h265" | "265" | "hevc" => Some(Codec::H265),
        _ => None,
    }
}

/// The NAL units of a file, without start codes and the zeros around them (ITU-T H.264, annex B).
pub(super) fn nals(file: &Bytes) -> Vec<Bytes> {
    let starts: Vec<usize> = file
        .windows(3)
        .enumerate()
        .filter(|(_, it)| *it == [0, 0, 1])
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([file.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| {
            let nal = &file[start + 3..end];
            let length = nal.iter().rposition(|it| *it != 0)? + 1;
            Some(file.slice(start + 3..start + 3 + length))
        })
        .collect()
}

/// One picture of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) key: bool,
    pub(super) nals: Vec<Bytes>,
}

/// The pictures of a file. A new one begins with its first slice, or with what announces it (ITU-T H.264,
/// section 7.4.1.2.3; ITU-T H.265, section 7.4.2.4.4).
pub(super) fn units(codec: Codec, nals: Vec<Bytes>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut pictured = true;
    for nal in nals {
        let part = Part::of(codec, &nal);
        let begins = match part {
            Part::Slice { first, .. } => first && pictured,
            Part::Ahead => pictured,
            Part::Other => units.is_empty(),
        };
        if begins {
            units.push(Unit {
                key: false,
                nals: Vec::new(),
            });
            pictured = false;
        }
        let Some(unit) = units.last_mut() else {
            continue;
        };
        if let Part::Slice { key, .. } = part {
            pictured = true;
            unit.key |= key;
        }
        unit.nals.push(nal);
    }
    units.retain(|it| {
        it.nals
            .iter()
            .any(|nal| matches!(Part::of(codec, nal), Part::Slice { .. }))
    });
    units
}

/// What a NAL unit is to the picture it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Slice {
        first: bool,
        key: bool,
    },
    /// Belongs to the picture that follows.
    Ahead,
    Other,
}

impl Part {
    fn of(codec: Codec, nal: &[u8]) -> Self {
        let byte = |n: usize| nal.get(n).copied().unwrap_or(0);
        match codec {
            Codec::H264 => match byte(0) & 31 {
                kind @ 1..=5 => Self::Slice {
                    first: byte(1) & 0x80 != 0,
                    key: kind == 5,
                },
                6..=9 => Self::Ahead,
                _ => Self::Other,
            },
            Codec::H265 => match byte(0) >> 1 & 63 {
                kind @ 0..=31 => Self::Slice {
                    first: byte(2) & 0x80 != 0,
                    key: (16..=21).contains(&kind),
                },
                32..=35 | 39 => Self::Ahead,
                _ => Self::Other,
            },
        }
    }
}

/// The parameter sets of a stream, as the SDP names them: VPS for H.265 alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sets {
    pub(super) vps: Option<Bytes>,
    pub(super) sps: Option<Bytes>,
    pub(super) pps: Option<Bytes>,
}

impl Sets {
    /// Keeps the NAL unit if it is a parameter set.
    pub(super) fn take(&mut self, codec: Codec, nal: &Bytes) {
        let first = nal.first().copied().unwrap_or(0);
        let place = match (codec, first & 31, first >> 1 & 63) {
            (Codec::H264, 7, _) | (Codec::H265, _, 33) => &mut self.sps,
            (Codec::H264, 8, _) | (Codec::H265, _, 34) => &mut self.pps,
            (Codec::H265, _, 32) => &mut self.vps,
            _ => return,
        };
        *place = Some(nal.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn finds_pictures() {
        let file = Bytes::from_static(
            b"\0\0\0\x01\x67sps\0\0\x01\x68pps\0\0\0\x01\x65\x88a\0\0\x01\x65\x08b\0\0\0\x01\x41\x9ac\0",
        );
        let nals = nals(&file);
        let lengths: Vec<usize> = nals.iter().map(Bytes::len).collect();
        assert_eq!(lengths, [4, 4, 3, 3, 3]);
        let units = units(Codec::H264, nals);
        let shape: Vec<_> = units.iter().map(|it| (it.key, it.nals.len())).collect();
        assert_eq!(shape, [(true, 4), (false, 1)]);
        let mut sets = Sets::default();
        units
            .iter()
            .flat_map(|it| &it.nals)
            .for_each(|it| sets.take(Codec::H264, it));
        assert_eq!(sets.sps.as_deref(), Some(b"\x67sps".as_slice()));
    }

    #[test]
    fn names_tell_the_codec() {
        assert_eq!(codec(Path::new("a/yard.H265")), Some(Codec::H265));
        assert_eq!(codec(Path::new("yard.264")), Some(Codec::H264));
        assert_eq!(codec(Path::new("yard.mp4")), None);
    }

    proptest! {
        #[test]
        fn any_file_can_be_cut(bytes in proptest::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..300)) {
            let file = Bytes::from(bytes);
            for codec in [Codec::H264, Codec::H265] {
                for unit in units(codec, nals(&file)) {
                    prop_assert!(unit.nals.iter().all(|it| !it.is_empty() && !it.ends_with(&[0])));
                }
            }
        }
    }
}

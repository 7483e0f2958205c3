//! What is written is read again, and anything can be read.

use base::Timestamp;
use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::{Codec, Frame, Parameters, Ticks};

fn parameters() -> Parameters {
    Parameters {
        codec: Codec::H264,
        rfc6381: "avc1.42C01E".to_owned(),
        width: 640,
        height: 360,
        sample_entry: Bytes::from_static(b"\0\0\0\x0cavc1abcd"),
        config: Bytes::new(),
    }
}

fn frame(ticks: i64, key: bool, size: usize) -> Frame {
    let wall = Timestamp::from_microsecond(Ticks(ticks).micros() + 1_000_000_000).unwrap();
    Frame {
        stream_time: Ticks(ticks),
        received_at: std::time::Duration::ZERO,
        wall,
        key,
        params_changed: false,
        data: Bytes::from(vec![size.to_le_bytes()[0]; size]),
    }
}

#[test]
fn the_beginning_says_what_comes() {
    let bytes = init(&parameters());
    let head = read_init(&bytes).unwrap();
    assert_eq!((head.timescale, head.track), (90_000, 1));
    assert_eq!((head.width, head.height), (640, 360));
    assert_eq!(bytes[head.sample_entry], *b"\0\0\0\x0cavc1abcd");
    for length in 0..bytes.len() {
        assert!(
            read_init(&bytes[..length]).is_err(),
            "{length} of {}",
            bytes.len()
        );
    }
}

#[test]
fn b_frames_are_shown_in_their_time() {
    let order = [0, 3, 1, 2, 6, 4, 5];
    let frames: Vec<Frame> = order
        .iter()
        .map(|it| frame(90_000 + it * 3600, *it == 0, 10))
        .collect();
    let mut muxer = Muxer::new();
    let mut out = b"before".to_vec();
    let written = muxer
        .write(&frames, Ticks(90_000 + 7 * 3600), &mut out)
        .unwrap();
    assert_eq!(
        (written.bytes.start, written.samples, written.key),
        (6, 7, true)
    );
    assert_eq!(written.duration.as_millis(), 280);
    let more = [
        frame(90_000 + 9 * 3600, false, 3),
        frame(90_000 + 7 * 3600, false, 4),
    ];
    muxer
        .write(&more, Ticks(90_000 + 10 * 3600), &mut out)
        .unwrap();
    let runs = read_fragments(&out[6..]).unwrap();
    assert_eq!((runs[0].sequence, runs[1].sequence), (1, 2));
    let times = |run: &Run| {
        run.samples
            .iter()
            .map(|it| (it.dts / 3600, it.pts / 3600))
            .collect::<Vec<_>>()
    };
    let want = [(0, 0), (1, 3), (2, 1), (3, 2), (4, 6), (5, 4), (6, 5)];
    assert_eq!(times(&runs[0]), want);
    assert_eq!(times(&runs[1]), [(7, 9), (9, 7)]);
    assert_eq!(runs[1].samples[0].duration, 7200);
}

#[test]
fn an_open_group_begins_with_what_is_shown_first() {
    let mut out = Vec::new();
    let group = [(2, true), (0, false), (1, false), (5, false), (3, false)];
    let group = group.map(|(n, key)| frame(90_000 + n * 3600, key, 5));
    let written = Muxer::new().write(&group, Ticks(90_000 + 6 * 3600), &mut out);
    assert!(written.unwrap().key);
    let runs = read_fragments(&out).unwrap();
    let times: Vec<_> = runs[0]
        .samples
        .iter()
        .map(|it| (it.dts / 3600, it.pts / 3600))
        .collect();
    assert_eq!(times, [(0, 2), (1, 0), (2, 1), (3, 5), (5, 3)]);
}

#[test]
fn nothing_becomes_nothing() {
    let mut out = Vec::new();
    assert_eq!(Muxer::new().write(&[], Ticks(0), &mut out), None);
    assert!(out.is_empty());
    assert_eq!(read_fragments(&[]), Ok(Vec::new()));
}

#[test]
fn a_cut_fragment_is_noticed() {
    let mut out = Vec::new();
    Muxer::new()
        .write(&[frame(0, true, 30)], Ticks(3600), &mut out)
        .unwrap();
    for length in 1..out.len() {
        assert!(
            read_fragments(&out[..length]).is_err(),
            "{length} of {}",
            out.len()
        );
    }
}

#[test]
fn parts_are_joined_with_their_holes() {
    let segment = |count: i64| {
        let frames: Vec<Frame> = (0..count).map(|it| frame(it * 3600, it == 0, 5)).collect();
        let mut out = Vec::new();
        Muxer::new()
            .write(&frames, Ticks(count * 3600), &mut out)
            .unwrap();
        out
    };
    let (a, b, c) = (segment(5), segment(3), segment(2));
    // The second begins two pictures late, the third would begin one too early.
    let parts = [
        Part {
            bytes: &a,
            offset: Ticks(0),
        },
        Part {
            bytes: &b,
            offset: Ticks(7 * 3600),
        },
        Part {
            bytes: &c,
            offset: Ticks(9 * 3600),
        },
    ];
    let file = remux(&init(&parameters()), &parts, Layout::Fragmented).unwrap();
    let head = init(&parameters()).len();
    let runs = read_fragments(&file[head..]).unwrap();
    let times: Vec<u64> = runs
        .iter()
        .flat_map(|it| &it.samples)
        .map(|it| it.dts / 3600)
        .collect();
    assert_eq!(times, [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]);
    assert_eq!(runs[0].samples[4].duration, 3 * 3600);
    let whole = remux(&init(&parameters()), &parts, Layout::Progressive).unwrap();
    assert_eq!(whole[4..8], *b"ftyp");
    assert!(whole.len() < file.len());
}

#[test]
fn a_whole_file_shows_nothing_before_it_is_decoded() {
    // The last picture to be shown before the sixth is missing.
    let group = [
        (0, true),
        (3, false),
        (1, false),
        (2, false),
        (6, false),
        (4, false),
    ];
    let group = group.map(|(n, key)| frame(n * 3600, key, 5));
    let mut out = Vec::new();
    Muxer::new()
        .write(&group, Ticks(7 * 3600), &mut out)
        .unwrap();
    let parts = [Part {
        bytes: &out,
        offset: Ticks(0),
    }];
    let file = remux(&init(&parameters()), &parts, Layout::Progressive).unwrap();
    let words = |name: &[u8], count: usize| {
        let at = file.windows(4).position(|it| it == name).unwrap() + 4;
        let words = file[at..].chunks_exact(4).take(count);
        let words = words.map(|it| u32::from_be_bytes(it.try_into().unwrap()));
        words.collect::<Vec<_>>()
    };
    // Version 1, one entry: seven pictures long, from the second one's time on.
    assert_eq!(
        words(b"elst", 7),
        [1 << 24, 1, 0, 7 * 3600, 0, 7200, 1 << 16]
    );
    // Version 0: offsets of 2, 4, 1, 1, 4 and 0 pictures.
    let table = [0, 5, 1, 7200, 1, 14_400, 2, 3600, 1, 14_400, 1, 0];
    assert_eq!(words(b"ctts", 12), table);
}

fn frames() -> impl Strategy<Value = Vec<Vec<Frame>>> {
    let one = (-20_000_i64..20_000, any::<bool>(), 0_usize..50);
    let group = proptest::collection::vec(one, 1..20);
    proptest::collection::vec(group, 1..6).prop_map(|groups| {
        let mut ticks = 1 << 30;
        let mut frames = |group: Vec<(i64, bool, usize)>| {
            let mut one = |(jitter, key, size): (i64, bool, usize)| {
                ticks += 6000;
                frame(ticks + jitter, key, size)
            };
            group.into_iter().map(&mut one).collect()
        };
        groups.into_iter().map(&mut frames).collect()
    })
}

proptest! {
    #[test]
    fn everything_comes_back(groups in frames()) {
        let origin = groups[0].iter().map(|it| it.stream_time).min().unwrap();
        let (mut muxer, mut out) = (Muxer::new(), Vec::new());
        for group in &groups {
            let end = group.iter().map(|it| it.stream_time.0).max().unwrap() + 6000;
            let written = muxer.write(group, Ticks(end), &mut out).unwrap();
            prop_assert_eq!(written.bytes.end, out.len());
        }
        let runs = read_fragments(&out).unwrap();
        prop_assert_eq!(runs.len(), groups.len());
        let mut last = None;
        for (run, group) in runs.iter().zip(&groups) {
            prop_assert_eq!(run.samples.len(), group.len());
            for (sample, frame) in run.samples.iter().zip(group) {
                prop_assert_eq!(sample.pts, frame.stream_time.minus(origin).0);
                prop_assert_eq!(sample.key, frame.key);
                prop_assert_eq!(&out[sample.data.clone()], &frame.data[..]);
                prop_assert!(last.is_none_or(|it| it < sample.dts));
                last = Some(sample.dts);
            }
        }
        let head = init(&parameters());
        let parts = [Part { bytes: &out, offset: Ticks(0) }];
        let joined = remux(&head, &parts, Layout::Fragmented).unwrap();
        let again = read_fragments(&joined[head.len()..]).unwrap();
        let shown = |runs: &[Run]| runs.iter().flat_map(|it| it.samples.clone()).map(|it| (it.pts, it.key)).collect::<Vec<_>>();
        prop_assert_eq!(shown(&again), shown(&runs));
        remux(&head, &parts, Layout::Progressive).unwrap();
    }

    #[test]
    fn any_bytes_can_be_read(bytes: Vec<u8>, flips in proptest::collection::vec((0_usize..1000, any::<u8>()), 0..6)) {
        let _ = (read_init(&bytes), read_fragments(&bytes));
        let mut head = init(&parameters());
        let mut out = Vec::new();
        let group = [frame(0, true, 9), frame(3600, false, 4)];
        Muxer::new().write(&group, Ticks(7200), &mut out).unwrap();
        for (at, value) in flips {
            let at = at % (head.len() + out.len());
            match head.get_mut(at) {
                Some(byte) => *byte = value,
                None => out[at - head.len()] = value,
            }
        }
        if let Ok(runs) = read_fragments(&out) {
            for sample in runs.iter().flat_map(|it| &it.samples) {
                prop_assert!(out.get(sample.data.clone()).is_some());
            }
        }
        let parts = [Part { bytes: &out, offset: Ticks(0) }, Part { bytes: &bytes, offset: Ticks(i64::MAX) }];
        for layout in [Layout::Fragmented, Layout::Progressive] {
            let _ = remux(&head, &parts[..1], layout);
            let _ = remux(&head, &parts, layout);
        }
    }
}

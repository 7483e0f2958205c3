//! Segments: any bit changed, piece cut, swapped, repeated or taken from elsewhere is refused.

use base::SegmentId;
use proptest::prelude::*;
use seal::SealError;
use seal::bucket::BucketKey;
use seal::closing::{Record, State};
use seal::segment::{Header, Opener, Scan, Scanner, Sealer, open_whole, scan};

use crate::world::{Made, World, flip, make};

const PLAIN: [&[u8]; 4] = [b"moof and mdat one", b"two, which is longer", b"", b"4"];

fn made(world: &World, close: bool) -> (BucketKey, Made) {
    let (key, shares) = world.bucket();
    let made = make(&key, world.header(key.bucket(), None), &PLAIN, close);
    (world.combined(&shares), made)
}

/// The file cut into its beginning and its pieces, each with its length before it.
fn pieces(file: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let seen = scan(file).unwrap();
    let at = |n: u64| usize::try_from(n).unwrap();
    let all = seen.fragments.iter().chain(&seen.end);
    let pieces = all
        .map(|it| file[at(it.offset) - 4..at(it.offset) + it.length as usize].to_vec())
        .collect();
    (file[..at(seen.head_len)].to_vec(), pieces)
}

/// Opens without looking at the record: only what the ciphertext itself proves.
fn open_bare(key: &BucketKey, file: &[u8]) -> Result<usize, SealError> {
    let seen = scan(file)?;
    let opener = Opener::new(key, file)?;
    let of = |it: seal::segment::Piece| it.of(file).ok_or(SealError::Cut);
    let mut count = 0;
    for piece in &seen.fragments {
        opener.open(count, of(*piece)?)?;
        count += 1;
    }
    opener.end(count, of(seen.end.ok_or(SealError::Cut)?)?)?;
    if seen.good_len != file.len() as u64 {
        return Err(SealError::Malformed("segment"));
    }
    Ok(count as usize)
}

#[test]
fn a_person_with_both_shares_sees_what_the_agent_sealed() {
    let world = World::new(1);
    for close in [true, false] {
        let (key, made) = made(&world, close);
        let opened = open_whole(&key, &made.file, &made.record).unwrap();
        let seen: Vec<&[u8]> = opened.iter().map(|it| it.mp4.as_slice()).collect();
        assert_eq!(seen, PLAIN);
        assert_eq!(opened[2].start_us, made.header.started_us + 2_000_000);
        assert!(opened[0].key && !opened[1].key);
        assert_eq!(made.record.ended_us, made.header.started_us + 4_000_000);
    }
}

#[test]
fn an_interrupted_segment_is_told_from_a_cut_one() {
    let world = World::new(1);
    let (key, whole) = made(&world, true);
    let end = whole.file.len() - 20;
    let cut = open_whole(&key, &whole.file[..end], &whole.record);
    assert_eq!(cut, Err(SealError::Cut));
    let (key, torn) = made(&world, false);
    assert!(open_whole(&key, &torn.file, &torn.record).is_ok());
    let lied = Record {
        state: State::Closed,
        ..torn.record
    };
    assert_eq!(open_whole(&key, &torn.file, &lied), Err(SealError::Cut));
}

#[test]
fn an_empty_segment_is_a_segment() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    let made = make(&key, world.header(key.bucket(), None), &[], true);
    assert_eq!(open_whole(&key, &made.file, &made.record), Ok(Vec::new()));
    assert_eq!(made.record.ended_us, made.header.started_us);
    assert!(made.record.sign(&world.device, world.agent).is_ok());
}

#[test]
fn times_in_the_record_must_be_those_inside() {
    let world = World::new(1);
    let (key, made) = made(&world, true);
    let open = |change: &dyn Fn(&mut Record)| {
        let mut record = made.record.clone();
        change(&mut record);
        open_whole(&key, &made.file, &record).map(drop)
    };
    let other = Err(SealError::Contradiction("other fragments"));
    assert_eq!(open(&|_| {}), Ok(()));
    assert_eq!(open(&|it| it.index[1].start_us += 1), other);
    assert_eq!(open(&|it| it.index[1].duration_us += 1), other);
    assert_eq!(open(&|it| it.index[1].key = true), other);
    assert_eq!(open(&|it| it.index.truncate(3)), other);
    let bytes = Err(SealError::Contradiction("other bytes"));
    assert_eq!(open(&|it| it.sha256[0] ^= 1), bytes);
    assert_eq!(open(&|it| it.length += 1), bytes);
    let segment = Err(SealError::Contradiction("another segment"));
    let id = SegmentId::random(&world.rng);
    assert_eq!(open(&|it| it.segment = id), segment);
    assert_eq!(open(&|it| it.before = Some(id)), segment);
}

#[test]
fn a_bucket_key_seals_a_segment_once_and_its_own_alone() {
    let world = World::new(1);
    let ((key, _), (other, _)) = (world.bucket(), world.bucket());
    let header = world.header(key.bucket(), None);
    assert!(Sealer::begin(&key, &header).is_ok());
    let again = Sealer::begin(&key, &header).map(drop);
    assert_eq!(again, Err(SealError::Reused));
    let foreign = Sealer::begin(&other, &header).map(drop);
    assert_eq!(foreign, Err(SealError::Unreadable));
}

#[test]
fn a_segment_holds_so_many_fragments_and_no_more() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    let (mut sealer, mut file) = Sealer::begin(&key, &world.header(key.bucket(), None)).unwrap();
    for n in 0..seal::segment::MAX_FRAGMENTS {
        file.extend_from_slice(&sealer.fragment(n.into(), 1, false, b"").unwrap());
    }
    let full = sealer.fragment(0, 1, false, b"");
    assert_eq!(full, Err(SealError::TooLarge));
    file.extend_from_slice(&sealer.finish().unwrap());
    let seen = scan(&file).unwrap();
    assert_eq!(seen.fragments.len(), seal::segment::MAX_FRAGMENTS as usize);
    assert!(seen.ended && open_bare(&key, &file).is_ok());
}

#[test]
fn refuses_headers_that_nobody_should_write() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    let encode = |change: &dyn Fn(&mut Header)| {
        let mut header = world.header(key.bucket(), None);
        change(&mut header);
        header.encode().map(drop)
    };
    let malformed = Err(SealError::Malformed("segment header"));
    assert_eq!(encode(&|_| {}), Ok(()));
    assert_eq!(encode(&|it| it.codec = "a b".to_owned()), malformed);
    assert_eq!(encode(&|it| it.codec = "a".repeat(65)), malformed);
    assert_eq!(encode(&|it| it.stream.clear()), malformed);
    assert_eq!(encode(&|it| it.number = 1), malformed);
    assert_eq!(encode(&|it| it.before = Some(it.segment)), malformed);
    let large = encode(&|it| it.init = vec![0; 64 * 1024 + 1]);
    assert_eq!(large, Err(SealError::TooLarge));
}

#[test]
fn after_a_crash_everything_up_to_the_last_whole_fragment_is_found() {
    let world = World::new(1);
    let (_, made) = made(&world, true);
    let whole = scan(&made.file).unwrap();
    let good = |n: usize| {
        let all = whole.fragments.iter().chain(&whole.end);
        let ends = all.map(|it| it.offset + u64::from(it.length));
        let mut ends = ends.filter(|it| *it <= n as u64);
        ends.next_back().unwrap_or(whole.head_len)
    };
    for length in 0..=made.file.len() {
        let seen = scan(&made.file[..length]);
        if (length as u64) < whole.head_len {
            assert!(seen.is_err());
            continue;
        }
        let seen = seen.unwrap();
        assert_eq!(seen.good_len, good(length), "{length}");
        assert_eq!(seen.ended, length == made.file.len());
        assert_eq!(seen.header, made.header);
    }
    let more = [&made.file[..], b"something that was not written by us"].concat();
    let seen = scan(&more).unwrap();
    assert!(seen.ended && seen.good_len == made.file.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_changed_bit_and_any_cut_is_refused(seed: u64, place: usize, cut: usize, close: bool) {
        let world = World::new(seed);
        let (key, made) = made(&world, close);
        let changed = flip(&made.file, place);
        prop_assert!(open_whole(&key, &changed, &made.record).is_err());
        prop_assert!(open_bare(&key, &changed).is_err());
        let cut = &made.file[..cut % made.file.len()];
        prop_assert!(open_whole(&key, cut, &made.record).is_err());
        prop_assert!(open_bare(&key, cut).is_err());
        let longer = [&made.file[..], &[0]].concat();
        prop_assert!(open_whole(&key, &longer, &made.record).is_err());
        prop_assert!(open_bare(&key, &longer).is_err());
    }

    #[test]
    fn pieces_can_neither_be_moved_nor_repeated_nor_left_out(
        seed: u64, order in proptest::collection::vec(0_usize..5, 0..8),
    ) {
        let world = World::new(seed);
        let (key, made) = made(&world, true);
        let (head, pieces) = pieces(&made.file);
        let mut file = head;
        for n in &order {
            file.extend_from_slice(&pieces[*n]);
        }
        let same = order == [0, 1, 2, 3, 4];
        prop_assert_eq!(open_bare(&key, &file).is_ok(), same);
        prop_assert_eq!(open_whole(&key, &file, &made.record).is_ok(), same);
    }

    #[test]
    fn pieces_of_another_segment_bucket_or_camera_are_refused(seed: u64, n in 0_usize..5, which in 0..4) {
        let world = World::new(seed);
        let (key, shares) = world.bucket();
        let first = make(&key, world.header(key.bucket(), None), &PLAIN, true);
        let mut header = world.header(key.bucket(), Some(&first.header));
        let (mut other, _) = world.bucket();
        match which {
            // The next segment of the same bucket.
            0 => other = key,
            // The same segment's header in another bucket.
            1 => header.bucket = other.bucket(),
            // Another camera's.
            2 => {
                header = world.header(other.bucket(), None);
                header.camera = World::new(seed.wrapping_add(1)).camera;
            }
            // The very same ids in another bucket, with other shares.
            _ => header = Header { bucket: other.bucket(), ..first.header.clone() },
        }
        let second = make(&other, header, &PLAIN, true);
        let combined = world.combined(&shares);
        prop_assert!(open_bare(&combined, &first.file).is_ok());
        let ((head, mut mine), (_, theirs)) = (pieces(&first.file), pieces(&second.file));
        mine[n].clone_from(&theirs[n]);
        let mixed = [head, mine.concat()].concat();
        prop_assert_eq!(open_bare(&combined, &mixed), Err(SealError::Unreadable));
        prop_assert!(open_whole(&combined, &mixed, &first.record).is_err());
        // The whole other file under the first one's record.
        prop_assert!(open_whole(&combined, &second.file, &first.record).is_err());
        if which != 0 {
            prop_assert!(open_bare(&combined, &second.file).is_err());
        }
    }

    #[test]
    fn a_header_has_one_form(seed: u64, place: usize, number: u64) {
        let world = World::new(seed);
        let (key, _) = world.bucket();
        let mut header = world.header(key.bucket(), None);
        header.number = number;
        header.before = (number > 0).then(|| SegmentId::random(&world.rng));
        let bytes = header.encode().unwrap();
        let read = Header::decode(&bytes);
        prop_assert_eq!(read.as_ref(), Ok(&header));
        let changed = flip(&bytes, place);
        if let Ok(other) = Header::decode(&changed) {
            prop_assert_eq!(other.encode().unwrap(), changed);
            prop_assert_ne!(other, header);
        }
    }

    #[test]
    fn a_file_in_parts_is_scanned_as_the_whole(
        seed: u64, cuts in proptest::collection::vec(1_usize..64, 1..64), cut: usize, place: usize,
    ) {
        let world = World::new(seed);
        let (_, made) = made(&world, true);
        let changed = flip(&made.file, place);
        for file in [&made.file[..], &made.file[..cut % made.file.len()], &changed] {
            prop_assert_eq!(in_parts(file, &cuts), scan(file));
        }
    }

    #[test]
    fn any_bytes_are_scanned_without_panic(bytes: Vec<u8>, head: bool) {
        let bytes = if head { [&b"OBHUTSG1\0\0\0"[..], &bytes].concat() } else { bytes };
        prop_assert!(scan(&bytes).is_err());
        prop_assert!(Header::decode(&bytes).is_err());
    }
}

fn in_parts(mut file: &[u8], cuts: &[usize]) -> Result<Scan, SealError> {
    let mut scanner = Scanner::new();
    for cut in cuts.iter().cycle() {
        let (part, rest) = file.split_at((*cut).min(file.len()));
        scanner.feed(part)?;
        file = rest;
        if file.is_empty() {
            break;
        }
    }
    scanner.finish()
}

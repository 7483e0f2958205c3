//! Recipient lists and closing records: what a signature covers, and which lists an agent takes.

use proptest::prelude::*;
use seal::closing::{Entry, Record, State, Why};
use seal::recipients::{Last, List, Pinned, Refused};
use seal::{AgreementKey, SealError, SignerKey, sha256};

use crate::world::{World, flip, make};

fn signed(world: &World, number: u64) -> Vec<u8> {
    world.list(number).sign(&world.custodian).unwrap()
}

#[test]
fn an_agent_takes_lists_that_rise_and_the_last_one_again() {
    let world = World::new(1);
    let custodian = world.custodian.public();
    let mut pinned = world.pinned();
    let (first, second) = (signed(&world, 1), signed(&world, 7));
    assert_eq!(pinned.accept(&first, &custodian), Ok(world.list(1)));
    assert_eq!(pinned.accept(&second, &custodian), Ok(world.list(7)));
    assert_eq!(pinned.accept(&second, &custodian), Ok(world.list(7)));
    let older = Refused::Older { number: 1, last: 7 };
    assert_eq!(pinned.accept(&first, &custodian), Err(older));
    let last = Last {
        number: 7,
        hash: sha256(&second),
    };
    assert_eq!(pinned.last, Some(last));
}

#[test]
fn an_agent_refuses_what_a_bad_hub_would_try() {
    let world = World::new(1);
    let (custodian, stranger) = (world.custodian.public(), World::new(2));
    let mut pinned = world.pinned();
    pinned.accept(&signed(&world, 3), &custodian).unwrap();
    let before = pinned;
    let mut check = |list: &List, by: &SignerKey, why: Refused| {
        let bytes = list.sign(by).unwrap();
        assert_eq!(pinned.accept(&bytes, &custodian), Err(why), "{why}");
        // Nor when the hub says which custodian it would like.
        let other = pinned.accept(&bytes, &by.public());
        assert!(other.is_err(), "{why}");
        assert_eq!(pinned, before);
    };
    // A recipient added by somebody who is not the custodian.
    let mut added = world.list(4);
    added.recording[0].push(stranger.live.recipient());
    check(&added, &stranger.custodian, Refused::WrongSignature);
    // The custodian's word for another organisation, another hub, and for the past.
    let mut list = world.list(4);
    list.org = stranger.org;
    check(&list, &world.custodian, Refused::OtherOrganisation);
    let mut list = world.list(4);
    list.hub = stranger.hub.public();
    check(&list, &world.custodian, Refused::OtherHub);
    let older = Refused::Older { number: 2, last: 3 };
    check(&world.list(2), &world.custodian, older);
    let mut list = world.list(3);
    list.recording[0].pop();
    check(&list, &world.custodian, Refused::SameNumber { number: 3 });
    assert_eq!(Refused::SameNumber { number: 3 }.code(), "same_number");
}

#[test]
fn refuses_lists_that_nobody_should_sign() {
    let world = World::new(1);
    let sign = |change: &dyn Fn(&mut List)| {
        let mut list = world.list(1);
        change(&mut list);
        list.sign(&world.custodian).map(drop)
    };
    let malformed = Err(SealError::Malformed("recipient list"));
    assert_eq!(sign(&|_| {}), Ok(()));
    assert_eq!(sign(&|it| it.number = 0), malformed);
    assert_eq!(sign(&|it| it.live.clear()), malformed);
    assert_eq!(sign(&|it| it.recording.clear()), malformed);
    assert_eq!(sign(&|it| it.recording[0].clear()), malformed);
    let doubled = |it: &mut List| it.live = vec![it.live[0]; 2];
    assert_eq!(sign(&doubled), malformed);
    let many = |it: &mut List| it.recording = vec![it.recording[0].clone(); 4];
    assert_eq!(sign(&many), malformed);
}

#[test]
fn a_list_is_not_a_record_and_a_record_no_list() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    let made = make(&key, world.header(key.bucket(), None), &[b"one"], true);
    let record = made.record.sign(&world.custodian, world.agent).unwrap();
    assert!(List::read_unverified(&record).is_err());
    assert!(Record::read_unverified(&signed(&world, 1)).is_err());
}

#[test]
fn a_record_is_bound_to_its_agent_and_key() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    let made = make(
        &key,
        world.header(key.bucket(), None),
        &[b"one", b"2"],
        true,
    );
    let bytes = made.record.sign(&world.device, world.agent).unwrap();
    let device = world.device.public();
    let other = World::new(2);
    let verify = |key, agent| Record::verify(&bytes, key, agent).map(drop);
    assert_eq!(verify(&device, world.agent), Ok(()));
    assert_eq!(verify(&device, other.agent), Err(SealError::UnknownKey));
    let foreign = verify(&other.device.public(), world.agent);
    assert_eq!(foreign, Err(SealError::Signature));
    assert_eq!(Record::read_unverified(&bytes), Ok(made.record));
}

#[test]
fn refuses_records_whose_pieces_do_not_join() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    for close in [true, false] {
        let made = make(
            &key,
            world.header(key.bucket(), None),
            &[b"one", b"2"],
            close,
        );
        let sign = |change: &dyn Fn(&mut Record)| {
            let mut record = made.record.clone();
            change(&mut record);
            record.sign(&world.device, world.agent).map(drop)
        };
        let malformed = Err(SealError::Malformed("closing record"));
        assert_eq!(sign(&|_| {}), Ok(()));
        assert_eq!(sign(&|it| it.length += 1), malformed);
        assert_eq!(sign(&|it| it.index[1].offset += 1), malformed);
        assert_eq!(sign(&|it| it.index[0].length += 1), malformed);
        assert_eq!(sign(&|it| it.index.swap(0, 1)), malformed);
        assert_eq!(sign(&|it| it.index.truncate(1)), malformed);
        assert_eq!(sign(&|it| it.index[0].offset = u64::MAX), malformed);
        let other = |it: &mut Record| {
            it.state = if close {
                State::Interrupted
            } else {
                State::Closed
            };
        };
        assert_eq!(sign(&other), malformed);
        let huge = |it: &mut Record| it.length = u64::MAX;
        assert_eq!(sign(&huge), Err(SealError::TooLarge));
    }
}

#[test]
fn the_largest_record_can_be_signed() {
    let world = World::new(1);
    let (key, _) = world.bucket();
    let mut record = make(&key, world.header(key.bucket(), None), &[b"one"], true).record;
    let first = record.index[0].offset;
    let most = u64::from(seal::segment::MAX_FRAGMENTS);
    record.index = (0..most)
        .map(|n| Entry {
            offset: first + n * 4004,
            length: 4000,
            start_us: i64::MAX,
            duration_us: u32::MAX,
            key: true,
        })
        .collect();
    record.length = first + most * 4004 + 16;
    let bytes = record.sign(&world.device, world.agent).unwrap();
    let read = Record::verify(&bytes, &world.device.public(), world.agent).unwrap();
    assert_eq!((read.index.len() as u64, read.why), (most, Why::Length));
    record.index.push(record.index[0]);
    let sign = record.sign(&world.device, world.agent);
    assert_eq!(sign, Err(SealError::TooLarge));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_bit_is_refused(seed: u64, place: usize, cut: usize) {
        let world = World::new(seed);
        let bytes = signed(&world, seed.max(1));
        let custodian = world.custodian.public();
        let mut pinned = world.pinned();
        prop_assert!(pinned.accept(&flip(&bytes, place), &custodian).is_err());
        prop_assert!(pinned.accept(&bytes[..cut % bytes.len()], &custodian).is_err());
        prop_assert_eq!(pinned.last, None);
        prop_assert!(pinned.accept(&bytes, &custodian).is_ok());

        let (key, _) = world.bucket();
        let made = make(&key, world.header(key.bucket(), None), &[b"one", b"2"], seed % 2 == 0);
        let bytes = made.record.sign(&world.device, world.agent).unwrap();
        let verify = |bytes: &[u8]| Record::verify(bytes, &world.device.public(), world.agent);
        prop_assert!(verify(&flip(&bytes, place)).is_err());
        prop_assert!(verify(&bytes[..cut % bytes.len()]).is_err());
        prop_assert_eq!(verify(&bytes), Ok(made.record));
    }

    #[test]
    fn whatever_comes_the_number_never_falls(
        offers in proptest::collection::vec((1_u64..6, 0_usize..3), 1..20),
        fresh: bool,
    ) {
        let world = World::new(1);
        let custodian = world.custodian.public();
        let variants: Vec<_> = [0_i64, 1, 2].map(|n| move |list: &mut List| list.issued_us += n).into();
        let mut pinned = world.pinned();
        let mut taken: Option<(u64, Vec<u8>)> = None;
        let mut known = std::collections::BTreeMap::new();
        for (number, variant) in offers {
            let bytes = known.entry((number, variant)).or_insert_with(|| {
                let mut list = world.list(number);
                variants[variant](&mut list);
                list.sign(&world.custodian).unwrap()
            }).clone();
            let good = taken.as_ref().is_none_or(|(last, same)| {
                number > *last || (number == *last && *same == bytes)
            });
            prop_assert_eq!(pinned.accept(&bytes, &custodian).is_ok(), good);
            if good {
                taken = Some((number, bytes));
            }
            if fresh {
                // A restart: only what was written down survives.
                let Pinned { org, hub, custodian, last } = pinned;
                pinned = Pinned { org, hub, custodian, last };
            }
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>, head: bool) {
        let bytes = if head { [&[0xd2, 0x84][..], &bytes].concat() } else { bytes };
        prop_assert!(List::read_unverified(&bytes).is_err());
        prop_assert!(Record::read_unverified(&bytes).is_err());
        prop_assert!(AgreementKey::from_pkcs8(&bytes).is_err());
    }
}

//! Envelopes and buckets: who can open them, and that nobody else can.

use base::BucketId;
use proptest::prelude::*;
use seal::bucket::{self, HUB};
use seal::{AgreementKey, Point, SealError, envelope};

use crate::world::{World, flip, make};

fn keys(world: &World, count: usize) -> (Vec<AgreementKey>, Vec<(String, Point)>) {
    let keys: Vec<_> = (0..count)
        .map(|_| AgreementKey::generate(&world.rng).unwrap())
        .collect();
    let to = keys.iter().enumerate();
    let to = to
        .map(|(n, it)| (format!("key {n}"), it.public()))
        .collect();
    (keys, to)
}

#[test]
fn has_the_size_that_is_documented() {
    let world = World::new(1);
    let (_, shares) = world.bucket();
    let rng = &world.rng;
    let hub = (HUB.to_owned(), world.hub.public());
    assert_eq!(shares.hub.len(), 203);
    let three: Vec<_> = ["vgn_0", "vgn_1", "vgn_2"]
        .map(|it| (format!("{it}{}", "0".repeat(25)), hub.1))
        .into();
    let sealed = envelope::seal(&[0; 32], &three, b"", rng).unwrap();
    assert_eq!(sealed.len(), 547);
}

#[test]
fn refuses_recipients_that_could_be_confused_and_what_is_too_much() {
    let world = World::new(1);
    let (_, to) = keys(&world, 17);
    let seal = |plain: &[u8], to: &[(String, Point)]| envelope::seal(plain, to, b"", &world.rng);
    let malformed = Err(SealError::Malformed("list of recipients"));
    assert_eq!(seal(b"x", &[]), malformed);
    assert_eq!(seal(b"x", &[to[0].clone(), to[0].clone()]), malformed);
    assert_eq!(seal(b"x", &[(String::new(), to[0].1)]), malformed);
    assert_eq!(seal(b"x", &to), Err(SealError::TooLarge));
    assert_eq!(
        seal(b"x", &[("k".repeat(65), to[0].1)]),
        Err(SealError::TooLarge)
    );
    assert_eq!(
        seal(&[0; envelope::MAX_PLAIN + 1], &to[..1]),
        Err(SealError::TooLarge)
    );
    let largest = seal(&[0; envelope::MAX_PLAIN], &to[..16]).unwrap();
    assert_eq!(envelope::kids(&largest).unwrap().len(), 16);
}

#[test]
fn takes_one_form_only() {
    let world = World::new(1);
    let (keys, to) = keys(&world, 1);
    let sealed = envelope::seal(b"plain", &to, b"aad", &world.rng).unwrap();
    let open = |bytes: &[u8]| envelope::open(bytes, "key 0", &keys[0], b"aad").map(drop);
    assert_eq!(open(&sealed), Ok(()));
    let malformed = Err(SealError::Malformed("envelope"));
    // The tag in two bytes more than needed, something behind the end, and an array without length.
    let long_tag = [&[0xda, 0, 0, 0, 96], &sealed[2..]].concat();
    assert_eq!(open(&long_tag), malformed);
    assert_eq!(open(&[&sealed[..], &[0]].concat()), malformed);
    let open_array = [&sealed[..2], &[0x9f], &sealed[3..], &[0xff]].concat();
    assert_eq!(open(&open_array), malformed);
    assert_eq!(
        open(&[0; envelope::MAX_BYTES + 1]),
        Err(SealError::TooLarge)
    );
}

#[test]
fn shares_of_another_bucket_hub_or_role_do_not_open() {
    let world = World::new(1);
    let (key, shares) = world.bucket();
    let other = BucketId::random(&world.rng);
    let unreadable = SealError::Unreadable;
    let hub = |bucket, key| bucket::open_hub_share(bucket, &shares.hub, key).map(drop);
    assert_eq!(hub(key.bucket(), &world.hub), Ok(()));
    assert_eq!(hub(other, &world.hub), Err(unreadable));
    assert_eq!(hub(key.bucket(), &world.viewing), Err(unreadable));
    let role = |bucket, it: &crate::world::Generation, key| {
        bucket::open_role_share(bucket, &shares.roles[0], it.id, key).map(drop)
    };
    let [a, b] = &world.recording;
    assert_eq!(role(key.bucket(), a, &a.key), Ok(()));
    assert_eq!(role(key.bucket(), b, &b.key), Ok(()));
    assert_eq!(role(other, a, &a.key), Err(unreadable));
    assert_eq!(role(key.bucket(), a, &b.key), Err(unreadable));
    let stranger = &world.live;
    let missing = role(key.bucket(), stranger, &stranger.key);
    assert_eq!(missing, Err(SealError::NoRecipient));
}

#[test]
fn needs_every_share_in_its_place() {
    let world = World::new(1);
    let mut list = world.list(1);
    list.recording.push(vec![world.live.recipient()]);
    let bucket = BucketId::random(&world.rng);
    let (key, shares) = bucket::create(bucket, &list, &world.rng).unwrap();
    let made = make(&key, world.header(bucket, None), &[b"one"], true);
    let hub = bucket::open_hub_share(bucket, &shares.hub, &world.hub).unwrap();
    let (first, second) = (&world.recording[0], &world.live);
    let open = |n: usize, it: &crate::world::Generation| {
        bucket::open_role_share(bucket, &shares.roles[n], it.id, &it.key).unwrap()
    };
    let (one, two) = (open(0, first), open(1, second));
    let opens = |hub: &[u8; 32], roles: &[seal::Zeroizing<Vec<u8>>]| {
        let key = bucket::combine(bucket, hub, roles)?;
        seal::segment::open_whole(&key, &made.file, &made.record).map(drop)
    };
    assert_eq!(opens(&hub, &[one.clone(), two.clone()]), Ok(()));
    let unreadable = Err(SealError::Unreadable);
    assert_eq!(opens(&hub, &[two.clone(), one.clone()]), unreadable);
    assert_eq!(opens(&hub, std::slice::from_ref(&one)), unreadable);
    assert_eq!(opens(&hub, std::slice::from_ref(&two)), unreadable);
    assert_eq!(opens(&[0; 32], &[one.clone(), two.clone()]), unreadable);
    let malformed = Err(SealError::Malformed("share of a key"));
    assert_eq!(opens(&hub, &[]), malformed);
    let mut long = one.clone();
    long.push(0);
    assert_eq!(opens(&hub, &[long, two.clone()]), malformed);
    assert_eq!(opens(&hub, &vec![one; 4]), malformed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn opens_for_each_recipient_and_nobody_else(
        seed: u64,
        plain in proptest::collection::vec(any::<u8>(), 0..200),
        aad: Vec<u8>,
        count in 1_usize..5,
    ) {
        let world = World::new(seed);
        let (keys, to) = keys(&world, count);
        let sealed = envelope::seal(&plain, &to, &aad, &world.rng).unwrap();
        let names: Vec<String> = to.iter().map(|it| it.0.clone()).collect();
        prop_assert_eq!(&envelope::kids(&sealed).unwrap(), &names);
        let unreadable = Err(SealError::Unreadable);
        for (n, (kid, key)) in names.iter().zip(&keys).enumerate() {
            let opened = envelope::open(&sealed, kid, key, &aad).unwrap();
            prop_assert_eq!(&*opened, &plain);
            let other_aad = [&aad[..], &[0]].concat();
            prop_assert_eq!(envelope::open(&sealed, kid, key, &other_aad), unreadable.clone());
            let stranger = &world.viewing;
            prop_assert_eq!(envelope::open(&sealed, kid, stranger, &aad), unreadable.clone());
            if count > 1 {
                let other = &keys[(n + 1) % count];
                prop_assert_eq!(envelope::open(&sealed, kid, other, &aad), unreadable.clone());
            }
        }
        let missing = envelope::open(&sealed, "key 9", &keys[0], &aad);
        prop_assert_eq!(missing, Err(SealError::NoRecipient));
    }

    #[test]
    fn any_changed_bit_is_refused(seed: u64, plain: [u8; 32], place: usize, cut: usize) {
        let world = World::new(seed);
        let (keys, to) = keys(&world, 1);
        let sealed = envelope::seal(&plain, &to, b"aad", &world.rng).unwrap();
        let open = |bytes: &[u8]| envelope::open(bytes, "key 0", &keys[0], b"aad");
        prop_assert!(open(&flip(&sealed, place)).is_err());
        prop_assert!(open(&sealed[..cut % sealed.len()]).is_err());
    }

    #[test]
    fn the_parts_of_two_envelopes_do_not_mix(seed: u64) {
        let world = World::new(seed);
        let (keys, to) = keys(&world, 1);
        let seal = |plain| envelope::seal(plain, &to, b"aad", &world.rng).unwrap();
        let (one, two) = (seal(b"plain one"), seal(b"plain two"));
        for cut in 1..one.len() {
            let mixed = [&one[..cut], &two[cut..]].concat();
            let opened = envelope::open(&mixed, "key 0", &keys[0], b"aad");
            prop_assert!(mixed == one || mixed == two || opened.is_err());
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>, head: bool) {
        let bytes = if head { [&[0xd8, 0x60, 0x84][..], &bytes].concat() } else { bytes };
        prop_assert!(envelope::kids(&bytes).is_err());
    }
}

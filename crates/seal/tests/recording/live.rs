//! Live pictures: in order, once, of one session, for those who hold the live generation.

use base::LiveKeyId;
use proptest::prelude::*;
use seal::SealError;
use seal::live::{Header, LiveKey, Opener, Sealer};

use crate::world::{World, flip};

struct Session {
    key: LiveKey,
    header: Vec<u8>,
    pictures: Vec<Vec<u8>>,
}

fn session(world: &World) -> Session {
    let id = LiveKeyId::random(&world.rng);
    let (key, envelope) = LiveKey::create(id, &world.list(1), &world.rng).unwrap();
    let header = world.live_header(id, envelope);
    let (mut sealer, header) = Sealer::begin(&key, &header).unwrap();
    let pictures = (0..4_i64)
        .map(|n| sealer.picture(n * 40_000, n == 0, &[7; 20]).unwrap())
        .collect();
    Session {
        key,
        header,
        pictures,
    }
}

#[test]
fn a_viewer_of_the_live_generation_sees_the_pictures_in_order() {
    let world = World::new(1);
    let session = session(&world);
    let header = Header::decode(&session.header).unwrap();
    let key = LiveKey::open(&header, world.live.id, &world.live.key).unwrap();
    assert_eq!(key.id(), session.key.id());
    let mut opener = Opener::new(&key, &session.header).unwrap();
    for (n, picture) in (0..).zip(&session.pictures) {
        let seen = opener.picture(picture).unwrap();
        assert_eq!((seen.number, seen.key), (n, n == 0));
        assert_eq!(seen.time_us, i64::from(n) * 40_000);
        assert_eq!(*seen.access_unit, [7; 20]);
    }
    let stranger = &world.recording[0];
    let missing = LiveKey::open(&header, stranger.id, &stranger.key).map(drop);
    assert_eq!(missing, Err(SealError::NoRecipient));
    let wrong = LiveKey::open(&header, world.live.id, &stranger.key).map(drop);
    assert_eq!(wrong, Err(SealError::Unreadable));
}

#[test]
fn pictures_may_be_missed_but_not_come_again() {
    let world = World::new(1);
    let session = session(&world);
    let mut opener = Opener::new(&session.key, &session.header).unwrap();
    assert!(opener.picture(&session.pictures[0]).is_ok());
    assert!(opener.picture(&session.pictures[2]).is_ok());
    for n in 0..=2 {
        let again = opener.picture(&session.pictures[n]);
        assert_eq!(again, Err(SealError::Reused));
    }
    assert!(opener.picture(&session.pictures[3]).is_ok());
}

#[test]
fn a_key_begins_a_session_once() {
    let world = World::new(1);
    let session = session(&world);
    let header = Header::decode(&session.header).unwrap();
    let again = Sealer::begin(&session.key, &header).map(drop);
    assert_eq!(again, Err(SealError::Reused));
    let id = LiveKeyId::random(&world.rng);
    let (other, _) = LiveKey::create(id, &world.list(1), &world.rng).unwrap();
    let foreign = Sealer::begin(&other, &header).map(drop);
    assert_eq!(foreign, Err(SealError::Unreadable));
    let foreign = Opener::new(&other, &session.header).map(drop);
    assert_eq!(foreign, Err(SealError::Unreadable));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_changed_bit_and_anything_from_another_session_is_refused(
        seed: u64, place: usize, cut: usize, n in 0_usize..4,
    ) {
        let world = World::new(seed);
        let (one, two) = (session(&world), session(&world));
        let mut opener = Opener::new(&one.key, &one.header).unwrap();
        prop_assert!(opener.picture(&flip(&one.pictures[n], place)).is_err());
        let cut = &one.pictures[n][..cut % one.pictures[n].len()];
        prop_assert!(opener.picture(cut).is_err());
        prop_assert_eq!(opener.picture(&two.pictures[n]), Err(SealError::Unreadable));
        // The same live key, another session.
        let header = Header {
            session: base::LiveSessionId::random(&world.rng),
            ..Header::decode(&one.header).unwrap()
        };
        let (mut sealer, _) = Sealer::begin(&one.key, &header).unwrap();
        let other = sealer.picture(0, true, &[7; 20]).unwrap();
        prop_assert_eq!(opener.picture(&other), Err(SealError::Unreadable));
        prop_assert!(opener.picture(&one.pictures[n]).is_ok());
        // The header is bound to the pictures.
        if let Ok(mut opener) = Opener::new(&one.key, &flip(&one.header, place)) {
            prop_assert!(opener.picture(&one.pictures[n]).is_err());
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>) {
        prop_assert!(Header::decode(&bytes).is_err());
        let session = session(&World::new(1));
        let mut opener = Opener::new(&session.key, &session.header).unwrap();
        prop_assert!(opener.picture(&bytes).is_err());
    }
}

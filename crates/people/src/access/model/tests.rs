//! Who may what, case by case.

use super::*;
use base::SeededRng;
use proptest::prelude::*;

const UNIT: UnitId = UnitId::from_bytes([1; 16]);
const OTHER: UnitId = UnitId::from_bytes([2; 16]);

fn actor(rights: &[(Permission, Scope)]) -> Actor {
    let rng = SeededRng::new(1);
    let rights = rights.iter().map(|(permission, scope)| Right {
        permission: *permission,
        scope: *scope,
        limits: Limits::default(),
    });
    Actor::person(
        OrgId::from_bytes([9; 16]),
        PersonId::random(&rng),
        MembershipId::from_bytes([8; 16]),
        None,
        rights.collect(),
    )
}

#[test]
fn words_and_back() {
    for permission in Permission::ALL {
        assert_eq!(Permission::parse(permission.word()), Some(*permission));
    }
    assert_eq!(Permission::parse("alarm"), None);
}

#[test]
fn a_right_holds_where_it_was_given() {
    let actor = actor(&[(Permission::AlarmClose, Scope::Unit(UNIT))]);
    assert!(may::<permit::AlarmClose>(&actor, Object::Unit(UNIT)).is_ok());
    assert!(may::<permit::AlarmClose>(&actor, Object::Unit(OTHER)).is_err());
    assert!(may::<permit::AlarmClose>(&actor, Object::Org).is_err());
    assert!(may::<permit::AlarmRead>(&actor, Object::Unit(UNIT)).is_err());
    assert_eq!(
        actor.reach(Permission::AlarmClose),
        Reach::Units(vec![UNIT])
    );
}

#[test]
fn a_camera_is_reached_by_its_unit_or_its_group() {
    let cameras = CameraGroupId::from_bytes([3; 16]);
    let others = CameraGroupId::from_bytes([4; 16]);
    let camera = |unit, group| Object::Camera { unit, group };
    let by_group = actor(&[(Permission::VideoLive, Scope::Cameras(cameras))]);
    let live = |actor: &Actor, object| may::<permit::VideoLive>(actor, object).is_ok();
    assert!(live(&by_group, camera(None, Some(cameras))));
    assert!(live(&by_group, camera(Some(UNIT), Some(cameras))));
    assert!(!live(&by_group, camera(Some(UNIT), Some(others))));
    assert!(!live(&by_group, camera(None, None)));
    assert!(!live(&by_group, Object::Unit(UNIT)) && !live(&by_group, Object::Org));
    let by_unit = actor(&[(Permission::VideoLive, Scope::Unit(UNIT))]);
    assert!(live(&by_unit, camera(Some(UNIT), Some(others))));
    assert!(!live(&by_unit, camera(Some(OTHER), Some(cameras))));
    assert!(!live(&by_unit, camera(None, Some(cameras))));
    let everywhere = actor(&[(Permission::VideoLive, Scope::Org)]);
    assert!(live(&everywhere, camera(None, None)));
    assert!(may::<permit::VideoPlayback>(&everywhere, camera(None, None)).is_err());
}

#[test]
fn machines_may_what_their_kind_says() {
    let org = OrgId::from_bytes([9; 16]);
    let key = KeyId::from_bytes([7; 16]);
    let intake = Actor::machine(org, key, MachineKind::Intake, UNIT);
    assert!(may::<permit::AlarmTrigger>(&intake, Object::Unit(UNIT)).is_ok());
    assert!(may::<permit::AlarmTrigger>(&intake, Object::Unit(OTHER)).is_err());
    assert!(may::<permit::AlarmTrigger>(&intake, Object::Org).is_err());
    let monitor = Actor::machine(org, key, MachineKind::Monitor, UNIT);
    assert!(may::<permit::AlarmTrigger>(&monitor, Object::Unit(UNIT)).is_err());
    assert!(may::<permit::AlarmRead>(&monitor, Object::Unit(UNIT)).is_ok());
    assert!(oneself(&monitor).is_err());
}

#[test]
fn a_device_may_only_what_is_its_owners_own() {
    let rng = SeededRng::new(1);
    let device = Actor::device(
        OrgId::from_bytes([9; 16]),
        PersonId::random(&rng),
        MembershipId::from_bytes([8; 16]),
        DeviceId::random(&rng),
    );
    assert!(device.permissions().is_empty());
    assert!(may::<permit::AlarmRead>(&device, Object::Org).is_err());
    assert!(oneself(&device).is_ok());
}

#[test]
fn the_freer_of_two_rights_counts() {
    let mut actor = actor(&[]);
    let right = |four_eyes, look_back_us| Right {
        permission: Permission::LedgerRead,
        scope: Scope::Org,
        limits: Limits {
            look_back_us,
            second_factor: false,
            four_eyes,
        },
    };
    actor.rights = vec![
        right(true, None),
        right(false, Some(5)),
        right(false, Some(9)),
    ]
    .into();
    let grant = may::<permit::LedgerRead>(&actor, Object::Org).unwrap();
    assert_eq!(grant.limits().look_back_us, Some(9));
}

proptest! {
    #[test]
    fn nothing_is_granted_without_a_right(units: Vec<[u8; 16]>, asked: [u8; 16]) {
        let rights: Vec<_> = units
            .iter()
            .map(|unit| (Permission::AlarmRead, Scope::Unit(UnitId::from_bytes(*unit))))
            .collect();
        let granted = may::<permit::AlarmRead>(
            &actor(&rights),
            Object::Unit(UnitId::from_bytes(asked)),
        );
        prop_assert_eq!(granted.is_ok(), units.contains(&asked));
    }
}

//! What somebody may with cameras, asked of `people` in the few forms this crate needs.

use base::{CameraGroupId, MembershipId, SignedDuration, Timestamp, UnitId};
use people::{Actor, Denied, Grant, Object, Permission, Permit, Who, may, permit};

use crate::VideoError;

/// The permissions of this application.
pub(crate) const VIDEO: [Permission; 3] = [
    Permission::VideoLive,
    Permission::VideoPlayback,
    Permission::VideoConfigure,
];

/// A camera as rights see it.
pub(crate) fn camera_object(unit: Option<UnitId>, group: CameraGroupId) -> Object {
    Object::Camera {
        unit,
        group: Some(group),
    }
}

/// Whether somebody has a permission anywhere.
pub(crate) fn has(actor: &Actor, permission: Permission) -> bool {
    actor
        .rights()
        .iter()
        .any(|right| right.permission == permission)
}

/// Refuses who has nothing to do with cameras.
pub(crate) fn any_video(actor: &Actor) -> Result<(), Denied> {
    if VIDEO.iter().any(|permission| has(actor, *permission)) {
        Ok(())
    } else {
        Err(Denied {
            permission: Some(Permission::VideoLive),
        })
    }
}

/// A grant for looking. Rights that need a second person or factor give none: neither is built yet, and
/// nobody shall look with less than was asked for.
pub(crate) fn look<P: Permit>(actor: &Actor, object: Object) -> Result<Grant<P>, VideoError> {
    let grant = may::<P>(actor, object)?;
    let limits = grant.limits();
    if limits.four_eyes || limits.second_factor {
        return Err(VideoError::NeedsMore);
    }
    Ok(grant)
}

/// The earliest instant that a grant lets one see.
pub(crate) fn earliest<P>(grant: &Grant<P>, now: Timestamp) -> Timestamp {
    let back = grant.limits().look_back_us.map(SignedDuration::from_micros);
    back.map_or(Timestamp::MIN, |back| {
        now.checked_sub(back).unwrap_or(Timestamp::MIN)
    })
}

/// The membership behind a grant.
pub(crate) fn member<P>(grant: &Grant<P>) -> Result<MembershipId, Denied> {
    match grant.actor().who() {
        Who::Person { membership, .. } => Ok(membership),
        _ => Err(Denied { permission: None }),
    }
}

/// Whether somebody may do anything at all with a camera.
pub(crate) fn touches(actor: &Actor, object: Object) -> bool {
    may::<permit::VideoLive>(actor, object).is_ok()
        || may::<permit::VideoPlayback>(actor, object).is_ok()
        || may::<permit::VideoConfigure>(actor, object).is_ok()
}

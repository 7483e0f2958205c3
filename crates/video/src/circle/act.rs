//! What is done to the circle: set up once, new generations, handing on.

use ::store::Tx;
use base::{GenerationId, MembershipId, OrgId, ViewingKeyId, ViewingRoleId};
use ledger::{Entry, Outcome, Pen};
use people::Grant;
use people::permit::{Oneself, VideoConfigure};
use seal::Point;
use seal::recipients::List;

use super::model::{Generation, Member, RoleKind, Wanted};
use super::store::{self, SignedList};
use crate::rows::instant;
use crate::{VideoError, rights};

/// A role's private key, sealed to one viewing key.
#[derive(Debug, Clone)]
pub(crate) struct Wrapped {
    pub(crate) generation: GenerationId,
    pub(crate) key: ViewingKeyId,
    pub(crate) cose: Vec<u8>,
}

/// A new generation as its maker's browser says it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New {
    pub(crate) id: GenerationId,
    pub(crate) key: Point,
}

/// What a set-up brings.
pub(crate) struct Founding {
    pub(crate) custodian: New,
    pub(crate) recording: New,
    pub(crate) live: New,
    pub(crate) wrapped: Vec<Wrapped>,
    pub(crate) list: Vec<u8>,
}

fn entry(
    action: &'static str,
    object: impl std::fmt::Display,
    details: Vec<(&'static str, String)>,
) -> Entry {
    Entry {
        action,
        object: Some(object.to_string()),
        outcome: Outcome::Done,
        details,
    }
}

/// Sets up who can open what. Once.
pub(crate) async fn found(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<VideoConfigure>,
    hub: Point,
    new: &Founding,
) -> Result<(), VideoError> {
    let org = grant.org();
    if !store::current(tx, org).await?.is_empty() {
        return Err(VideoError::conflict(
            "circle_exists",
            "who can open recordings is set up already",
        ));
    }
    let wanted = Wanted {
        org,
        number: 1,
        hub,
        recording: (new.recording.id, new.recording.key),
        live: (new.live.id, new.live.key),
    };
    let list = checked(&new.list, &new.custodian.key, &wanted)?;
    for (kind, new) in [
        (RoleKind::Custodian, new.custodian),
        (RoleKind::Recording, new.recording),
        (RoleKind::Live, new.live),
    ] {
        if store::is_generation(tx, org, new.id).await? {
            return Err(VideoError::conflict("id_taken", "a generation has this id"));
        }
        let role = store::add_role(tx, org, kind).await?;
        store::add_generation(tx, org, role, new.id, &new.key).await?;
    }
    let mine = [new.custodian.id, new.recording.id, new.live.id];
    distribute(tx, org, rights::member(grant)?, &new.wrapped, &mine).await?;
    publish(tx, pen, org, list).await?;
    let details = vec![(
        "custodian",
        super::model::grouped(&new.custodian.key.fingerprint()),
    )];
    pen.write(tx, entry("video.circle_founded", org, details))
        .await?;
    Ok(())
}

/// What a new generation brings.
pub(crate) struct Rotation {
    pub(crate) role: ViewingRoleId,
    pub(crate) new: New,
    pub(crate) wrapped: Vec<Wrapped>,
    pub(crate) list: Vec<u8>,
}

/// Puts a new generation in force; the one before opens what was sealed to it, and nothing from the next bucket on.
pub(crate) async fn rotate(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<VideoConfigure>,
    hub: Point,
    rotation: &Rotation,
) -> Result<(), VideoError> {
    let org = grant.org();
    let current = store::current(tx, org).await?;
    let of = |kind| current.iter().find(|it: &&Generation| it.kind == kind);
    let (Some(custodian), Some(recording), Some(live)) = (
        of(RoleKind::Custodian),
        of(RoleKind::Recording),
        of(RoleKind::Live),
    ) else {
        return Err(VideoError::CircleMissing);
    };
    let before = current.iter().find(|it| it.role == rotation.role);
    let before = before.ok_or(VideoError::NotFound("role"))?;
    if before.kind == RoleKind::Custodian {
        return Err(VideoError::conflict(
            "custodian_stays",
            "agents believe the custodian they were enrolled with",
        ));
    }
    if store::is_generation(tx, org, rotation.new.id).await? {
        return Err(VideoError::conflict("id_taken", "a generation has this id"));
    }
    let last = store::last_list(tx, org).await?;
    let number = last.map_or(1, |last| last.number + 1);
    let next = (rotation.new.id, rotation.new.key);
    let stays = |it: &Generation| (it.id, it.public_key);
    let (recording, live) = match before.kind {
        RoleKind::Live => (stays(recording), next),
        _ => (next, stays(live)),
    };
    let wanted = Wanted {
        org,
        number,
        hub,
        recording,
        live,
    };
    let list = checked(&rotation.list, &custodian.public_key, &wanted)?;
    store::replace(tx, org, rotation.role, number).await?;
    let new = rotation.new;
    store::add_generation(tx, org, rotation.role, new.id, &new.key).await?;
    distribute(
        tx,
        org,
        rights::member(grant)?,
        &rotation.wrapped,
        &[new.id],
    )
    .await?;
    publish(tx, pen, org, list).await?;
    let details = vec![("role", before.kind.word().to_owned())];
    pen.write(tx, entry("video.generation_made", new.id, details))
        .await?;
    Ok(())
}

/// Hands keys on to members who wait. Who does it must hold them.
pub(crate) async fn hand_over(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<Oneself>,
    wrapped: &[Wrapped],
) -> Result<(), VideoError> {
    let (org, giver) = (grant.org(), rights::member(grant)?);
    for one in wrapped {
        let kind = store::kind_of(tx, org, one.generation).await?;
        kind.ok_or(VideoError::NotFound("generation"))?;
        if store::given(tx, org, one.generation, giver).await? != Some(true) {
            return Err(VideoError::NotHolder);
        }
        let member = give(tx, org, one).await?;
        let object = format!("{}/{member}", one.generation);
        pen.write(tx, entry("video.key_handed_over", object, vec![]))
            .await?;
    }
    Ok(())
}

/// Gives new generations out; their maker must hold each, or nobody would.
async fn distribute(
    tx: &mut Tx,
    org: OrgId,
    maker: MembershipId,
    wrapped: &[Wrapped],
    generations: &[GenerationId],
) -> Result<(), VideoError> {
    for one in wrapped {
        if !generations.contains(&one.generation) {
            return Err(VideoError::wrong(
                "wrapped",
                "other_generation",
                "holds the key of a generation that is not being made",
            ));
        }
        give(tx, org, one).await?;
    }
    for generation in generations {
        if store::given(tx, org, *generation, maker).await? != Some(true) {
            return Err(VideoError::wrong(
                "wrapped",
                "maker_missing",
                "must hold each key for the one who makes it",
            ));
        }
    }
    Ok(())
}

async fn give(tx: &mut Tx, org: OrgId, one: &Wrapped) -> Result<MembershipId, VideoError> {
    let kids = seal::envelope::kids(&one.cose).map_err(|_| not_sealed())?;
    if kids != [one.key.to_string()] {
        return Err(not_sealed());
    }
    let kind = store::kind_of(tx, org, one.generation).await?;
    let kind = kind.ok_or(VideoError::NotFound("generation"))?;
    let members = store::entitled(tx, org, kind).await?;
    let has = |it: &&Member| it.key.is_some_and(|(id, _)| id == one.key);
    let member = members.iter().find(has);
    let member = member.ok_or(VideoError::NotFound("member with this viewing key"))?;
    let cose = one.cose.clone();
    store::give(tx, org, one.generation, member.id, one.key, cose).await?;
    Ok(member.id)
}

fn not_sealed() -> VideoError {
    VideoError::wrong(
        "wrapped",
        "not_sealed_to_it",
        "is not an envelope to this viewing key alone",
    )
}

fn checked(cose: &[u8], custodian: &Point, wanted: &Wanted) -> Result<SignedList, VideoError> {
    let list = List::verify(cose, custodian).map_err(|_| {
        VideoError::wrong("list", "list_wrong", "is not signed by the custodian key")
    })?;
    wanted.check(&list)?;
    Ok(SignedList {
        number: list.number,
        issued: instant(list.issued_us),
        cose: cose.to_vec(),
    })
}

async fn publish(tx: &mut Tx, pen: &Pen, org: OrgId, list: SignedList) -> Result<(), VideoError> {
    store::add_list(tx, org, &list).await?;
    let details = vec![
        ("number", list.number.to_string()),
        ("sha256", seal::b64url_encode(&seal::sha256(&list.cose))),
    ];
    pen.write(tx, entry("video.recipient_list", org, details))
        .await?;
    Ok(())
}

//! Roles, generations, and what a recipient list must say. No I/O.

use base::{GenerationId, MembershipId, OrgId, Timestamp, ViewingKeyId, ViewingRoleId};
use people::{Actor, Permission, Scope};
use seal::Point;
use seal::recipients::List;

use crate::VideoError;

/// What a role's key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RoleKind {
    /// Signs recipient lists.
    Custodian,
    /// Opens recordings.
    Recording,
    /// Opens live pictures.
    Live,
}

impl RoleKind {
    pub(crate) const ALL: [Self; 3] = [Self::Recording, Self::Live, Self::Custodian];

    /// The word on the wire and in the table.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Custodian => "custodian",
            Self::Recording => "recording",
            Self::Live => "live",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whoever has this belongs to the role: anywhere, or for all cameras.
    pub(crate) const fn permission(self) -> Permission {
        match self {
            Self::Custodian => Permission::VideoConfigure,
            Self::Recording => Permission::VideoPlayback,
            Self::Live => Permission::VideoLive,
        }
    }

    /// Whether a right for some of the cameras is not enough: the list that the custodian signs is for all of them.
    pub(crate) const fn is_for_all(self) -> bool {
        matches!(self, Self::Custodian)
    }

    /// Whether somebody belongs to the role.
    pub(crate) fn is_for(self, actor: &Actor) -> bool {
        let all = self.is_for_all();
        actor.rights().iter().any(|right| {
            right.permission == self.permission() && (!all || right.scope == Scope::Org)
        })
    }
}

/// A generation that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Generation {
    pub(crate) id: GenerationId,
    pub(crate) role: ViewingRoleId,
    pub(crate) kind: RoleKind,
    pub(crate) public_key: Point,
    /// To how many members it was ever given.
    pub(crate) handed: i64,
    pub(crate) created: Timestamp,
}

/// Somebody who belongs to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: MembershipId,
    pub(crate) name: String,
    pub(crate) key: Option<(ViewingKeyId, Point)>,
}

/// Who was given a generation, and the key it is sealed to, if that is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) generation: GenerationId,
    pub(crate) member: MembershipId,
    pub(crate) key: Option<ViewingKeyId>,
}

/// How somebody stands to a role's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Has it.
    Holds,
    /// Somebody must hand it on.
    Waiting,
    /// Must make a viewing key first.
    NoKey,
}

impl Standing {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Waiting => "waiting",
            Self::NoKey => "no_key",
        }
    }

    pub(crate) fn of(member: &Member, generation: GenerationId, holders: &[Holder]) -> Self {
        let Some((key, _)) = member.key else {
            return Self::NoKey;
        };
        let holds = |it: &&Holder| {
            it.generation == generation && it.member == member.id && it.key == Some(key)
        };
        if holders.iter().any(|it| holds(&it)) {
            Self::Holds
        } else {
            Self::Waiting
        }
    }
}

/// Whether a role needs a new generation: somebody was given this one and does not belong to it any more.
///
/// The custodian's never: agents believe the key they were enrolled with.
pub(crate) fn rotate_due(generation: &Generation, members: &[Member], holders: &[Holder]) -> bool {
    if generation.kind == RoleKind::Custodian {
        return false;
    }
    let still = holders
        .iter()
        .filter(|it| it.generation == generation.id)
        .filter(|it| members.iter().any(|member| member.id == it.member))
        .count();
    i64::try_from(still).unwrap_or(i64::MAX) < generation.handed
}

/// What a list must say to be the next one.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) org: OrgId,
    pub(crate) number: u64,
    pub(crate) hub: Point,
    pub(crate) recording: (GenerationId, Point),
    pub(crate) live: (GenerationId, Point),
}

impl Wanted {
    /// Whether the list says exactly that: nobody more, nobody less.
    pub(crate) fn check(&self, list: &List) -> Result<(), VideoError> {
        let wrong = |what| VideoError::wrong("list", "list_wrong", what);
        if list.org != self.org {
            return Err(wrong("names another organisation"));
        }
        if list.number != self.number {
            return Err(VideoError::conflict(
                "list_number",
                "somebody else was faster; the list needs another number",
            ));
        }
        if list.hub != self.hub {
            return Err(wrong("names another hub key"));
        }
        let is = |found: &[seal::recipients::Recipient], wanted: (GenerationId, Point)| matches!(found, [one] if (one.generation, one.key) == wanted);
        let recording = matches!(list.recording.as_slice(), [entry] if is(entry, self.recording));
        if !recording || !is(&list.live, self.live) {
            return Err(wrong("names other generations"));
        }
        Ok(())
    }
}

/// A fingerprint in groups of four, for comparing by eye.
pub(crate) fn grouped(fingerprint: &[u8; 32]) -> String {
    media::wire::fingerprint_text(fingerprint, ' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SystemRng;
    use seal::AgreementKey;

    fn point() -> Point {
        AgreementKey::generate(&SystemRng).unwrap().public()
    }

    fn generation(kind: RoleKind, handed: i64) -> Generation {
        Generation {
            id: GenerationId::from_bytes([1; 16]),
            role: ViewingRoleId::from_bytes([2; 16]),
            kind,
            public_key: point(),
            handed,
            created: Timestamp::UNIX_EPOCH,
        }
    }

    fn member(n: u8) -> Member {
        Member {
            id: MembershipId::from_bytes([n; 16]),
            name: String::new(),
            key: Some((ViewingKeyId::from_bytes([n; 16]), point())),
        }
    }

    fn holder(n: u8) -> Holder {
        Holder {
            generation: GenerationId::from_bytes([1; 16]),
            member: MembershipId::from_bytes([n; 16]),
            key: Some(ViewingKeyId::from_bytes([n; 16])),
        }
    }

    #[test]
    fn a_generation_is_due_when_a_holder_left() {
        let current = generation(RoleKind::Recording, 2);
        let (members, holders) = ([member(1), member(2)], [holder(1), holder(2)]);
        assert!(!rotate_due(&current, &members, &holders));
        assert!(
            rotate_due(&current, &members[..1], &holders),
            "lost the right"
        );
        assert!(
            rotate_due(&current, &members[..1], &holders[..1]),
            "is gone"
        );
        let custodian = generation(RoleKind::Custodian, 2);
        assert!(!rotate_due(&custodian, &[], &[]));
    }

    #[test]
    fn who_lost_the_viewing_key_waits_and_nothing_is_due() {
        let current = generation(RoleKind::Live, 1);
        let renewed = Member {
            key: Some((ViewingKeyId::from_bytes([9; 16]), point())),
            ..member(1)
        };
        let standing = |member: &Member, holder| Standing::of(member, current.id, &[holder]);
        assert_eq!(standing(&member(1), holder(1)), Standing::Holds);
        assert_eq!(standing(&renewed, holder(1)), Standing::Waiting);
        let forgot = Member {
            key: None,
            ..member(1)
        };
        assert_eq!(standing(&forgot, holder(1)), Standing::NoKey);
        let dropped = Holder {
            key: None,
            ..holder(1)
        };
        assert!(!rotate_due(&current, &[renewed], &[dropped]));
    }

    #[test]
    fn a_list_says_exactly_what_is_wanted() {
        let one = (GenerationId::from_bytes([1; 16]), point());
        let two = (GenerationId::from_bytes([2; 16]), point());
        let wanted = Wanted {
            org: OrgId::from_bytes([1; 16]),
            number: 4,
            hub: point(),
            recording: one,
            live: two,
        };
        let entry = |(generation, key)| seal::recipients::Recipient { generation, key };
        let fine = List {
            org: wanted.org,
            number: 4,
            issued_us: 0,
            hub: wanted.hub,
            recording: vec![vec![entry(one)]],
            live: vec![entry(two)],
        };
        assert!(wanted.check(&fine).is_ok());
        let refused = |change: &dyn Fn(&mut List)| {
            let mut list = fine.clone();
            change(&mut list);
            assert!(wanted.check(&list).is_err(), "{list:?}");
        };
        refused(&|list| list.number = 5);
        refused(&|list| list.org = OrgId::from_bytes([3; 16]));
        refused(&|list| list.hub = one.1);
        refused(&|list| list.recording[0].push(entry(two)));
        refused(&|list| list.recording.push(vec![entry(two)]));
        refused(&|list| list.live.clear());
        refused(&|list| list.live[0].key = one.1);
    }
}

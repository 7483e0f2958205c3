//! Permissions, actors, grants. Decides from the rights an actor carries; never looks anything up.

use std::marker::PhantomData;
use std::sync::Arc;

use base::{
    CameraGroupId, DeviceId, GroupId, HasKind, KeyId, Kind, MembershipId, OrgId, PersonId,
    SessionId, UnitId,
};

/// Something that a role can allow, known to the type system as a marker in [`permit`].
pub trait Permit: Send + Sync + 'static {
    /// The permission behind the marker.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Everything that a role can allow. Closed: a new one needs a decision here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission { $($(#[$doc])* $name,)* }

        impl Permission {
            /// All of them, in the order in which they are shown.
            pub const ALL: &'static [Permission] = &[$(Permission::$name),*];

            /// The word on the wire and in the table.
            pub const fn word(self) -> &'static str {
                match self { $(Permission::$name => $word,)* }
            }

            /// The permission with this word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Permission::$name),)* _ => None }
            }
        }

        /// One marker type for each permission, and [`Oneself`](permit::Oneself).
        pub mod permit {
            $($(#[$doc])* #[derive(Debug, Clone, Copy)] pub struct $name;
            impl super::Permit for $name {
                const PERMISSION: super::Permission = super::Permission::$name;
            })*

            /// No permission but being a member: for what is one's own. See [`oneself`](super::oneself).
            #[derive(Debug, Clone, Copy)]
            pub struct Oneself;
        }
    };
}

permissions! {
    /// Raise an alarm.
    AlarmTrigger = "alarm.trigger";
    /// See alarms that one is not part of.
    AlarmRead = "alarm.read";
    /// End an alarm.
    AlarmClose = "alarm.close";
    /// See what reached whose device and when.
    AlarmTrace = "alarm.trace";
    /// Invite and remove people, give out roles and groups.
    PeopleManage = "people.manage";
    /// Change units, groups, vehicles, keys, push families.
    OrgConfigure = "org.configure";
    /// Look into the log.
    LedgerRead = "ledger.read";
    /// See the record of processing and the deletion clocks.
    PrivacyRead = "privacy.read";
    /// Change deletion periods.
    PrivacyConfigure = "privacy.configure";
    /// Repeat or drop jobs that were given up.
    JobsManage = "jobs.manage";
    /// See live pictures.
    VideoLive = "video.live";
    /// Open recordings.
    VideoPlayback = "video.playback";
    /// Set up cameras, agents and who can open what they record.
    VideoConfigure = "video.configure";
}

/// What a machine key is for; its rights follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MachineKind {
    /// Brings alarms for one unit and reads back the last.
    Intake,
    /// Shows the open alarms of one unit on a screen.
    Monitor,
}

impl MachineKind {
    /// The word on the wire and in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Monitor => "monitor",
        }
    }

    /// The kind with this word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Intake, Self::Monitor]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Somebody signed in.
    Person {
        /// The person.
        person: PersonId,
        /// Their membership in the actor's organisation.
        membership: MembershipId,
        /// The session; `None` when the operator acts in their name.
        session: Option<SessionId>,
    },
    /// A program with a machine key.
    Machine {
        /// The key.
        key: KeyId,
        /// What it is for.
        kind: MachineKind,
        /// The only unit it may touch.
        unit: UnitId,
    },
    /// A device that signs with its own key; it may do what is its owner's own and nothing else.
    Device {
        /// Whose it is.
        person: PersonId,
        /// Their membership.
        membership: MembershipId,
        /// The device.
        device: DeviceId,
    },
    /// The operator at the machine, or a worker of the program itself.
    Operator,
}

/// Where a right holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the whole organisation.
    Org,
    /// In one unit.
    Unit(UnitId),
    /// In one group.
    Group(GroupId),
    /// For the cameras of one camera group.
    Cameras(CameraGroupId),
}

/// What narrows a right down further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// How far back one may look, in microseconds.
    pub look_back_us: Option<i64>,
    /// Only after a second factor.
    pub second_factor: bool,
    /// Only together with somebody else.
    pub four_eyes: bool,
}

/// One permission, where it holds, and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// The permission.
    pub permission: Permission,
    /// Where it holds.
    pub scope: Scope,
    /// How far it goes.
    pub limits: Limits,
}

/// What something is to be done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// The organisation as a whole.
    Org,
    /// One unit.
    Unit(UnitId),
    /// One group. Who has a right for the group's unit asks with [`Object::Unit`].
    Group(GroupId),
    /// One camera: a right for its unit or for its camera group covers it.
    Camera {
        /// The unit it belongs to.
        unit: Option<UnitId>,
        /// The camera group it is in.
        group: Option<CameraGroupId>,
    },
}

impl Scope {
    fn covers(self, object: Object) -> bool {
        match (self, object) {
            (Self::Org, _) => true,
            (Self::Unit(mine), Object::Unit(asked)) => mine == asked,
            (Self::Group(mine), Object::Group(asked)) => mine == asked,
            (Self::Unit(mine), Object::Camera { unit, .. }) => unit == Some(mine),
            (Self::Cameras(mine), Object::Camera { group, .. }) => group == Some(mine),
            _ => false,
        }
    }
}

/// Where in the organisation somebody has a permission; for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everywhere.
    All,
    /// In these units only; perhaps none.
    Units(Vec<UnitId>),
}

impl Reach {
    /// Whether the unit is within reach.
    pub fn covers(&self, unit: UnitId) -> bool {
        match self {
            Self::All => true,
            Self::Units(units) => units.contains(&unit),
        }
    }
}

/// Somebody or something that acts in one organisation, and what it may. Only sessions, machine keys,
/// devices and the operator become actors.
#[derive(Debug, Clone)]
pub struct Actor {
    org: OrgId,
    who: Who,
    rights: Arc<[Right]>,
}

impl Actor {
    pub(crate) fn person(
        org: OrgId,
        person: PersonId,
        membership: MembershipId,
        session: Option<SessionId>,
        rights: Vec<Right>,
    ) -> Self {
        let who = Who::Person {
            person,
            membership,
            session,
        };
        Self {
            org,
            who,
            rights: rights.into(),
        }
    }

    pub(crate) fn machine(org: OrgId, key: KeyId, kind: MachineKind, unit: UnitId) -> Self {
        let permissions: &[Permission] = match kind {
            MachineKind::Intake => &[Permission::AlarmTrigger, Permission::AlarmRead],
            MachineKind::Monitor => &[Permission::AlarmRead],
        };
        let rights = permissions.iter().map(|permission| Right {
            permission: *permission,
            scope: Scope::Unit(unit),
            limits: Limits::default(),
        });
        Self {
            org,
            who: Who::Machine { key, kind, unit },
            rights: rights.collect(),
        }
    }

    pub(crate) fn device(
        org: OrgId,
        person: PersonId,
        membership: MembershipId,
        device: DeviceId,
    ) -> Self {
        Self {
            org,
            who: Who::Device {
                person,
                membership,
                device,
            },
            rights: Arc::new([]),
        }
    }

    /// The organisation it acts in.
    pub fn org(&self) -> OrgId {
        self.org
    }

    /// Who it is.
    pub fn who(&self) -> Who {
        self.who
    }

    /// The person behind it, if there is one.
    pub fn person_id(&self) -> Option<PersonId> {
        match self.who {
            Who::Person { person, .. } | Who::Device { person, .. } => Some(person),
            Who::Machine { .. } | Who::Operator => None,
        }
    }

    /// The membership behind it, if there is one.
    pub fn membership(&self) -> Option<MembershipId> {
        match self.who {
            Who::Person { membership, .. } | Who::Device { membership, .. } => Some(membership),
            Who::Machine { .. } | Who::Operator => None,
        }
    }

    /// The session it came through, if it is one.
    pub fn session(&self) -> Option<SessionId> {
        match self.who {
            Who::Person { session, .. } => session,
            _ => None,
        }
    }

    /// The name by which the log knows it: an id, never a person's name.
    pub fn ledger_name(&self) -> String {
        match self.who {
            Who::Person { person, .. } | Who::Device { person, .. } => person.to_string(),
            Who::Machine { key, .. } => key.to_string(),
            Who::Operator => "system".to_owned(),
        }
    }

    /// Everything it may, with scope and limits.
    pub fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// The permissions it has anywhere, each once; for menus, never for deciding.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(|p| self.rights.iter().any(|right| right.permission == *p))
            .collect()
    }

    /// Where it has a permission.
    pub fn reach(&self, permission: Permission) -> Reach {
        let mut units = Vec::new();
        for right in self.rights.iter().filter(|r| r.permission == permission) {
            match right.scope {
                Scope::Org => return Reach::All,
                Scope::Unit(unit) => units.push(unit),
                Scope::Group(_) | Scope::Cameras(_) => {}
            }
        }
        Reach::Units(units)
    }
}

/// A permission that was asked for and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("needs the permission {}", self.permission.map_or("to act for oneself", Permission::word))]
pub struct Denied {
    /// What was asked for; `None` for [`oneself`].
    pub permission: Option<Permission>,
}

impl HasKind for Denied {
    fn kind(&self) -> Kind {
        Kind::Denied
    }

    fn code(&self) -> &'static str {
        "denied"
    }
}

/// Proof that somebody was asked for and may. `P` says what.
pub struct Grant<P> {
    actor: Actor,
    object: Object,
    limits: Limits,
    permit: PhantomData<fn() -> P>,
}

impl<P> Grant<P> {
    /// The organisation; every statement takes it from here.
    pub fn org(&self) -> OrgId {
        self.actor.org
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What it was asked for.
    pub fn object(&self) -> Object {
        self.object
    }

    /// What narrows it down.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether it holds for this unit too.
    pub fn covers_unit(&self, unit: UnitId) -> bool {
        match self.object {
            Object::Org => true,
            Object::Unit(asked) => asked == unit,
            Object::Group(_) | Object::Camera { .. } => false,
        }
    }
}

impl<P> Clone for Grant<P> {
    fn clone(&self) -> Self {
        Self {
            actor: self.actor.clone(),
            object: self.object,
            limits: self.limits,
            permit: PhantomData,
        }
    }
}

impl<P> std::fmt::Debug for Grant<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant({:?} on {:?})", self.actor.who, self.object)
    }
}

/// Decides. The one place where a permission becomes a [`Grant`].
///
/// Where several rights fit, the one without limits counts.
pub fn may<P: Permit>(actor: &Actor, object: Object) -> Result<Grant<P>, Denied> {
    let fits = |right: &&Right| right.permission == P::PERMISSION && right.scope.covers(object);
    let strictness = |right: &&Right| {
        let limits = right.limits;
        let look_back = limits.look_back_us.map_or(i64::MIN, |us| -us);
        (limits.second_factor, limits.four_eyes, look_back)
    };
    let operator = matches!(actor.who, Who::Operator).then(Limits::default);
    let best = actor.rights.iter().filter(fits).min_by_key(strictness);
    let limits = operator.or(best.map(|right| right.limits)).ok_or(Denied {
        permission: Some(P::PERMISSION),
    })?;
    Ok(Grant {
        actor: actor.clone(),
        object,
        limits,
        permit: PhantomData,
    })
}

/// A grant for what is one's own: sessions, devices, language, answers. Machines have nothing of their own.
pub fn oneself(actor: &Actor) -> Result<Grant<permit::Oneself>, Denied> {
    match actor.who {
        Who::Person { .. } | Who::Device { .. } => Ok(Grant {
            actor: actor.clone(),
            object: Object::Org,
            limits: Limits::default(),
            permit: PhantomData,
        }),
        Who::Machine { .. } | Who::Operator => Err(Denied { permission: None }),
    }
}

/// The right of whoever starts the program on the machine: set-up, demo, command line, workers.
///
/// Never made from a request.
#[derive(Debug, Clone, Copy)]
pub struct Operator(());

impl Operator {
    /// Says in the code that calls it: this does not come from a request.
    pub const fn not_from_a_request() -> Self {
        Self(())
    }

    /// The operator as an actor in one organisation.
    pub fn actor(self, org: OrgId) -> Actor {
        Actor {
            org,
            who: Who::Operator,
            rights: Arc::new([]),
        }
    }

    /// A member as an actor without a session, for the demo's phones.
    pub fn in_the_name_of(self, org: OrgId, person: PersonId, membership: MembershipId) -> Actor {
        Actor::person(org, person, membership, None, Vec::new())
    }

    /// Any grant in the name of a member, for what the demo's people do.
    pub fn grant_as<P>(self, actor: &Actor) -> Grant<P> {
        Grant {
            actor: actor.clone(),
            object: Object::Org,
            limits: Limits::default(),
            permit: PhantomData,
        }
    }

    /// Any grant in one organisation.
    pub fn grant<P>(self, org: OrgId) -> Grant<P> {
        Grant {
            actor: self.actor(org),
            object: Object::Org,
            limits: Limits::default(),
            permit: PhantomData,
        }
    }
}

#[cfg(test)]
mod tests;

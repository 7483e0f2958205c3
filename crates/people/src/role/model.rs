//! The roles every organisation begins with. No I/O.

use base::{CameraGroupId, Lang, RoleId};

use crate::access::{Permission, Right, Scope};

/// A role and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: String,
    /// Which of the roles made with the organisation, if one.
    pub built_in: Option<BuiltIn>,
    /// What it allows.
    pub rights: Vec<Right>,
}

impl Role {
    /// The permissions it gives anywhere, each once.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(|p| self.rights.iter().any(|right| right.permission == *p))
            .collect()
    }

    /// The camera group, if it is about that one alone: such a role is given with the group, and goes with it.
    pub fn camera_group(&self) -> Option<CameraGroupId> {
        let Some(Right {
            scope: Scope::Cameras(group),
            ..
        }) = self.rights.first()
        else {
            return None;
        };
        let alone = |right: &Right| right.scope == Scope::Cameras(*group);
        self.rights.iter().all(alone).then_some(*group)
    }

    /// Whether it allows exactly this, in whatever order.
    pub(crate) fn allows_exactly(&self, rights: &[Right]) -> bool {
        self.rights.len() == rights.len() && rights.iter().all(|it| self.rights.contains(it))
    }
}

/// The roles that are made with an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuiltIn {
    /// May everything.
    Administrator,
    /// Leads operations.
    Officer,
    /// Answers alarms.
    Member,
    /// Watches over personal data.
    ProtectionOfficer,
}

impl BuiltIn {
    /// All of them, in the order in which they are made.
    pub const ALL: [Self; 4] = [
        Self::Administrator,
        Self::Officer,
        Self::Member,
        Self::ProtectionOfficer,
    ];

    /// The word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Officer => "officer",
            Self::Member => "member",
            Self::ProtectionOfficer => "protection_officer",
        }
    }

    /// The role with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Its first name, in the language of the organisation; it can be changed later.
    pub const fn name(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Administrator, _) => "Administrator",
            (Self::Officer, Lang::De) => "Leitung",
            (Self::Officer, Lang::En) => "Officer",
            (Self::Member, Lang::De) => "Einsatzkraft",
            (Self::Member, Lang::En) => "Member",
            (Self::ProtectionOfficer, Lang::De) => "Datenschutz",
            (Self::ProtectionOfficer, Lang::En) => "Data protection officer",
        }
    }

    /// What it allows in the whole organisation.
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{
            AlarmClose, AlarmRead, AlarmTrace, AlarmTrigger, LedgerRead, PrivacyConfigure,
            PrivacyRead, VideoLive, VideoPlayback,
        };
        match self {
            Self::Administrator => Permission::ALL,
            Self::Officer => &[
                AlarmTrigger,
                AlarmRead,
                AlarmClose,
                AlarmTrace,
                PrivacyRead,
                LedgerRead,
                VideoLive,
                VideoPlayback,
            ],
            Self::Member => &[AlarmRead],
            Self::ProtectionOfficer => &[PrivacyRead, PrivacyConfigure, LedgerRead],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_back() {
        for role in BuiltIn::ALL {
            assert_eq!(BuiltIn::parse(role.word()), Some(role));
        }
    }

    #[test]
    fn a_role_of_a_camera_group_is_about_that_one_alone() {
        #[track_caller]
        fn check(rights: &[Right], expected: Option<u8>) {
            let role = Role {
                id: RoleId::from_bytes([1; 16]),
                name: String::new(),
                built_in: None,
                rights: rights.to_vec(),
            };
            let expected = expected.map(|n| CameraGroupId::from_bytes([n; 16]));
            assert_eq!(role.camera_group(), expected);
            let turned: Vec<Right> = rights.iter().rev().copied().collect();
            assert!(role.allows_exactly(&turned));
        }
        let group = |n| Scope::Cameras(CameraGroupId::from_bytes([n; 16]));
        let right = |permission, scope| Right {
            permission,
            scope,
            limits: crate::access::Limits::default(),
        };
        let live = |scope| right(Permission::VideoLive, scope);
        let configure = |scope| right(Permission::VideoConfigure, scope);
        check(&[], None);
        check(&[live(group(1))], Some(1));
        check(&[live(group(1)), configure(group(1))], Some(1));
        check(&[live(group(1)), configure(group(2))], None);
        check(&[live(group(1)), configure(Scope::Org)], None);
        check(&[live(Scope::Org)], None);
    }

    #[test]
    fn only_administrators_manage_people() {
        let managing: Vec<_> = BuiltIn::ALL
            .into_iter()
            .filter(|role| role.permissions().contains(&Permission::PeopleManage))
            .collect();
        assert_eq!(managing, [BuiltIn::Administrator]);
    }
}

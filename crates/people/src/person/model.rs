//! Members, invitations and their deadline. No I/O.

use base::{
    Email, GroupId, Lang, MembershipId, OrgId, PersonId, QualificationId, RoleId, SignedDuration,
    Text, Timestamp, UnitId,
};

/// A given or family name.
pub type PersonName = Text<1, 60>;

/// An invitation that nobody took is deleted after this.
pub(crate) const INVITED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where a membership stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Invited; deleted at `until` if the invitation isn't taken.
    Invited {
        /// When it is deleted.
        until: Timestamp,
    },
    /// Joined.
    Active {
        /// When.
        since: Timestamp,
    },
}

impl State {
    /// The word on the wire and in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invited { .. } => "invited",
            Self::Active { .. } => "active",
        }
    }

    /// Whether the member has joined.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active { .. })
    }
}

/// A name as an organisation knows it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// Family name; first, because lists are sorted by it.
    pub family: String,
    /// Given name.
    pub given: String,
}

impl Name {
    /// Given name and family name.
    pub fn full(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// By what lists are sorted: without regard to case, umlauts beside their vowels.
    pub fn sort_key(&self) -> String {
        let both = format!("{}\u{1}{}", self.family, self.given);
        let mut key = String::with_capacity(both.len());
        for c in both.chars().flat_map(char::to_lowercase) {
            match c {
                'ä' | 'á' | 'à' | 'â' | 'å' => key.push('a'),
                'ö' | 'ó' | 'ò' | 'ô' | 'ø' => key.push('o'),
                'ü' | 'ú' | 'ù' | 'û' => key.push('u'),
                'é' | 'è' | 'ê' | 'ë' => key.push('e'),
                'í' | 'ì' | 'î' | 'ï' => key.push('i'),
                'ß' => key.push_str("ss"),
                'ç' | 'č' | 'ć' => key.push('c'),
                'š' | 'ś' => key.push('s'),
                'ž' | 'ź' | 'ż' => key.push('z'),
                'ñ' => key.push('n'),
                'ł' => key.push('l'),
                c => key.push(c),
            }
        }
        key
    }
}

/// Personal, so the debug form tells nothing.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(..)")
    }
}

/// A membership.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its id.
    pub id: MembershipId,
    /// The person.
    pub person: PersonId,
    /// The unit they belong to.
    pub unit: UnitId,
    /// Their name.
    pub name: Name,
    /// Their address.
    pub email: Email,
    /// The language they read.
    pub language: Lang,
    /// Where it stands.
    pub state: State,
}

/// How somebody can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Enrolled devices.
    pub devices: i64,
    /// How many of them take pushes.
    pub push: i64,
    /// When one of them was last seen.
    pub last_seen: Option<Timestamp>,
}

/// One line of the list of people.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The membership.
    pub member: Member,
    /// Their roles.
    pub roles: Vec<(RoleId, String)>,
    /// Their groups.
    pub groups: Vec<(GroupId, String)>,
    /// What they are trained for, in short.
    pub qualifications: Vec<String>,
    /// How they can be reached.
    pub reach: Reach,
}

/// Somebody to become a member.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// From [`person_for`](super::person_for), asked before the act, because the log needs it.
    pub person: PersonId,
    /// Their address.
    pub email: Email,
    /// Given name.
    pub given_name: PersonName,
    /// Family name.
    pub family_name: PersonName,
    /// The language to write to them in.
    pub language: Lang,
    /// The unit they will belong to.
    pub unit: UnitId,
    /// Their roles.
    pub roles: Vec<RoleId>,
    /// Their groups.
    pub groups: Vec<GroupId>,
    /// What they are trained for.
    pub qualifications: Vec<QualificationId>,
}

/// An invitation to send. The code is shown to nobody else.
pub struct Invited {
    /// The membership that was made.
    pub membership: MembershipId,
    /// What the link carries.
    pub code: String,
    /// Until when the link works.
    pub until: Timestamp,
    /// Where to send it.
    pub email: Email,
    /// In which language.
    pub language: Lang,
    /// To whom.
    pub name: Name,
}

/// What an invitation link opens.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The organisation that invites.
    pub org: OrgId,
    /// Its name.
    pub organisation: String,
    /// Whether its German pages say "du".
    pub familiar: bool,
    /// The membership.
    pub member: Member,
    /// Whether a password has to be chosen; who is a member elsewhere has one.
    pub needs_password: bool,
}

/// Somebody who takes an invitation.
pub struct Joining<'a> {
    /// What the link carried.
    pub code: &'a str,
    /// The hash of the password they chose, when one is needed.
    pub password_hash: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str, family: &str) -> Name {
        Name {
            given: given.to_owned(),
            family: family.to_owned(),
        }
    }

    #[test]
    fn sorts_as_people_expect() {
        let mut names = [
            name("Zoe", "Zander"),
            name("Jörg", "Özdemir"),
            name("Anna", "berg"),
            name("Bert", "Oster"),
            name("Änne", "Berg"),
        ];
        names.sort_by_key(Name::sort_key);
        let sorted: Vec<String> = names.iter().map(Name::full).collect();
        let want = [
            "Anna berg",
            "Änne Berg",
            "Bert Oster",
            "Jörg Özdemir",
            "Zoe Zander",
        ];
        assert_eq!(sorted, want);
    }

    #[test]
    fn names_do_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", name("Anna", "Berg")), "Name(..)");
    }
}

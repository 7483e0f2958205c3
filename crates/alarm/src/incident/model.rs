//! What an alarm is: its content, its states, when a call merges into one that is open, and when it ends.

use base::{
    AlarmId, AnswerId, GroupId, HasKind, Kind, Lang, MembershipId, SignedDuration, Timestamp,
    UnitId, VehicleId,
};

use crate::intake::model::Call;

/// An alarm closes by itself after a day.
pub const CLOSES_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// What an alarm tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Content {
    /// Keyword (Stichwort).
    pub title: String,
    /// The sender's own number.
    pub number: Option<String>,
    /// Further text.
    pub text: String,
    /// Address of the event.
    pub address: String,
    /// Its place, WGS 84.
    pub place: Option<(f64, f64)>,
    /// Object at the scene.
    pub scene_object: String,
    /// Who called.
    pub caller: String,
    /// Patient.
    pub patient: String,
    /// Remark.
    pub remark: String,
    /// Units that were sent.
    pub units: String,
    /// Destination of a transport.
    pub destination: String,
    /// Its address.
    pub destination_address: String,
    /// Its place.
    pub destination_place: Option<(f64, f64)>,
    /// Three further texts, one a line.
    pub additional_text: String,
    /// Urgent.
    pub priority: bool,
}

impl From<&Call> for Content {
    fn from(call: &Call) -> Self {
        Self {
            title: call.title.clone(),
            number: call.number.clone(),
            text: call.text.clone(),
            address: call.address.clone(),
            place: call.place,
            scene_object: call.scene_object.clone(),
            caller: call.caller.clone(),
            patient: call.patient.clone(),
            remark: call.remark.clone(),
            units: call.units.clone(),
            destination: call.destination.clone(),
            destination_address: call.destination_address.clone(),
            destination_place: call.destination_place,
            additional_text: call.additional_text.clone(),
            priority: call.priority,
        }
    }
}

impl Content {
    /// Takes over what a later call knows better: whatever it says replaces, what it leaves out stays.
    pub fn merge(&mut self, later: &Content) {
        fn text(old: &mut String, new: &String) {
            if !new.is_empty() {
                old.clone_from(new);
            }
        }
        text(&mut self.title, &later.title);
        text(&mut self.text, &later.text);
        text(&mut self.address, &later.address);
        text(&mut self.scene_object, &later.scene_object);
        text(&mut self.caller, &later.caller);
        text(&mut self.patient, &later.patient);
        text(&mut self.remark, &later.remark);
        text(&mut self.units, &later.units);
        text(&mut self.destination, &later.destination);
        text(&mut self.destination_address, &later.destination_address);
        text(&mut self.additional_text, &later.additional_text);
        self.number = later.number.clone().or(self.number.take());
        self.place = later.place.or(self.place);
        self.destination_place = later.destination_place.or(self.destination_place);
        self.priority |= later.priority;
    }
}

/// When calls of one key merge into an alarm that is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergeRule {
    /// A call with the number of an open alarm belongs to it, however old that is.
    pub by_number: bool,
    /// Without a number, the same title and address belong together for so long; 0 is never.
    pub window: SignedDuration,
}

impl Default for MergeRule {
    fn default() -> Self {
        Self {
            by_number: true,
            window: SignedDuration::from_secs(300),
        }
    }
}

/// What is needed of an open alarm to decide whether a call belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Its id.
    pub id: AlarmId,
    /// The sender's number.
    pub number: Option<String>,
    /// Keyword.
    pub title: String,
    /// Address.
    pub address: String,
    /// When it was created.
    pub created: Timestamp,
}

impl MergeRule {
    /// The open alarm of the same key that a call belongs to; the newest first in `open`.
    pub fn choose(&self, open: &[Candidate], call: &Content, now: Timestamp) -> Option<AlarmId> {
        let belongs = |alarm: &&Candidate| {
            if let Some(number) = &call.number {
                self.by_number && alarm.number.as_ref() == Some(number)
            } else {
                let age = now.duration_since(alarm.created);
                alarm.title == call.title && alarm.address == call.address && age < self.window
            }
        };
        open.iter().find(belongs).map(|alarm| alarm.id)
    }
}

/// Where an alarm stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Running; closes by itself.
    Open {
        /// When.
        closes: Timestamp,
    },
    /// Over.
    Closed {
        /// Since when.
        at: Timestamp,
    },
}

/// Who raised an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A machine by its key; the text is the key's id.
    Machine(String),
    /// A member; the text is the membership's id.
    Person(String),
}

impl Source {
    /// The word in the table.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Machine(_) => "machine",
            Self::Person(_) => "person",
        }
    }

    /// The id in the table.
    pub fn id(&self) -> &str {
        match self {
            Self::Machine(id) | Self::Person(id) => id,
        }
    }
}

/// Who is to be alarmed. Empty lists mean the whole unit: an alarm must never reach nobody by mistake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addressed {
    /// Groups.
    pub groups: Vec<GroupId>,
    /// Single members.
    pub members: Vec<MembershipId>,
    /// Vehicles, shown with the alarm.
    pub vehicles: Vec<VehicleId>,
}

impl Addressed {
    /// Whether the whole unit is meant.
    pub fn whole_unit(&self) -> bool {
        self.groups.is_empty() && self.members.is_empty()
    }
}

/// What an answer means to those who count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// On the way.
    Coming,
    /// On the way, later.
    Later,
    /// Not coming.
    NotComing,
    /// Something the unit defined.
    Other,
}

impl Meaning {
    /// The word on the wire and in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Coming => "coming",
            Self::Later => "later",
            Self::NotComing => "not_coming",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Coming, Self::Later, Self::NotComing, Self::Other]
            .into_iter()
            .find(|meaning| meaning.word() == word)
    }

    /// Whether somebody with this answer counts for the strength.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Coming | Self::Later)
    }
}

/// An answer a unit offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerOption {
    /// Its id.
    pub id: AnswerId,
    /// What it means.
    pub meaning: Meaning,
    /// What it says.
    pub label: String,
    /// Minutes until arrival.
    pub minutes: Option<i64>,
}

/// The answers a new unit starts with.
pub fn usual_answers(lang: Lang) -> [(Meaning, &'static str, Option<i64>); 4] {
    let [coming, later, not, other] = match lang {
        Lang::De => [
            "Ich komme",
            "In 10 Minuten",
            "Ich komme nicht",
            "Direkt zum Einsatzort",
        ],
        Lang::En => [
            "I am coming",
            "In 10 minutes",
            "I am not coming",
            "Straight to the scene",
        ],
    };
    [
        (Meaning::Coming, coming, None),
        (Meaning::Later, later, Some(10)),
        (Meaning::NotComing, not, None),
        (Meaning::Other, other, None),
    ]
}

/// A stored alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its id.
    pub id: AlarmId,
    /// Grows with each change.
    pub version: i64,
    /// Its number in the compatible API.
    pub wire_number: i64,
    /// The unit it was raised for.
    pub unit: UnitId,
    /// That unit's name.
    pub unit_name: String,
    /// What it tells.
    pub content: Content,
    /// Who raised it.
    pub source: Source,
    /// Where it stands.
    pub state: State,
    /// When the event became known.
    pub raised: Timestamp,
    /// When it came in.
    pub created: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// When it is deleted.
    pub due: Timestamp,
    /// The organisation's language.
    pub lang: Lang,
}

/// Why an act on an alarm was refused.
#[derive(Debug, thiserror::Error)]
pub enum AlarmError {
    /// No such alarm, or none that may be seen.
    #[error("there is no such alarm")]
    NotFound,
    /// The alarm is closed.
    #[error("the alarm is closed")]
    Closed,
    /// The person was not alarmed.
    #[error("only people who were alarmed can answer")]
    NotAddressed,
    /// The answer is not one of the unit's.
    #[error("the unit does not offer this answer")]
    NoSuchAnswer,
    /// The unit is not there, or belongs to another organisation.
    #[error("there is no such unit")]
    NoSuchUnit,
    /// A group, vehicle or member is not there.
    #[error("there is no such {0}")]
    NoSuch(&'static str),
    /// Notices are not there yet.
    #[error("calls with news=1 make notices, which this version does not have; send it without")]
    NewsNotSupported,
    /// The database.
    #[error("the database did not do it")]
    Store(#[from] store::StoreError),
    /// The log.
    #[error("the log did not take it")]
    Ledger(#[from] ledger::LedgerError),
}

impl HasKind for AlarmError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Closed => Kind::Conflict,
            Self::NotAddressed => Kind::Denied,
            Self::NoSuchAnswer | Self::NoSuchUnit | Self::NoSuch(_) | Self::NewsNotSupported => {
                Kind::Invalid
            }
            Self::Store(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "alarm_not_found",
            Self::Closed => "alarm_closed",
            Self::NotAddressed => "not_addressed",
            Self::NoSuchAnswer => "no_such_answer",
            Self::NoSuchUnit => "no_such_unit",
            Self::NoSuch(_) => "no_such_object",
            Self::NewsNotSupported => "news_not_supported",
            Self::Store(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(number: Option<&str>, title: &str, address: &str, created: i64) -> Candidate {
        Candidate {
            id: AlarmId::from_bytes([u8::try_from(created % 250).unwrap(); 16]),
            number: number.map(str::to_owned),
            title: title.to_owned(),
            address: address.to_owned(),
            created: Timestamp::from_second(created).unwrap(),
        }
    }

    fn content(number: Option<&str>, title: &str, address: &str) -> Content {
        Content {
            number: number.map(str::to_owned),
            title: title.to_owned(),
            address: address.to_owned(),
            ..Content::default()
        }
    }

    fn merges(rule: MergeRule, open: &Candidate, call: &Content, now: i64) -> bool {
        let now = Timestamp::from_second(now).unwrap();
        rule.choose(std::slice::from_ref(open), call, now).is_some()
    }

    #[test]
    fn the_number_decides_at_any_age() {
        let open = candidate(Some("E1"), "B3", "A", 0);
        let rule = MergeRule::default();
        assert!(merges(rule, &open, &content(Some("E1"), "B4", "B"), 80_000));
        assert!(!merges(rule, &open, &content(Some("E2"), "B3", "A"), 1));
        let off = MergeRule {
            by_number: false,
            ..rule
        };
        assert!(!merges(off, &open, &content(Some("E1"), "B3", "A"), 1));
    }

    #[test]
    fn without_a_number_title_and_address_decide_for_five_minutes() {
        let open = candidate(None, "B3", "A", 0);
        let rule = MergeRule::default();
        assert!(merges(rule, &open, &content(None, "B3", "A"), 299));
        assert!(!merges(rule, &open, &content(None, "B3", "A"), 300));
        assert!(!merges(rule, &open, &content(None, "B3", "B"), 1));
        let never = MergeRule {
            window: SignedDuration::ZERO,
            ..rule
        };
        assert!(!merges(never, &open, &content(None, "B3", "A"), 0));
    }

    #[test]
    fn what_a_later_call_leaves_out_stays() {
        let mut old = content(Some("E1"), "B3", "A");
        old.place = Some((48.0, 11.0));
        let mut later = content(None, "B4", "");
        later.priority = true;
        old.merge(&later);
        assert_eq!((old.title.as_str(), old.address.as_str()), ("B4", "A"));
        assert_eq!(old.number.as_deref(), Some("E1"));
        assert_eq!(old.place, Some((48.0, 11.0)));
        assert!(old.priority);
    }
}

//! The words in which a table says what it keeps about people, why, and until when.
//!
//! Declarations stand beside their tables (`privacy.rs` of each feature). From them come the record of
//! processing (Art. 30 GDPR) and the deletion clocks; a test compares them with the real schema.

use base::Lang;

/// A short text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// German.
    pub de: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// The text in one language.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::De => self.de,
            Lang::En => self.en,
        }
    }
}

/// Makes [`Words`] from a German and an English text.
pub const fn words(de: &'static str, en: &'static str) -> Words {
    Words { de, en }
}

/// A legal basis under Art. 6(1) GDPR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// (a) consent.
    Consent,
    /// (b) a contract with the person.
    Contract,
    /// (c) a legal duty.
    LegalDuty,
    /// (d) vital interests.
    VitalInterests,
    /// (e) a task in the public interest.
    PublicTask,
    /// (f) legitimate interests.
    LegitimateInterest,
}

impl Basis {
    /// As it stands in the record.
    pub const fn words(self) -> Words {
        match self {
            Self::Consent => words(
                "Einwilligung (Art. 6 Abs. 1 lit. a DSGVO)",
                "consent (Art. 6(1)(a) GDPR)",
            ),
            Self::Contract => words(
                "Vertrag (Art. 6 Abs. 1 lit. b DSGVO)",
                "contract (Art. 6(1)(b) GDPR)",
            ),
            Self::LegalDuty => words(
                "rechtliche Verpflichtung (Art. 6 Abs. 1 lit. c DSGVO)",
                "legal duty (Art. 6(1)(c) GDPR)",
            ),
            Self::VitalInterests => words(
                "lebenswichtige Interessen (Art. 6 Abs. 1 lit. d DSGVO)",
                "vital interests (Art. 6(1)(d) GDPR)",
            ),
            Self::PublicTask => words(
                "öffentliche Aufgabe (Art. 6 Abs. 1 lit. e DSGVO)",
                "public task (Art. 6(1)(e) GDPR)",
            ),
            Self::LegitimateInterest => words(
                "berechtigtes Interesse (Art. 6 Abs. 1 lit. f DSGVO)",
                "legitimate interest (Art. 6(1)(f) GDPR)",
            ),
        }
    }
}

/// What kind of personal data a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// First and last name.
    Name,
    /// E-mail address or telephone number.
    Contact,
    /// Password hash, token hash, key of a device: what proves who somebody is.
    Credential,
    /// Which organisation, unit, group, role or qualification a person has.
    Membership,
    /// Name and kind of a person's device, its push address.
    Device,
    /// When a person did or received something.
    Activity,
    /// What an alarm tells about an event and the people in it.
    EventContent,
    /// A place or address of an event.
    Location,
    /// An answer to an alarm: coming or not.
    Answer,
    /// Text of a mail.
    Message,
    /// Language and other preferences.
    Preference,
    /// A pseudonym or an encrypted detail of the log.
    LogEntry,
    /// Pictures of a camera, sealed so that only entitled people open them, and when they were taken.
    Recording,
}

impl Category {
    /// As it stands in the record.
    pub const fn words(self) -> Words {
        match self {
            Self::Name => words("Name", "name"),
            Self::Contact => words("Kontaktdaten", "contact data"),
            Self::Credential => words(
                "Anmeldemerkmale (nur Prüfwerte)",
                "credentials (digests only)",
            ),
            Self::Membership => words(
                "Zugehörigkeit und Qualifikation",
                "membership and qualification",
            ),
            Self::Device => words("Geräte", "devices"),
            Self::Activity => words("Zeitpunkte von Handlungen", "times of activity"),
            Self::EventContent => words("Einsatzinhalt", "content of an event"),
            Self::Location => words("Ort eines Ereignisses", "place of an event"),
            Self::Answer => words("Rückmeldung", "answer"),
            Self::Message => words("Nachrichteninhalt", "content of a message"),
            Self::Preference => words("Einstellungen", "preferences"),
            Self::LogEntry => words("Protokolleintrag (pseudonym)", "log entry (pseudonymous)"),
            Self::Recording => words(
                "Bildaufnahmen (verschlüsselt) und ihre Zeiten",
                "recordings (encrypted) and their times",
            ),
        }
    }
}

/// Whom the data are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Members of an organisation who answer alarms or work with Obhut.
    Member,
    /// People whom an event concerns: callers, patients, residents.
    Affected,
    /// People who were invited and have not joined yet.
    Invited,
    /// People in view of a camera.
    InView,
}

impl Subject {
    /// As it stands in the record.
    pub const fn words(self) -> Words {
        match self {
            Self::Member => words("Mitglieder", "members"),
            Self::Affected => words("vom Ereignis Betroffene", "people an event concerns"),
            Self::Invited => words("Eingeladene", "invited people"),
            Self::InView => words("von Kameras Erfasste", "people in view of a camera"),
        }
    }
}

/// Who receives the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recipient {
    /// Entitled members of the same organisation.
    OwnOrganisation,
    /// The operator of the mail server that is configured.
    MailServer,
    /// A browser vendor's push service, only when switched on; it carries ciphertext.
    PushService,
}

impl Recipient {
    /// As it stands in the record.
    pub const fn words(self) -> Words {
        match self {
            Self::OwnOrganisation => words(
                "berechtigte Mitglieder derselben Organisation",
                "entitled members of the same organisation",
            ),
            Self::MailServer => words(
                "Betreiber des eingestellten Mailservers",
                "operator of the configured mail server",
            ),
            Self::PushService => words(
                "Push-Dienst des Browsers (nur eingeschaltete; Inhalt verschlüsselt)",
                "the browser's push service (only when switched on; content encrypted)",
            ),
        }
    }
}

/// Why something is kept. One entry of the record of processing.
#[derive(Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Stable key.
    pub key: &'static str,
    /// Name of the processing.
    pub name: Words,
    /// What it is for, in one sentence.
    pub why: Words,
    /// Legal basis, most important first.
    pub basis: &'static [Basis],
}

/// A deletion rule after DIN 66398: a kind of data, the start of its period, and the period.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable key of the kind of data (Datenart).
    pub kind: &'static str,
    /// Its name.
    pub name: Words,
    /// From when the period counts.
    pub start: Words,
    /// Default period, ISO 8601: hours are exact, days and longer are calendar periods.
    pub period: &'static str,
    /// Whether an organisation may set another period, and the longest one it may set.
    pub settable: Option<&'static str>,
}

/// How the rows of a table come to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// By a clock of their own.
    Rule(&'static Rule),
    /// Together with the rows of another table that they hang on.
    With(&'static str),
    /// When the act that made them is undone, for example by leaving the organisation.
    Until(Words),
    /// Nothing personal is in it.
    NotPersonal,
}

/// What one table keeps. Every column stands in `technical` or in `personal`.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What it is for; `None` when nothing personal is in it.
    pub purpose: Option<&'static Purpose>,
    /// Whom it is about.
    pub subjects: &'static [Subject],
    /// Who receives it.
    pub recipients: &'static [Recipient],
    /// How its rows end.
    pub deletion: Deletion,
    /// Columns that can't be tied to a person except through the row's keys.
    pub technical: &'static [&'static str],
    /// Columns that tell something about a person.
    pub personal: &'static [(&'static str, Category)],
}

impl Table {
    /// A table without anything personal.
    pub const fn technical(name: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            name,
            purpose: None,
            subjects: &[],
            recipients: &[],
            deletion: Deletion::NotPersonal,
            technical: columns,
            personal: &[],
        }
    }
}

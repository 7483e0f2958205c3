//! The purposes and deletion rules that the tables of this crate share.

use ::privacy::{Basis, Purpose, Rule, words};

/// Leading an organisation: who belongs to it, where, and with which rights.
pub(crate) const ADMINISTRATION: Purpose = Purpose {
    key: "people.administration",
    name: words("Verwaltung der Mitglieder", "administration of members"),
    why: words(
        "Wissen, wer zur Organisation gehört, was jemand kann und was jemand darf.",
        "To know who belongs to the organisation, what they can do and what they may do.",
    ),
    basis: &[
        Basis::PublicTask,
        Basis::LegitimateInterest,
        Basis::Contract,
    ],
};

/// Signing in safely.
pub(crate) const SIGN_IN: Purpose = Purpose {
    key: "people.sign_in",
    name: words("Anmeldung", "signing in"),
    why: words(
        "Erkennen, wer sich anmeldet, und Konten vor Fremden schützen.",
        "To recognise who signs in, and to protect accounts from others.",
    ),
    basis: &[
        Basis::PublicTask,
        Basis::LegitimateInterest,
        Basis::Contract,
    ],
};

/// Reaching people on their devices.
pub(crate) const REACHING: Purpose = Purpose {
    key: "people.reaching",
    name: words("Erreichbarkeit auf Geräten", "reaching people on devices"),
    why: words(
        "Menschen auf den Geräten alarmieren, die sie selbst dafür angemeldet haben.",
        "To alert people on the devices that they enrolled for it themselves.",
    ),
    basis: &[Basis::PublicTask, Basis::LegitimateInterest],
};

/// Sessions that ended.
pub(crate) const SESSIONS: Rule = Rule {
    kind: "session",
    name: words("Sitzungen", "sessions"),
    start: words(
        "nach der Anmeldung; ohne „Angemeldet bleiben“ schon 12 Stunden nach der letzten Nutzung",
        "after signing in; without \u{201c}stay signed in\u{201d} 12 hours after the last use",
    ),
    period: "P14D",
    settable: None,
};

/// Links that ended.
pub(crate) const LINKS: Rule = Rule {
    kind: "link",
    name: words("Einmal-Links", "one-time links"),
    start: words("nach Ablauf des Links", "after the end of the link"),
    period: "P7D",
    settable: None,
};

/// Invitations that nobody took.
pub(crate) const INVITATIONS: Rule = Rule {
    kind: "invitation",
    name: words("nicht angenommene Einladungen", "invitations nobody took"),
    start: words("nach der Einladung", "after the invitation"),
    period: "P7D",
    settable: None,
};

/// Counts of failed attempts.
pub(crate) const FAILURES: Rule = Rule {
    kind: "signin_delay",
    name: words(
        "Zähler fehlgeschlagener Anmeldungen",
        "counts of failed attempts to sign in",
    ),
    start: words(
        "nach dem letzten Fehlversuch und seiner Wartezeit",
        "after the last failure and its delay",
    ),
    period: "PT1H",
    settable: None,
};

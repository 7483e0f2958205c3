//! The record of processing activities (Art. 30 GDPR): made from the declarations of the running program, the
//! periods in force and the push services that are switched on.

pub(super) mod http;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use ::store::{StoreError, Tx};
use alarm::delivery::model::about;
use base::{Lang, Timestamp};
use people::device::PushFamily;
use people::organisation::{self, Organisation};
use people::{Grant, permit::PrivacyRead};
use privacy::{Deletion, Recipient, Table, Words, period_of, record, words};

use super::store;

/// What protects the data (Art. 30(1)(g) GDPR), as far as the program sees to it itself.
const MEASURES: [Words; 5] = [
    words(
        "Wer etwas sehen oder tun darf, entscheiden Rollen; was Gewicht hat, steht in einem Protokoll, das jede \
         nachträgliche Änderung zeigt.",
        "Roles decide who may see or do something; what matters stands in a log that shows every later change.",
    ),
    words(
        "Kennwörter liegen nur als Argon2id-Prüfwerte vor, Schlüssel von Maschinen und Sitzungen nur als SHA-256.",
        "Passwords are kept as Argon2id hashes only, keys of machines and sessions as SHA-256 only.",
    ),
    words(
        "Einzelheiten im Protokoll sind je Person und Monat verschlüsselt. Wird der Schlüssel vernichtet, sind sie \
         hier sofort unbrauchbar, in Sicherungen der Schlüssel erst mit diesen: sie sind höchstens 7 Tage \
         aufzuheben.",
        "Details in the log are encrypted per person and month. Once the key is destroyed they are unusable here at \
         once, and in backups of the keys only with these: they are to be kept for 7 days at most.",
    ),
    words(
        "Schlüssel liegen getrennt von den Daten und sind mit einem Schlüssel verschlüsselt, der in keine Sicherung \
         gehört.",
        "Keys lie apart from the data, encrypted under a key that belongs into no backup.",
    ),
    words(
        "Nachrichten an Push-Dienste sind Ende-zu-Ende verschlüsselt (RFC 8291); die Dienste sind aus, bis sie \
         jemand einschaltet.",
        "Messages to push services are end-to-end encrypted (RFC 8291); the services are off until somebody \
         switches them on.",
    ),
];

/// The record in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    lang: Lang,
    generated: Timestamp,
    organisation: Organisation,
    entries: Vec<Entry>,
}

/// One processing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    purpose: String,
    why: String,
    categories: Vec<String>,
    subjects: Vec<String>,
    basis: Vec<String>,
    recipients: Vec<String>,
    third_countries: Vec<String>,
    deletion: Vec<(String, String)>,
    tables: Vec<String>,
}

impl Record {
    /// Who is responsible, in one line.
    fn controller(&self) -> String {
        let address = self.organisation.details.address.as_str();
        let lines = address.lines().map(str::trim).filter(|it| !it.is_empty());
        let mut text = self.organisation.name.clone();
        for line in lines {
            text.push_str(", ");
            text.push_str(line);
        }
        text
    }

    fn measures(&self) -> impl Iterator<Item = &'static str> {
        let lang = self.lang;
        MEASURES.iter().map(move |measure| measure.get(lang))
    }
}

/// Makes the record as it stands now.
async fn load(
    tx: &mut Tx,
    grant: &Grant<PrivacyRead>,
    tables: &[&'static Table],
    lang: Lang,
) -> Result<Record, StoreError> {
    let organisation = organisation::of(tx, grant).await?;
    let families = store::families(tx, grant.org()).await?;
    let mut periods = BTreeMap::new();
    for table in tables {
        if let Deletion::Rule(rule) = table.deletion
            && !periods.contains_key(rule.kind)
        {
            let period = period_of(tx, grant.org(), rule).await?;
            periods.insert(rule.kind, period.to_string());
        }
    }
    let period = |rule: &privacy::Rule| {
        let set = periods.get(rule.kind).cloned();
        set.unwrap_or_else(|| rule.period.to_owned())
    };
    let entries = record::entries(tables.iter().copied(), period);
    Ok(Record {
        lang,
        generated: tx.clock().now(),
        organisation,
        entries: entries
            .iter()
            .map(|entry| spoken(entry, &families, lang))
            .collect(),
    })
}

/// An entry in one language.
fn spoken(entry: &record::Entry, families: &[PushFamily], lang: Lang) -> Entry {
    let say = |words: Words| words.get(lang).to_owned();
    let mut recipients = Vec::new();
    let mut third = BTreeSet::new();
    for recipient in &entry.recipients {
        if *recipient != Recipient::PushService {
            recipients.push(say(recipient.words()));
            continue;
        }
        for family in families {
            let (service, operator, country) = about(*family);
            let sealed = say(words("Inhalt verschlüsselt", "content encrypted"));
            recipients.push(format!("{operator} ({service}; {sealed})"));
            third.extend(third_country(country, lang));
        }
    }
    Entry {
        purpose: say(entry.purpose.name),
        why: say(entry.purpose.why),
        categories: entry.categories.iter().map(|it| say(it.words())).collect(),
        subjects: entry.subjects.iter().map(|it| say(it.words())).collect(),
        basis: entry
            .purpose
            .basis
            .iter()
            .map(|it| say(it.words()))
            .collect(),
        recipients,
        third_countries: third.into_iter().collect(),
        deletion: entry
            .deletion
            .iter()
            .map(|ending| (ending.kind.clone(), ending.get(lang).to_owned()))
            .collect(),
        tables: entry
            .tables
            .iter()
            .map(|(table, _)| (*table).to_owned())
            .collect(),
    }
}

/// The name of a country outside the European Economic Area; push services are in these two only.
fn third_country(country: &str, lang: Lang) -> Option<String> {
    match country {
        "DE" => None,
        "US" => Some(words("USA", "United States").get(lang).to_owned()),
        other => Some(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry_of(kind: Recipient) -> Vec<record::Entry> {
        let mut entries = record::entries(privacy::TABLES, |rule| rule.period.to_owned());
        for entry in &mut entries {
            entry.recipients = [kind].into();
        }
        entries
    }

    #[test]
    fn push_services_are_recipients_only_when_switched_on() {
        let entries = entry_of(Recipient::PushService);
        let off = spoken(&entries[0], &[], Lang::De);
        assert!(off.recipients.is_empty() && off.third_countries.is_empty());
        let on = spoken(
            &entries[0],
            &[PushFamily::Google, PushFamily::Mozilla, PushFamily::Local],
            Lang::En,
        );
        assert_eq!(on.recipients.len(), 3);
        assert!(
            on.recipients[0].contains("Google LLC"),
            "{:?}",
            on.recipients
        );
        assert_eq!(on.third_countries, ["United States"]);
    }

    #[test]
    fn the_log_stands_in_the_record() {
        let entries = entry_of(Recipient::OwnOrganisation);
        let german = spoken(&entries[0], &[], Lang::De);
        assert!(german.purpose.contains("Rechenschaft"));
        assert_eq!(german.tables, ["ledger_leaf"]);
        assert!(
            german.deletion[0].1.contains("1 Jahr"),
            "{:?}",
            german.deletion
        );
    }
}

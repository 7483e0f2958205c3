//! The record of processing activities (Art. 30 GDPR), made from the declarations of the running program.

use std::collections::{BTreeMap, BTreeSet};

use base::Lang;

use crate::{Category, Deletion, Purpose, Recipient, Subject, Table};

/// One processing: everything that is kept for one purpose.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The purpose with its basis.
    pub purpose: &'static Purpose,
    /// Whom it is about.
    pub subjects: BTreeSet<Subject>,
    /// Which categories of data.
    pub categories: BTreeSet<Category>,
    /// Who receives them.
    pub recipients: BTreeSet<Recipient>,
    /// What goes when, by kind of data.
    pub deletion: Vec<Ending>,
    /// Tables and the personal columns in them.
    pub tables: Vec<(&'static str, Vec<&'static str>)>,
}

/// How one kind of data comes to its end, as a sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ending {
    /// Kind of data, or table.
    pub kind: String,
    /// German and English.
    pub rule: [String; 2],
}

impl Ending {
    /// The sentence in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::De => &self.rule[0],
            Lang::En => &self.rule[1],
        }
    }
}

/// Groups the declared tables by purpose. `period` gives the period in force for a rule's kind.
pub fn entries<'t>(
    tables: impl IntoIterator<Item = &'t Table>,
    period: impl Fn(&crate::Rule) -> String,
) -> Vec<Entry> {
    let mut by_purpose: BTreeMap<&'static str, Entry> = BTreeMap::new();
    for table in tables {
        let Some(purpose) = table.purpose else {
            continue;
        };
        let entry = by_purpose.entry(purpose.key).or_insert_with(|| Entry {
            purpose,
            subjects: BTreeSet::new(),
            categories: BTreeSet::new(),
            recipients: BTreeSet::new(),
            deletion: Vec::new(),
            tables: Vec::new(),
        });
        entry.subjects.extend(table.subjects);
        entry.recipients.extend(table.recipients);
        entry
            .categories
            .extend(table.personal.iter().map(|(_, category)| *category));
        entry.tables.push((
            table.name,
            table.personal.iter().map(|(column, _)| *column).collect(),
        ));
        if let Some(ending) = ending(table, &period)
            && !entry.deletion.contains(&ending)
        {
            entry.deletion.push(ending);
        }
    }
    by_purpose.into_values().collect()
}

fn ending(table: &Table, period: &impl Fn(&crate::Rule) -> String) -> Option<Ending> {
    let (kind, rule) = match table.deletion {
        Deletion::Rule(rule) => {
            let period = period(rule);
            let sentence = |lang: Lang| {
                format!(
                    "{}: {} {}",
                    rule.name.get(lang),
                    spoken(&period, lang),
                    rule.start.get(lang)
                )
            };
            (
                rule.kind.to_owned(),
                [sentence(Lang::De), sentence(Lang::En)],
            )
        }
        Deletion::Until(words) => (
            table.name.to_owned(),
            [words.de.to_owned(), words.en.to_owned()],
        ),
        Deletion::With(_) | Deletion::NotPersonal => return None,
    };
    Some(Ending { kind, rule })
}

/// A period as people say it; what is not a simple period is shown as it is.
pub fn spoken(period: &str, lang: Lang) -> String {
    let units: [(char, bool, [&str; 2], [&str; 2]); 5] = [
        ('H', true, ["Stunde", "Stunden"], ["hour", "hours"]),
        ('D', false, ["Tag", "Tage"], ["day", "days"]),
        ('W', false, ["Woche", "Wochen"], ["week", "weeks"]),
        ('M', false, ["Monat", "Monate"], ["month", "months"]),
        ('Y', false, ["Jahr", "Jahre"], ["year", "years"]),
    ];
    for (letter, timed, de, en) in units {
        let head = if timed { "PT" } else { "P" };
        let number = period
            .to_ascii_uppercase()
            .strip_prefix(head)
            .and_then(|rest| rest.strip_suffix(letter))
            .and_then(|digits| digits.parse::<u32>().ok());
        if let Some(number) = number {
            let names = if lang == Lang::De { de } else { en };
            return format!("{number} {}", names[usize::from(number != 1)]);
        }
    }
    period.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_spoken() {
        assert_eq!(spoken("P30D", Lang::De), "30 Tage");
        assert_eq!(spoken("PT1H", Lang::En), "1 hour");
        assert_eq!(spoken("P1DT2H", Lang::En), "P1DT2H");
    }
}

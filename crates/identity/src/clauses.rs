//! The privacy notice's list of what is kept, made from the declarations beside the tables.

use std::collections::BTreeMap;

use base::{Lang, OrgId};
use privacy::{Deletion, Table, record};
use store::{StoreError, Tx};

/// One processing, in the words of one language.
#[derive(Debug, Clone)]
pub(crate) struct Processing {
    name: String,
    why: &'static str,
    basis: Vec<&'static str>,
    categories: Vec<&'static str>,
    recipients: Vec<&'static str>,
    deletion: Vec<String>,
}

impl From<Processing> for minijinja::Value {
    fn from(it: Processing) -> Self {
        minijinja::context! {
            name => it.name,
            why => it.why,
            basis => it.basis,
            categories => it.categories,
            recipients => it.recipients,
            deletion => it.deletion,
        }
    }
}

/// The periods in force in an organisation, by kind of data.
pub(crate) type Periods = BTreeMap<&'static str, String>;

/// Asks for the periods in force.
pub(crate) async fn periods(
    tx: &mut Tx,
    org: OrgId,
    tables: &[&'static Table],
) -> Result<Periods, StoreError> {
    let mut periods = Periods::new();
    for table in tables {
        if let Deletion::Rule(rule) = table.deletion
            && !periods.contains_key(rule.kind)
        {
            let period = privacy::period_of(tx, org, rule).await?;
            periods.insert(rule.kind, period.to_string());
        }
    }
    Ok(periods)
}

/// By what two versions of a notice are told apart: eight characters of a hash over all it says.
pub(crate) fn version(said: &[Processing]) -> String {
    let all = format!("{said:?}");
    seal::sha256(all.as_bytes())[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

/// What is kept, one entry for each purpose, with the usual period where the organisation set none.
pub(crate) fn processings(
    tables: &[&'static Table],
    periods: &Periods,
    lang: Lang,
) -> Vec<Processing> {
    let period = |rule: &privacy::Rule| {
        let own = periods.get(rule.kind);
        own.map_or_else(|| rule.period.to_owned(), Clone::clone)
    };
    record::entries(tables.iter().copied(), period)
        .into_iter()
        .map(|entry| Processing {
            name: capital(entry.purpose.name.get(lang)),
            why: entry.purpose.why.get(lang),
            basis: entry
                .purpose
                .basis
                .iter()
                .map(|it| it.words().get(lang))
                .collect(),
            categories: entry
                .categories
                .iter()
                .map(|it| it.words().get(lang))
                .collect(),
            recipients: entry
                .recipients
                .iter()
                .map(|it| it.words().get(lang))
                .collect(),
            deletion: entry
                .deletion
                .iter()
                .map(|it| it.get(lang).to_owned())
                .collect(),
        })
        .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_kept_in_both_languages() {
        let own: Vec<&'static Table> = people::TABLES.iter().flat_map(|list| list.iter()).collect();
        for lang in Lang::ALL {
            let all = processings(&own, &Periods::new(), lang);
            assert!(all.len() >= 3);
            let shorter = Periods::from([("session", "P7D".to_owned())]);
            let other = processings(&own, &shorter, lang);
            assert_eq!(
                version(&all),
                version(&processings(&own, &Periods::new(), lang))
            );
            assert_ne!(version(&all), version(&other));
            assert!(
                all.iter()
                    .all(|it| !it.basis.is_empty() && !it.deletion.is_empty())
            );
        }
    }
}

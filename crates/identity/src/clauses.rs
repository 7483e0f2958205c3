//! The privacy notice's list of what is kept, made from the declarations beside the tables.

use base::Lang;
use privacy::{Table, record};

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

/// What is kept, one entry for each purpose. Periods are the usual ones; an organisation may have set shorter
/// or longer ones, which its record of processing tells.
pub(crate) fn processings(tables: &[&'static Table], lang: Lang) -> Vec<Processing> {
    record::entries(tables.iter().copied(), |rule| rule.period.to_owned())
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
            let all = processings(&own, lang);
            assert!(all.len() >= 3);
            assert!(
                all.iter()
                    .all(|it| !it.basis.is_empty() && !it.deletion.is_empty())
            );
        }
    }
}

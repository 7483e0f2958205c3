//! The record of processing as one HTML file that needs nothing else: no script, no picture, no address.

use std::fmt::{self, Write};

use base::Lang;
use privacy::{Words, words};

use super::{Entry, Record};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;\
    padding:0 1rem;color:#1a1a1a;background:#fff}h1{font-size:1.6rem}h2{font-size:1.15rem;\
    margin:2.5rem 0 .5rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;\
    vertical-align:top;padding:.4rem .5rem;border-top:1px solid #767676}th{width:12rem;\
    font-weight:600}ul{margin:0;padding-left:1.1rem}code{font-size:.9em;overflow-wrap:anywhere}\
    section{break-inside:avoid}@page{margin:2cm}";

const TITLE: Words = words(
    "Verzeichnis der Verarbeitungstätigkeiten",
    "Record of processing activities",
);
const LAW: Words = words("Art. 30 DSGVO", "Art. 30 GDPR");
const MADE: Words = words(
    "Erzeugt aus den Erklärungen neben jeder Tabelle des laufenden Programms.",
    "Made from the declarations beside each table of the running program.",
);
const CONTROLLER: Words = words("Verantwortlich", "Controller");
const CONTACT: Words = words("Kontakt", "Contact");
const OFFICER: Words = words("Datenschutzbeauftragte Person", "Data protection officer");
const DATE: Words = words("Stand", "As of");
const WHY: Words = words("Zweck", "Purpose");
const CATEGORIES: Words = words("Daten", "Data");
const SUBJECTS: Words = words("Betroffene", "People concerned");
const BASIS: Words = words("Rechtsgrundlage", "Legal basis");
const RECIPIENTS: Words = words("Empfänger", "Recipients");
const THIRD: Words = words("Drittländer", "Third countries");
const DELETION: Words = words("Löschung", "Deletion");
const TABLES: Words = words("Tabellen", "Tables");
const MEASURES: Words = words(
    "Technische und organisatorische Maßnahmen",
    "Technical and organisational measures",
);
const NOBODY: Words = words("keine", "none");
const MISSING: Words = words("nicht angegeben", "not given");

/// Text between tags.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// The whole document.
pub(super) fn html(record: &Record) -> String {
    let mut out = String::with_capacity(32 * 1024);
    // Writing into a text can't fail.
    let _ = document(&mut out, record);
    out
}

fn document(out: &mut String, record: &Record) -> fmt::Result {
    let lang = record.lang;
    let say = |words: Words| words.get(lang);
    let name = Text(&record.organisation.name);
    write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{} – {name}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{}</h1>\n<p>{}. {}</p>\n<table>\n",
        lang.code(),
        say(TITLE),
        say(TITLE),
        say(LAW),
        say(MADE),
    )?;
    let details = &record.organisation.details;
    row(out, say(CONTROLLER), &[record.controller()], say(MISSING))?;
    row(
        out,
        say(CONTACT),
        &given(details.contact.as_str()),
        say(MISSING),
    )?;
    let officer = given(details.protection_officer.as_str());
    row(out, say(OFFICER), &officer, say(MISSING))?;
    row(out, say(DATE), &[date(record)], "")?;
    out.write_str("</table>\n")?;
    for entry in &record.entries {
        section(out, entry, lang)?;
    }
    write!(out, "<section>\n<h2>{}</h2>\n<ul>\n", say(MEASURES))?;
    for measure in record.measures() {
        writeln!(out, "<li>{}</li>", Text(measure))?;
    }
    out.write_str("</ul>\n</section>\n</main>\n</body>\n</html>\n")
}

fn section(out: &mut String, entry: &Entry, lang: Lang) -> fmt::Result {
    let say = |words: Words| words.get(lang);
    write!(
        out,
        "<section>\n<h2>{}</h2>\n<table>\n",
        Text(&entry.purpose)
    )?;
    let why = std::slice::from_ref(&entry.why);
    let deletion: Vec<String> = entry
        .deletion
        .iter()
        .map(|(_, rule)| rule.clone())
        .collect();
    for (head, values) in [
        (WHY, why),
        (CATEGORIES, &entry.categories),
        (SUBJECTS, &entry.subjects),
        (BASIS, &entry.basis),
        (RECIPIENTS, &entry.recipients),
        (THIRD, &entry.third_countries),
        (DELETION, &deletion),
    ] {
        row(out, say(head), values, say(NOBODY))?;
    }
    let tables = Text(&entry.tables.join(", ")).to_string();
    let head = say(TABLES);
    writeln!(
        out,
        "<tr><th scope=\"row\">{head}</th><td><code>{tables}</code></td></tr>"
    )?;
    out.write_str("</table>\n</section>\n")
}

/// A row with one value, or with several as a list.
fn row(out: &mut String, head: &str, values: &[String], none: &str) -> fmt::Result {
    write!(out, "<tr><th scope=\"row\">{}</th><td>", Text(head))?;
    match values {
        [] => write!(out, "{}", Text(none))?,
        [one] => write!(out, "{}", Text(one))?,
        many => {
            out.write_str("<ul>")?;
            for value in many {
                write!(out, "<li>{}</li>", Text(value))?;
            }
            out.write_str("</ul>")?;
        }
    }
    out.write_str("</td></tr>\n")
}

fn given(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
    lines.map(str::to_owned).collect()
}

/// The date in the organisation's zone, as it is written there.
fn date(record: &Record) -> String {
    let zoned = record.generated.to_zoned(record.organisation.zone.rules());
    let form = match record.lang {
        Lang::De => "%d.%m.%Y, %H:%M",
        Lang::En => "%-d %B %Y, %H:%M",
    };
    zoned.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{OrgId, Timestamp};
    use people::organisation::{Details, Organisation, Zone};

    fn sample(lang: Lang) -> Record {
        Record {
            lang,
            generated: "2026-11-22T12:00:00Z".parse::<Timestamp>().unwrap(),
            organisation: Organisation {
                id: OrgId::from_bytes([1; 16]),
                name: "Feuerwehr <Musterstadt> & Söhne".to_owned(),
                zone: Zone::default(),
                language: lang,
                familiar: false,
                details: Details {
                    address: base::Text::parse("Am Markt 1\n12345 Musterstadt").unwrap(),
                    contact: base::Text::parse("").unwrap(),
                    protection_officer: base::Text::parse("\"Eva\"").unwrap(),
                },
            },
            entries: vec![Entry {
                purpose: "Alarm".to_owned(),
                why: "Helfen".to_owned(),
                categories: vec!["Name".to_owned(), "Ort".to_owned()],
                subjects: vec![],
                basis: vec!["c".to_owned()],
                recipients: vec![],
                third_countries: vec![],
                deletion: vec![("alarms".to_owned(), "30 Tage".to_owned())],
                tables: vec!["alarm".to_owned(), "alarm_answer".to_owned()],
            }],
        }
    }

    #[test]
    fn stands_alone_and_escapes() {
        let page = html(&sample(Lang::De));
        assert!(page.starts_with("<!doctype html>\n<html lang=\"de\">"));
        assert!(
            page.contains(
                "Feuerwehr &lt;Musterstadt&gt; &amp; Söhne, Am Markt 1, 12345 Musterstadt"
            )
        );
        assert!(page.contains("&quot;Eva&quot;"));
        assert!(page.contains("22.11.2026, 13:00"));
        assert!(page.contains("<li>Name</li><li>Ort</li>"));
        for foreign in [
            "<script", "http:", "https:", "src=", "href=", "@import", "url(",
        ] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert_eq!(
            page.matches("<table>").count(),
            page.matches("</table>").count()
        );
        let english = html(&sample(Lang::En));
        assert!(english.contains("22 November 2026, 13:00"));
        assert!(english.contains("not given"));
    }
}

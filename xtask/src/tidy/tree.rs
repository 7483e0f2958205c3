//! Rules between files: migrations come in pairs, statements are registered, both languages say all.

use super::{File, Findings};
use std::collections::{BTreeMap, BTreeSet};

const MIGRATIONS: &str = "crates/store/migrations/";
const REGISTRY: &str = "crates/server/src/registry.rs";
const ENGINES: [&str; 2] = ["sqlite", "postgres"];

/// Checks the tree as a whole.
pub(super) fn check(files: &[File], findings: &mut Findings) {
    migrations(files, findings);
    registry(files, findings);
    translations(files, findings);
}

/// `NNNN_name.{sqlite,postgres}.sql`, in each folder from 0001 on without a gap.
fn migrations(files: &[File], findings: &mut Findings) {
    let mut folders: BTreeMap<&str, Numbers<'_>> = BTreeMap::new();
    for file in files.iter().filter(|it| it.path.starts_with(MIGRATIONS)) {
        let Some((folder, name)) = file.path.rsplit_once('/') else {
            continue;
        };
        match parts(name) {
            Some((number, word, engine)) => {
                let words = folders
                    .entry(folder)
                    .or_default()
                    .entry(number)
                    .or_default();
                words.entry(word).or_default().insert(engine);
            }
            None => findings.add(
                &file.path,
                1,
                "is not named like a migration",
                "name it NNNN_word.sqlite.sql or NNNN_word.postgres.sql",
            ),
        }
    }
    for (folder, numbers) in &folders {
        in_order(folder, numbers, findings);
    }
}

/// The engines that each name has, under each number.
type Numbers<'a> = BTreeMap<u32, BTreeMap<&'a str, BTreeSet<&'a str>>>;

fn in_order(folder: &str, numbers: &Numbers<'_>, findings: &mut Findings) {
    let mut expected = 1;
    for (number, words) in numbers {
        if *number != expected {
            let what = format!("after {:04} comes {number:04}", expected - 1);
            findings.add(
                folder,
                1,
                &what,
                "number migrations without a gap, from 0001",
            );
        }
        expected = number + 1;
        if words.len() > 1 {
            let what = format!("{number:04} is given twice");
            findings.add(folder, 1, &what, "the later one takes the next number");
        }
        for (word, engines) in words {
            for engine in ENGINES.iter().filter(|it| !engines.contains(*it)) {
                let path = format!("{folder}/{number:04}_{word}.{engine}.sql");
                findings.add(&path, 1, "is missing", "write it beside its pair");
            }
        }
    }
}

fn parts(name: &str) -> Option<(u32, &str, &str)> {
    let (number, rest) = name.split_once('_')?;
    let (word, engine) = rest.strip_suffix(".sql")?.rsplit_once('.')?;
    (number.len() == 4 && ENGINES.contains(&engine)).then_some(())?;
    Some((number.parse().ok()?, word, engine))
}

/// Each store's statements reach the registry, from which tests prepare them on both databases. They
/// are named there, or in the list of their crate, which is named there.
fn registry(files: &[File], findings: &mut Findings) {
    let text = |path: &str| {
        files
            .iter()
            .find(|it| it.path == path)
            .map(|it| it.text.as_str())
    };
    let Some(registry) = text(REGISTRY) else {
        return;
    };
    for file in files {
        if !file.path.starts_with("crates/") || !file.text.contains("statements! {") {
            continue;
        }
        let Some((krate, modules)) = module(&file.path) else {
            continue;
        };
        let root = text(&format!("crates/{krate}/src/lib.rs")).unwrap_or_default();
        let full = format!("{modules}::STATEMENTS");
        let lifted = modules
            .strip_suffix("::store")
            .map(|it| format!("{it}::STATEMENTS"));
        let rooted = registry.contains(&format!("{krate}::STATEMENTS"));
        let named = |it: &str| {
            registry.contains(&format!("{krate}::{it}")) || (rooted && root.contains(it))
        };
        if !named(&full) && !lifted.is_some_and(|it| named(&it)) {
            let mend = format!("add {krate}::{full} in {REGISTRY}");
            findings.add(&file.path, 1, "its statements are not registered", &mend);
        }
    }
}

/// `crates/alarm/src/response/store.rs` is `response::store` in `alarm`; `store` and `testkit` aside.
fn module(path: &str) -> Option<(&str, String)> {
    let (krate, rest) = path.strip_prefix("crates/")?.split_once("/src/")?;
    let modules = rest
        .strip_suffix(".rs")?
        .trim_end_matches("/mod")
        .replace('/', "::");
    let has_own_list = ["store", "testkit"].contains(&krate);
    (!has_own_list && modules != "lib").then_some((krate, modules))
}

/// The same keys in German and in English.
fn translations(files: &[File], findings: &mut Findings) {
    let mut keys: Vec<(&str, BTreeSet<String>)> = Vec::new();
    for file in files
        .iter()
        .filter(|it| matches!(it.path.as_str(), "i18n/de.json" | "i18n/en.json"))
    {
        match serde_json::from_str(&file.text) {
            Ok(value) => {
                let mut found = BTreeSet::new();
                collect(&value, "", &mut found);
                keys.push((&file.path, found));
            }
            Err(error) => {
                let what = format!("is not JSON: {error}");
                findings.add(&file.path, error.line(), &what, "mend the syntax");
            }
        }
    }
    let [(german, in_german), (english, in_english)] = keys.as_slice() else {
        return;
    };
    for (path, missing) in [
        (english, in_german.difference(in_english)),
        (german, in_english.difference(in_german)),
    ] {
        // The familiar form exists in German alone.
        for key in missing.filter(|key| !key.ends_with("_du")) {
            findings.add(
                path,
                1,
                &format!("has no {key}"),
                "say it in both languages",
            );
        }
    }
}

fn collect(value: &serde_json::Value, path: &str, into: &mut BTreeSet<String>) {
    match value.as_object() {
        Some(object) => {
            for (key, value) in object {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, &format!("{path}{dot}{key}"), into);
            }
        }
        None => {
            into.insert(path.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::found_in;
    use super::REGISTRY;

    #[track_caller]
    fn check(files: &[(&str, &str)], want: &[&str]) {
        assert_eq!(found_in(files), want);
    }

    #[test]
    fn migrations_come_in_pairs_without_gaps() {
        let at = |it: &str| format!("crates/store/migrations/{it}.sql");
        let names = [
            "0001_a.sqlite",
            "0001_a.postgres",
            "0003_b.sqlite",
            "0003_c.postgres",
            "x",
        ]
        .map(at);
        let files: Vec<_> = names.iter().map(|it| (it.as_str(), "")).collect();
        check(&files[..2], &[]);
        let keys = at("keys/0001_a.sqlite");
        check(&[(&keys, "")], &["1: is missing"]);
        let want = [
            "1: after 0001 comes 0003",
            "1: 0003 is given twice",
            "1: is missing",
            "1: is missing",
            "1: is not named like a migration",
        ];
        check(&files, &want);
    }

    #[test]
    fn statements_are_registered() {
        let store = (
            "crates/alarm/src/response/store.rs",
            "//! Head.\nstore::statements! {\n}\n",
        );
        check(&[store], &[]);
        let empty = ("crates/server/src/registry.rs", "//! Head.\n");
        check(&[store, empty], &["1: its statements are not registered"]);
        for text in [
            "alarm::response::store::STATEMENTS",
            "alarm::response::STATEMENTS",
        ] {
            let text = format!("//! Head.\n{text}\n");
            check(&[store, ("crates/server/src/registry.rs", &text)], &[]);
        }
        let root = (
            "crates/alarm/src/lib.rs",
            "//! Head.\nresponse::store::STATEMENTS\n",
        );
        let unregistered = ["1: its statements are not registered"];
        check(&[store, empty, root], &unregistered);
        let of_crate = (REGISTRY, "//! Head.\nalarm::STATEMENTS\n");
        check(&[store, of_crate, root], &[]);
    }

    #[test]
    fn both_languages_say_all() {
        let german = ("i18n/de.json", r#"{"a": {"b": "x", "c": "x"}}"#);
        let english = ("i18n/en.json", r#"{"a": {"b": "x"}, "d": "x"}"#);
        check(&[german, english], &["1: has no d", "1: has no a.c"]);
        check(&[german, ("i18n/en.json", german.1)], &[]);
    }
}

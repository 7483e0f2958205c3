//! Rules for one Rust file: what may stand in `model.rs`, where SQL and HTTP live, how a lint is silenced.

use super::lexer::{Lexed, lex, names};
use super::{File, Findings};

/// What a `model.rs` may not name: it thinks, and cannot fail for reasons of the world.
const WORLD: [&str; 6] = ["sqlx", "axum", "tokio", "reqwest", "std::fs", "std::net"];

/// Crates for tests and tools, where SQL and HTTP may stand anywhere.
const FOR_TESTS: &[&str] = &["crates/testkit/", "tests/", "bench/", "fuzz/", "xtask/"];

/// Crates that are about HTTP as a whole.
const ABOUT_HTTP: &[&str] = &["crates/web/", "crates/server/"];

/// Checks one `.rs` file.
pub(super) fn check(file: &File, findings: &mut Findings) {
    let path = &file.path;
    if !file.text.starts_with("//!") {
        findings.add(
            path,
            1,
            "has no head",
            "begin the file with //! and what it is and refuses",
        );
    }
    let lexed = lex(&file.text);
    for (n, line) in lexed.lines.iter().enumerate() {
        let packed: String = line.split_whitespace().collect();
        if packed.contains("#[allow(") || packed.contains("#![allow(") {
            let mend =
                "write #[expect(lint, reason = \"…\")], which complains when it is not needed";
            findings.add(path, n + 1, "silences a lint for ever", mend);
        }
    }
    if file.starts_with(FOR_TESTS) || in_room(path, "tests") {
        return;
    }
    let crate_of_store = path.starts_with("crates/store/");
    if in_room(path, "model") {
        model(path, &lexed, findings);
    }
    if !crate_of_store && !in_room(path, "store") {
        sql(path, &lexed, findings);
    }
    if !file.starts_with(ABOUT_HTTP) && !in_room(path, "http") {
        http(path, &lexed, findings);
    }
}

/// Whether the file is `ROOM.rs` or lies in a folder `ROOM/`.
fn in_room(path: &str, room: &str) -> bool {
    let file = format!("{room}.rs");
    path.split('/').any(|it| it == room || it == file)
}

fn model(path: &str, lexed: &Lexed, findings: &mut Findings) {
    for (n, line) in code(lexed) {
        for word in WORLD {
            if names(line, word) {
                let mend = if word == "std::net" {
                    "types of addresses are in core::net; the rest belongs to http.rs or jobs.rs"
                } else {
                    "move it to store.rs, http.rs or jobs.rs; a model only decides"
                };
                findings.add(path, n, &format!("a model names {word}"), mend);
            }
        }
    }
}

fn sql(path: &str, lexed: &Lexed, findings: &mut Findings) {
    for (line, text) in &lexed.strings {
        if *line < lexed.tests_from && is_sql(text) {
            findings.add(
                path,
                *line,
                "SQL outside store.rs",
                "move the statement to store.rs beside",
            );
        }
    }
}

fn http(path: &str, lexed: &Lexed, findings: &mut Findings) {
    for (n, line) in code(lexed) {
        for word in ["axum", "StatusCode"] {
            if names(line, word) {
                let mend = "move it to http.rs; elsewhere a Kind says what went wrong";
                findings.add(path, n, &format!("{word} outside http.rs"), mend);
            }
        }
    }
}

/// The lines before the tests, with their numbers.
fn code(lexed: &Lexed) -> impl Iterator<Item = (usize, &String)> {
    lexed
        .lines
        .iter()
        .enumerate()
        .map(|(n, it)| (n + 1, it))
        .filter(|it| it.0 < lexed.tests_from)
}

/// Whether a string looks like a statement. English sentences may hold the same words in lower case.
fn is_sql(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let upper = text.to_ascii_uppercase();
    let changes = [
        "INSERT INTO ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "ALTER TABLE ",
        "DROP TABLE ",
    ];
    let begins = |it: &&str| upper.starts_with(it.trim_end()) && upper.len() > it.len();
    if changes.iter().any(|it| text.contains(it)) || changes.iter().any(begins) {
        return true;
    }
    let word_between = upper
        .strip_prefix("UPDATE ")
        .and_then(|it| it.split_once(' '))
        .is_some_and(|(_, after)| after.starts_with("SET "));
    word_between
        || text.starts_with("SELECT ")
        || (upper.starts_with("SELECT ") && upper.contains(" FROM "))
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;
    use super::is_sql;

    #[test]
    fn a_model_only_thinks() {
        let text = "//! Head.\nuse tokio::time;\n// sqlx is fine here\nfn f() { std::net::a(); }\n";
        let want = ["2: a model names tokio", "4: a model names std::net"];
        assert_eq!(found("crates/alarm/src/response/model.rs", text), want);
        assert!(found("crates/alarm/src/response/jobs.rs", text).is_empty());
    }

    #[test]
    fn statements_live_in_the_store() {
        let text = "//! Head.\nconst A: &str = \"select id from unit\";\n#[cfg(test)]\nmod tests {\n    const B: &str = \"DELETE FROM unit\";\n}\n";
        assert_eq!(
            found("crates/alarm/src/jobs.rs", text),
            ["2: SQL outside store.rs"]
        );
        for path in [
            "crates/alarm/src/store.rs",
            "crates/store/src/a.rs",
            "crates/a/src/store/b.rs",
            "crates/a/tests/it/main.rs",
        ] {
            assert!(found(path, text).is_empty(), "{path}");
        }
    }

    #[test]
    fn tells_statements_from_sentences() {
        for it in [
            "SELECT 1",
            "update unit set name = $1",
            "INSERT INTO a (b)",
            "x DELETE FROM y",
            "create table a (b)",
        ] {
            assert!(is_sql(it), "{it}");
        }
        for it in [
            "select a unit",
            "updates the set of units",
            "please insert into the slot",
            "selected from",
        ] {
            assert!(!is_sql(it), "{it}");
        }
    }

    #[test]
    fn http_stays_at_the_edge() {
        let text =
            "//! Head.\nuse axum::Router;\nuse utoipa_axum::router;\nlet a = StatusCode::OK;\n";
        let want = ["2: axum outside http.rs", "4: StatusCode outside http.rs"];
        assert_eq!(found("crates/alarm/src/jobs.rs", text), want);
        assert!(found("crates/alarm/src/http.rs", text).is_empty());
        assert!(found("crates/web/src/csrf.rs", text).is_empty());
    }

    #[test]
    fn lints_are_expected_not_allowed() {
        let text =
            "//! Head.\n#[allow(dead_code)]\n#[expect(dead_code, reason = \"#[allow(x)]\")]\n";
        assert_eq!(
            found("crates/web/src/a.rs", text),
            ["2: silences a lint for ever"]
        );
    }

    #[test]
    fn every_file_has_a_head() {
        assert_eq!(
            found("crates/web/src/a.rs", "fn a() {}\n"),
            ["1: has no head"]
        );
    }
}

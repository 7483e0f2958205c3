//! Who may import whom: the authority on the layers, compared with what cargo says.
//!
//! A crate without a row here fails: whoever adds one decides where it belongs. Libraries that only
//! one room may know (cryptography, SQL, mail) stand in the second table.

use crate::cmd;
use anyhow::{Context, Result};
use serde_json::Value;

/// Everything an application may import.
const BELOW_APPLICATIONS: &[&str] = &[
    "base", "seal", "store", "ledger", "privacy", "people", "mail", "web",
];

/// Everything that exists for tests may import everything that is not the binary.
const FOR_TESTS: &[&str] = &[
    "base", "seal", "media", "camera", "store", "ledger", "privacy", "people", "mail", "web",
    "identity", "alarm", "video", "server", "testkit",
];

/// Each crate and what it may import, lowest first. Applications never import each other.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("seal", &["base"]),
    ("media", &["base", "seal"]),
    ("camera", &["base", "seal", "media"]),
    ("store", &["base", "seal"]),
    ("ledger", &["base", "seal", "store"]),
    ("privacy", &["base", "seal", "store", "ledger"]),
    ("people", &["base", "seal", "store", "ledger", "privacy"]),
    (
        "mail",
        &["base", "seal", "store", "ledger", "privacy", "people"],
    ),
    (
        "web",
        &["base", "seal", "store", "ledger", "privacy", "people"],
    ),
    ("identity", BELOW_APPLICATIONS),
    ("alarm", BELOW_APPLICATIONS),
    (
        "video",
        &[
            "base", "seal", "store", "ledger", "privacy", "people", "mail", "web", "media",
        ],
    ),
    (
        "server",
        &[
            "base", "seal", "store", "ledger", "privacy", "people", "mail", "web", "identity",
            "alarm", "video",
        ],
    ),
    (
        "obhut",
        &[
            "base", "seal", "media", "camera", "store", "ledger", "video", "server",
        ],
    ),
    ("testkit", FOR_TESTS),
    ("obhut-tests", FOR_TESTS),
    ("obhut-bench", FOR_TESTS),
    ("xtask", &[]),
];

/// Crates for tests, which others may import in their own tests only.
const IN_TESTS_ONLY: &[&str] = &["testkit"];

/// Libraries only these crates may name, and why.
const RESERVED: &[(&str, &[&str], &str)] = &[
    (
        "aws-lc-rs",
        &["seal"],
        "cryptography is reviewed in one place",
    ),
    ("argon2", &["seal"], "cryptography is reviewed in one place"),
    (
        "rustls",
        &["web", "server", "camera", "testkit"],
        "only those who open connections speak TLS",
    ),
    (
        "sqlx",
        &["store", "obhut-bench"],
        "both databases hide behind store",
    ),
    ("getrandom", &["base"], "chance comes in as base::Rng"),
    ("rand", &["base"], "chance comes in as base::Rng"),
    ("lettre", &["mail"], "mails leave through one door"),
    (
        "reqwest",
        &["web", "camera", "testkit", "obhut-tests", "obhut-bench"],
        "requests leave through the one client that checks addresses; an agent knows one hub",
    ),
    (
        "retina",
        &["media"],
        "what cameras send is taken in at one place",
    ),
    (
        "axum",
        // The agent's tests have a hub of their own.
        &[
            "web", "identity", "alarm", "video", "server", "camera", "testkit",
        ],
        "what lies below the applications knows no HTTP",
    ),
];

/// Libraries that nothing below the databases may use: those crates do no input or output.
const NO_IO: (&[&str], &[&str]) = (&["base", "seal"], &["tokio", "hyper", "reqwest", "sqlx"]);

/// Compares; prints what is wrong; `true` when nothing is.
pub(crate) fn layers() -> Result<bool> {
    let metadata = cmd::metadata()?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo names no packages")?;
    let findings: Vec<String> = packages
        .iter()
        .flat_map(|it| judge(&Package::of(it)))
        .collect();
    for finding in &findings {
        println!("{finding}");
    }
    Ok(findings.is_empty())
}

struct Package<'a> {
    name: &'a str,
    imports: Vec<Import<'a>>,
}

struct Import<'a> {
    name: &'a str,
    in_tests: bool,
    ours: bool,
}

impl<'a> Package<'a> {
    fn of(package: &'a Value) -> Self {
        let imports = package["dependencies"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        Self {
            name: package["name"].as_str().unwrap_or_default(),
            imports: imports
                .iter()
                .map(|it| Import {
                    name: it["name"].as_str().unwrap_or_default(),
                    in_tests: it["kind"] == "dev",
                    ours: it["path"].is_string(),
                })
                .collect(),
        }
    }
}

fn judge(package: &Package<'_>) -> Vec<String> {
    let name = package.name;
    let Some((_, allowed)) = LAYERS.iter().find(|it| it.0 == name) else {
        return vec![format!(
            "{name}: has no layer; add a row to LAYERS in xtask/src/layers.rs"
        )];
    };
    let mut findings = Vec::new();
    for import in &package.imports {
        let what = import.name;
        // A crate imports itself to switch on a feature that its own tests need.
        let for_its_tests = import.in_tests && (IN_TESTS_ONLY.contains(&what) || what == name);
        if import.ours && !allowed.contains(&what) && !for_its_tests {
            findings.push(format!(
                "{name}: may not import {what}; move what both need further down, or meet in an event"
            ));
        }
        if let Some((_, only, why)) = RESERVED.iter().find(|it| it.0 == what)
            && !only.contains(&name)
        {
            findings.push(format!(
                "{name}: may not use {what} ({why}); only {} may",
                only.join(", ")
            ));
        }
        if NO_IO.0.contains(&name) && NO_IO.1.contains(&what) && !import.in_tests {
            findings.push(format!(
                "{name}: does no input or output, so it may not use {what}"
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, import: &str, in_tests: bool, ours: bool, fine: bool) {
        let imports = vec![Import {
            name: import,
            in_tests,
            ours,
        }];
        let findings = judge(&Package { name, imports });
        assert_eq!(findings.is_empty(), fine, "{findings:?}");
    }

    #[test]
    fn imports_go_down_only() {
        check("people", "store", false, true, true);
        check("store", "people", false, true, false);
        check("alarm", "identity", false, true, false);
        check("mail", "web", false, true, false);
        check("web", "mail", false, true, false);
        check("obhut", "server", false, true, true);
        check("nobody", "base", false, true, false);
    }

    #[test]
    fn test_helpers_stay_in_tests() {
        check("alarm", "testkit", true, true, true);
        check("alarm", "testkit", false, true, false);
        check("store", "store", true, true, true);
    }

    #[test]
    fn libraries_have_their_rooms() {
        check("seal", "aws-lc-rs", false, false, true);
        check("people", "argon2", false, false, false);
        check("alarm", "sqlx", true, false, false);
        check("base", "tokio", false, false, false);
        check("alarm", "serde", false, false, true);
    }

    #[test]
    fn every_row_imports_only_rows_above() {
        for (n, (name, allowed)) in LAYERS.iter().enumerate() {
            for it in *allowed {
                let known = LAYERS.iter().position(|row| row.0 == *it);
                let fine = known.is_some_and(|it| it < n) || (*it == *name && *name == "testkit");
                assert!(fine, "{name} imports {it}");
            }
        }
    }
}

//! The rule that no statement reaches into another organisation, as a check over statement registries.
//!
//! Reads SQL coarsely, by words; made for the one dialect of this house, not for SQL at large.

use std::collections::BTreeSet;

/// A statement that may do without, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// Module and name, as [`Sql::name`](::store::Sql::name) gives it.
    pub statement: &'static str,
    /// Why it can't be of one organisation.
    pub reason: &'static str,
}

/// The statements of this crate that are not of one organisation.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        statement: "people::organisation::store::ALL",
        reason: "lists the organisations themselves, for the operator and for public pages",
    },
    Exception {
        statement: "people::session::store::BY_TOKEN",
        reason: "finds out whose session a token is; the organisation comes out of it",
    },
    Exception {
        statement: "people::session::store::SWEEP",
        reason: "deletion by time, in all organisations",
    },
    Exception {
        statement: "people::link::store::END_SETUPS",
        reason: "set-up links are of no organisation yet",
    },
    Exception {
        statement: "people::link::store::OPEN",
        reason: "finds out whose link a code is; the organisation comes out of it",
    },
    Exception {
        statement: "people::link::store::TAKE",
        reason: "finds out whose link a code is; the organisation comes out of it",
    },
    Exception {
        statement: "people::link::store::SWEEP",
        reason: "deletion by time, in all organisations",
    },
    Exception {
        statement: "people::machine::store::BY_DIGEST",
        reason: "finds out whose key it is; the organisation comes out of it",
    },
    Exception {
        statement: "people::device::store::BY_ID",
        reason: "finds out whose device signs; the organisation comes out of it",
    },
    Exception {
        statement: "people::device::store::TAKE_ENDPOINT",
        reason: "a browser's pushes go to whoever enrolled it last, whatever the organisation",
    },
    Exception {
        statement: "people::person::store::DELETE_ORPHAN",
        reason: "a person goes when no organisation at all knows them",
    },
    Exception {
        statement: "people::person::store::DUE",
        reason: "deletion by time, in all organisations",
    },
    Exception {
        statement: "people::signin::store::BY_EMAIL",
        reason: "finds out whose address it is; the organisation comes out of it",
    },
];

/// What is wrong with a statement: it touches these tenant tables with too few conditions on `org_id`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("touches {} without org_id = $n for each", tables.join(", "))]
pub struct Unscoped {
    /// The tenant tables it touches.
    pub tables: Vec<String>,
}

/// Checks one statement. `tenant_tables`: all tables with a column `org_id`.
///
/// An `INSERT` must name `org_id`. Any other needs `org_id = $n` at least once, and as many comparisons of
/// `org_id` as it touches tenant tables, so that joins stay inside the organisation.
pub fn check_tenant_scope(sql: &str, tenant_tables: &BTreeSet<String>) -> Result<(), Unscoped> {
    let words = words(sql);
    let mut touched = Vec::new();
    let mut inserts = false;
    for pair in words.windows(2) {
        let introduces = matches!(pair[0].as_str(), "from" | "join" | "into" | "update");
        if introduces && tenant_tables.contains(&pair[1]) {
            inserts |= pair[0] == "into";
            touched.push(pair[1].clone());
        }
    }
    if touched.is_empty() {
        return Ok(());
    }
    let is_org = |word: &str| word == "org_id" || word.ends_with(".org_id");
    let compared = words
        .windows(2)
        .filter(|pair| is_org(&pair[0]) && pair[1] == "=")
        .count();
    let bound = words
        .windows(3)
        .any(|three| is_org(&three[0]) && three[1] == "=" && three[2].starts_with('$'));
    let named = words.iter().any(|word| is_org(word));
    let fine = if inserts && touched.len() == 1 {
        named
    } else {
        bound && compared + usize::from(inserts) >= touched.len()
    };
    if fine {
        Ok(())
    } else {
        Err(Unscoped { tables: touched })
    }
}

/// Words, dotted names, parameters and `=` of a statement, in lower case.
fn words(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in sql.chars().chain([' ']) {
        if c.is_ascii_alphanumeric() || "_.$".contains(c) {
            word.push(c.to_ascii_lowercase());
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c == '=' {
            words.push("=".to_owned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(sql: &str) -> bool {
        let tables = ["unit", "unit_group", "session"].map(str::to_owned);
        check_tenant_scope(sql, &tables.into()).is_ok()
    }

    #[test]
    fn tells_scoped_from_unscoped() {
        for scoped in [
            "SELECT id FROM unit WHERE org_id = $1",
            "SELECT u.id FROM unit u WHERE u.org_id=$2 AND u.id = $1",
            "INSERT INTO unit (org_id, id) VALUES ($1, $2)",
            "SELECT 1 FROM unit u JOIN unit_group g ON g.org_id = u.org_id WHERE u.org_id = $1",
            "INSERT INTO unit (org_id, id) SELECT org_id, id FROM unit_group WHERE org_id = $1",
            "SELECT id FROM person WHERE id = $1",
            "UPDATE unit SET name = $3 WHERE org_id = $1 AND id = $2",
        ] {
            assert!(check(scoped), "{scoped}");
        }
        for unscoped in [
            "SELECT id FROM unit WHERE id = $1",
            "SELECT org_id FROM unit WHERE id = $1",
            "INSERT INTO unit (id) VALUES ($1)",
            "SELECT 1 FROM unit u JOIN unit_group g ON g.unit_id = u.id WHERE u.org_id = $1",
            "INSERT INTO unit (org_id, id) SELECT $1, id FROM unit_group",
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_us <= $1)",
            "UPDATE unit SET name = $2 WHERE id = $1",
        ] {
            assert!(!check(unscoped), "{unscoped}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(sql: String) {
            check(&sql);
        }
    }
}

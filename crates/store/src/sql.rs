//! Statements as named constants of the program, never put together from pieces at run time.

use std::sync::OnceLock;

use crate::Engine;

/// One SQL text for both databases, with a name for messages and for the test that prepares it.
///
/// The few differences of dialect hide behind tokens: `{now_us}` is the database's clock in
/// microseconds, `{skip_locked}` leaves locked rows to others where the database can.
pub struct Sql {
    name: &'static str,
    text: &'static str,
    sqlite: OnceLock<&'static str>,
    postgres: OnceLock<&'static str>,
}

impl Sql {
    /// Used by [`statements!`](crate::statements).
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self {
            name,
            text,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    /// Module and name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The text as it was written, tokens included.
    pub fn source(&self) -> &'static str {
        self.text
    }

    /// The text for one database.
    pub fn text(&self, engine: Engine) -> &'static str {
        let (slot, now, skip) = match engine {
            Engine::Sqlite => (&self.sqlite, SQLITE_NOW, ""),
            Engine::Postgres => (&self.postgres, POSTGRES_NOW, "FOR UPDATE SKIP LOCKED"),
        };
        slot.get_or_init(|| {
            if !self.text.contains('{') {
                return self.text;
            }
            let text = self
                .text
                .replace("{now_us}", now)
                .replace("{skip_locked}", skip);
            // Leaked once for each statement of the program: a bounded number.
            Box::leak(text.into_boxed_str())
        })
    }
}

const SQLITE_NOW: &str = "CAST(unixepoch('now', 'subsec') * 1000000 AS BIGINT)";
const POSTGRES_NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

/// An insert of many rows at once: `head VALUES (…), (…) tail`.
pub struct Bulk {
    name: &'static str,
    head: &'static str,
    columns: usize,
    tail: &'static str,
    sqlite: OnceLock<&'static str>,
    postgres: OnceLock<&'static str>,
}

/// How many rows one bulk statement takes.
pub(crate) const BULK_ROWS: usize = 256;

impl Bulk {
    /// `head` ends before `VALUES`; `tail` is an `ON CONFLICT` clause or empty.
    pub const fn new(
        name: &'static str,
        head: &'static str,
        columns: usize,
        tail: &'static str,
    ) -> Self {
        Self {
            name,
            head,
            columns,
            tail,
            sqlite: OnceLock::new(),
            postgres: OnceLock::new(),
        }
    }

    /// Module and name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Values in each row.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The text for so many rows. SQLite finds a parameter with a name by going through all names, for each
    /// of them; so there they have none.
    pub fn text(&self, engine: Engine, rows: usize) -> String {
        let mut text = String::with_capacity(64 + rows * self.columns * 6);
        text.push_str(self.head);
        text.push_str(" VALUES ");
        let mut number = 0;
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for column in 0..self.columns {
                number += 1;
                text.push_str(if column == 0 { "" } else { ", " });
                match engine {
                    Engine::Sqlite => text.push('?'),
                    Engine::Postgres => {
                        text.push('$');
                        text.push_str(&number.to_string());
                    }
                }
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(self.tail);
        text
    }

    /// The text for [`BULK_ROWS`] rows, made once for each database.
    pub(crate) fn full(&self, engine: Engine) -> &'static str {
        let slot = match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        };
        slot.get_or_init(|| Box::leak(self.text(engine, BULK_ROWS).into_boxed_str()))
    }
}

/// Names the statements of a `store.rs`, and lists them in `STATEMENTS`.
///
/// ```
/// store::statements! {
///     /// One unit of the organisation.
///     BY_ID = "SELECT name FROM unit WHERE org_id = $1 AND id = $2";
/// }
/// # fn main() { assert_eq!(STATEMENTS.len(), 1); }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* static $name: $crate::Sql =
            $crate::Sql::new(concat!(module_path!(), "::", stringify!($name)), $text);)*

        /// Every statement of this module.
        pub(crate) const STATEMENTS: &[&$crate::Sql] = &[$(&$name),*];
    };
}

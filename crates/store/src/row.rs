//! Reading rows, column by column, in the order of the `SELECT`.

use std::str::FromStr;

use base::{Id, Timestamp};
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;

use crate::StoreError;

/// A row of either database.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// Starts reading at the first column.
    pub fn cols(&self) -> Cols<'_> {
        Cols { row: self, next: 0 }
    }
}

/// A walk over the columns of one row.
pub struct Cols<'r> {
    row: &'r Row,
    next: usize,
}

macro_rules! read {
    ($($(#[$doc:meta])* $name:ident, $opt:ident: $type:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self) -> Result<$type, StoreError> {
            let column = self.next;
            self.$opt()?.ok_or_else(|| StoreError::Column { column, source: "null".into() })
        }
        $(#[$doc])*
        ///
        /// `None` for null.
        pub fn $opt(&mut self) -> Result<Option<$type>, StoreError> {
            let column = self.next;
            self.next += 1;
            let value: Result<Option<$type>, sqlx::Error> = match self.row {
                Row::Sqlite(row) => row.try_get_unchecked(column),
                Row::Postgres(row) => row.try_get(column),
            };
            value.map_err(|error| StoreError::Column { column, source: Box::new(error) })
        }
    )*};
}

impl Cols<'_> {
    read! {
        /// Text.
        text, opt_text: String;
        /// A whole number.
        int, opt_int: i64;
        /// A floating-point number.
        real, opt_real: f64;
        /// Yes or no.
        boolean, opt_boolean: bool;
        /// Bytes.
        bytes, opt_bytes: Vec<u8>;
    }

    /// Passes over a column.
    pub fn skip(&mut self) {
        self.next += 1;
    }

    /// An id; a foreign prefix is an error.
    pub fn id<T: Id>(&mut self) -> Result<T, StoreError> {
        self.parsed()
    }

    /// An id or null.
    pub fn opt_id<T: Id>(&mut self) -> Result<Option<T>, StoreError> {
        self.opt_parsed()
    }

    /// Text that stands for something else.
    pub fn parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<T, StoreError> {
        let column = self.next;
        self.text()?.parse().map_err(|e| StoreError::Column {
            column,
            source: Box::new(e),
        })
    }

    /// Text that stands for something else, or null.
    pub fn opt_parsed<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
        &mut self,
    ) -> Result<Option<T>, StoreError> {
        let column = self.next;
        self.opt_text()?
            .map(|text| text.parse())
            .transpose()
            .map_err(|e| StoreError::Column {
                column,
                source: Box::new(e),
            })
    }

    /// Text that one of our enums understands.
    pub fn word<T>(&mut self, read: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        let column = self.next;
        let text = self.text()?;
        read(&text).ok_or_else(|| StoreError::Column {
            column,
            source: "unknown word".into(),
        })
    }

    /// An instant, stored as microseconds.
    pub fn time(&mut self) -> Result<Timestamp, StoreError> {
        let column = self.next;
        self.opt_time()?.ok_or_else(|| StoreError::Column {
            column,
            source: "null".into(),
        })
    }

    /// An instant or null.
    pub fn opt_time(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let column = self.next;
        self.opt_int()?
            .map(Timestamp::from_microsecond)
            .transpose()
            .map_err(|e| StoreError::Column {
                column,
                source: Box::new(e),
            })
    }
}

//! What can go wrong with a database, in the words the rest of the house understands.

use base::{HasKind, Kind};
use sqlx::error::ErrorKind;

/// An error of the database or of what was read from it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached, or gives no connection.
    #[error("the database can't be reached")]
    Unavailable(#[source] Option<Box<sqlx::Error>>),
    /// Another transaction was in the way; repeating helps.
    #[error("another transaction was in the way")]
    Busy(#[source] Box<sqlx::Error>),
    /// No space is left.
    #[error("the database's disk is full")]
    Full(#[source] Box<sqlx::Error>),
    /// The disk or the database is read-only, or failing.
    #[error("the database's disk can't be written")]
    ReadOnly(#[source] Box<sqlx::Error>),
    /// There is such a row already.
    #[error("there is such an entry already")]
    Unique(#[source] Box<sqlx::Error>),
    /// A row refers to one that is not there.
    #[error("an entry refers to one that is not there")]
    Reference(#[source] Box<sqlx::Error>),
    /// A text holds NUL, which PostgreSQL can't store.
    #[error("a text holds a NUL character")]
    Nul,
    /// A stored value is not what the program expects.
    #[error("column {column} holds something unexpected")]
    Column {
        /// Position in the row, from 0.
        column: usize,
        /// What the driver or the parser said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row was expected and is not there.
    #[error("a row that must be there is missing")]
    Missing,
    /// The schema of the database is not ours.
    #[error("migration {number}: {reason}")]
    Migration {
        /// Number of the migration.
        number: u32,
        /// What is wrong.
        reason: String,
    },
    /// Files of the data folder.
    #[error("{what}")]
    File {
        /// What was tried.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A key of the key store is damaged, or the root key is another one.
    #[error("a stored key can't be unwrapped")]
    Unwrap,
    /// Anything else.
    #[error("the database refused a statement")]
    Other(#[source] Box<sqlx::Error>),
}

impl StoreError {
    /// Whether repeating the whole transaction may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// Whether the database is away or can't take anything, through nobody's fault at the other end.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unavailable(_) | Self::Full(_) | Self::ReadOnly(_) | Self::Busy(_)
        )
    }
}

impl HasKind for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unavailable(_) | Self::Busy(_) | Self::Full(_) | Self::ReadOnly(_) => {
                Kind::Unavailable
            }
            Self::Nul => Kind::Invalid,
            Self::Unique(_) => Kind::Conflict,
            _ => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "database_unavailable",
            Self::Busy(_) => "database_busy",
            Self::Full(_) => "disk_full",
            Self::ReadOnly(_) => "disk_read_only",
            Self::Nul => "nul_character",
            Self::Unique(_) => "already_there",
            _ => "internal",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else {
            return match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => Self::Unavailable(Some(Box::new(error))),
                sqlx::Error::RowNotFound => Self::Missing,
                sqlx::Error::ColumnDecode { ref index, .. } => {
                    let column = index.parse().unwrap_or(0);
                    Self::Column {
                        column,
                        source: Box::new(error),
                    }
                }
                _ => Self::Other(Box::new(error)),
            };
        };
        let kind = database.kind();
        let code = database.code().unwrap_or_default().into_owned();
        let error = Box::new(error);
        match kind {
            ErrorKind::UniqueViolation => return Self::Unique(error),
            ErrorKind::ForeignKeyViolation => return Self::Reference(error),
            _ => {}
        }
        // PostgreSQL answers five characters, SQLite an extended result code as a number.
        if let Ok(number) = code.parse::<u32>()
            && code.len() < 5
        {
            return match number & 0xff {
                5 | 6 => Self::Busy(error),
                8 | 10 | 23 => Self::ReadOnly(error),
                13 => Self::Full(error),
                14 => Self::Unavailable(Some(error)),
                _ => Self::Other(error),
            };
        }
        match code.as_str() {
            "40001" | "40P01" | "55P03" => Self::Busy(error),
            "53100" => Self::Full(error),
            "25006" | "58030" => Self::ReadOnly(error),
            // A database that is gone, or lets nobody in at the moment.
            "3D000" | "55000" => Self::Unavailable(Some(error)),
            _ if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
                Self::Unavailable(Some(error))
            }
            _ => Self::Other(error),
        }
    }
}

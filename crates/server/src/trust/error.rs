//! Why something here was refused.

use ::store::StoreError;
use base::{FieldProblem, HasKind, Kind};
use ledger::LedgerError;
use privacy::PeriodError;

/// Why an act was refused or failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrustError {
    /// No such kind of data, log, entry or job in this organisation.
    #[error("there is nothing here")]
    NotFound,
    /// The period of this kind of data is the same everywhere.
    #[error("this period can't be changed")]
    Fixed,
    /// Not a period that may be set.
    #[error("not a period that may be set")]
    Period(#[source] PeriodError),
    /// The log.
    #[error("the log did not do it")]
    Ledger(#[from] LedgerError),
    /// The database.
    #[error("the database did not do it")]
    Store(#[from] StoreError),
}

impl HasKind for TrustError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Fixed => Kind::Conflict,
            Self::Period(error) => error.kind(),
            Self::Ledger(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Fixed => "period_fixed",
            Self::Period(error) => error.code(),
            Self::Ledger(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }

    fn fields(&self) -> Vec<FieldProblem> {
        match self {
            Self::Period(error) => vec![FieldProblem {
                field: "period",
                code: error.code(),
                detail: error.to_string(),
            }],
            _ => Vec::new(),
        }
    }
}

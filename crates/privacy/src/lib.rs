//! Data protection as code: what is personal says so, and goes when its time has come.
//!
//! Declarations ([`Table`]) stand beside their tables. The record of processing ([`record`]) and the
//! deletion clocks ([`Clockwork`]) come from them. Consents, people's rights and breaches follow later.

mod clock;
mod core_tables;
mod declare;
mod log_details;
mod period;
pub mod record;
mod store;

pub use clock::{ClockState, Clocks, Clockwork, Counting, LATE, Rescheduling, Sweeping};
pub use core_tables::TABLES;
pub use declare::{
    Basis, Category, Deletion, Purpose, Recipient, Rule, Subject, Table, Words, words,
};
pub use log_details::{LOG_DETAILS, LogDetails};
pub use period::{Period, PeriodError};
pub use store::{period_of, set_period};

/// Every statement of this crate.
pub const STATEMENTS: &[&[&::store::Sql]] = &[crate::store::STATEMENTS];

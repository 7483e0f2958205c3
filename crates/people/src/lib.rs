//! Organisation, unit, person, membership, role, machine key, device, session; `may()` and [`Grant`].
//!
//! Functions that act for somebody take a transaction, a pen for the log and a [`Grant`]; the organisation
//! comes out of the grant, and an id from a request is always looked up together with it. What can't be done
//! inside one transaction (hashing, recognising tokens) is in [`People`]. No HTTP, no mail.

mod access;
mod clocks;
pub mod device;
mod error;
mod journal;
pub mod link;
pub mod machine;
pub mod organisation;
mod people;
pub mod person;
mod privacy;
pub mod role;
pub mod session;
pub mod setup;
pub mod signin;
pub mod tenancy;

pub use access::{
    Actor, Denied, Grant, Limits, MachineKind, Object, Operator, Permission, Permit, Reach, Right,
    Scope, Who, may, oneself, permit,
};
pub use clocks::clocks;
pub use error::PeopleError;
pub use people::People;

/// Every statement of this crate.
pub const STATEMENTS: &[&[&::store::Sql]] = &[
    device::store::STATEMENTS,
    link::store::STATEMENTS,
    machine::store::STATEMENTS,
    organisation::store::STATEMENTS,
    person::store::STATEMENTS,
    role::store::STATEMENTS,
    session::store::STATEMENTS,
    signin::store::STATEMENTS,
];

/// What every table of this crate keeps.
pub const TABLES: &[&[::privacy::Table]] = &[
    device::privacy::TABLES,
    link::privacy::TABLES,
    machine::privacy::TABLES,
    organisation::privacy::TABLES,
    person::privacy::TABLES,
    role::privacy::TABLES,
    session::privacy::TABLES,
    signin::privacy::TABLES,
];

//! Signing in: passwords, delays after failures, browsers that signed in before.
//!
//! No answer and no timing tells whether an address is known: an unknown one costs the same work and is
//! delayed the same way. The delay counts for each typed address; a browser that signed in before has a count
//! of its own, so that nobody can be locked out by others. Where requests come from is kept as a keyed hash,
//! in memory, for 15 minutes.

mod hashing;
mod model;
mod nearby;
mod password;
pub(crate) mod privacy;
pub(crate) mod store;

pub(crate) use hashing::Hashing;
pub use model::{AddressPrefix, Attempt, SignedIn};
pub(crate) use model::{Known, account_of};
pub(crate) use nearby::Nearby;
pub use password::{Password, PasswordError};
pub use store::sweep_due;

//! Sessions of signed-in browsers: 12 hours of idleness, or 14 days for who stays signed in.
//!
//! The browser holds a random token, the table its digest. Once an hour the token is replaced; the old one is
//! accepted for a minute, and whoever comes with it meanwhile is given the same new one. Sessions end with
//! the membership.

mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub(crate) use model::passed;
pub use model::{Browser, IDLE, NewToken, OVERLAP, ROTATE_AFTER, STAY, Seen, Session};
pub(crate) use store::{NewSession, see, start};
pub use store::{alive, refreshed, revoke, sessions, sign_out, sweep_due};

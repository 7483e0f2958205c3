//! Identity: set-up, sign-in, invitations, and the people, sessions, devices and keys of an organisation.
//!
//! What may be done, and the tables, are in `people`; here are its pages and its part of the API. Pages work
//! without script; every link that was mailed or printed is shown by GET and used up by POST.

pub mod account;
mod clauses;
pub mod devices;
mod form;
mod http;
pub mod invitation;
pub mod machines;
pub mod members;
pub mod notices;
pub mod setup;
pub mod signin;

pub use http::{App, pages, routes, setup_gate};
pub use people::clocks;
pub use setup::{ensure_setup_link, renew_setup_link};

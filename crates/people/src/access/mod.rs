//! Who may do what: permissions, actors, and the grant that a handler needs.
//!
//! A function that acts for somebody takes a [`Grant`], and only [`may`] and [`oneself`] make one, so that
//! forgetting to ask does not compile. The organisation always comes out of the grant. Pure: no I/O.

pub(crate) mod model;

pub use model::{
    Actor, Denied, Grant, Limits, MachineKind, Object, Operator, Permission, Permit, Reach, Right,
    Scope, Who, may, oneself, permit,
};

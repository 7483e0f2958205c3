//! Who can open what: the roles with their keys, who holds them, and the list of recipients that agents follow.
//!
//! The hub decides who belongs to a role, from permissions alone; it never has a role's private key. A member
//! without the key waits until somebody who holds it seals it to their viewing key, in their browser.

pub(crate) mod act;
pub(crate) mod http;
mod hub_key;
pub(crate) mod model;
pub(crate) mod store;

pub(crate) use hub_key::hub_key;
pub(crate) use store::{custodian, last_list};

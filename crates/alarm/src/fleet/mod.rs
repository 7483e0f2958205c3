//! What a unit has for alarms: vehicles, the answers it offers, the strength it needs.

pub mod http;
pub mod model;
pub(crate) mod store;

pub use store::{add_vehicle, set_answers, set_needs};

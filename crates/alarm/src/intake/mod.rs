//! Intake: alarms that come from machines, over the widely spoken v1 interface.

pub mod http;
pub mod model;

//! The agent beside the cameras: enrols, records sealed, spools, uploads, sends live pictures.
//!
//! ```text
//! camera ─RTSP→ intake ─┬─ cut groups ─→ recorder (a thread) ─→ spool ─→ upload ─HTTPS→ hub
//!                       └─ live pictures, sealed one by one ──→ channel ─WebSocket→ hub
//! ```
//!
//! What leaves this process is sealed to the recipients of a list that the organisation's custodian signed; keys of
//! recordings are never written anywhere but sealed. Recording goes on without the hub, and what it writes reaches the
//! hub in order once that is back.

mod agent;
mod board;
mod channel;
mod enrol;
mod error;
mod face;
mod folder;
mod hub;
mod intake;
mod live;
mod pace;
mod recorder;
pub mod roster;
mod spool;
#[cfg(test)]
mod testing;
mod upload;

pub use agent::{Options, run};
pub use error::Error;
pub use hub::{Distrust, HubError};

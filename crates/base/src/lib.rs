//! Small words everybody shares: typed ids, time, chance, bounded text, the kinds of error.
//!
//! No I/O and no async runtime: everything here can be used in a `model.rs` and in a property test.

mod clock;
mod id;
mod kind;
mod lang;
mod rng;
mod text;
mod value;

pub use clock::{Clock, SimClock, Sleep, floor_to_micros};
pub use id::*;
pub use jiff::{SignedDuration, Timestamp};
pub use kind::{Chain, FieldProblem, HasKind, Kind, Problem, chain};
pub use lang::Lang;
pub use rng::{Rng, SeededRng, SystemRng, array};
pub use text::{Email, ShortText, Text, TextError};
pub use value::Value;

//! Links that work once: set-up (24 hours, printed at the console) and invitation (3 days, mailed).
//!
//! Tables keep a digest only. A link is shown by GET and used up by POST.

mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use model::{INVITATION_VALID, KEPT, SETUP_VALID};
pub(crate) use store::{invitation, open_invitation, take_invitation, take_setup};
pub use store::{open_setup, setup, sweep_due};

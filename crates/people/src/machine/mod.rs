//! Machine keys: what dispatch systems and monitors come with. Shown once; the table keeps a digest.

mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use model::{MachineKey, NewKey, ShownKey};
pub use store::{alive, create, keys, recognise, revoke, rotate};

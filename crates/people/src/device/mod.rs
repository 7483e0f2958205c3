//! Devices that their owners enrolled to be alarmed. They outlive the session: a key in the browser signs what
//! they report.

mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use model::{Device, DeviceError, NewDevice, PublicKey, PushFamily, Subscription};
pub use store::{
    Recognised, clear_push, devices, drop_push, enrol, recognise, remove, rename, set_push, touch,
};

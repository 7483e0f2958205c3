//! Roles: named sets of permissions with scope and limits, and who has them.

mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use model::{BuiltIn, Role};
pub(crate) use store::{assign, create_built_in, is_last_administrator, rights};
pub use store::{create, drop_for_cameras, give, give_for_cameras, rename_for_cameras, roles};

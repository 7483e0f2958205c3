//! The organisation, its units, groups and qualifications.
//!
//! Reading needs any grant of the organisation. Vehicles, answers and needs belong to the alarm application.

mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use model::{
    Details, Group, NewOrganisation, Organisation, Qualification, Ric, Unit, Zone, ZoneError,
};
pub(crate) use store::create;
pub use store::{
    add_group, add_qualification, add_unit, describe, first, group, groups, of, organisations,
    qualifications, remove_group, unit, units,
};

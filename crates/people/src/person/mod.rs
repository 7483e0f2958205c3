//! People and their memberships: inviting, joining, changing, leaving.
//!
//! A person is one per installation and known by their e-mail address; names, unit, groups and roles belong
//! to the membership. Inviting gives a link; sending it is the caller's, in the same act.

mod jobs;
mod model;
pub(crate) mod privacy;
pub(crate) mod store;

pub use jobs::ForgetHandler;
pub use model::{
    Entry, Invitation, Invited, Joining, Member, Name, NewMember, PersonName, Reach, State,
};
pub use store::{
    add_member, directory, invite, invite_again, join, joining, language, member, names,
    person_for, qualification_shorts, remove, set_groups, set_language, set_qualifications,
    sweep_due,
};
pub(crate) use store::{roles_of, set_password};

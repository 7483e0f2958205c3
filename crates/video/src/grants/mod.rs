//! Who may what with the cameras of a group: rights of one's own for it, given and taken here.
//!
//! Underneath they are roles of crate `people`, one for each set of rights that somebody has. What holds for all
//! cameras comes with roles given elsewhere, and is shown beside.

pub(crate) mod http;
pub(crate) mod model;

//! Cameras and their groups: named, placed, armed. Nothing is recorded until somebody arms a camera.

pub(crate) mod act;
pub(crate) mod group;
pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod store;

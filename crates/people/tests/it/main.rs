//! People and places from outside, on both databases.

mod common;
mod members;
mod sessions;
mod signin;
mod statements;
mod things;

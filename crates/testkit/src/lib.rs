//! For tests: the whole server in this process, on a simulated clock and a database of its own, with a push
//! service and a mail server that remember. Never part of the product.
#![expect(
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test that can't be set up has failed"
)]

mod app;
mod client;
mod slow;
mod viewer;
mod world;

pub use app::{TestApp, eventually, push_service};
pub use client::{Answer, Client};
pub use reqwest::{Method, RequestBuilder};
pub use server::demo::push::{Manner, PushCatcher};
pub use slow::{Mood, MoodyStore};
pub use store::Engine;
pub use store::testing::TestDb;
pub use viewer::{Opened, Shut, Viewer};
pub use world::{Brigade, Login};

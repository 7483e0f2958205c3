//! What every HTTP surface shares: who is asking, problems, limits, strict headers, pages and files, the live
//! channel, health, and the one client for requests that go out.
//!
//! Knows no application. The order of things around a handler is in [`frame()`].

pub mod assets;
mod auth;
pub mod cookie;
pub mod csrf;
mod ctx;
mod device;
pub mod extract;
mod frame;
mod gate;
mod headers;
pub mod health;
pub mod limit;
pub mod live;
pub mod openapi;
pub mod outbound;
mod pages;
pub mod paging;
mod problem;
pub mod proxy;
mod surface;

pub use auth::{Signed, Visitor};
pub use ctx::{Ctx, CtxError, Settings};
pub use device::SignedByDevice;
pub use extract::{Form, Json, Path, Query};
pub use frame::{BODY_LIMIT, frame};
pub use headers::CONTENT_SECURITY;
pub use limit::{Caller, Class, limit};
pub use live::{Feed, LiveHub};
pub use minijinja::context;
pub use outbound::Outbound;
pub use pages::{Pages, page, value};
pub use paging::{Page, Paging};
pub use problem::{CompatFailure, Failure, FieldBody, ProblemBody, status};
pub use proxy::Proxies;
pub use surface::Surface;

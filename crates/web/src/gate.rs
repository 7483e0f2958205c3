//! Who is asking: the three questions that every surface puts to `people`.
//!
//! Kept behind a trait so that this crate can be tested with invented people, and because looking somebody up
//! is the only thing here that needs the database.

use crate::Actor;
use base::{DeviceId, Lang, Problem};
use futures_util::future::BoxFuture;

/// A browser's session, found by its token.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who acts through it.
    pub actor: Actor,
    /// The person's own language, if they chose one.
    pub lang: Option<Lang>,
    /// A new token, when this one was due to be replaced; it goes out as a cookie.
    pub renewed: Option<Token>,
}

/// A session's token on its way into a cookie.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token.
    pub token: String,
    /// How long the browser keeps it; until it is closed, if nothing is said.
    pub max_age: Option<std::time::Duration>,
}

/// An enrolled device.
#[derive(Debug, Clone)]
pub struct KnownDevice {
    /// Who acts through it.
    pub actor: Actor,
    /// Its public key, an uncompressed P-256 point.
    pub point: Vec<u8>,
}

/// Looks up who is asking.
pub trait Gate: Send + Sync + 'static {
    /// The session with this token: of a person or of a monitor.
    fn session<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Session>, Problem>>;

    /// The device with this id, if it is enrolled and its owner still a member.
    fn device(&self, id: DeviceId) -> BoxFuture<'_, Result<Option<KnownDevice>, Problem>>;

    /// The actor as it stands now; `None` when session, key, device or membership ended.
    fn again<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Option<Actor>, Problem>>;
}

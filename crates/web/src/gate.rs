//! Who is asking: what every surface asks `people`, in one place.

use std::time::Duration;

use base::{DeviceId, Lang};
use people::{Actor, MachineKind, People, Who};
use store::StoreError;

/// A browser's session, found by its token.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Who acts through it: a person, or a monitor.
    pub(crate) actor: Actor,
    /// The person's own language.
    pub(crate) lang: Option<Lang>,
    /// A new token, when this one was due to be replaced.
    pub(crate) renewed: Option<Token>,
}

/// A session's token on its way into a cookie.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) max_age: Option<Duration>,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// What stands before a monitor's key in the cookie; people's tokens hold no dot.
const MONITOR: &str = "m.";

/// What a monitor's cookie holds: its key, which ends when the key is revoked or rotated.
pub(crate) fn monitor_token(key: &str) -> String {
    format!("{MONITOR}{key}")
}

/// The session with this token: of a person or of a monitor.
pub(crate) async fn session(people: &People, token: &str) -> Result<Option<Session>, StoreError> {
    if let Some(key) = token.strip_prefix(MONITOR) {
        let actor = people::machine::recognise(people.store(), key).await?;
        let session = actor.filter(is_monitor).map(|actor| Session {
            actor,
            lang: None,
            renewed: None,
        });
        return Ok(session);
    }
    let seen = people.see(token).await?;
    Ok(seen.map(|seen| Session {
        actor: seen.actor,
        lang: Some(seen.language),
        renewed: seen.renewed.map(|it| Token {
            text: it.token,
            max_age: max_age(it.max_age),
        }),
    }))
}

/// The age of a cookie as `people` counts it.
pub(crate) fn max_age(seconds: Option<i64>) -> Option<Duration> {
    seconds.map(|it| Duration::from_secs(it.max(0).unsigned_abs()))
}

/// Only monitors keep a session by their key; other machines show it with each request.
fn is_monitor(actor: &Actor) -> bool {
    matches!(
        actor.who(),
        Who::Machine {
            kind: MachineKind::Monitor,
            ..
        }
    )
}

/// Whether session, membership or key of an actor still stand.
pub(crate) async fn is_alive(people: &People, actor: &Actor) -> Result<bool, StoreError> {
    let mut tx = people.store().read().await?;
    Ok(people::session::alive(&mut tx, actor).await?
        && people::machine::alive(&mut tx, actor).await?)
}

/// The device with this id, if it is enrolled and its owner an active member.
pub(crate) async fn device(
    people: &People,
    id: DeviceId,
) -> Result<Option<people::device::Recognised>, StoreError> {
    let mut tx = people.store().read().await?;
    people::device::recognise(&mut tx, id).await
}

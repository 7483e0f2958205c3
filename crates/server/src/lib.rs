//! Puts it together: configuration, routes, workers, start-up checks, demo.

mod checks;
pub mod clock;
pub mod config;
pub mod data;
pub mod demo;
pub mod http;
mod mailer;
mod neighbours;
pub mod registry;
pub mod start;
pub mod trust;

use store::StoreError;

/// A new set-up link, while there is no organisation. The one before ends.
pub async fn renew_setup_link(running: &start::Running) -> Result<Option<String>, StoreError> {
    identity::renew_setup_link(&running.parts.identity).await
}

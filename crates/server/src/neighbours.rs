//! Servers on one PostgreSQL tell each other at once what open pages should look at. What gets lost on the way is
//! found by the look that each of them takes every second.

use base::{OrgId, chain};
use store::Store;
use tokio::sync::{mpsc, watch};
use web::LiveHub;

/// Hints that wait to be told; more are dropped.
const WAITING: usize = 1024;

/// Tells what changes here and hears what changes elsewhere, until told to stop. `owner` names this process.
pub(crate) async fn run(
    store: Store,
    live: LiveHub,
    owner: String,
    mut stop: watch::Receiver<bool>,
) {
    let (sender, waiting) = mpsc::channel(WAITING);
    let own = owner.clone();
    live.relay_to(move |change| {
        let hint = format!("{own} {} {}", change.org, change.object);
        // Full: the database is slow or away, and the others look by themselves.
        let _ = sender.try_send(hint);
    });
    let hear = store.hear(|hint| {
        if let Some((org, object)) = of_another(hint, &owner) {
            live.notify_here(org, object);
        }
    });
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => {}
        () = tell(&store, waiting) => {}
        () = hear => {}
    }
}

async fn tell(store: &Store, mut waiting: mpsc::Receiver<String>) {
    while let Some(hint) = waiting.recv().await {
        if let Err(error) = store.hint(&hint).await {
            tracing::debug!(error = %chain(&error), "other servers were not told of a change");
        }
    }
}

/// What changed, if another process says so.
fn of_another<'a>(hint: &'a str, owner: &str) -> Option<(OrgId, &'a str)> {
    let mut words = hint.splitn(3, ' ');
    let from = words.next()?;
    let org = words.next()?.parse().ok()?;
    let object = words.next()?;
    (from != owner).then_some((org, object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hints_of_others_count() {
        let org = OrgId::from_bytes([0; 16]);
        let hint = format!("serve-1 {org} alm_1");
        assert_eq!(of_another(&hint, "serve-2"), Some((org, "alm_1")));
        assert_eq!(of_another(&hint, "serve-1"), None);
        for wrong in [
            "",
            "serve-1",
            "serve-1 nonsense alm_1",
            &format!("serve-1 {org}"),
        ] {
            assert_eq!(of_another(wrong, "serve-2"), None, "{wrong}");
        }
    }
}

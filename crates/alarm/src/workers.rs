//! What runs by itself: closing alarms, deleting them, and telling this server's pages what other servers did.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base::{AlarmId, SignedDuration, chain};
use store::{Handler, StoreError};
use tokio::sync::watch;

use crate::App;
use crate::delivery::{PushHandler, TestPushHandler};
use crate::incident::clock::AlarmClock;
use crate::incident::store as incident;

/// The handlers of this application's jobs.
pub fn handlers(app: &App) -> Vec<Arc<dyn Handler>> {
    let (pusher, counters) = (app.pusher.clone(), app.counters.clone());
    vec![
        Arc::new(PushHandler {
            pusher: pusher.clone(),
            counters,
        }),
        Arc::new(TestPushHandler { pusher }),
    ]
}

/// The deletion clocks of this application.
pub fn clocks(app: &App) -> Vec<Arc<dyn ::privacy::Clockwork>> {
    vec![Arc::new(AlarmClock {
        ledger: app.alarms.ledger.clone(),
    })]
}

const CLOSE_EVERY: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How far back to look, because commits do not come in the order of their times.
const LOOK_BACK: SignedDuration = SignedDuration::from_secs(5);

/// Closes alarms whose day is over, until told to stop.
pub async fn close_expired(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = app.alarms.close_expired().await {
            tracing::warn!(error = %chain(&error), "alarms could not be closed");
        }
        if pause(&app, CLOSE_EVERY, &mut stop).await {
            return;
        }
    }
}

/// Tells this server's open pages what other servers changed. Only needed where several run side by side.
pub async fn follow_others(app: App, mut stop: watch::Receiver<bool>) {
    let mut seen = HashMap::new();
    while !pause(&app, LOOK_EVERY, &mut stop).await {
        if let Err(error) = follow(&app, &mut seen).await {
            tracing::debug!(error = %chain(&error), "changes of other servers can't be seen");
        }
    }
}

async fn follow(app: &App, seen: &mut HashMap<AlarmId, i64>) -> Result<(), StoreError> {
    let listening = app.ctx.live().listening();
    if listening.is_empty() {
        return Ok(());
    }
    let since = app
        .ctx
        .clock()
        .now()
        .checked_sub(LOOK_BACK)
        .unwrap_or_default();
    let mut tx = app.ctx.store().read().await?;
    let changed = incident::changed(&mut tx, since).await?;
    drop(tx);
    let known = std::mem::take(seen);
    for (org, id, version) in changed {
        if known.get(&id) != Some(&version) && listening.contains(&org) {
            app.ctx.live().notify_here(org, &id.to_string());
        }
        seen.insert(id, version);
    }
    Ok(())
}

/// Waits; `true` when told to stop meanwhile.
async fn pause(app: &App, pause: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = app.ctx.clock().sleep(pause) => false,
        () = async { let _ = stop.wait_for(|stop| *stop).await; } => true,
    }
}

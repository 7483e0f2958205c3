//! What runs by itself: closing alarms, deleting them, and telling this server's pages what other servers did.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base::{AlarmId, SignedDuration, chain};
use store::Handler;
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
pub async fn close_expired(app: App, stop: watch::Receiver<bool>) {
    every(&app, CLOSE_EVERY, stop, async || {
        if let Err(error) = app.alarms.close_expired().await {
            tracing::warn!(error = %chain(&error), "alarms could not be closed");
        }
    })
    .await;
}

/// Tells this server's open pages what other servers changed. Only needed where several run side by side.
pub async fn follow_others(app: App, stop: watch::Receiver<bool>) {
    let seen: tokio::sync::Mutex<HashMap<AlarmId, i64>> = tokio::sync::Mutex::default();
    every(&app, LOOK_EVERY, stop, async || {
        let listening = app.ctx.live().listening();
        if listening.is_empty() {
            return;
        }
        let since = app
            .ctx
            .clock()
            .now()
            .checked_sub(LOOK_BACK)
            .unwrap_or_default();
        let changed = async {
            let mut tx = app.ctx.store().read().await?;
            incident::changed(&mut tx, since).await
        };
        let Ok(changed) = changed.await else { return };
        let mut seen = seen.lock().await;
        let known = std::mem::take(&mut *seen);
        for (org, id, version) in changed {
            if known.get(&id) != Some(&version) && listening.contains(&org) {
                app.ctx.live().notify_here(org, &id.to_string());
            }
            seen.insert(id, version);
        }
    })
    .await;
}

async fn every(app: &App, pause: Duration, mut stop: watch::Receiver<bool>, work: impl AsyncFn()) {
    let clock = app.ctx.store().shared_clock();
    loop {
        work().await;
        tokio::select! {
            () = clock.sleep(pause) => {}
            () = async { let _ = stop.wait_for(|stop| *stop).await; } => return,
        }
    }
}

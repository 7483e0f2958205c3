//! `/camera/channel`: an agent says how it is and brings live pictures; the hub says what it wants.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use base::{Clock, chain};
use futures_util::future::{Either, select};
use media::wire::{Bye, LIVE_HEAD, LIVE_LIMIT, Setup, ToAgent, ToHub, read_live_message};
use tokio::sync::watch;
use utoipa_axum::router::OpenApiRouter;
use web::live::Change;

use super::auth::Caller;
use crate::live::relay::{Command, Link};
use crate::uplink::setup::setup;
use crate::{App, VideoError, agent, camera};

/// How often the hub looks whether what it wants has changed elsewhere, and whether the agent is still ours.
const LOOK: Duration = Duration::from_secs(5);
/// An agent speaks every ten seconds; one that is silent for so long is gone.
const SILENT: Duration = Duration::from_secs(35);
/// An agent that does not take a message for so long is gone.
const SLOW: Duration = Duration::from_secs(10);

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().route("/camera/channel", get(channel))
}

async fn channel(State(app): State<App>, caller: Caller, upgrade: WebSocketUpgrade) -> Response {
    let most = LIVE_LIMIT + LIVE_HEAD;
    upgrade
        .max_message_size(most)
        .max_frame_size(most)
        .on_upgrade(async move |socket| run(app, caller, socket).await)
}

async fn run(app: App, caller: Caller, socket: WebSocket) {
    let link = app.relay.connect(caller.org, caller.agent);
    tracing::info!(agent.id = %caller.agent, "an agent is connected");
    note_presence(&app, &caller, true).await;
    let (state, states) = watch::channel(None);
    let writer = tokio::spawn(write_states(app.clone(), caller, states));
    let mut channel = Channel {
        app: app.clone(),
        caller,
        socket,
        link,
        state,
        told: None,
    };
    let bye = channel.run().await;
    if let Some(why) = bye {
        channel.send(&ToAgent::Bye { why }).await;
        let _ = channel.socket.send(Message::Close(None)).await;
    }
    let last = channel.link.is_current();
    drop(channel);
    // The writer ends once nobody can bring it anything.
    let _ = writer.await;
    if last {
        note_presence(&app, &caller, false).await;
        tracing::info!(agent.id = %caller.agent, "an agent's connection ended");
    }
}

struct Channel {
    app: App,
    caller: Caller,
    socket: WebSocket,
    link: Link,
    state: watch::Sender<Option<media::wire::State>>,
    told: Option<Setup>,
}

enum Event {
    Incoming(Option<Result<Message, axum::Error>>),
    Command(Option<Command>),
    Stopping,
    Tick,
}

impl Channel {
    /// Runs until one side ends it; gives what to say at the end.
    async fn run(&mut self) -> Option<Bye> {
        let clock = self.app.ctx.store().shared_clock();
        // Ends at once when the server does.
        let mut hints = self.app.ctx.live().subscribe(self.caller.org);
        if !self.tell_setup().await || !self.tell_watched().await {
            return None;
        }
        let mut heard_at = clock.monotonic();
        let mut look_at = heard_at + LOOK;
        loop {
            let now = clock.monotonic();
            if now.saturating_sub(heard_at) >= SILENT {
                return None;
            }
            if now >= look_at {
                if !is_ours(&self.app, &self.caller).await {
                    return Some(Bye::Revoked);
                }
                if !self.tell_setup().await {
                    return None;
                }
                look_at = now + LOOK;
            }
            let pause = look_at.saturating_sub(now);
            match self.next(clock.as_ref(), &mut hints, pause).await {
                Event::Incoming(Some(Ok(Message::Close(_)) | Err(_)) | None) | Event::Stopping => {
                    return None;
                }
                Event::Incoming(Some(Ok(message))) => {
                    heard_at = clock.monotonic();
                    self.take(message);
                }
                Event::Command(Some(Command::Bye(why))) => return Some(why),
                Event::Command(Some(Command::Setup(setup))) => {
                    if !self.tell(*setup).await {
                        return None;
                    }
                }
                Event::Command(Some(Command::Watch { camera, on })) => {
                    if !self.send(&ToAgent::Watch { camera, on }).await {
                        return None;
                    }
                }
                Event::Command(None) => return Some(Bye::SecondConnection),
                Event::Tick => {}
            }
        }
    }

    async fn next(
        &mut self,
        clock: &dyn Clock,
        hints: &mut tokio::sync::broadcast::Receiver<Change>,
        pause: Duration,
    ) -> Event {
        let stopping = async {
            loop {
                if let Err(tokio::sync::broadcast::error::RecvError::Closed) = hints.recv().await {
                    return;
                }
            }
        };
        tokio::select! {
            biased;
            command = self.link.commands.recv() => Event::Command(command),
            incoming = self.socket.recv() => Event::Incoming(incoming),
            () = stopping => Event::Stopping,
            () = clock.sleep(pause) => Event::Tick,
        }
    }

    /// What an agent says that we don't understand is overlooked: it may be newer than we are.
    fn take(&mut self, message: Message) {
        match message {
            Message::Text(text) => {
                if let Ok(ToHub::State(state)) = serde_json::from_str(&text) {
                    self.state.send_replace(Some(state));
                }
            }
            Message::Binary(bytes) => {
                if let Some((kind, camera, _)) = read_live_message(&bytes) {
                    let payload = bytes.slice(LIVE_HEAD..);
                    self.link.publish(kind, camera, &payload);
                }
            }
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
        }
    }

    /// Tells what is wanted, if that has changed.
    async fn tell_setup(&mut self) -> bool {
        match setup(&self.app, self.caller.org, self.caller.agent).await {
            Ok(setup) => self.tell(setup).await,
            Err(error) => {
                tracing::debug!(error = %chain(&error), "what an agent shall do can't be told");
                true
            }
        }
    }

    async fn tell(&mut self, setup: Setup) -> bool {
        let ids = setup.cameras.iter().map(|it| it.id).collect();
        self.app
            .relay
            .assign(self.caller.org, self.caller.agent, ids);
        let same = self.told.as_ref().is_some_and(|told| {
            let now = setup.now;
            Setup {
                now,
                ..told.clone()
            } == setup
        });
        if same {
            return true;
        }
        self.told = Some(setup.clone());
        self.send(&ToAgent::Setup(setup)).await
    }

    async fn tell_watched(&mut self) -> bool {
        for camera in self.app.relay.watched(self.caller.org, self.caller.agent) {
            if !self.send(&ToAgent::Watch { camera, on: true }).await {
                return false;
            }
        }
        true
    }

    async fn send(&mut self, message: &ToAgent) -> bool {
        let Ok(text) = serde_json::to_string(message) else {
            return true;
        };
        let clock = self.app.ctx.store().shared_clock();
        let sending = std::pin::pin!(self.socket.send(Message::text(text)));
        matches!(
            select(sending, clock.sleep(SLOW)).await,
            Either::Left((Ok(()), _))
        )
    }
}

/// Whether the agent is not revoked, and its key still the one it came with.
async fn is_ours(app: &App, caller: &Caller) -> bool {
    let Ok(mut tx) = app.ctx.store().read().await else {
        return true;
    };
    match agent::store::by_id(&mut tx, caller.org, caller.agent).await {
        Ok(Some(agent)) => agent.revoked.is_none() && agent.key == Some(caller.key),
        Ok(None) => false,
        // A database that is away for a moment ends no connection.
        Err(_) => true,
    }
}

/// Writes how an agent is, always the latest; live pictures don't wait for it.
async fn write_states(
    app: App,
    caller: Caller,
    mut states: watch::Receiver<Option<media::wire::State>>,
) {
    while states.changed().await.is_ok() {
        let Some(state) = states.borrow_and_update().clone() else {
            continue;
        };
        if let Err(error) = write_state(&app, &caller, &state).await {
            tracing::warn!(agent.id = %caller.agent, error = %chain(&error), "how an agent is was not written");
        }
        app.relay.state_changed(caller.org, caller.agent);
    }
}

async fn write_state(
    app: &App,
    caller: &Caller,
    state: &media::wire::State,
) -> Result<(), VideoError> {
    ::store::act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        agent::store::state(tx, caller.org, caller.agent, state).await?;
        for one in state.cameras.iter().take(camera::act::MOST) {
            camera::store::state(tx, caller.org, caller.agent, one).await?;
        }
        Ok(())
    })
}

async fn note_presence(app: &App, caller: &Caller, connected: bool) {
    let noted = ::store::act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        Ok(agent::store::presence(tx, caller.org, caller.agent, connected).await?)
    });
    if let Err(error) = noted {
        tracing::warn!(agent.id = %caller.agent, error = %chain(&error), "an agent's presence was not noted");
    }
    app.relay.state_changed(caller.org, caller.agent);
}

//! One open page: snapshot, then changes, a ping now and then, and the end when the session ends.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse as _, Response};
use base::{Clock, Problem};
use futures_util::future::{Either, select};
use http::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::{Change, Feed};
use people::{Actor, Who};

use crate::{Ctx, Failure, csrf, gate};

/// The close code that says: sign in again.
pub const SESSION_ENDED: u16 = 4401;
/// The close code that says: connect again, nothing is wrong.
const RESTART: u16 = 1012;
/// The close code that says: something went wrong here, connect again.
const TRY_AGAIN: u16 = 1013;

const PING: Duration = Duration::from_secs(25);
const RECHECK: Duration = Duration::from_secs(30);
/// A page that does not take a message for so long is cut; it connects again and gets a snapshot.
const SLOW: Duration = Duration::from_secs(10);
/// Hints about the same thing within this time are answered once.
const GATHER: Duration = Duration::from_millis(60);
/// Nobody has anything to say to us but pongs and closing.
const INCOMING: usize = 1024;

/// Runs a live connection for an actor. Refuses pages of other sites.
pub fn serve(
    ctx: &Ctx,
    headers: &HeaderMap,
    upgrade: WebSocketUpgrade,
    actor: Actor,
    feed: Arc<dyn Feed>,
) -> Response {
    if let Err(problem) = csrf::check_socket(ctx, headers) {
        return Failure::from(problem).into_response();
    }
    let ctx = ctx.clone();
    upgrade
        .max_message_size(INCOMING)
        .max_frame_size(INCOMING)
        .on_upgrade(async move |socket| {
            let hints = ctx.live().subscribe(actor.org());
            let mut page = OpenPage {
                ctx,
                socket,
                actor,
                feed,
                hints,
            };
            if let Err(end) = page.run().await {
                page.close(&end).await;
            }
        })
}

struct OpenPage {
    ctx: Ctx,
    socket: WebSocket,
    actor: Actor,
    feed: Arc<dyn Feed>,
    hints: Receiver<Change>,
}

/// Why a connection ends.
enum End {
    /// The page went away, or is too slow.
    Gone,
    /// Nobody is signed in any more.
    Session,
    /// The page connects again and starts from a new snapshot.
    Again,
    /// Something is wrong here; the page connects again later.
    Trouble(Problem),
}

impl<E: Into<Problem>> From<E> for End {
    fn from(error: E) -> Self {
        Self::Trouble(error.into())
    }
}

enum Event {
    Hint(Result<Change, RecvError>),
    Incoming(Option<Result<Message, axum::Error>>),
    Tick,
}

impl OpenPage {
    async fn run(&mut self) -> Result<(), End> {
        self.snapshot().await?;
        let clock = self.ctx.store().shared_clock();
        let mut ping_at = clock.monotonic() + PING;
        let mut check_at = clock.monotonic() + RECHECK;
        loop {
            let now = clock.monotonic();
            if now >= check_at {
                self.recheck().await?;
                check_at = now + RECHECK;
            }
            if now >= ping_at {
                self.send(&json!({ "type": "ping" })).await?;
                ping_at = now + PING;
            }
            let pause = ping_at.min(check_at).saturating_sub(clock.monotonic());
            match self.next(clock.as_ref(), pause).await {
                Event::Hint(Ok(change)) => self.tell(change, clock.as_ref()).await?,
                Event::Hint(Err(RecvError::Lagged(_))) => {
                    self.hints = self.hints.resubscribe();
                    self.snapshot().await?;
                }
                Event::Hint(Err(RecvError::Closed)) if self.ctx.live().is_stopped() => {
                    return Err(End::Again);
                }
                Event::Hint(Err(RecvError::Closed)) => {
                    self.hints = self.ctx.live().subscribe(self.actor.org());
                    self.snapshot().await?;
                }
                Event::Incoming(Some(Ok(Message::Close(_)) | Err(_)) | None) => {
                    return Err(End::Gone);
                }
                // Pings are answered by the library; whatever else a page sends means nothing.
                Event::Tick | Event::Incoming(Some(Ok(_))) => {}
            }
        }
    }

    async fn next(&mut self, clock: &dyn Clock, pause: Duration) -> Event {
        tokio::select! {
            biased;
            incoming = self.socket.recv() => Event::Incoming(incoming),
            hint = self.hints.recv() => Event::Hint(hint),
            () = clock.sleep(pause) => Event::Tick,
        }
    }

    async fn snapshot(&mut self) -> Result<(), End> {
        let feed = Arc::clone(&self.feed);
        let snapshot = feed.snapshot(&self.actor).await?;
        self.send(&snapshot).await
    }

    /// Tells the first change at once; what follows on its heels is gathered, each object once.
    async fn tell(&mut self, first: Change, clock: &dyn Clock) -> Result<(), End> {
        self.tell_one(&first.object).await?;
        clock.sleep(GATHER).await;
        let mut objects = BTreeSet::new();
        loop {
            match self.hints.try_recv() {
                Ok(change) => {
                    objects.insert(change.object);
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(_)) => {
                    self.hints = self.hints.resubscribe();
                    return self.snapshot().await;
                }
            }
        }
        for object in objects {
            self.tell_one(&object).await?;
        }
        Ok(())
    }

    async fn tell_one(&mut self, object: &str) -> Result<(), End> {
        if self.is_about_rights(object) {
            self.recheck().await?;
            // Still welcome, but perhaps with other rights: the page connects again and gets those.
            return Err(End::Again);
        }
        let feed = Arc::clone(&self.feed);
        match feed.change(&self.actor, object).await? {
            Some(message) => self.send(&message).await,
            None => Ok(()),
        }
    }

    /// Whether session, membership and key still stand.
    async fn recheck(&mut self) -> Result<(), End> {
        if gate::is_alive(self.ctx.people(), &self.actor).await? {
            Ok(())
        } else {
            Err(End::Session)
        }
    }

    /// Whether a hint is about this actor's session, membership or key, or about anybody's role.
    fn is_about_rights(&self, object: &str) -> bool {
        let mine = match self.actor.who() {
            Who::Person {
                membership,
                session,
                ..
            } => {
                let session = session.map(|it| it.to_string());
                object == membership.to_string() || session.as_deref() == Some(object)
            }
            Who::Machine { key, .. } => object == key.to_string(),
            Who::Device { .. } | Who::Operator => false,
        };
        mine || object.starts_with("rol_")
    }

    async fn send(&mut self, message: &Value) -> Result<(), End> {
        let text = message.to_string();
        let clock = self.ctx.store().shared_clock();
        let sending = std::pin::pin!(self.socket.send(Message::text(text)));
        match select(sending, clock.sleep(SLOW)).await {
            Either::Left((Ok(()), _)) => Ok(()),
            Either::Left((Err(_), _)) | Either::Right(_) => Err(End::Gone),
        }
    }

    async fn close(mut self, end: &End) {
        let (code, reason) = match end {
            End::Gone => return,
            End::Session => (SESSION_ENDED, "session ended"),
            End::Again => (RESTART, "connect again"),
            End::Trouble(problem) => {
                tracing::warn!(error = ?problem, "A live connection is cut");
                (TRY_AGAIN, "try again")
            }
        };
        let frame = CloseFrame {
            code,
            reason: reason.into(),
        };
        let clock = self.ctx.store().shared_clock();
        let closing = std::pin::pin!(self.socket.send(Message::Close(Some(frame))));
        let _ = select(closing, clock.sleep(SLOW)).await;
    }
}

//! `/video/cameras/{id}/live`: a WebSocket that hands live pictures on, while the right to see them lasts.

use std::time::Duration;

use ::store::act;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use base::{CameraId, Clock, Problem};
use futures_util::future::{Either, select};
use people::permit::VideoLive;
use people::{Actor, Who};
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::live::{Change, SESSION_ENDED};
use web::openapi::ReadProblems;
use web::{Failure, Path, Signed, csrf};

use super::relay::{Look, Shown};
use crate::camera::act::entry;
use crate::camera::http::allowed;
use crate::{App, VideoError, camera};

/// The close code that says: connect again, nothing is wrong.
const RESTART: u16 = 1012;
/// The close code that says: the right is gone.
const DENIED: u16 = 4403;
const PING: Duration = Duration::from_secs(25);
const RECHECK: Duration = Duration::from_secs(15);
/// Who does not take a picture for so long is cut.
const SLOW: Duration = Duration::from_secs(10);
/// Nobody has anything to say to us but pongs and closing.
const INCOMING: usize = 1024;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(watch_camera))
}

/// Live pictures, a WebSocket. Binary messages are a kind (0: header of a session, 1: picture) and its payload,
/// sealed; text is `{"type":"state",…}`, `{"type":"ping"}` or `{"type":"end","why":…}`.
#[utoipa::path(get, path = "/video/cameras/{id}/live", tag = "video", params(("id" = String, Path)),
    responses((status = 101), ReadProblems))]
async fn watch_camera(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CameraId>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let (camera, grant) = allowed::<VideoLive>(&app, &actor, id).await?;
    if !camera.armed {
        return Err(VideoError::conflict(
            "camera_off",
            "this camera is switched off; nothing is sent from it",
        )
        .into());
    }
    let upgrade = upgrade
        .map_err(|_| Failure::new(base::Kind::Invalid, "no_web_socket", "ask for a WebSocket"))?;
    csrf::check_socket(&app.ctx, &headers)?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        pen.write(tx, entry("video.live_opened", id, vec![]))
            .await?;
        Ok(())
    })?;
    Ok(upgrade
        .max_message_size(INCOMING)
        .max_frame_size(INCOMING)
        .on_upgrade(async move |socket| {
            let hints = app.ctx.live().subscribe(actor.org());
            let look = app.relay.look(actor.org(), id, camera.agent);
            let mut viewer = Viewer {
                app,
                socket,
                actor,
                camera: id,
                hints,
                told: Value::Null,
            };
            if let Err(end) = viewer.run(look).await {
                viewer.close(&end).await;
            }
        }))
}

struct Viewer {
    app: App,
    socket: WebSocket,
    actor: Actor,
    camera: CameraId,
    hints: Receiver<Change>,
    told: Value,
}

/// Why it ends.
enum End {
    /// The page went away, or is too slow.
    Gone,
    /// Nobody is signed in any more.
    Session,
    /// The right is gone, or the camera.
    Denied(&'static str),
    /// The page connects again.
    Again,
}

impl<E: Into<Problem>> From<E> for End {
    fn from(error: E) -> Self {
        tracing::debug!(error = ?error.into(), "a live picture is cut");
        Self::Again
    }
}

enum Event {
    Shown(Result<Shown, RecvError>),
    Hint(Result<Change, RecvError>),
    Incoming(Option<Result<Message, axum::Error>>),
    Tick,
}

impl Viewer {
    async fn run(&mut self, mut look: Look) -> Result<(), End> {
        self.tell_state().await?;
        // Who comes into the middle of a session has its pictures since the key frame, or waits for the next.
        let mut wait_for_key = look.backlog.len() < 2;
        for bytes in std::mem::take(&mut look.backlog) {
            self.send(Message::Binary(bytes)).await?;
        }
        let clock = self.app.ctx.store().shared_clock();
        let mut ping_at = clock.monotonic() + PING;
        let mut check_at = clock.monotonic() + RECHECK;
        loop {
            let now = clock.monotonic();
            if now >= check_at {
                self.recheck().await?;
                self.tell_state().await?;
                check_at = now + RECHECK;
            }
            if now >= ping_at {
                self.say(&json!({ "type": "ping" })).await?;
                ping_at = now + PING;
            }
            let pause = ping_at.min(check_at).saturating_sub(clock.monotonic());
            match self.next(&mut look, clock.as_ref(), pause).await {
                Event::Shown(Ok(Shown::Message { bytes, key })) => {
                    wait_for_key &= !key;
                    if !wait_for_key {
                        self.send(Message::Binary(bytes)).await?;
                    }
                }
                Event::Shown(Ok(Shown::State)) => self.tell_state().await?,
                Event::Shown(Err(RecvError::Lagged(_))) => wait_for_key = true,
                Event::Shown(Err(RecvError::Closed)) | Event::Hint(Err(RecvError::Closed)) => {
                    return Err(End::Again);
                }
                Event::Hint(Ok(change)) => self.hint(&change.object).await?,
                Event::Hint(Err(RecvError::Lagged(_))) => self.recheck().await?,
                Event::Incoming(Some(Ok(Message::Close(_)) | Err(_)) | None) => {
                    return Err(End::Gone);
                }
                Event::Tick | Event::Incoming(Some(Ok(_))) => {}
            }
        }
    }

    async fn next(&mut self, look: &mut Look, clock: &dyn Clock, pause: Duration) -> Event {
        tokio::select! {
            biased;
            incoming = self.socket.recv() => Event::Incoming(incoming),
            hint = self.hints.recv() => Event::Hint(hint),
            shown = look.pictures.recv() => Event::Shown(shown),
            () = clock.sleep(pause) => Event::Tick,
        }
    }

    /// What a change elsewhere means: one's own rights, or this camera.
    async fn hint(&mut self, object: &str) -> Result<(), End> {
        let mine = match self.actor.who() {
            Who::Person {
                membership,
                session,
                ..
            } => {
                let session = session.map(|it| it.to_string());
                object == membership.to_string() || session.as_deref() == Some(object)
            }
            _ => false,
        };
        if mine || object.starts_with("rol_") {
            return self.recheck().await;
        }
        if object == self.camera.to_string() {
            self.recheck().await?;
            self.tell_state().await?;
        }
        Ok(())
    }

    /// Whether session, right and camera still stand. The rights are those of this moment: one may have been taken for
    /// this camera's group alone.
    async fn recheck(&mut self) -> Result<(), End> {
        let mut tx = self.app.ctx.store().read().await?;
        let actor = people::session::refreshed(&mut tx, &self.actor).await?;
        self.actor = actor.ok_or(End::Session)?;
        drop(tx);
        match allowed::<VideoLive>(&self.app, &self.actor, self.camera).await {
            Ok((camera, _)) if !camera.armed => Err(End::Denied("camera_off")),
            Ok(_) => Ok(()),
            Err(VideoError::NotFound(_)) => Err(End::Denied("not_found")),
            Err(VideoError::Denied(_) | VideoError::NeedsMore) => Err(End::Denied("denied")),
            Err(error) => Err(error.into()),
        }
    }

    /// Says how the camera is, if that has changed.
    async fn tell_state(&mut self) -> Result<(), End> {
        let mut tx = self.app.ctx.store().read().await?;
        let camera = camera::store::by_id(&mut tx, self.actor.org(), self.camera).await?;
        drop(tx);
        let camera = camera.ok_or(End::Denied("not_found"))?;
        let (state, cause, since) = camera.shown();
        let state = json!({
            "type": "state",
            "state": state.word(),
            "cause": cause,
            "since": since.map(|at| at.to_string()),
        });
        if state != self.told {
            self.say(&state).await?;
            self.told = state;
        }
        Ok(())
    }

    async fn say(&mut self, message: &Value) -> Result<(), End> {
        self.send(Message::text(message.to_string())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        let clock = self.app.ctx.store().shared_clock();
        let sending = std::pin::pin!(self.socket.send(message));
        match select(sending, clock.sleep(SLOW)).await {
            Either::Left((Ok(()), _)) => Ok(()),
            Either::Left((Err(_), _)) | Either::Right(_) => Err(End::Gone),
        }
    }

    async fn close(mut self, end: &End) {
        let (code, why) = match end {
            End::Gone => return,
            End::Session => (SESSION_ENDED, "session_ended"),
            End::Denied(why) => (DENIED, *why),
            End::Again => (RESTART, "connect_again"),
        };
        let _ = self.say(&json!({ "type": "end", "why": why })).await;
        let frame = CloseFrame {
            code,
            reason: why.into(),
        };
        let _ = self.send(Message::Close(Some(frame))).await;
    }
}

//! What the live channel tells: open alarms at first, then each change as its actor may see it.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{AlarmId, Problem};
use futures_util::future::BoxFuture;
use people::Actor;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::ReadProblems;
use web::{Feed, Signed};

use crate::App;
use crate::incident::http::visible;
use crate::incident::store;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(live))
}

/// The live channel, a WebSocket. The first message is `{"type":"snapshot","alarms":[…]}`, then come
/// `{"type":"alarm","alarm":…}`, `{"type":"alarm_gone","id":…}` and `{"type":"ping"}`.
#[utoipa::path(get, path = "/live", tag = "live", responses((status = 101), ReadProblems))]
async fn live(
    State(app): State<App>,
    Signed(actor): Signed,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let feed = Arc::new(AlarmFeed { app: app.clone() });
    web::live::serve(&app.ctx, &headers, upgrade, actor, feed)
}

/// Alarms on the live channel.
struct AlarmFeed {
    app: App,
}

impl Feed for AlarmFeed {
    fn snapshot<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Value, Problem>> {
        Box::pin(async move {
            let mut tx = self.app.ctx.store().read().await?;
            let open = store::list(&mut tx, actor.org(), "open", None, 100).await?;
            let mut alarms = Vec::new();
            for (id, _) in open {
                alarms.extend(visible(&mut tx, actor, id).await?);
            }
            Ok(json!({ "type": "snapshot", "alarms": alarms }))
        })
    }

    fn change<'a>(
        &'a self,
        actor: &'a Actor,
        object: &'a str,
    ) -> BoxFuture<'a, Result<Option<Value>, Problem>> {
        Box::pin(async move {
            let Ok(id) = object.parse::<AlarmId>() else {
                return Ok(None);
            };
            let mut tx = self.app.ctx.store().read().await?;
            if store::by_id(&mut tx, actor.org(), id).await?.is_none() {
                return Ok(Some(json!({ "type": "alarm_gone", "id": id })));
            }
            let alarm = visible(&mut tx, actor, id).await?;
            Ok(alarm.map(|alarm| json!({ "type": "alarm", "alarm": alarm })))
        })
    }
}

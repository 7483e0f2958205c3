//! `/video/viewing-key`: one's own, and nobody else's.

use ::store::{Tx, act};
use axum::extract::State;
use base::ViewingKeyId;
use ledger::{Entry, Outcome};
use people::permit::Oneself;
use people::{Grant, oneself};
use seal::b64url_encode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Signed};

use super::model::ViewingKey;
use super::store;
use crate::rows::{parse_bytes, parse_point};
use crate::{App, VideoError, rights};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_viewing_key, put_viewing_key))
}

/// How the passphrase becomes a key (RFC 9106).
#[derive(Debug, Serialize, ToSchema)]
struct KdfView {
    /// `argon2id`.
    name: &'static str,
    /// Memory.
    memory_kib: u32,
    /// Passes over it.
    passes: u32,
    /// Lanes.
    lanes: u32,
}

const KDF: KdfView = KdfView {
    name: "argon2id",
    memory_kib: 65_536,
    passes: 3,
    lanes: 1,
};

/// One's own viewing key. Bytes are base64url.
#[derive(Debug, Serialize, ToSchema)]
struct ViewingKeyView {
    /// Its id.
    id: String,
    /// Its point on P-256, uncompressed.
    public_key: String,
    /// How the passphrase becomes a key.
    kdf: KdfView,
    /// For the passphrase.
    salt: String,
    /// The private half under the passphrase.
    pass: String,
    /// The private half under the recovery sheet.
    sheet: String,
    /// When it was made.
    created_at: String,
}

impl ViewingKeyView {
    fn of(key: &ViewingKey) -> Self {
        Self {
            id: key.id.to_string(),
            public_key: key.public_key.to_b64(),
            kdf: KDF,
            salt: b64url_encode(&key.salt),
            pass: b64url_encode(&key.pass),
            sheet: b64url_encode(&key.sheet),
            created_at: key.created.to_string(),
        }
    }
}

/// One's viewing key.
#[utoipa::path(get, path = "/video/viewing-key", tag = "video",
    responses((status = 200, body = ViewingKeyView), ReadProblems))]
async fn get_viewing_key(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<ViewingKeyView>, Failure> {
    let grant = oneself(&actor)?;
    let member = rights::member(&grant)?;
    let mut tx = app.ctx.store().read().await?;
    let key = store::of_member(&mut tx, grant.org(), member).await?;
    let key = key.ok_or(VideoError::NoViewingKey)?;
    Ok(Json(ViewingKeyView::of(&key)))
}

/// A viewing key to keep. Bytes are base64url.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutViewingKeyRequest {
    /// Its id, made in the browser.
    #[schema(value_type = String)]
    id: ViewingKeyId,
    /// Its point on P-256, uncompressed.
    public_key: String,
    /// 16 bytes for the passphrase.
    salt: String,
    /// The private half under the passphrase.
    pass: String,
    /// The private half under the recovery sheet.
    sheet: String,
    /// Whether it may take the place of another key; then one waits again for every role's key.
    #[serde(default)]
    replace: bool,
}

/// Keeps one's viewing key. The same id puts another passphrase or sheet around the same key.
#[utoipa::path(put, path = "/video/viewing-key", tag = "video", request_body = PutViewingKeyRequest,
    responses((status = 200, body = ViewingKeyView), Problems))]
async fn put_viewing_key(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<PutViewingKeyRequest>,
) -> Result<Json<ViewingKeyView>, Failure> {
    rights::any_video(&actor)?;
    let grant = oneself(&actor)?;
    let key = ViewingKey {
        id: request.id,
        public_key: parse_point("public_key", &request.public_key)?,
        salt: parse_bytes("salt", &request.salt, 64)?,
        pass: parse_bytes("pass", &request.pass, 1024)?,
        sheet: parse_bytes("sheet", &request.sheet, 1024)?,
        created: app.ctx.clock().now(),
    };
    key.check()?;
    let pen = app.ctx.people().pen(&grant, actor.person_id()).await?;
    let key = act!(app.ctx.store(), |tx| -> Result<ViewingKey, VideoError> {
        let (kept, action) = keep(tx, &grant, &key, request.replace).await?;
        let entry = Entry {
            action,
            object: Some(kept.id.to_string()),
            outcome: Outcome::Done,
            details: vec![],
        };
        pen.write(tx, entry).await?;
        Ok(kept)
    })?;
    Ok(Json(ViewingKeyView::of(&key)))
}

async fn keep(
    tx: &mut Tx,
    grant: &Grant<Oneself>,
    key: &ViewingKey,
    replace: bool,
) -> Result<(ViewingKey, &'static str), VideoError> {
    let (org, member) = (grant.org(), rights::member(grant)?);
    let before = store::of_member(tx, org, member).await?;
    let Some(before) = before else {
        if store::owner(tx, org, key.id).await?.is_some() {
            return Err(taken());
        }
        store::insert(tx, org, member, key).await?;
        return Ok((key.clone(), "viewing_key.made"));
    };
    if before.id == key.id {
        if before.public_key != key.public_key {
            return Err(taken());
        }
        store::rewrap(tx, org, member, key).await?;
        let kept = ViewingKey {
            created: before.created,
            ..key.clone()
        };
        return Ok((kept, "viewing_key.rewrapped"));
    }
    if !replace {
        return Err(VideoError::conflict(
            "viewing_key_exists",
            "there is another viewing key already",
        ));
    }
    if store::owner(tx, org, key.id).await?.is_some() {
        return Err(taken());
    }
    store::drop_key(tx, org, member).await?;
    store::insert(tx, org, member, key).await?;
    Ok((key.clone(), "viewing_key.replaced"))
}

fn taken() -> VideoError {
    VideoError::conflict("viewing_key_taken", "another key has this id")
}

//! `/video/circle`: who can open what.

use ::store::{Tx, act};
use axum::extract::State;
use axum::http::StatusCode;
use base::{GenerationId, ViewingKeyId, ViewingRoleId};
use people::permit::VideoConfigure;
use people::{Actor, Object, may, oneself};
use seal::b64url_encode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Signed};

use super::act::{self, Founding, New, Rotation, Wrapped};
use super::model::{Generation, Member, RoleKind, Standing, grouped, rotate_due};
use super::{hub_key, store};
use crate::rows::{parse_bytes, parse_point};
use crate::{App, VideoError, rights, viewing_key};

/// The longest list, and the longest envelope.
const LIST: usize = seal::recipients::MAX_BYTES;
const ENVELOPE: usize = seal::envelope::MAX_BYTES;
/// As many keys as one request hands on.
const AT_ONCE: usize = 64;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_circle, found_circle))
        .routes(routes!(add_generation))
        .routes(routes!(hand_over))
}

/// Who can open what. Bytes are base64url.
#[derive(Debug, Serialize, ToSchema)]
struct CircleView {
    /// The hub's point, to which H of every bucket is sealed.
    hub_key: String,
    /// The custodian, once the circle is set up.
    custodian: Option<CustodianView>,
    /// The newest recipient list.
    list: Option<RecipientListView>,
    /// About whoever asks.
    me: CircleMeView,
    /// The roles; empty before the set-up.
    roles: Vec<ViewingRoleView>,
    /// The role keys one holds, oldest first.
    mine: Vec<HeldKeyView>,
}

/// Who signs recipient lists.
#[derive(Debug, Serialize, ToSchema)]
struct CustodianView {
    /// Its generation.
    generation: String,
    /// Its point.
    public_key: String,
    /// SHA-256 of the point, in hexadecimal groups of four.
    fingerprint: String,
}

/// A signed recipient list.
#[derive(Debug, Serialize, ToSchema)]
struct RecipientListView {
    /// Each is higher than the last.
    number: u64,
    /// When it was signed.
    issued_at: String,
    /// The list itself.
    cose: String,
}

/// About whoever asks.
#[derive(Debug, Serialize, ToSchema)]
struct CircleMeView {
    /// Their viewing key.
    viewing_key: Option<String>,
    /// Whether they may set the circle up and issue new keys.
    configures: bool,
}

/// A role and its members.
#[derive(Debug, Serialize, ToSchema)]
struct ViewingRoleView {
    /// Its id.
    id: String,
    /// `recording`, `live` or `custodian`.
    kind: &'static str,
    /// The generation in force.
    generation: Option<GenerationView>,
    /// Whether somebody who was given its key does not belong to it any more.
    rotate_due: bool,
    /// Its members. Those who neither configure nor hold it see themselves, and if they belong to it, by name alone, who
    /// could hand it over.
    members: Vec<CircleMemberView>,
}

/// A role's key pair, public half.
#[derive(Debug, Serialize, ToSchema)]
struct GenerationView {
    /// Its id.
    id: String,
    /// Its point.
    public_key: String,
    /// When it was made.
    created_at: String,
}

/// Somebody who belongs to a role.
#[derive(Debug, Serialize, ToSchema)]
struct CircleMemberView {
    /// The membership.
    person: String,
    /// First and last name.
    name: String,
    /// `holds`, `waiting` (for somebody who hands the key on) or `no_key`.
    state: &'static str,
    /// Their viewing key.
    viewing_key: Option<String>,
    /// Its point.
    public_key: Option<String>,
}

/// A role key that one holds.
#[derive(Debug, Serialize, ToSchema)]
struct HeldKeyView {
    /// Its generation.
    generation: String,
    /// Its role.
    role: String,
    /// `recording`, `live` or `custodian`.
    kind: &'static str,
    /// Whether the generation is in force.
    current: bool,
    /// The private half, sealed to one's viewing key.
    wrapped: String,
}

async fn circle(app: &App, actor: &Actor) -> Result<CircleView, VideoError> {
    let org = actor.org();
    let hub = hub_key(app.ctx.store(), org).await?;
    let member = rights::member(&oneself(actor)?)?;
    let mut tx = app.ctx.store().read().await?;
    let key = viewing_key::store::of_member(&mut tx, org, member).await?;
    let mut held = store::mine(&mut tx, org, member).await?;
    // Who lost a right gets nothing back that belonged to it.
    held.retain(|it| it.kind.is_for(actor));
    let current = store::current(&mut tx, org).await?;
    let custodian = current.iter().find(|it| it.kind == RoleKind::Custodian);
    let list = store::last_list(&mut tx, org).await?;
    let mut roles = Vec::new();
    for kind in RoleKind::ALL {
        if let Some(generation) = current.iter().find(|it| it.kind == kind) {
            let holds = held.iter().any(|it| it.generation == generation.id);
            let all = holds || RoleKind::Custodian.is_for(actor);
            roles.push(role(&mut tx, actor, generation, all).await?);
        }
    }
    Ok(CircleView {
        hub_key: hub.public().to_b64(),
        custodian: custodian.map(|it| CustodianView {
            generation: it.id.to_string(),
            public_key: it.public_key.to_b64(),
            fingerprint: grouped(&it.public_key.fingerprint()),
        }),
        list: list.map(|it| RecipientListView {
            number: it.number,
            issued_at: it.issued.to_string(),
            cose: b64url_encode(&it.cose),
        }),
        me: CircleMeView {
            viewing_key: key.map(|key| key.id.to_string()),
            configures: may::<VideoConfigure>(actor, Object::Org).is_ok(),
        },
        roles,
        mine: held
            .into_iter()
            .map(|it| HeldKeyView {
                generation: it.generation.to_string(),
                role: it.role.to_string(),
                kind: it.kind.word(),
                current: it.current,
                wrapped: b64url_encode(&it.wrapped),
            })
            .collect(),
    })
}

async fn role(
    tx: &mut Tx,
    actor: &Actor,
    generation: &Generation,
    all: bool,
) -> Result<ViewingRoleView, VideoError> {
    let org = actor.org();
    let members = store::entitled(tx, org, generation.kind).await?;
    let holders = store::holders(tx, org).await?;
    let rotate_due = rotate_due(generation, &members, &holders);
    let own = |it: &Member| actor.membership() == Some(it.id);
    let belongs = members.iter().any(own);
    let mut members: Vec<CircleMemberView> = members
        .iter()
        .filter_map(|it| {
            let standing = Standing::of(it, generation.id, &holders);
            let whole = all || own(it);
            // Whoever waits learns whom to ask. Their keys are for those who hand the role's key on.
            let named = whole || (belongs && standing == Standing::Holds);
            let key = it.key.filter(|_| whole);
            named.then(|| CircleMemberView {
                person: it.id.to_string(),
                name: it.name.clone(),
                state: standing.word(),
                viewing_key: key.map(|(id, _)| id.to_string()),
                public_key: key.map(|(_, point)| point.to_b64()),
            })
        })
        .collect();
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(ViewingRoleView {
        id: generation.role.to_string(),
        kind: generation.kind.word(),
        generation: Some(GenerationView {
            id: generation.id.to_string(),
            public_key: generation.public_key.to_b64(),
            created_at: generation.created.to_string(),
        }),
        rotate_due,
        members,
    })
}

/// Who can open what.
#[utoipa::path(get, path = "/video/circle", tag = "video",
    responses((status = 200, body = CircleView), ReadProblems))]
async fn get_circle(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<CircleView>, Failure> {
    rights::any_video(&actor)?;
    Ok(Json(circle(&app, &actor).await?))
}

/// A generation as the browser that made it says it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GenerationInput {
    /// Its id.
    #[schema(value_type = String)]
    generation: GenerationId,
    /// Its point, base64url.
    public_key: String,
}

impl GenerationInput {
    fn read(&self, field: &'static str) -> Result<New, VideoError> {
        Ok(New {
            id: self.generation,
            key: parse_point(field, &self.public_key)?,
        })
    }
}

/// A role's private key for one member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WrappedInput {
    /// The generation it is the key of.
    #[schema(value_type = String)]
    generation: GenerationId,
    /// The viewing key it is sealed to.
    #[schema(value_type = String)]
    viewing_key: ViewingKeyId,
    /// The envelope, base64url.
    cose: String,
}

fn wrapped(inputs: &[WrappedInput]) -> Result<Vec<Wrapped>, VideoError> {
    if inputs.len() > AT_ONCE {
        return Err(VideoError::wrong(
            "wrapped",
            "too_many",
            "at most 64 at once",
        ));
    }
    inputs
        .iter()
        .map(|it| {
            Ok(Wrapped {
                generation: it.generation,
                key: it.viewing_key,
                cose: parse_bytes("wrapped", &it.cose, ENVELOPE)?,
            })
        })
        .collect()
}

/// The set-up of who can open what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FoundCircleRequest {
    /// Signs recipient lists from now on.
    custodian: GenerationInput,
    /// Opens recordings.
    recording: GenerationInput,
    /// Opens live pictures.
    live: GenerationInput,
    /// The private halves; at least all three for oneself.
    wrapped: Vec<WrappedInput>,
    /// The first recipient list, signed, base64url.
    list: String,
}

/// Sets up who can open what. Once.
#[utoipa::path(post, path = "/video/circle", tag = "video", request_body = FoundCircleRequest,
    responses((status = 201, body = CircleView), Problems))]
async fn found_circle(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<FoundCircleRequest>,
) -> Result<(StatusCode, Json<CircleView>), Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let founding = Founding {
        custodian: request.custodian.read("custodian")?,
        recording: request.recording.read("recording")?,
        live: request.live.read("live")?,
        wrapped: wrapped(&request.wrapped)?,
        list: parse_bytes("list", &request.list, LIST)?,
    };
    let hub = hub_key(app.ctx.store(), grant.org()).await?.public();
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        act::found(tx, &pen, &grant, hub, &founding).await
    })?;
    Ok((StatusCode::CREATED, Json(circle(&app, &actor).await?)))
}

/// A new generation of a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddGenerationRequest {
    /// Which role.
    #[schema(value_type = String)]
    role: ViewingRoleId,
    /// The generation's id.
    #[schema(value_type = String)]
    generation: GenerationId,
    /// Its point, base64url.
    public_key: String,
    /// Its private half for members; at least for oneself.
    wrapped: Vec<WrappedInput>,
    /// The next recipient list, signed, base64url.
    list: String,
}

/// Puts a new generation in force, after somebody left.
#[utoipa::path(post, path = "/video/circle/generations", tag = "video",
    request_body = AddGenerationRequest,
    responses((status = 201, body = CircleView), Problems))]
async fn add_generation(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<AddGenerationRequest>,
) -> Result<(StatusCode, Json<CircleView>), Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let rotation = Rotation {
        role: request.role,
        new: New {
            id: request.generation,
            key: parse_point("public_key", &request.public_key)?,
        },
        wrapped: wrapped(&request.wrapped)?,
        list: parse_bytes("list", &request.list, LIST)?,
    };
    let hub = hub_key(app.ctx.store(), grant.org()).await?.public();
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        act::rotate(tx, &pen, &grant, hub, &rotation).await
    })?;
    crate::uplink::push_setup(&app, grant.org()).await;
    Ok((StatusCode::CREATED, Json(circle(&app, &actor).await?)))
}

/// Keys to hand on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HandOverRequest {
    /// Each sealed to the viewing key of somebody who belongs to the role.
    wrapped: Vec<WrappedInput>,
}

/// Hands role keys on to members who wait for them. Who does it must hold them.
#[utoipa::path(post, path = "/video/circle/hand-over", tag = "video", request_body = HandOverRequest,
    responses((status = 200, body = CircleView), Problems))]
async fn hand_over(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<HandOverRequest>,
) -> Result<Json<CircleView>, Failure> {
    rights::any_video(&actor)?;
    let grant = oneself(&actor)?;
    let wrapped = wrapped(&request.wrapped)?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        act::hand_over(tx, &pen, &grant, &wrapped).await
    })?;
    Ok(Json(circle(&app, &actor).await?))
}

//! `/video/agents`: made with a token, listed, revoked.

use ::store::{Tx, act};
use axum::extract::State;
use axum::http::StatusCode;
use base::{AgentId, OrgId, ShortText};
use ledger::{Entry, Outcome, Pen};
use media::wire::{Bye, EnrolmentToken, fingerprint_text};
use people::permit::VideoConfigure;
use people::{Actor, Grant, Object, may};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use super::model::{Agent, TOKEN_LASTS};
use super::store;
use crate::circle::{custodian, hub_key};
use crate::{App, VideoError};

/// More agents than any organisation needs.
const MOST: i64 = 200;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_agents, create_agent))
        .routes(routes!(revoke_agent))
        .routes(routes!(renew_agent_token))
}

/// An agent: the recorder beside the cameras.
#[derive(Debug, Serialize, ToSchema)]
struct AgentView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// `waiting_for_enrolment`, `online`, `offline` or `revoked`.
    state: &'static str,
    /// When its token was used.
    enrolled_at: Option<String>,
    /// When it was last heard.
    last_seen_at: Option<String>,
    /// Version of its program.
    version: Option<String>,
    /// What waits on its disk.
    spool: Option<SpoolView>,
    /// When somebody else came with its token: it may have been stolen.
    second_try_at: Option<String>,
    /// Number of the recipient list it seals to.
    list: Option<i64>,
    /// A recipient list that it does not accept.
    refused_list: Option<RefusedListView>,
}

/// What waits on an agent's disk.
#[derive(Debug, Serialize, ToSchema)]
struct SpoolView {
    /// Bytes used.
    bytes: i64,
    /// Bytes still to use.
    free: i64,
    /// Segments to be sent.
    waiting: i64,
    /// First picture of the oldest of them.
    oldest_at: Option<String>,
    /// Segments that the hub refused for good and the agent keeps aside.
    aside: Option<AsideView>,
}

/// Segments that the hub refused for good. The agent keeps them in `spool/refused` and says why in its log.
#[derive(Debug, Serialize, ToSchema)]
struct AsideView {
    /// How many.
    segments: i64,
    /// Their bytes.
    bytes: i64,
    /// First picture of the oldest of them.
    since: Option<String>,
}

/// A recipient list that an agent does not accept.
#[derive(Debug, Serialize, ToSchema)]
struct RefusedListView {
    /// Its number.
    number: Option<i64>,
    /// Why, in a word.
    why: String,
}

impl AgentView {
    fn of(agent: &Agent, now: base::Timestamp) -> Self {
        let text = |at: Option<base::Timestamp>| at.map(|at| at.to_string());
        Self {
            id: agent.id.to_string(),
            name: agent.name.clone(),
            state: agent.presence(now).word(),
            enrolled_at: text(agent.enrolled),
            last_seen_at: text(agent.last_seen),
            version: Some(agent.version.clone()).filter(|it| !it.is_empty()),
            spool: agent.spool.map(|spool| SpoolView {
                bytes: spool.bytes,
                free: spool.free,
                waiting: spool.waiting,
                oldest_at: text(spool.oldest),
                aside: spool.aside.map(|aside| AsideView {
                    segments: aside.segments,
                    bytes: aside.bytes,
                    since: text(aside.since),
                }),
            }),
            second_try_at: text(agent.second_try),
            list: agent.list,
            refused_list: agent.refused.as_ref().map(|(number, why)| RefusedListView {
                number: *number,
                why: why.clone(),
            }),
        }
    }
}

/// The agents, oldest first.
#[utoipa::path(get, path = "/video/agents", tag = "video",
    responses((status = 200, body = Page<AgentView>), ReadProblems))]
async fn list_agents(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<AgentView>>, Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let now = app.ctx.clock().now();
    let mut tx = app.ctx.store().read().await?;
    let agents = store::list(&mut tx, grant.org()).await?;
    let items = agents.iter().map(|it| AgentView::of(it, now)).collect();
    Ok(Json(Page::whole(items)))
}

/// An agent to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateAgentRequest {
    /// Its name, 1 to 80 characters.
    name: String,
}

/// An agent's token at the one moment when it is shown.
#[derive(Debug, Serialize, ToSchema)]
struct ShownAgentView {
    /// The agent.
    agent: AgentView,
    /// Works for one key, within 24 hours; it can't be shown again.
    token: String,
    /// What to type beside the cameras.
    command_lines: CommandLinesView,
}

/// What to type beside the cameras. The custodian's fingerprint in it is to be compared with the one that was noted
/// outside of the server.
#[derive(Debug, Serialize, ToSchema)]
struct CommandLinesView {
    /// For one camera.
    short: String,
    /// For several, which a file names.
    file: String,
}

async fn shown(
    app: &App,
    actor: &Actor,
    id: AgentId,
    token: &EnrolmentToken,
) -> Result<ShownAgentView, VideoError> {
    let mut tx = app.ctx.store().read().await?;
    let agent = store::by_id(&mut tx, actor.org(), id).await?;
    let agent = agent.ok_or(VideoError::NotFound("agent"))?;
    // Hyphens, so that no shell divides it; otherwise as it stands under Keys.
    let custodian = fingerprint_text(&token.custodian, '-');
    let token = token.encode();
    let hub = app.ctx.origin();
    let line = format!("obhut camera --hub {hub} --token {token} --custodian {custodian}");
    Ok(ShownAgentView {
        agent: AgentView::of(&agent, app.ctx.clock().now()),
        command_lines: CommandLinesView {
            short: format!("{line} --source rtsp://…"),
            file: format!("{line} --config cameras.toml"),
        },
        token,
    })
}

/// A token that pins hub and custodian; refused while there is no custodian.
async fn token(app: &App, org: OrgId, agent: AgentId) -> Result<EnrolmentToken, VideoError> {
    let mut tx = app.ctx.store().read().await?;
    let custodian = custodian(&mut tx, org).await?;
    drop(tx);
    let custodian = custodian.ok_or(VideoError::CircleMissing)?;
    Ok(EnrolmentToken {
        agent,
        secret: base::array(app.ctx.rng()),
        hub: hub_key(app.ctx.store(), org).await?.public().fingerprint(),
        custodian: custodian.fingerprint(),
    })
}

/// Makes an agent. Its token is shown this once.
#[utoipa::path(post, path = "/video/agents", tag = "video", request_body = CreateAgentRequest,
    responses((status = 201, body = ShownAgentView), Problems))]
async fn create_agent(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<CreateAgentRequest>,
) -> Result<(StatusCode, Json<ShownAgentView>), Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let name = ShortText::parse(&request.name).map_err(|error| crate::form::text("name", error))?;
    let token = make(&app, &grant, &name).await?;
    let shown = shown(&app, &actor, token.agent, &token).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Makes an agent and its first token.
pub(crate) async fn make(
    app: &App,
    grant: &Grant<VideoConfigure>,
    name: &ShortText,
) -> Result<EnrolmentToken, VideoError> {
    let id = AgentId::new(app.ctx.clock(), app.ctx.rng());
    let token = token(app, grant.org(), id).await?;
    let pen = app.ctx.people().pen(grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        create(tx, &pen, grant, name, &token).await
    })?;
    Ok(token)
}

async fn create(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<VideoConfigure>,
    name: &ShortText,
    token: &EnrolmentToken,
) -> Result<(), VideoError> {
    let org = grant.org();
    if store::count(tx, org).await? >= MOST {
        return Err(VideoError::conflict(
            "too_many",
            "there are too many agents; remove one first",
        ));
    }
    let until = tx.clock().now().checked_add(TOKEN_LASTS);
    let until = until.unwrap_or(base::Timestamp::MAX);
    store::insert(tx, org, token.agent, name, &token.secret, until).await?;
    pen.write(tx, entry("agent.created", token.agent)).await?;
    Ok(())
}

pub(crate) fn entry(action: &'static str, agent: AgentId) -> Entry {
    Entry {
        action,
        object: Some(agent.to_string()),
        outcome: Outcome::Done,
        details: vec![],
    }
}

/// Makes another token for an agent; the one before, and the key it was used with, end at once.
#[utoipa::path(post, path = "/video/agents/{id}/token", tag = "video", params(("id" = String, Path)),
    responses((status = 200, body = ShownAgentView), Problems))]
async fn renew_agent_token(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AgentId>,
) -> Result<Json<ShownAgentView>, Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let org = grant.org();
    let mut tx = app.ctx.store().read().await?;
    let there = store::by_id(&mut tx, org, id).await?;
    drop(tx);
    there.ok_or(VideoError::NotFound("agent"))?;
    let token = token(&app, org, id).await?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        let until = tx.clock().now().checked_add(TOKEN_LASTS);
        let until = until.unwrap_or(base::Timestamp::MAX);
        if !store::renew(tx, org, id, &token.secret, until).await? {
            return Err(VideoError::conflict(
                "agent_revoked",
                "this agent has been revoked; make another",
            ));
        }
        pen.write(tx, entry("agent.token_renewed", id)).await?;
        Ok(())
    })?;
    app.relay.bye(org, id, Bye::Revoked);
    Ok(Json(shown(&app, &actor, id, &token).await?))
}

/// Ends an agent at once. What it recorded stays until its deadline.
#[utoipa::path(delete, path = "/video/agents/{id}", tag = "video", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn revoke_agent(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<AgentId>,
) -> Result<StatusCode, Failure> {
    let grant = may::<VideoConfigure>(&actor, Object::Org)?;
    let org = grant.org();
    let mut tx = app.ctx.store().read().await?;
    let there = store::by_id(&mut tx, org, id).await?;
    drop(tx);
    there.ok_or(VideoError::NotFound("agent"))?;
    let pen = app.ctx.people().pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        if store::revoke(tx, org, id).await? {
            pen.write(tx, entry("agent.revoked", id)).await?;
        }
        Ok(())
    })?;
    app.relay.bye(org, id, Bye::Revoked);
    Ok(StatusCode::NO_CONTENT)
}

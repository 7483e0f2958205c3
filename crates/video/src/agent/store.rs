//! SQL of agents and their tokens.

use base::{AgentId, OrgId, ShortText, Timestamp};
use media::wire;
use seal::Point;
use store::{Row, StoreError, Tx, params};

use super::model::{Agent, Aside, Spool};
use crate::rows::{int, opt_point};

store::statements! {
    /// The agents, oldest first.
    LIST = "SELECT org_id, id, name, secret, secret_until_us, public_key, enrolled_us, second_try_us, \
            revoked_us, connected, last_seen_us, version, list_number, refused_number, refused_why, \
            spool_bytes, spool_free, spool_waiting, spool_oldest_us, aside, aside_bytes, aside_us \
            FROM camera_agent WHERE org_id = $1 ORDER BY id";
    /// One agent of an organisation.
    BY_ID = "SELECT org_id, id, name, secret, secret_until_us, public_key, enrolled_us, second_try_us, \
             revoked_us, connected, last_seen_us, version, list_number, refused_number, refused_why, \
             spool_bytes, spool_free, spool_waiting, spool_oldest_us, aside, aside_bytes, aside_us \
             FROM camera_agent WHERE org_id = $1 AND id = $2";
    /// The agent that says it has this id, whatever its organisation; its secret or key is checked next.
    FIND = "SELECT org_id, id, name, secret, secret_until_us, public_key, enrolled_us, second_try_us, \
            revoked_us, connected, last_seen_us, version, list_number, refused_number, refused_why, \
            spool_bytes, spool_free, spool_waiting, spool_oldest_us, aside, aside_bytes, aside_us \
            FROM camera_agent WHERE id = $1";
    /// How many there are.
    COUNT = "SELECT CAST(count(*) AS BIGINT) FROM camera_agent WHERE org_id = $1";
    /// A new agent.
    INSERT = "INSERT INTO camera_agent (org_id, id, name, secret, secret_until_us, created_us, connected, \
              version) VALUES ($1, $2, $3, $4, $5, $6, FALSE, '')";
    /// Another token: the key before ends.
    RENEW = "UPDATE camera_agent SET secret = $3, secret_until_us = $4, public_key = NULL, \
             enrolled_us = NULL, second_try_us = NULL, connected = FALSE \
             WHERE org_id = $1 AND id = $2 AND revoked_us IS NULL";
    /// Binds the token to a key.
    BIND = "UPDATE camera_agent SET public_key = $3, enrolled_us = $4, version = $5 \
            WHERE org_id = $1 AND id = $2 AND public_key IS NULL AND revoked_us IS NULL";
    /// Notes that somebody came with a token that was used.
    SECOND_TRY = "UPDATE camera_agent SET second_try_us = $3 WHERE org_id = $1 AND id = $2";
    /// Ends an agent.
    REVOKE = "UPDATE camera_agent SET revoked_us = $3, connected = FALSE \
              WHERE org_id = $1 AND id = $2 AND revoked_us IS NULL";
    /// Notes how an agent is.
    STATE = "UPDATE camera_agent SET connected = TRUE, last_seen_us = $3, list_number = $4, \
             refused_number = $5, refused_why = $6, spool_bytes = $7, spool_free = $8, spool_waiting = $9, \
             spool_oldest_us = $10, aside = $11, aside_bytes = $12, aside_us = $13 \
             WHERE org_id = $1 AND id = $2";
    /// Notes that an agent connected.
    CONNECTED = "UPDATE camera_agent SET connected = TRUE, last_seen_us = $3 WHERE org_id = $1 AND id = $2";
    /// Notes that an agent's connection ended.
    DISCONNECTED = "UPDATE camera_agent SET connected = FALSE, last_seen_us = $3 WHERE org_id = $1 AND id = $2";
    /// A new access token.
    ADD_TOKEN = "INSERT INTO camera_token (org_id, digest, agent_id, until_us) VALUES ($1, $2, $3, $4)";
    /// Who comes with an access token.
    BY_TOKEN = "SELECT t.org_id, t.agent_id, a.public_key FROM camera_token t JOIN camera_agent a \
                ON a.org_id = t.org_id AND a.id = t.agent_id \
                WHERE t.digest = $1 AND t.until_us > $2 AND a.revoked_us IS NULL";
    /// Ends all access tokens of an agent.
    END_TOKENS = "DELETE FROM camera_token WHERE org_id = $1 AND agent_id = $2";
    /// Forgets access tokens that have run out.
    SWEEP_TOKENS = "DELETE FROM camera_token WHERE until_us <= $1";
    /// Notes an assertion; no row when it was used before.
    USE_ASSERTION = "INSERT INTO camera_assertion (org_id, agent_id, digest, until_us) \
                     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    /// Forgets assertions that have run out.
    SWEEP_ASSERTIONS = "DELETE FROM camera_assertion WHERE until_us <= $1";
}

fn read(row: &Row) -> Result<Agent, StoreError> {
    let mut c = row.cols();
    let (org, id, name) = (c.id()?, c.id()?, c.text()?);
    let (secret, secret_until) = (c.bytes()?, c.time()?);
    let key = opt_point(&mut c)?;
    let (enrolled, second_try, revoked) = (c.opt_time()?, c.opt_time()?, c.opt_time()?);
    let (connected, last_seen, version) = (c.boolean()?, c.opt_time()?, c.text()?);
    let (list, number, why) = (c.opt_int()?, c.opt_int()?, c.opt_text()?);
    let (bytes, free, waiting) = (c.opt_int()?, c.opt_int()?, c.opt_int()?);
    let oldest = c.opt_time()?;
    let aside = c.opt_int()?.filter(|segments| *segments > 0);
    let (aside_bytes, aside_since) = (c.opt_int()?.unwrap_or(0), c.opt_time()?);
    Ok(Agent {
        org,
        id,
        name,
        secret,
        secret_until,
        key,
        enrolled,
        second_try,
        revoked,
        connected,
        last_seen,
        version,
        list,
        refused: why.map(|why| (number, why)),
        spool: bytes.map(|bytes| Spool {
            bytes,
            free: free.unwrap_or(0),
            waiting: waiting.unwrap_or(0),
            oldest,
            aside: aside.map(|segments| Aside {
                segments,
                bytes: aside_bytes,
                since: aside_since,
            }),
        }),
    })
}

/// The agents, oldest first.
pub(crate) async fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<Agent>, StoreError> {
    tx.all(&LIST, params![org])
        .await?
        .iter()
        .map(read)
        .collect()
}

/// One agent.
pub(crate) async fn by_id(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
) -> Result<Option<Agent>, StoreError> {
    let row = tx.opt(&BY_ID, params![org, id]).await?;
    row.as_ref().map(read).transpose()
}

/// The agent that says it has this id. Only for checking its secret or signature.
pub(crate) async fn find(tx: &mut Tx, id: AgentId) -> Result<Option<Agent>, StoreError> {
    let row = tx.opt(&FIND, params![id]).await?;
    row.as_ref().map(read).transpose()
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, org: OrgId) -> Result<i64, StoreError> {
    tx.one(&COUNT, params![org]).await?.cols().int()
}

/// Makes an agent that waits for its token to be used.
pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    name: &ShortText,
    secret: &[u8],
    until: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let digest = seal::sha256(secret);
    tx.exec(&INSERT, params![org, id, name, digest, until, now])
        .await
        .map(drop)
}

/// Gives an agent another token; `false` when there is none that could take it.
pub(crate) async fn renew(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    secret: &[u8],
    until: Timestamp,
) -> Result<bool, StoreError> {
    let params = params![org, id, seal::sha256(secret), until];
    let done = tx.exec(&RENEW, params).await? == 1;
    tx.exec(&END_TOKENS, params![org, id]).await?;
    Ok(done)
}

/// Binds the token to a key; `false` when somebody was faster.
pub(crate) async fn bind(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    key: &Point,
    version: &str,
) -> Result<bool, StoreError> {
    let now = tx.clock().now();
    let params = params![org, id, *key.as_bytes(), now, version];
    Ok(tx.exec(&BIND, params).await? == 1)
}

/// Notes that somebody came with a used token.
pub(crate) async fn second_try(tx: &mut Tx, org: OrgId, id: AgentId) -> Result<(), StoreError> {
    let now = tx.clock().now();
    tx.exec(&SECOND_TRY, params![org, id, now]).await.map(drop)
}

/// Ends an agent; `false` when it has ended already.
pub(crate) async fn revoke(tx: &mut Tx, org: OrgId, id: AgentId) -> Result<bool, StoreError> {
    let now = tx.clock().now();
    tx.exec(&END_TOKENS, params![org, id]).await?;
    Ok(tx.exec(&REVOKE, params![org, id, now]).await? == 1)
}

/// Notes how an agent is.
pub(crate) async fn state(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    state: &wire::State,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let refused = state.refused_list.as_ref();
    let number = refused.and_then(|it| it.number).map(int);
    let why = refused.map(|it| it.why.chars().take(60).collect::<String>());
    let spool = &state.spool;
    let params = params![
        org,
        id,
        now,
        int(state.list),
        number,
        why,
        int(spool.bytes),
        int(spool.free),
        int(spool.waiting),
        spool.oldest.map(|it| it.0),
        int(spool.refused),
        int(spool.refused_bytes),
        spool.refused_since.map(|it| it.0)
    ];
    tx.exec(&STATE, params).await.map(drop)
}

/// Notes that an agent connected, or that its connection ended.
pub(crate) async fn presence(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    connected: bool,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let sql = if connected { &CONNECTED } else { &DISCONNECTED };
    tx.exec(sql, params![org, id, now]).await.map(drop)
}

/// Keeps the digest of an access token.
pub(crate) async fn add_token(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    token: &str,
    until: Timestamp,
) -> Result<(), StoreError> {
    let digest = seal::token::digest(token);
    tx.exec(&ADD_TOKEN, params![org, digest, id, until])
        .await
        .map(drop)
}

/// Who comes with an access token.
pub(crate) async fn by_token(
    tx: &mut Tx,
    token: &str,
) -> Result<Option<(OrgId, AgentId, Point)>, StoreError> {
    let now = tx.clock().now();
    let digest = seal::token::digest(token);
    let Some(row) = tx.opt(&BY_TOKEN, params![digest, now]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    let (org, agent) = (c.id()?, c.id()?);
    Ok(opt_point(&mut c)?.map(|key| (org, agent, key)))
}

/// Notes that an assertion was used; `false` when it was before.
pub(crate) async fn use_assertion(
    tx: &mut Tx,
    org: OrgId,
    id: AgentId,
    jti: &str,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let digest = seal::token::digest(jti);
    let params = params![org, id, digest, until];
    Ok(tx.exec(&USE_ASSERTION, params).await? == 1)
}

/// Forgets tokens and assertions that have run out.
pub(crate) async fn sweep(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    tx.exec(&SWEEP_TOKENS, params![now]).await?;
    tx.exec(&SWEEP_ASSERTIONS, params![now]).await.map(drop)
}

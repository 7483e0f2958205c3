//! SQL of cameras.

use base::{AgentId, CameraGroupId, CameraId, OrgId, Timestamp, UnitId};
use jiff::tz::TimeZone;
use media::wire;
use store::{Row, StoreError, Tx, params};

use super::model::{Camera, cause_word, condition_word, parse_condition};
use crate::agent::model::Presence;

store::statements! {
    /// The cameras, oldest first.
    LIST = "SELECT c.id, c.agent_id, a.name, a.revoked_us, a.public_key IS NOT NULL, a.connected, \
            a.last_seen_us, a.spool_waiting, c.label, c.name, c.place, c.unit_id, u.name, c.group_id, g.name, \
            c.armed, c.period, c.listed, c.state, c.cause, c.since_us, c.codec, c.width, c.height, c.fps, \
            c.kbit, c.last_picture_us FROM camera c \
            JOIN camera_agent a ON a.org_id = c.org_id AND a.id = c.agent_id \
            JOIN camera_group g ON g.org_id = c.org_id AND g.id = c.group_id \
            LEFT JOIN unit u ON u.org_id = c.org_id AND u.id = c.unit_id \
            WHERE c.org_id = $1 AND c.deleted_us IS NULL ORDER BY c.id";
    /// One camera.
    BY_ID = "SELECT c.id, c.agent_id, a.name, a.revoked_us, a.public_key IS NOT NULL, a.connected, \
             a.last_seen_us, a.spool_waiting, c.label, c.name, c.place, c.unit_id, u.name, c.group_id, g.name, \
             c.armed, c.period, c.listed, c.state, c.cause, c.since_us, c.codec, c.width, c.height, c.fps, \
             c.kbit, c.last_picture_us FROM camera c \
             JOIN camera_agent a ON a.org_id = c.org_id AND a.id = c.agent_id \
             JOIN camera_group g ON g.org_id = c.org_id AND g.id = c.group_id \
             LEFT JOIN unit u ON u.org_id = c.org_id AND u.id = c.unit_id \
             WHERE c.org_id = $1 AND c.id = $2 AND c.deleted_us IS NULL";
    /// The cameras of an agent, as it needs to know them.
    OF_AGENT = "SELECT id, label, armed, name, listed FROM camera \
                WHERE org_id = $1 AND agent_id = $2 AND deleted_us IS NULL ORDER BY id";
    /// Whose camera it is or was.
    OWNER = "SELECT agent_id, deleted_us FROM camera WHERE org_id = $1 AND id = $2";
    /// A new camera, not armed.
    INSERT = "INSERT INTO camera (org_id, id, agent_id, label, name, place, group_id, armed, listed, state, \
              created_us) VALUES ($1, $2, $3, $4, $5, '', $6, FALSE, TRUE, 'off', $7)";
    /// What the agent's file says about a camera.
    ANNOUNCE = "UPDATE camera SET listed = TRUE, codec = COALESCE($3, codec), \
                width = COALESCE($4, width), height = COALESCE($5, height) WHERE org_id = $1 AND id = $2";
    /// A camera that the agent's file does not name any more.
    UNLIST = "UPDATE camera SET listed = FALSE WHERE org_id = $1 AND id = $2";
    /// Names, place, group, period.
    CHANGE = "UPDATE camera SET name = $3, place = $4, unit_id = $5, group_id = $6, period = $7 \
              WHERE org_id = $1 AND id = $2 AND deleted_us IS NULL";
    /// Switches recording on or off.
    ARM = "UPDATE camera SET armed = $3 WHERE org_id = $1 AND id = $2 AND armed <> $3";
    /// From now on it is armed.
    ARMED_FROM = "INSERT INTO camera_armed (org_id, camera_id, from_us) VALUES ($1, $2, $3) \
                  ON CONFLICT (org_id, camera_id, from_us) DO UPDATE SET to_us = NULL";
    /// It was armed until now.
    ARMED_UNTIL = "UPDATE camera_armed SET to_us = $3 WHERE org_id = $1 AND camera_id = $2 AND to_us IS NULL";
    /// When it was armed, as far as a time is concerned.
    ARMED = "SELECT from_us, to_us FROM camera_armed WHERE org_id = $1 AND camera_id = $2 AND from_us < $4 \
             AND (to_us IS NULL OR to_us > $3) ORDER BY from_us";
    /// How a camera is, as its agent says.
    STATE = "UPDATE camera SET since_us = CASE WHEN state = $3 AND COALESCE(cause, '') = COALESCE($4, '') \
             THEN COALESCE(since_us, $5) ELSE $5 END, state = $3, cause = $4, codec = COALESCE($6, codec), \
             width = COALESCE($7, width), height = COALESCE($8, height), fps = $9, kbit = $10, \
             last_picture_us = COALESCE($11, last_picture_us) \
             WHERE org_id = $1 AND id = $2 AND agent_id = $12 AND deleted_us IS NULL";
    /// Takes a camera away from all pages; its row goes when neither bucket nor agent needs it any more.
    DELETE = "UPDATE camera SET deleted_us = $3, label = id, name = '', place = '', armed = FALSE, \
              unit_id = NULL WHERE org_id = $1 AND id = $2 AND deleted_us IS NULL";
    /// Bytes of what is kept of each camera, and its first picture: looked for in the first hour alone.
    KEPT = "SELECT k.camera_id, k.bytes, (SELECT s.started_us FROM video_segment s JOIN video_bucket b \
            ON b.org_id = s.org_id AND b.id = s.bucket_id WHERE s.org_id = $1 AND s.camera_id = k.camera_id \
            AND s.started_us >= k.hour_us AND b.destroyed_us IS NULL ORDER BY s.started_us LIMIT 1) \
            FROM (SELECT camera_id, CAST(sum(bytes) AS BIGINT) AS bytes, min(hour_us) AS hour_us \
            FROM video_bucket WHERE org_id = $1 AND destroyed_us IS NULL AND bytes > 0 GROUP BY camera_id) k";
    /// Zone and language of the organisation.
    ORGANISATION = "SELECT zone, language FROM organisation WHERE org_id = $1";
    /// Whether there is such a unit.
    UNIT = "SELECT 1 FROM unit WHERE org_id = $1 AND id = $2";
    /// The armed cameras of a unit.
    ARMED_IN = "SELECT id FROM camera WHERE org_id = $1 AND unit_id = $2 AND armed AND deleted_us IS NULL";
}

fn read(row: &Row, now: Timestamp) -> Result<Camera, StoreError> {
    let mut c = row.cols();
    let (id, agent, agent_name) = (c.id()?, c.id()?, c.text()?);
    let (revoked, enrolled, connected) = (c.opt_time()?, c.boolean()?, c.boolean()?);
    let (agent_seen, agent_waiting) = (c.opt_time()?, c.opt_int()?.unwrap_or(0));
    let (label, name, place) = (c.text()?, c.text()?, c.text()?);
    let unit = c.opt_id()?.zip(c.opt_text()?);
    let group = (c.id()?, c.text()?);
    Ok(Camera {
        id,
        agent,
        agent_name,
        presence: Presence::of(revoked.is_some(), enrolled, connected, agent_seen, now),
        agent_seen,
        agent_waiting,
        label,
        name,
        place,
        unit,
        group,
        armed: c.boolean()?,
        period: c.opt_text()?,
        listed: c.boolean()?,
        condition: c.word(parse_condition)?,
        cause: c.opt_text()?,
        since: c.opt_time()?,
        codec: c.opt_text()?,
        width: c.opt_int()?,
        height: c.opt_int()?,
        fps: c.opt_real()?,
        kbit: c.opt_int()?,
        last_picture: c.opt_time()?,
    })
}

/// The cameras, oldest first.
pub(crate) async fn list(tx: &mut Tx, org: OrgId) -> Result<Vec<Camera>, StoreError> {
    let now = tx.clock().now();
    let rows = tx.all(&LIST, params![org]).await?;
    rows.iter().map(|row| read(row, now)).collect()
}

/// One camera.
pub(crate) async fn by_id(
    tx: &mut Tx,
    org: OrgId,
    id: CameraId,
) -> Result<Option<Camera>, StoreError> {
    let now = tx.clock().now();
    let row = tx.opt(&BY_ID, params![org, id]).await?;
    row.map(|row| read(&row, now)).transpose()
}

/// A camera as its agent needs to know it.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) id: CameraId,
    pub(crate) label: String,
    pub(crate) armed: bool,
    pub(crate) name: String,
    pub(crate) listed: bool,
}

/// The cameras of an agent.
pub(crate) async fn of_agent(
    tx: &mut Tx,
    org: OrgId,
    agent: AgentId,
) -> Result<Vec<Own>, StoreError> {
    let rows = tx.all(&OF_AGENT, params![org, agent]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Own {
                id: c.id()?,
                label: c.text()?,
                armed: c.boolean()?,
                name: c.text()?,
                listed: c.boolean()?,
            })
        })
        .collect()
}

/// Whose camera it is or was, and whether it has been deleted.
pub(crate) async fn owner(
    tx: &mut Tx,
    org: OrgId,
    id: CameraId,
) -> Result<Option<(AgentId, bool)>, StoreError> {
    let Some(row) = tx.opt(&OWNER, params![org, id]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    Ok(Some((c.id()?, c.opt_time()?.is_some())))
}

/// Makes a camera, not armed.
pub(crate) async fn insert(
    tx: &mut Tx,
    org: OrgId,
    agent: AgentId,
    label: &str,
    name: &str,
    group: CameraGroupId,
) -> Result<CameraId, StoreError> {
    let id = CameraId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    tx.exec(&INSERT, params![org, id, agent, label, name, group, now])
        .await?;
    Ok(id)
}

/// Notes what the agent's file says about a camera.
pub(crate) async fn announce(
    tx: &mut Tx,
    org: OrgId,
    id: CameraId,
    announced: &wire::Announced,
) -> Result<(), StoreError> {
    let codec = announced.codec.as_deref().map(short);
    let params = params![org, id, codec, announced.width, announced.height];
    tx.exec(&ANNOUNCE, params).await.map(drop)
}

/// Codecs have short names.
fn short(codec: &str) -> String {
    codec
        .chars()
        .filter(char::is_ascii_graphic)
        .take(40)
        .collect()
}

/// Notes that the agent's file does not name a camera any more.
pub(crate) async fn unlist(tx: &mut Tx, org: OrgId, id: CameraId) -> Result<(), StoreError> {
    tx.exec(&UNLIST, params![org, id]).await.map(drop)
}

/// Writes names, place, group and period.
pub(crate) async fn change(tx: &mut Tx, org: OrgId, camera: &Camera) -> Result<(), StoreError> {
    let params = params![
        org,
        camera.id,
        &camera.name,
        &camera.place,
        camera.unit.as_ref().map(|it| it.0),
        camera.group.0,
        camera.period.as_deref()
    ];
    tx.exec(&CHANGE, params).await.map(drop)
}

/// Switches recording on or off; `false` when it was so already.
pub(crate) async fn arm(
    tx: &mut Tx,
    org: OrgId,
    id: CameraId,
    armed: bool,
) -> Result<bool, StoreError> {
    if tx.exec(&ARM, params![org, id, armed]).await? == 0 {
        return Ok(false);
    }
    let now = tx.clock().now();
    let sql = if armed { &ARMED_FROM } else { &ARMED_UNTIL };
    tx.exec(sql, params![org, id, now]).await?;
    Ok(true)
}

/// When a camera was armed between two instants.
pub(crate) async fn armed(
    tx: &mut Tx,
    org: OrgId,
    id: CameraId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(Timestamp, Option<Timestamp>)>, StoreError> {
    let rows = tx.all(&ARMED, params![org, id, from, to]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.time()?, c.opt_time()?))
        })
        .collect()
}

/// Notes how a camera is, as its agent says.
pub(crate) async fn state(
    tx: &mut Tx,
    org: OrgId,
    agent: AgentId,
    state: &wire::CameraState,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let params = params![
        org,
        state.id,
        condition_word(state.state),
        state.cause.map(cause_word),
        now,
        state.codec.as_deref().map(short),
        state.width,
        state.height,
        state.fps.map(f64::from).filter(|it| it.is_finite()),
        state.kbit,
        state.last_picture.map(|it| it.0),
        agent
    ];
    tx.exec(&STATE, params).await.map(drop)
}

/// Takes a camera away from all pages.
pub(crate) async fn delete(tx: &mut Tx, org: OrgId, id: CameraId) -> Result<bool, StoreError> {
    let now = tx.clock().now();
    tx.exec(&ARMED_UNTIL, params![org, id, now]).await?;
    Ok(tx.exec(&DELETE, params![org, id, now]).await? == 1)
}

/// Bytes of what is kept of each camera, and its first picture.
pub(crate) async fn kept(
    tx: &mut Tx,
    org: OrgId,
) -> Result<Vec<(CameraId, i64, Option<Timestamp>)>, StoreError> {
    let rows = tx.all(&KEPT, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok((c.id()?, c.int()?, c.opt_time()?))
        })
        .collect()
}

/// The zone in which an organisation counts its days. Files may lie here of one that the database does not know.
pub(crate) async fn zone(tx: &mut Tx, org: OrgId) -> Result<TimeZone, StoreError> {
    let Some(row) = tx.opt(&ORGANISATION, params![org]).await? else {
        return Ok(TimeZone::UTC);
    };
    let name = row.cols().text()?;
    Ok(TimeZone::get(&name).unwrap_or(TimeZone::UTC))
}

/// Whether the organisation speaks German.
pub(crate) async fn speaks_german(tx: &mut Tx, org: OrgId) -> Result<bool, StoreError> {
    let row = tx.one(&ORGANISATION, params![org]).await?;
    let mut c = row.cols();
    c.skip();
    Ok(c.text()? == "de")
}

/// Whether there is such a unit.
pub(crate) async fn is_unit(tx: &mut Tx, org: OrgId, unit: UnitId) -> Result<bool, StoreError> {
    Ok(tx.opt(&UNIT, params![org, unit]).await?.is_some())
}

/// The armed cameras of a unit.
pub(crate) async fn armed_in(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
) -> Result<Vec<CameraId>, StoreError> {
    let rows = tx.all(&ARMED_IN, params![org, unit]).await?;
    rows.iter().map(|row| row.cols().id()).collect()
}

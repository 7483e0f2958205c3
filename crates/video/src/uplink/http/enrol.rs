//! `/camera/enrol` and `/camera/token`: the only routes without an access token.

use ::store::{Tx, act};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::routing::post;
use base::{HasKind as _, Timestamp};
use ledger::{Log, Pen};
use media::wire::{
    ASSERTION_TYPE, AccessToken, EnrolRequest, Enrolled, GRANT_TYPE, TOKEN, TokenRequest,
    enrolment_proof,
};
use seal::Point;
use utoipa_axum::router::OpenApiRouter;
use web::{Class, Failure, Form, Json, limit};

use crate::agent::http::entry;
use crate::agent::model::{Agent, Enrolment};
use crate::agent::store;
use crate::circle::{custodian, hub_key, last_list};
use crate::{App, VideoError};

/// How long an access token works, in seconds.
const LASTS: u64 = 900;
/// The longest version that is kept.
const VERSION: usize = 40;

pub(crate) fn routes(app: &App) -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .route("/camera/enrol", post(enrol))
        .route("/camera/token", post(token))
        .layer(limit(&app.ctx, Class::Link))
}

async fn enrol(
    State(app): State<App>,
    Json(request): Json<EnrolRequest>,
) -> Result<Json<Enrolled>, Failure> {
    let database = app.ctx.store();
    let key = Point::from_slice(&request.public_key.0).map_err(|_| wrong_key())?;
    let proof = enrolment_proof(request.agent, &request.secret.0);
    key.verify(&proof, &request.proof.0)
        .map_err(|_| wrong_key())?;
    let mut tx = database.read().await?;
    let agent = store::find(&mut tx, request.agent).await?;
    drop(tx);
    let agent = agent.ok_or(VideoError::UnknownAgent)?;
    let org = agent.org;
    // Before any leaf: whoever does not know the secret leaves no trace in an organisation's log.
    agent.enrol(&request.secret.0, &key, database.clock().now())?;
    let name = agent.id.to_string();
    let pen = app.ctx.ledger().pen(Log::Org(org), &name, None).await?;
    let version: String = request
        .version
        .chars()
        .filter(char::is_ascii_graphic)
        .take(VERSION)
        .collect();
    let enrolment = act!(database, |tx| -> Result<Enrolment, VideoError> {
        let agent = store::by_id(tx, org, agent.id).await?;
        let agent = agent.ok_or(VideoError::UnknownAgent)?;
        let enrolment = agent.enrol(&request.secret.0, &key, tx.clock().now())?;
        bind(tx, &pen, &agent, enrolment, &key, &version).await?;
        Ok(enrolment)
    })?;
    if enrolment == Enrolment::SecondTry {
        tracing::warn!(agent.id = %agent.id, "an enrolment token was used a second time, with another key");
        let what = "this token was used already, by another agent";
        return Err(VideoError::conflict("token_used", what).into());
    }
    let mut tx = database.read().await?;
    let custodian = custodian(&mut tx, org).await?;
    let custodian = custodian.ok_or(VideoError::CircleMissing)?;
    let list = last_list(&mut tx, org).await?;
    let list = list.ok_or(VideoError::CircleMissing)?;
    drop(tx);
    let hub = hub_key(database, org).await?.public();
    Ok(Json(Enrolled {
        org,
        agent: agent.id,
        hub_key: hub.as_bytes().into(),
        custodian: custodian.as_bytes().into(),
        list: list.cose.into(),
    }))
}

fn wrong_key() -> VideoError {
    VideoError::wrong(
        "public_key",
        "wrong_proof",
        "is no key, or the proof is not signed by it",
    )
}

/// Writes what an enrolment is. A second try commits too: it is told on the page and in the log.
async fn bind(
    tx: &mut Tx,
    pen: &Pen,
    agent: &Agent,
    enrolment: Enrolment,
    key: &Point,
    version: &str,
) -> Result<(), VideoError> {
    let (org, id) = (agent.org, agent.id);
    match enrolment {
        Enrolment::Again => {}
        Enrolment::First => {
            if !store::bind(tx, org, id, key, version).await? {
                return Err(VideoError::UnknownAgent);
            }
            pen.write(tx, entry("agent.enrolled", id)).await?;
        }
        Enrolment::SecondTry => {
            store::second_try(tx, org, id).await?;
            let entry = ledger::Entry {
                outcome: ledger::Outcome::Denied,
                ..entry("agent.second_try", id)
            };
            pen.write(tx, entry).await?;
        }
    }
    Ok(())
}

/// The addresses under which an agent may know this route: ours, and loopback whatever the port.
fn audiences(app: &App, headers: &HeaderMap) -> Vec<String> {
    let mut audiences = vec![format!("{}{TOKEN}", app.ctx.origin())];
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    if let Some(host) = host {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if matches!(name, "localhost" | "127.0.0.1" | "[::1]") {
            audiences.push(format!("http://{host}{TOKEN}"));
        }
    }
    audiences
}

async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    Form(request): Form<TokenRequest>,
) -> Result<Json<AccessToken>, Failure> {
    if request.grant_type != GRANT_TYPE || request.client_assertion_type != ASSERTION_TYPE {
        let what = "only client_credentials with a JWT assertion is known";
        return Err(VideoError::wrong("grant_type", "unsupported_grant_type", what).into());
    }
    let database = app.ctx.store();
    let claimed = seal::assertion::claimed_agent(&request.client_assertion);
    let claimed = claimed.map_err(|_| VideoError::UnknownAgent)?;
    let mut tx = database.read().await?;
    let agent = store::find(&mut tx, claimed).await?;
    drop(tx);
    let agent = agent.ok_or(VideoError::UnknownAgent)?;
    let key = agent.key.ok_or(VideoError::UnknownAgent)?;
    let now = database.clock().now();
    let verified = audiences(&app, &headers).iter().find_map(|audience| {
        let (token, now) = (&request.client_assertion, now.as_second());
        seal::assertion::verify(token, |_| Some(key), audience, now).ok()
    });
    let verified = verified.filter(|it| it.agent == agent.id);
    let verified = verified.ok_or(VideoError::UnknownAgent)?;
    let fresh = seal::token::random256(database.rng());
    let expires = Timestamp::from_second(verified.expires).unwrap_or(Timestamp::MAX);
    let lasts = base::SignedDuration::from_secs(LASTS.cast_signed());
    let until = now.checked_add(lasts).unwrap_or(Timestamp::MAX);
    let (org, id) = (agent.org, agent.id);
    let revoked = act!(database, |tx| -> Result<bool, VideoError> {
        if !store::use_assertion(tx, org, id, &verified.jti, expires).await? {
            return Err(VideoError::UnknownAgent);
        }
        let agent = store::by_id(tx, org, id).await?;
        let revoked = agent.is_none_or(|it| it.revoked.is_some());
        if !revoked {
            store::add_token(tx, org, id, &fresh, until).await?;
        }
        Ok(revoked)
    })
    .inspect_err(|error| tracing::debug!(code = error.code(), "an agent was refused a token"))?;
    if revoked {
        // It has proven its key, so it may know: it stops recording. The assertion is used up all the same, so that
        // whoever overheard it does not learn as much.
        return Err(VideoError::AgentRevoked.into());
    }
    Ok(Json(AccessToken {
        access_token: fresh,
        token_type: "Bearer".to_owned(),
        expires_in: LASTS,
    }))
}

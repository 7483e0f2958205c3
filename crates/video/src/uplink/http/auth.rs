//! Which agent is asking: by its access token, on every route but enrolment.

use axum::extract::{FromRef as _, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base::{AgentId, OrgId};
use seal::Point;
use web::{Ctx, Failure};

use crate::{App, VideoError, agent};

/// An agent that has shown a token. Only this extractor makes one, and every statement takes the organisation
/// from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) org: OrgId,
    pub(crate) agent: AgentId,
    pub(crate) key: Point,
}

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION);
        let header = header.and_then(|it| it.to_str().ok());
        let token = header.and_then(|it| it.strip_prefix("Bearer "));
        let token = token.ok_or(VideoError::UnknownAgent)?;
        let ctx = Ctx::from_ref(app);
        let mut tx = ctx.store().read().await?;
        let found = agent::store::by_token(&mut tx, token.trim()).await?;
        let (org, agent, key) = found.ok_or(VideoError::UnknownAgent)?;
        Ok(Self { org, agent, key })
    }
}

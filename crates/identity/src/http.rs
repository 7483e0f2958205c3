//! All routes of this application, and what their handlers have at hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{FromRef, FromRequestParts as _, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use base::Kind;
use people::organisation::{self, Organisation};
use people::{People, oneself};
use privacy::Table;
use store::StoreError;
use utoipa_axum::router::OpenApiRouter;
use web::{Ctx, Failure, Surface, Visitor, context};

use crate::{account, devices, invitation, machines, members, notices, setup, signin};

/// What every handler of this application has at hand. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// What is shared with the other applications.
    pub ctx: Ctx,
    /// People and places.
    pub people: People,
    /// The origin of the operator's own push service, if there is one.
    pub local_push: Option<Arc<str>>,
    /// What the privacy notice tells about.
    pub(crate) tables: Arc<[&'static Table]>,
    /// Whether there is an organisation; never turns back.
    is_set_up: Arc<AtomicBool>,
}

impl App {
    /// Puts it together. `local_push`: the origin of the operator's own push service, if there is one.
    pub fn new(ctx: Ctx, people: People, local_push: Option<String>) -> Self {
        let own = people::TABLES.iter().chain(mail::TABLES);
        Self {
            ctx,
            people,
            local_push: local_push.map(Into::into),
            tables: own.flat_map(|list| list.iter()).collect(),
            is_set_up: Arc::new(AtomicBool::new(false)),
        }
    }

    /// The same, with a privacy notice that tells about these tables: all of the program.
    #[must_use]
    pub fn with_tables(mut self, tables: Vec<&'static Table>) -> Self {
        self.tables = tables.into();
        self
    }

    /// The organisation that pages speak for while nobody is signed in: the oldest.
    pub(crate) async fn organisation(&self) -> Result<Option<Organisation>, StoreError> {
        let first = organisation::first(&mut self.ctx.store().read().await?).await?;
        if first.is_some() {
            self.is_set_up.store(true, Ordering::Relaxed);
        }
        Ok(first)
    }

    /// Whether there is an organisation; asks the database until there is.
    pub(crate) async fn is_set_up(&self) -> Result<bool, StoreError> {
        Ok(self.is_set_up.load(Ordering::Relaxed) || self.organisation().await?.is_some())
    }

    /// The organisation a page speaks for: that of who is signed in, else the oldest.
    pub(crate) async fn speaker(
        &self,
        visitor: &Visitor,
    ) -> Result<Option<Organisation>, StoreError> {
        match visitor.actor.as_ref().map(oneself) {
            Some(Ok(grant)) => {
                let mut tx = self.ctx.store().read().await?;
                organisation::of(&mut tx, &grant).await.map(Some)
            }
            _ => self.organisation().await,
        }
    }

    /// Whether German pages say "du" to this visitor.
    pub(crate) async fn is_familiar(&self, visitor: &Visitor) -> Result<bool, StoreError> {
        let speaker = self.speaker(visitor).await?;
        Ok(speaker.is_some_and(|it| it.familiar))
    }
}

impl FromRef<App> for Ctx {
    fn from_ref(app: &App) -> Self {
        app.ctx.clone()
    }
}

/// The routes of our own API, below `/api/obhut/v1`.
pub fn routes(app: &App) -> OpenApiRouter<Ctx> {
    OpenApiRouter::new()
        .merge(account::http::routes())
        .merge(members::http::routes())
        .merge(machines::http::routes())
        .merge(devices::http::routes())
        .merge(notices::organisation::http::routes())
        .with_state(app.clone())
}

/// The pages.
pub fn pages(app: &App) -> Router<Ctx> {
    Router::new()
        .merge(setup::http::pages(app))
        .merge(signin::http::pages(app))
        .merge(invitation::http::pages(app))
        .merge(notices::http::pages(app))
        .with_state(app.clone())
}

/// Answers 503 to everything but the set-up and the files of its page, until there is an organisation.
/// Called by the server around all routes.
pub fn setup_gate(app: &App, routes: Router<Ctx>) -> Router<Ctx> {
    routes.layer(from_fn_with_state(app.clone(), gate))
}

async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let open = path == "/setup"
        || path == "/favicon.ico"
        || path == "/manifest.webmanifest"
        || path.starts_with("/assets/");
    if open {
        return next.run(request).await;
    }
    match app.is_set_up().await {
        Ok(true) => next.run(request).await,
        Ok(false) => shut(&app, request)
            .await
            .unwrap_or_else(axum::response::IntoResponse::into_response),
        Err(error) => Failure::from(error).into_response(),
    }
}

/// Says that the set-up comes first: as a page where people look, else as a problem.
async fn shut(app: &App, request: Request) -> Result<Response, Failure> {
    if Surface::of(request.uri().path()) != Surface::Page {
        let detail = "open the set-up link that the server printed on its console";
        return Err(Failure::new(Kind::Unavailable, "not_set_up", detail));
    }
    let (mut parts, _) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, app).await?;
    let page = web::page(&app.ctx, &visitor, "not_set_up.html", context! {})?;
    Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response())
}

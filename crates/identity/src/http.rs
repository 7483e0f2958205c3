//! All routes of this application, and what their handlers have at hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use base::Kind;
use people::People;
use privacy::Table;
use utoipa_axum::router::OpenApiRouter;
use web::{Ctx, Failure};

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
    pub(crate) is_set_up: Arc<AtomicBool>,
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
    if open || app.is_set_up.load(Ordering::Relaxed) {
        return next.run(request).await;
    }
    match setup::is_set_up(&app).await {
        Ok(true) => {
            app.is_set_up.store(true, Ordering::Relaxed);
            next.run(request).await
        }
        Ok(false) => Failure::new(
            Kind::Unavailable,
            "not_set_up",
            "open the set-up link that the server printed on its console",
        )
        .into_response(),
        Err(error) => Failure::from(error).into_response(),
    }
}

//! All routes together: our API with its description, the compatible surface, pages, files.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use web::{Ctx, Failure, Visitor, assets};

use crate::start::Parts;

/// Where our own API lives.
pub const API: &str = "/api/obhut/v1";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Obhut",
        version = "1",
        description = "Alarm, cameras, people and data protection. Errors are problem+json (RFC 9457).",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    components(schemas(web::ProblemBody, web::FieldBody))
)]
struct Description;

fn own(parts: &Parts) -> OpenApiRouter<Ctx> {
    let v1 = OpenApiRouter::new()
        .merge(identity::routes(&parts.identity))
        .merge(alarm::routes(&parts.alarm))
        .merge(video::routes(&parts.video))
        .merge(crate::trust::routes(parts.ctx.clone(), parts.trust.clone()));
    OpenApiRouter::with_openapi(Description::openapi()).nest(API, v1)
}

/// The description of our API, as a test locks it and the server hands it out.
pub fn description(parts: &Parts) -> utoipa::openapi::OpenApi {
    own(parts).into_openapi()
}

/// Everything that the main port serves.
pub fn routes(parts: &Parts) -> Router {
    let (api, description) = own(parts).split_for_parts();
    let description = description.to_pretty_json().unwrap_or_default();
    let mut all = api
        .merge(alarm::compatible(&parts.alarm))
        .merge(identity::pages(&parts.identity))
        .merge(assets::routes())
        .route(
            "/api/obhut/openapi.json",
            get(async move || {
                ([("content-type", "application/json")], description.clone()).into_response()
            }),
        )
        .route("/", get(app))
        .route("/alarm", get(app))
        .route("/alarm/{id}", get(app))
        .route("/people/{*rest}", get(app))
        .route("/privacy/{*rest}", get(app))
        .route("/settings/{*rest}", get(app))
        .route("/video", get(app))
        .route("/video/{*rest}", get(app))
        .route("/people", get(app))
        .route("/privacy", get(app))
        .route("/settings", get(app))
        .route("/monitor", get(monitor));
    if let Some(demo) = &parts.demo {
        all = all.merge(crate::demo::routes(demo.clone()));
    }
    web::frame(&parts.ctx, identity::setup_gate(&parts.identity, all))
}

/// The application's page, for whoever is signed in; everybody else is sent to sign in first.
async fn app(State(ctx): State<Ctx>, visitor: Visitor) -> Result<Response, Failure> {
    if let Err(redirect) = visitor.or_sign_in() {
        return Ok(redirect);
    }
    let demo = if ctx.demo() { "1" } else { "" };
    assets::shell(&visitor, "index.html", &[("demo", demo)])
}

async fn monitor(visitor: Visitor) -> Result<Response, Failure> {
    assets::shell(&visitor, "monitor.html", &[])
}

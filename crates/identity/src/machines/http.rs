//! `/machine-keys`.

use axum::extract::State;
use axum::http::StatusCode;
use base::{KeyId, ShortText, UnitId};
use people::machine::{self, NewKey, ShownKey};
use people::permit::OrgConfigure;
use people::{MachineKind, Object, PeopleError, may};
use serde::{Deserialize, Serialize};
use store::act;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Page, Path, Signed};

use crate::App;
use crate::form::{field, problem};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_machine_keys, create_machine_key))
        .routes(routes!(revoke_machine_key))
        .routes(routes!(rotate_machine_key))
}

/// A machine key as the list shows it.
#[derive(Debug, Serialize, ToSchema)]
struct MachineKeyView {
    /// Its id.
    id: String,
    /// Who has it.
    name: String,
    /// `intake` or `monitor`.
    kind: &'static str,
    /// The unit it is for.
    unit_id: String,
    /// When it was made.
    created_at: String,
    /// When it was last used, to the minute.
    last_used_at: Option<String>,
    /// Its last characters.
    hint: String,
}

/// A key to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateMachineKeyRequest {
    /// Who will have it, 1 to 80 characters.
    name: String,
    /// `intake` or `monitor`.
    kind: String,
    /// The unit it is for.
    #[schema(value_type = String)]
    unit_id: UnitId,
}

/// A key at the one moment when it is shown.
#[derive(Debug, Serialize, ToSchema)]
struct ShownKeyView {
    /// Its id.
    id: String,
    /// The key itself; it can't be shown again.
    key: String,
    /// Where to use it: the address for alarms, or the page of the monitor with the key in it.
    url: String,
}

impl ShownKeyView {
    fn of(app: &App, shown: ShownKey) -> Self {
        let origin = app.ctx.origin();
        let url = match shown.kind {
            MachineKind::Intake => format!("{origin}/api/alarm?accesskey={}", shown.key),
            // Behind the sign that browsers keep to themselves: no server and no log sees it.
            MachineKind::Monitor => format!("{origin}/monitor#key={}", shown.key),
        };
        Self {
            id: shown.id.to_string(),
            key: shown.key,
            url,
        }
    }
}

/// The machine keys, oldest first.
#[utoipa::path(get, path = "/machine-keys", tag = "keys",
    responses((status = 200, body = Page<MachineKeyView>), ReadProblems))]
async fn list_machine_keys(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Page<MachineKeyView>>, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let mut tx = app.ctx.store().read().await?;
    let keys = machine::keys(&mut tx, &grant).await?;
    let items = keys
        .into_iter()
        .map(|it| MachineKeyView {
            id: it.id.to_string(),
            name: it.name,
            kind: it.kind.word(),
            unit_id: it.unit.to_string(),
            created_at: it.created.to_string(),
            last_used_at: it.last_used.map(|at| at.to_string()),
            hint: it.hint,
        })
        .collect();
    Ok(Json(Page::whole(items)))
}

/// Makes a key. It is shown this once.
#[utoipa::path(post, path = "/machine-keys", tag = "keys", request_body = CreateMachineKeyRequest,
    responses((status = 201, body = ShownKeyView), Problems))]
async fn create_machine_key(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<CreateMachineKeyRequest>,
) -> Result<(StatusCode, Json<ShownKeyView>), Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Unit(request.unit_id))?;
    let kind = MachineKind::parse(&request.kind)
        .ok_or_else(|| problem("kind", "unknown_kind", &"is neither intake nor monitor"))?;
    let new = NewKey {
        name: ShortText::parse(&request.name).map_err(field("name"))?,
        kind,
        unit: request.unit_id,
    };
    let pen = app.people.pen(&grant, None).await?;
    let shown = act!(app.ctx.store(), |tx| -> Result<ShownKey, PeopleError> {
        machine::create(tx, &pen, &grant, &new).await
    })?;
    Ok((StatusCode::CREATED, Json(ShownKeyView::of(&app, shown))))
}

/// Ends a key at once.
#[utoipa::path(delete, path = "/machine-keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses((status = 204), Problems))]
async fn revoke_machine_key(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<KeyId>,
) -> Result<StatusCode, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let pen = app.people.pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        machine::revoke(tx, &pen, &grant, id).await
    })?;
    app.ctx.live().notify(grant.org(), &id.to_string());
    Ok(StatusCode::NO_CONTENT)
}

/// Puts another secret behind a key; the one before ends at once. It is shown this once.
#[utoipa::path(post, path = "/machine-keys/{id}/actions/rotate", tag = "keys",
    params(("id" = String, Path)), responses((status = 200, body = ShownKeyView), Problems))]
async fn rotate_machine_key(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<KeyId>,
) -> Result<Json<ShownKeyView>, Failure> {
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let pen = app.people.pen(&grant, None).await?;
    let shown = act!(app.ctx.store(), |tx| -> Result<ShownKey, PeopleError> {
        machine::rotate(tx, &pen, &grant, id).await
    })?;
    app.ctx.live().notify(grant.org(), &id.to_string());
    Ok(Json(ShownKeyView::of(&app, shown)))
}

//! `/organisation`.

use axum::extract::State;
use axum::http::StatusCode;
use base::Text;
use people::organisation::{self, Details};
use people::permit::OrgConfigure;
use people::{Object, PeopleError, may, oneself};
use serde::{Deserialize, Serialize};
use store::act;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::{Problems, ReadProblems};
use web::{Failure, Json, Signed};

use crate::App;
use crate::form::field;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_organisation, change_organisation))
}

/// An organisation with what stands in imprint and privacy notice; empty where nobody filled it in.
#[derive(Debug, Serialize, ToSchema)]
struct OrganisationView {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its time zone.
    zone: String,
    /// The language for those who set none: `de` or `en`.
    language: &'static str,
    /// Whether German pages say "du".
    familiar: bool,
    /// Postal address, several lines.
    address: String,
    /// How to reach it.
    contact: String,
    /// How to reach its data protection officer.
    protection_officer: String,
}

/// The organisation of who is signed in.
#[utoipa::path(get, path = "/organisation", tag = "account",
    responses((status = 200, body = OrganisationView), ReadProblems))]
async fn get_organisation(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<OrganisationView>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    let it = organisation::of(&mut tx, &oneself(&actor)?).await?;
    Ok(Json(OrganisationView {
        id: it.id.to_string(),
        name: it.name,
        zone: it.zone.as_str().to_owned(),
        language: it.language.code(),
        familiar: it.familiar,
        address: it.details.address.into(),
        contact: it.details.contact.into(),
        protection_officer: it.details.protection_officer.into(),
    }))
}

/// What to change in imprint and privacy notice; what is not given stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeOrganisationRequest {
    /// Postal address, several lines, at most 500 characters.
    address: Option<String>,
    /// How to reach it, at most 300 characters.
    contact: Option<String>,
    /// How to reach its data protection officer, at most 300 characters.
    protection_officer: Option<String>,
}

/// Changes what stands in imprint and privacy notice.
#[utoipa::path(patch, path = "/organisation", tag = "account", request_body = ChangeOrganisationRequest,
    responses((status = 204), Problems))]
async fn change_organisation(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(request): Json<ChangeOrganisationRequest>,
) -> Result<StatusCode, Failure> {
    fn read<const MAX: usize>(
        name: &'static str,
        asked: Option<&String>,
    ) -> Result<Option<Text<0, MAX>>, Failure> {
        asked
            .map(|text| Text::parse(text))
            .transpose()
            .map_err(field(name))
    }
    let grant = may::<OrgConfigure>(&actor, Object::Org)?;
    let address = read("address", request.address.as_ref())?;
    let contact = read("contact", request.contact.as_ref())?;
    let officer = read("protection_officer", request.protection_officer.as_ref())?;
    let pen = app.people.pen(&grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), PeopleError> {
        let before = organisation::of(tx, &grant).await?.details;
        let details = Details {
            address: address.clone().unwrap_or(before.address),
            contact: contact.clone().unwrap_or(before.contact),
            protection_officer: officer.clone().unwrap_or(before.protection_officer),
        };
        organisation::describe(tx, &pen, &grant, &details).await
    })?;
    Ok(StatusCode::NO_CONTENT)
}

//! The page of the set-up link.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base::{Email, OrgId, ShortText, Text};
use people::organisation::{self, Details, NewOrganisation, Zone};
use people::permit::OrgConfigure;
use people::person::{self, PersonName};
use people::setup::{Founder, set_up};
use people::signin::{Password, PasswordError};
use people::{Operator, PeopleError, link};
use serde::Deserialize;
use store::act;
use web::{Class, Ctx, Failure, Query, Visitor, context};

use crate::App;
use crate::form::{Form, Hidden};
use crate::signin::http::{From, enter};

pub(crate) fn pages(app: &App) -> Router<App> {
    let routes = Router::new().route("/setup", get(show_setup).post(finish_setup));
    routes.layer(web::limit(&app.ctx, Class::Link))
}

#[derive(Deserialize)]
pub(crate) struct Code {
    #[serde(default)]
    pub(crate) code: String,
}

/// What was typed.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    code: String,
    organisation: String,
    unit: String,
    address: String,
    contact: String,
    zone: String,
    familiar: Option<String>,
    given_name: String,
    family_name: String,
    email: String,
    password: Hidden,
    password_again: Hidden,
}

fn form<'a>(ctx: &'a Ctx, visitor: &Visitor, typed: &Typed) -> Form<'a> {
    let mut form = Form::new(ctx, visitor.lang, false, "setup");
    form.line(
        "organisation",
        "text",
        "organization",
        true,
        &typed.organisation,
    );
    form.line("unit", "text", "off", true, &typed.unit);
    form.tick("familiar", typed.familiar.is_some());
    // These three fold away in the template.
    form.line("contact", "text", "off", false, &typed.contact);
    form.line(
        "address",
        "textarea",
        "street-address",
        false,
        &typed.address,
    );
    form.line("zone", "text", "off", true, &typed.zone);
    form.line("given_name", "text", "given-name", true, &typed.given_name);
    form.line(
        "family_name",
        "text",
        "family-name",
        true,
        &typed.family_name,
    );
    form.line("email", "email", "username", true, &typed.email);
    form.line("password", "password", "new-password", true, "");
    form.line("password_again", "password", "new-password", true, "");
    form
}

fn page(app: &App, visitor: &Visitor, code: &str, form: Form<'_>) -> Result<Response, Failure> {
    let status = if form.is_fine() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let values = context! { code, form => form.show() };
    let page = web::page(&app.ctx, visitor, "setup.html", values)?;
    Ok((status, page).into_response())
}

/// A link that doesn't work (any more); the same for one that never did.
pub(crate) async fn ended(app: &App, visitor: &Visitor, what: &str) -> Result<Response, Failure> {
    let speaker = app.speaker(visitor).await?;
    let set_up = speaker.is_some();
    let familiar = speaker.is_some_and(|it| it.familiar);
    let values = context! { what, set_up, familiar };
    let page = web::page(&app.ctx, visitor, "link_ended.html", values)?;
    Ok((StatusCode::GONE, page).into_response())
}

/// Whether the link works.
async fn is_open(app: &App, code: &str) -> Result<bool, Failure> {
    if app.is_set_up().await? {
        return Ok(false);
    }
    let mut tx = app.ctx.store().read().await?;
    Ok(link::open_setup(&mut tx, code).await?)
}

async fn show_setup(
    State(app): State<App>,
    visitor: Visitor,
    Query(Code { code }): Query<Code>,
) -> Result<Response, Failure> {
    if !is_open(&app, &code).await? {
        return ended(&app, &visitor, "setup").await;
    }
    let typed = Typed {
        zone: Zone::default().as_str().to_owned(),
        ..Typed::default()
    };
    page(&app, &visitor, &code, form(&app.ctx, &visitor, &typed))
}

/// Everything typed, looked at; or the form with what is wrong.
struct Wanted {
    new: NewOrganisation,
    details: Details,
    given_name: PersonName,
    family_name: PersonName,
    email: Email,
    password: Password,
}

fn look(visitor: &Visitor, typed: &Typed, form: &mut Form<'_>) -> Option<Wanted> {
    let name: Option<ShortText> = form.take("organisation", &typed.organisation);
    let unit: Option<ShortText> = form.take("unit", &typed.unit);
    let given_name = form.take("given_name", &typed.given_name);
    let family_name = form.take("family_name", &typed.family_name);
    let address = form.take("address", &typed.address);
    let contact = form.take("contact", &typed.contact);
    let zone = Zone::parse(&typed.zone);
    if zone.is_err() {
        form.wrong("zone", "unknown_zone");
    }
    let email = Email::parse(&typed.email);
    if email.is_err() {
        form.wrong("email", "not_an_email");
    }
    let own = [
        typed.email.as_str(),
        &typed.given_name,
        &typed.family_name,
        &typed.organisation,
    ];
    let password = if typed.password == typed.password_again {
        Password::choose(&typed.password.0, &own)
    } else {
        Err(PasswordError::Different)
    };
    let password = password.map_err(|error| form.wrong_password(error));
    Some(Wanted {
        new: NewOrganisation {
            name: name?,
            unit: unit?,
            zone: zone.ok()?,
            language: visitor.lang,
            familiar: typed.familiar.is_some(),
        },
        details: Details {
            address: address?,
            contact: contact?,
            protection_officer: Text::squeeze(""),
        },
        given_name: given_name?,
        family_name: family_name?,
        email: email.ok()?,
        password: password.ok()?,
    })
}

async fn finish_setup(
    State(app): State<App>,
    mut visitor: Visitor,
    from: From,
    web::Form(mut typed): web::Form<Typed>,
) -> Result<Response, Failure> {
    let store = app.ctx.store();
    if !is_open(&app, &typed.code).await? {
        return ended(&app, &visitor, "setup").await;
    }
    // Whoever changes the language of the refused form keeps the link.
    visitor.path = format!("/setup?code={}", typed.code);
    let mut form = form(&app.ctx, &visitor, &typed);
    let Some(wanted) = look(&visitor, &typed, &mut form) else {
        return page(&app, &visitor, &typed.code, form);
    };
    let founder = Founder {
        person: person::person_for(store, &wanted.email).await?,
        email: wanted.email,
        given_name: wanted.given_name,
        family_name: wanted.family_name,
        language: visitor.lang,
        password_hash: app.people.hash(wanted.password).await?,
    };
    let org = OrgId::new(app.ctx.clock(), app.ctx.rng());
    let pen = app.people.pen_for_founding(org, founder.person).await?;
    let details = wanted.details;
    let grant = Operator::not_from_a_request().grant::<OrgConfigure>(org);
    let done = act!(store, |tx| -> Result<_, PeopleError> {
        let founded = set_up(tx, &pen, &typed.code, org, &wanted.new, &founder).await?;
        organisation::describe(tx, &pen, &grant, &details).await?;
        Ok(founded)
    });
    match done {
        Ok(_) => {
            let password = std::mem::take(&mut typed.password.0);
            enter(&app, &from, founder.email.as_str(), password).await
        }
        Err(PeopleError::LinkEnded | PeopleError::SetUpAlready) => {
            ended(&app, &visitor, "setup").await
        }
        Err(error) => Err(error.into()),
    }
}

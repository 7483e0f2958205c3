//! The page of an invitation link.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use people::PeopleError;
use people::person::{self, Invitation, Joining};
use people::signin::{Password, PasswordError};
use serde::Deserialize;
use store::act;
use web::{Class, Ctx, Failure, Query, Visitor, context};

use crate::App;
use crate::form::{Form, Hidden};
use crate::setup::http::{Code, ended};
use crate::signin::http::{From, enter};

pub(crate) fn pages(app: &App) -> Router<App> {
    let routes = Router::new().route("/invitation", get(show_invitation).post(take_invitation));
    routes.layer(web::limit(&app.ctx, Class::Link))
}

/// What was typed.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    code: String,
    password: Hidden,
    password_again: Hidden,
}

async fn open(app: &App, code: &str) -> Result<Option<Invitation>, Failure> {
    let mut tx = app.ctx.store().read().await?;
    Ok(person::joining(&mut tx, code).await?)
}

fn form<'a>(ctx: &'a Ctx, visitor: &Visitor, invitation: &Invitation) -> Form<'a> {
    let mut form = Form::new(ctx, visitor.lang, invitation.familiar, "invitation");
    if invitation.needs_password {
        form.line("password", "password", "new-password", true, "");
        form.line("password_again", "password", "new-password", true, "");
    }
    form
}

fn page(
    app: &App,
    visitor: &Visitor,
    code: &str,
    invitation: &Invitation,
    form: Form<'_>,
) -> Result<Response, Failure> {
    let status = if form.is_fine() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let values = context! {
        code,
        form => form.show(),
        organisation => &invitation.organisation,
        name => invitation.member.name.full(),
        email => invitation.member.email.as_str(),
        needs_password => invitation.needs_password,
        familiar => invitation.familiar,
    };
    let page = web::page(&app.ctx, visitor, "invitation.html", values)?;
    Ok((status, page).into_response())
}

async fn show_invitation(
    State(app): State<App>,
    visitor: Visitor,
    Query(Code { code }): Query<Code>,
) -> Result<Response, Failure> {
    match open(&app, &code).await? {
        None => ended(&app, &visitor, "invitation").await,
        Some(invitation) => {
            let form = form(&app.ctx, &visitor, &invitation);
            page(&app, &visitor, &code, &invitation, form)
        }
    }
}

async fn take_invitation(
    State(app): State<App>,
    mut visitor: Visitor,
    from: From,
    web::Form(mut typed): web::Form<Typed>,
) -> Result<Response, Failure> {
    let Some(invitation) = open(&app, &typed.code).await? else {
        return ended(&app, &visitor, "invitation").await;
    };
    // Whoever changes the language of the refused form keeps the link.
    visitor.path = format!("/invitation?code={}", typed.code);
    let mut form = form(&app.ctx, &visitor, &invitation);
    let mut hash = None;
    if invitation.needs_password {
        let member = &invitation.member;
        let own = [
            member.email.as_str(),
            &member.name.given,
            &member.name.family,
            &invitation.organisation,
        ];
        let password = if typed.password == typed.password_again {
            Password::choose(&typed.password.0, &own)
        } else {
            Err(PasswordError::Different)
        };
        match password {
            Ok(password) => match app.people.hash(password).await {
                Ok(made) => hash = Some(made),
                Err(PeopleError::Busy) => {
                    form.wrong_at_all("busy");
                    return page(&app, &visitor, &typed.code, &invitation, form);
                }
                Err(error) => return Err(error.into()),
            },
            Err(error) => {
                form.wrong_password(error);
                return page(&app, &visitor, &typed.code, &invitation, form);
            }
        }
    }
    let pen = app.people.pen_for_joining(&invitation).await?;
    let joining = Joining {
        code: &typed.code,
        password_hash: hash.as_deref(),
    };
    let joined = act!(app.ctx.store(), |tx| -> Result<_, PeopleError> {
        person::join(tx, &pen, &joining).await
    });
    match joined {
        Ok(_) if invitation.needs_password => {
            let password = std::mem::take(&mut typed.password.0);
            enter(&app, &from, invitation.member.email.as_str(), password).await
        }
        Ok(_) => Ok(Redirect::to("/sign-in?after=joined").into_response()),
        Err(PeopleError::LinkEnded) => ended(&app, &visitor, "invitation").await,
        Err(error) => Err(error.into()),
    }
}

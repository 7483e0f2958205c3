//! The demo's pages: its mails, its phones, and the button that sends an alarm.

use alarm::incident::model::{Addressed, Content};
use alarm::incident::{Request, Target};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::SignedDuration;
use minijinja::Value;
use people::Operator;
use people::permit::AlarmTrigger;
use serde::Serialize;
use web::{Ctx, Failure, Json, Signed, Visitor, context, page};

use super::Demo;
use super::names::ALARMS;

/// Routes that exist in the demo alone.
pub fn routes(demo: Demo) -> Router<Ctx> {
    let push: Router<Ctx> = demo.push.router().with_state(());
    Router::new()
        .route(
            "/demo/mail",
            get({
                let demo = demo.clone();
                async move |ctx: State<Ctx>, visitor: Visitor| mails(&ctx, &visitor, &demo)
            }),
        )
        .route(
            "/demo/phones",
            get({
                let demo = demo.clone();
                async move |ctx: State<Ctx>, visitor: Visitor| phones(&ctx, &visitor, &demo)
            }),
        )
        .route(
            "/api/obhut/v1/demo/alarm",
            post(async move |_signed: Signed| send(&demo).await),
        )
        .merge(push)
}

fn mails(ctx: &Ctx, visitor: &Visitor, demo: &Demo) -> Result<Response, Failure> {
    let mails: Vec<Value> = demo
        .mail
        .mails()
        .into_iter()
        .rev()
        .map(|mail| {
            context! {
                at => mail.at.to_string(),
                to => mail.to.join(", "),
                subject => mail.subject,
                body => mail.text,
            }
        })
        .collect();
    Ok(page(ctx, visitor, "demo_mail.html", context! { mails })?.into_response())
}

fn phones(ctx: &Ctx, visitor: &Visitor, demo: &Demo) -> Result<Response, Failure> {
    let pushes: Vec<Value> = demo
        .push
        .caught()
        .into_iter()
        .rev()
        .filter_map(|caught| {
            let payload: serde_json::Value = serde_json::from_str(&caught.payload).ok()?;
            let text = |key: &str| {
                payload["obhut"][key]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            };
            Some(context! {
                at => caught.at.to_string(),
                name => demo.phone(&caught.token)?.name.clone(),
                title => text("keyword"),
                unit => text("unit"),
            })
        })
        .collect();
    Ok(page(ctx, visitor, "demo_phones.html", context! { pushes })?.into_response())
}

#[derive(Serialize)]
struct Sent {
    id: String,
}

/// Sends one of the demo's alarms, as its dispatch centre would.
async fn send(demo: &Demo) -> Result<(StatusCode, Json<Sent>), Failure> {
    let grant = Operator::not_from_a_request().grant::<AlarmTrigger>(demo.org);
    let count = demo.alarm.counters.alarms_raised();
    let index = usize::try_from(count).unwrap_or(0) % ALARMS.len();
    let (title, text, address) = ALARMS[index];
    let content = Content {
        title: title.to_owned(),
        text: text.to_owned(),
        address: address.to_owned(),
        ..Content::default()
    };
    let request = Request {
        unit: demo.unit,
        content: &content,
        target: Target::Ids(&Addressed::default()),
        delay: SignedDuration::ZERO,
        idempotency_key: None,
        merge: None,
    };
    let raised = demo.alarm.alarms.raise(&grant, request).await?;
    demo.alarm.counters.raised(raised.new);
    Ok((
        StatusCode::CREATED,
        Json(Sent {
            id: raised.id.to_string(),
        }),
    ))
}

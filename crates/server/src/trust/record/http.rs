//! The routes of the record of processing.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base::{Kind, Lang};
use people::permit::PrivacyRead;
use people::{Actor, Object, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::ReadProblems;
use web::{Failure, Json, Query, Signed, Visitor};

use super::super::Room;
use super::{Entry, Record, load, page};

pub(in crate::trust) fn routes() -> OpenApiRouter<Room> {
    OpenApiRouter::new()
        .routes(routes!(get_processing_record))
        .routes(routes!(get_processing_record_file))
}

/// The record of processing activities (Art. 30 GDPR).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// When it was made; it is made anew each time.
    generated_at: String,
    /// Its language.
    #[schema(example = "de")]
    language: String,
    /// Who is responsible.
    controller: String,
    /// How to reach them.
    contact: String,
    /// How to reach the data protection officer.
    protection_officer: String,
    /// What is processed, by purpose.
    entries: Vec<RecordEntryView>,
    /// What protects the data.
    measures: Vec<String>,
}

/// One processing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordEntryView {
    /// Its name.
    purpose: String,
    /// What it is for.
    why: String,
    /// Categories of data.
    categories: Vec<String>,
    /// Whom they are about.
    subjects: Vec<String>,
    /// On which basis.
    basis: String,
    /// Who receives them.
    recipients: Vec<String>,
    /// Countries outside the European Economic Area that they reach.
    third_countries: Vec<String>,
    /// What goes when.
    deletion: Vec<EndingView>,
    /// Where they lie.
    tables: Vec<String>,
}

/// How a kind of data ends.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EndingView {
    /// Kind of data, or table.
    kind: String,
    /// The rule as a sentence.
    rule: String,
}

impl From<Record> for RecordView {
    fn from(record: Record) -> Self {
        let details = &record.organisation.details;
        Self {
            generated_at: record.generated.to_string(),
            language: record.lang.code().to_owned(),
            controller: record.controller(),
            contact: details.contact.as_str().to_owned(),
            protection_officer: details.protection_officer.as_str().to_owned(),
            measures: record.measures().map(str::to_owned).collect(),
            entries: record
                .entries
                .into_iter()
                .map(RecordEntryView::from)
                .collect(),
        }
    }
}

impl From<Entry> for RecordEntryView {
    fn from(entry: Entry) -> Self {
        let ending = |(kind, rule)| EndingView { kind, rule };
        Self {
            purpose: entry.purpose,
            why: entry.why,
            categories: entry.categories,
            subjects: entry.subjects,
            basis: entry.basis.join("; "),
            recipients: entry.recipients,
            third_countries: entry.third_countries,
            deletion: entry.deletion.into_iter().map(ending).collect(),
            tables: entry.tables,
        }
    }
}

/// In which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordQuery {
    /// `de` or `en`; the person's own if not given.
    lang: Option<String>,
}

/// The record of processing activities.
#[utoipa::path(get, path = "/privacy/record", tag = "privacy", params(RecordQuery),
    responses((status = 200, body = RecordView), ReadProblems))]
async fn get_processing_record(
    State(room): State<Room>,
    Signed(actor): Signed,
    visitor: Visitor,
    Query(query): Query<RecordQuery>,
) -> Result<Json<RecordView>, Failure> {
    let lang = lang(query.lang.as_deref(), &visitor)?;
    Ok(Json(made(&room, &actor, lang).await?.into()))
}

/// In which language and form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordFileQuery {
    /// `de` or `en`; the person's own if not given.
    lang: Option<String>,
    /// `html` (to read and print) or `json`.
    format: String,
}

/// The record of processing activities as a file.
#[utoipa::path(get, path = "/privacy/record/file", tag = "privacy", params(RecordFileQuery),
    responses((status = 200, description = "The file.", content((String = "text/html"), (RecordView = "application/json"))),
        ReadProblems))]
async fn get_processing_record_file(
    State(room): State<Room>,
    Signed(actor): Signed,
    visitor: Visitor,
    Query(query): Query<RecordFileQuery>,
) -> Result<Response, Failure> {
    let lang = lang(query.lang.as_deref(), &visitor)?;
    let html = match query.format.as_str() {
        "html" => true,
        "json" => false,
        _ => {
            let detail = "format: html or json";
            return Err(Failure::new(Kind::Invalid, "malformed_query", detail));
        }
    };
    let record = made(&room, &actor, lang).await?;
    let zone = record.organisation.zone.rules();
    let day = record.generated.to_zoned(zone).date();
    let name = match lang {
        Lang::De => "verarbeitungsverzeichnis",
        Lang::En => "record-of-processing",
    };
    let (kind, end, body) = if html {
        ("text/html; charset=utf-8", "html", page::html(&record))
    } else {
        let view = RecordView::from(record);
        let text = serde_json::to_string_pretty(&view).unwrap_or_default();
        ("application/json", "json", text)
    };
    let disposition = format!("attachment; filename=\"{name}-{day}.{end}\"");
    let mut response = ([(CONTENT_TYPE, kind)], body).into_response();
    if let Ok(value) = HeaderValue::try_from(disposition) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

fn lang(asked: Option<&str>, visitor: &Visitor) -> Result<Lang, Failure> {
    let Some(asked) = asked else {
        return Ok(visitor.lang);
    };
    let wrong = || Failure::new(Kind::Invalid, "malformed_query", "lang: de or en");
    Lang::parse(asked).ok_or_else(wrong)
}

async fn made(room: &Room, actor: &Actor, lang: Lang) -> Result<Record, Failure> {
    let grant = may::<PrivacyRead>(actor, Object::Org)?;
    let mut tx = room.ctx.store().read().await?;
    Ok(load(&mut tx, &grant, room.trust.tables(), lang).await?)
}

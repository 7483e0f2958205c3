//! The routes of the log.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ledger::{Log, LogEntry, Names};
use people::permit::LedgerRead;
use people::{Object, may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::openapi::ReadProblems;
use web::{Failure, Json, Page, Path, Query, Signed};

use super::super::error::TrustError;
use super::super::{Room, store};
use super::{SYSTEM, called, hex, own, pairs};

pub(in crate::trust) fn routes() -> OpenApiRouter<Room> {
    OpenApiRouter::new()
        .routes(routes!(list_logs))
        .routes(routes!(get_checkpoint))
        .routes(routes!(list_log_entries))
        .routes(routes!(get_log_proof))
        // Described by C2SP tlog-tiles; its paths have more than one part.
        .route("/ledger/{log}/tile/{*path}", get(get_tile))
}

/// A log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogView {
    /// Its id.
    id: String,
    /// Its name in checkpoints.
    #[schema(example = "alarm.example.org/org_01k9xq7v3h8r5c2m4n6p8q0s2t")]
    origin: String,
    /// Entries.
    size: u64,
    /// The root over them, hex.
    root: String,
    /// When signature and root were last checked: now.
    checked_at: Option<String>,
    /// The key that signs it, in the form of C2SP signed notes.
    public_key: Option<String>,
}

/// The logs one may look into, each checked against its signature.
#[utoipa::path(get, path = "/ledger/logs", tag = "ledger",
    responses((status = 200, body = Page<LogView>), ReadProblems))]
async fn list_logs(
    State(room): State<Room>,
    Signed(actor): Signed,
) -> Result<Json<Page<LogView>>, Failure> {
    let grant = may::<LedgerRead>(&actor, Object::Org)?;
    let log = Log::Org(grant.org());
    let ledger = room.ctx.ledger();
    let mut items = Vec::new();
    if let Some(checkpoint) = ledger.check(log).await? {
        items.push(LogView {
            id: log.to_string(),
            origin: checkpoint.origin,
            size: checkpoint.size,
            root: hex(&checkpoint.root),
            checked_at: Some(room.ctx.clock().now().to_string()),
            public_key: ledger.public_key(log).await?,
        });
    }
    Ok(Json(Page::whole(items)))
}

/// The signed checkpoint, to be kept elsewhere.
#[utoipa::path(get, path = "/ledger/{log}/checkpoint", tag = "ledger", params(("log" = String, Path)),
    responses((status = 200, body = String, content_type = "text/plain"), ReadProblems))]
async fn get_checkpoint(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path(log): Path<String>,
) -> Result<Response, Failure> {
    let log = own(&may::<LedgerRead>(&actor, Object::Org)?, &log)?;
    let note = room.ctx.ledger().checkpoint(log).await?;
    let note = note.ok_or(TrustError::NotFound)?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], note).into_response())
}

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogEntryView {
    /// Its number.
    index: u64,
    /// Its id.
    id: String,
    /// When.
    at: String,
    /// What was done.
    #[schema(example = "alarm.raised")]
    action: String,
    /// How it ended: `done`, `denied` or `failed`.
    outcome: String,
    /// Who; a pseudonym where the name is not known any more.
    actor: String,
    /// To whom, if to a person.
    subject: Option<String>,
    /// To what, if to a thing.
    object: Option<String>,
    /// The readable part.
    details: Option<BTreeMap<String, String>>,
    /// The readable part was deleted.
    erased: bool,
    /// The readable part was changed by somebody: it is not what was written.
    damaged: bool,
    /// The hash of the entry in the tree, hex.
    leaf_hash: String,
}

impl LogEntryView {
    fn of(entry: &LogEntry, names: &Names) -> Self {
        let leaf = &entry.leaf;
        Self {
            index: entry.index,
            id: leaf.id.to_string(),
            at: leaf.at.to_string(),
            action: leaf.action.to_string(),
            outcome: leaf.outcome.code().to_owned(),
            actor: called(names, leaf.actor),
            subject: leaf.subject.map(|subject| called(names, subject)),
            object: leaf.object.as_ref().map(ToString::to_string),
            details: pairs(entry).map(|pairs| pairs.into_iter().collect()),
            erased: entry.erased,
            damaged: entry.damaged,
            leaf_hash: hex(&entry.hash),
        }
    }
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntriesQuery {
    /// Entries below this number; the newest if not given.
    before: Option<u64>,
    /// How many at most, 1 to 200; 50 if not given.
    limit: Option<u32>,
}

/// Entries of a log, the newest first. `next` is the `before` of the next piece.
#[utoipa::path(get, path = "/ledger/{log}/entries", tag = "ledger",
    params(("log" = String, Path), EntriesQuery),
    responses((status = 200, body = Page<LogEntryView>), ReadProblems))]
async fn list_log_entries(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path(log): Path<String>,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<Page<LogEntryView>>, Failure> {
    let grant = may::<LedgerRead>(&actor, Object::Org)?;
    let log = own(&grant, &log)?;
    let limit = query.limit.unwrap_or(50).clamp(1, 200);
    let ledger = room.ctx.ledger();
    let entries = ledger.entries(log, query.before, limit).await?;
    let mut people = {
        let mut tx = room.ctx.store().read().await?;
        store::names(&mut tx, grant.org()).await?
    };
    people.push((SYSTEM.0.to_owned(), SYSTEM.1.to_owned()));
    let names = ledger.names(log, &people).await?;
    let last = entries.last().map_or(0, |entry| entry.index);
    let items = entries
        .iter()
        .map(|entry| LogEntryView::of(entry, &names))
        .collect();
    let next = (last > 0).then(|| last.to_string());
    Ok(Json(Page { items, next }))
}

/// That an entry is in the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogProofView {
    /// The number of the entry.
    index: u64,
    /// The number of entries.
    size: u64,
    /// The hash of the entry, hex.
    leaf_hash: String,
    /// The hashes that lead to the root (RFC 6962, section 2.1.1), hex.
    path: Vec<String>,
    /// The root, hex.
    root: String,
    /// The signed checkpoint that says so.
    note: String,
    /// The server has checked it; a page does so too.
    verified: bool,
}

/// The proof that an entry is in the log.
#[utoipa::path(get, path = "/ledger/{log}/entries/{index}/proof", tag = "ledger",
    params(("log" = String, Path), ("index" = u64, Path)),
    responses((status = 200, body = LogProofView), ReadProblems))]
async fn get_log_proof(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path((log, index)): Path<(String, u64)>,
) -> Result<Json<LogProofView>, Failure> {
    let log = own(&may::<LedgerRead>(&actor, Object::Org)?, &log)?;
    let proof = room.ctx.ledger().proof(log, index).await?;
    let proof = proof.ok_or(TrustError::NotFound)?;
    Ok(Json(LogProofView {
        index: proof.index,
        size: proof.size,
        leaf_hash: hex(&proof.leaf),
        path: proof.path.iter().map(|hash| hex(hash)).collect(),
        root: hex(&proof.root),
        note: proof.note,
        verified: true,
    }))
}

/// A tile or a bundle of entries (C2SP tlog-tiles).
async fn get_tile(
    State(room): State<Room>,
    Signed(actor): Signed,
    Path((log, path)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let log = own(&may::<LedgerRead>(&actor, Object::Org)?, &log)?;
    let tile = room.ctx.ledger().tile(log, &format!("tile/{path}")).await?;
    let tile = tile.ok_or(TrustError::NotFound)?;
    Ok(([(CONTENT_TYPE, "application/octet-stream")], tile).into_response())
}

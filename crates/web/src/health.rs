//! Health for those who watch the server, on a port of its own: alive, ready, four counters.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::CONTENT_TYPE;

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Alarms raised since the start.
    pub alarms_raised_total: u64,
    /// Pushes that a push service took over since the start.
    pub pushes_handed_total: u64,
    /// Jobs that were given up and wait for somebody.
    pub jobs_dead: u64,
    /// Rows that should have been deleted by now.
    pub deletions_overdue: u64,
}

/// Answers for the routes.
pub trait Checks: Send + Sync + 'static {
    /// Whether requests can be served; otherwise the part that is missing, such as `database`.
    fn ready(&self) -> BoxFuture<'_, Result<(), &'static str>>;
    /// The counters; `None` when the database can't be asked.
    fn counters(&self) -> BoxFuture<'_, Option<Counters>>;
}

/// `/healthz`, `/readyz`, `/metrics`.
pub fn router(checks: Arc<dyn Checks>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(checks)
}

async fn ready(State(checks): State<Arc<dyn Checks>>) -> Response {
    match checks.ready().await {
        Ok(()) => "ok\n".into_response(),
        Err(part) => (StatusCode::SERVICE_UNAVAILABLE, format!("{part}\n")).into_response(),
    }
}

async fn metrics(State(checks): State<Arc<dyn Checks>>) -> Response {
    let Some(counters) = checks.counters().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "database\n").into_response();
    };
    let format = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, format)], exposition(&counters)).into_response()
}

fn exposition(counters: &Counters) -> String {
    let lines = [
        (
            "alarms_raised_total",
            "counter",
            "Alarms raised since the start.",
            counters.alarms_raised_total,
        ),
        (
            "pushes_handed_total",
            "counter",
            "Pushes handed over since the start.",
            counters.pushes_handed_total,
        ),
        (
            "jobs_dead",
            "gauge",
            "Jobs that were given up.",
            counters.jobs_dead,
        ),
        (
            "deletions_overdue",
            "gauge",
            "Rows that should be gone.",
            counters.deletions_overdue,
        ),
    ];
    let mut text = String::new();
    for (name, kind, help, value) in lines {
        let value = value.to_string();
        text.extend([
            "# HELP ",
            name,
            " ",
            help,
            "\n# TYPE ",
            name,
            " ",
            kind,
            "\n",
        ]);
        text.extend([name, " ", &value, "\n"]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_written_as_text() {
        let text = exposition(&Counters {
            alarms_raised_total: 3,
            ..Counters::default()
        });
        assert!(text.contains("# TYPE alarms_raised_total counter\nalarms_raised_total 3\n"));
        assert!(text.ends_with("deletions_overdue 0\n"));
        assert_eq!(text.lines().count(), 12);
    }
}

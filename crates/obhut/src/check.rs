//! `obhut video check`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::setting::{load, open_to_read};

/// Compares index, files and keys of all recordings. Ends with 1 when they do not agree.
pub(crate) async fn recordings(file: Option<&Path>) -> Result<ExitCode> {
    let config = load(file)?.config;
    let store = open_to_read(&config).await?;
    let blobs = store::Blobs::open(config.blobs()).await?;
    let report = video::check(&store, &blobs).await?;
    store.close().await;
    for finding in &report.findings {
        println!("{finding}");
    }
    println!(
        "{} segments with {} MiB were read, {} things are wrong",
        report.segments,
        report.bytes >> 20,
        report.findings.len()
    );
    Ok(if report.is_fine() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

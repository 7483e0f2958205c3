//! `obhut audit verify`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use ledger::{Ledger, Log};

use crate::setting::{load, open_to_read};

/// Checks every log, or one. Ends with 1 when something was changed.
pub(crate) async fn verify(
    file: Option<&Path>,
    checkpoint: Option<&Path>,
    only: Option<&str>,
) -> Result<ExitCode> {
    let config = load(file)?.config;
    let store = open_to_read(&config).await?;
    let ledger = Ledger::open(store.clone(), "audit");
    let earlier = checkpoint
        .map(|path| {
            std::fs::read_to_string(path)
                .with_context(|| format!("{} can't be read", path.display()))
        })
        .transpose()?;
    let mut audited = server::trust::audit(&ledger, earlier.as_deref()).await?;
    if let Some(only) = only {
        audited.retain(|audited| name(audited.log) == only);
    }
    if audited.is_empty() {
        bail!("there is no such log");
    }
    let mut broken = 0;
    for audited in &audited {
        match &audited.result {
            Ok(report) => {
                let root = seal::b64_encode(&report.root);
                println!("{}: nothing was changed", name(audited.log));
                println!(
                    "  {} entries, root {root}\n  {} with readable details, {} erased, {} not numbered yet",
                    report.size, report.readable, report.erased, report.waiting
                );
            }
            Err(error) => {
                broken += 1;
                println!("{}: CHANGED: {}", name(audited.log), base::chain(error));
            }
        }
    }
    if broken == 0 && earlier.is_some() {
        println!("Nothing was rewritten since the checkpoint you kept.");
    }
    store.close().await;
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn name(log: Log) -> String {
    match log {
        Log::Installation => "installation".to_owned(),
        Log::Org(org) => org.to_string(),
    }
}

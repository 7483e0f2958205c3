//! `obhut config check`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use server::config::{self, Loaded};

/// Reads file and environment.
pub(crate) fn load(file: Option<&Path>) -> Result<Loaded> {
    Ok(config::load(file, std::env::vars())?)
}

/// Says what is in force.
pub(crate) fn check(file: Option<&Path>) -> Result<ExitCode> {
    let loaded = load(file)?;
    let config = &loaded.config;
    let from = |key: &str| match loaded.origins.get(key) {
        Some(origin) => format!("(from {origin})"),
        None => "(default)".to_owned(),
    };
    let or = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.to_owned());
    let lines = [
        ("server.listen", config.server.listen.to_string()),
        ("server.port", config.server.port.to_string()),
        (
            "server.origin",
            or(&config.server.origin, "http://localhost:PORT"),
        ),
        (
            "server.trusted_proxies",
            config.server.trusted_proxies.join(", "),
        ),
        ("data.folder", config.data.folder.display().to_string()),
        (
            "data.root_key_file",
            config.data.root_key_file.as_ref().map_or_else(
                || "secrets/root.key in the data folder".to_owned(),
                |path| path.display().to_string(),
            ),
        ),
        (
            "database.url",
            match (&config.database.url, &config.database.url_file) {
                (_, Some(path)) => format!("as in {}", path.display()),
                // An address may hold a password.
                (Some(_), None) => "PostgreSQL (address not shown)".to_owned(),
                (None, None) => "SQLite in the data folder".to_owned(),
            },
        ),
        (
            "database.url_file",
            config
                .database
                .url_file
                .as_ref()
                .map_or_else(String::new, |p| p.display().to_string()),
        ),
        (
            "server.health_port",
            config
                .server
                .health_port
                .map_or_else(|| "the next port".to_owned(), |p| p.to_string()),
        ),
        ("video.folder", config.blobs().folder.display().to_string()),
        ("video.reserve_mib", config.video.reserve_mib.to_string()),
        (
            "video.most_mib",
            config
                .video
                .most_mib
                .map_or_else(|| "no limit".to_owned(), |most| most.to_string()),
        ),
        ("mail.host", or(&config.mail.host, "none")),
        (
            "mail.port",
            config
                .mail
                .port
                .map_or_else(|| "by mail.tls".to_owned(), |p| p.to_string()),
        ),
        ("mail.tls", or(&config.mail.tls, "starttls")),
        ("mail.username", or(&config.mail.username, "none")),
        (
            "mail.password_file",
            config
                .mail
                .password_file
                .as_ref()
                .map_or_else(String::new, |p| p.display().to_string()),
        ),
        ("mail.from", or(&config.mail.from, "obhut@HOST")),
        ("push.contact", or(&config.push.contact, "server.origin")),
        ("push.own_services", config.push.own_services.join(", ")),
        ("outbound.allow", config.outbound.allow.join(", ")),
        ("log.level", config.log.level.clone()),
        ("log.json", config.log.json.to_string()),
    ];
    for (key, value) in lines {
        println!("{key:<22} {value:<40} {}", from(key));
    }
    let findings = config.findings();
    if findings.is_empty() {
        println!("\nNothing to remark.");
    } else {
        println!("\nTo look at:");
        for finding in findings {
            println!("  {finding}");
        }
    }
    // Files that are named must be readable now, not at three in the morning.
    config.database_url()?;
    config.mail_password()?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the database to look only; a server may go on running beside it.
pub(crate) async fn open_to_read(config: &config::Config) -> Result<store::Store> {
    let folder = server::data::DataFolder {
        path: config.data.folder.clone(),
    };
    let settings = store::Settings {
        folder: folder.path.clone(),
        postgres: config.database_url()?,
        root_key: folder.existing_root_key(config.data.root_key_file.as_deref())?,
        patience: std::time::Duration::from_secs(10),
    };
    let clock = std::sync::Arc::new(server::clock::SystemClock::new());
    let rng = std::sync::Arc::new(base::SystemRng);
    Ok(store::Store::open_to_read(settings, clock, rng).await?)
}

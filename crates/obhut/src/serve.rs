//! `obhut serve` and `obhut setup-link`.

use std::io::IsTerminal as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use server::clock::SystemClock;
use server::config::Config;
use server::start::{Options, Running, start};

use crate::ends::Ends;
use crate::setting::load;

/// Starts the server and waits for the signal to end.
pub(crate) async fn run(file: Option<&Path>, demo: bool, limits: bool) -> Result<ExitCode> {
    let config = load(file)?.config;
    log(&config)?;
    let mut ends = Ends::new()?;
    let running = start(options(config, demo, limits)).await?;
    let beside = crate::demo::start(&running).await?;
    announce(&running);
    let pusher = running.parts.alarm.pusher.clone();
    tokio::spawn(async move { pusher.warm_up().await });
    ends.wait().await;
    tracing::info!("stopping");
    if let Some(beside) = beside {
        beside.end();
    }
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

fn options(config: Config, demo: bool, limits: bool) -> Options {
    let clock = Arc::new(SystemClock::new());
    Options {
        config,
        demo,
        clock,
        rng: Arc::new(base::SystemRng),
        limits,
        blobs: None,
    }
}

/// Prints a new set-up link.
pub(crate) async fn setup_link(file: Option<&Path>) -> Result<ExitCode> {
    let mut config = load(file)?.config;
    // Nothing is served: free ports, so that nobody is disturbed.
    let origin = config
        .server
        .origin
        .clone()
        .unwrap_or_else(|| format!("http://localhost:{}", config.server.port));
    config.server.origin = Some(origin);
    config.server.port = 0;
    let running = start(options(config, false, true)).await.context(
        "the link can't be made; when the server is running with SQLite, stop it first, it prints a \
         link at each start until it is set up",
    )?;
    let link = identity_link(&running).await?;
    running.stop().await;
    match link {
        Some(link) => println!("{link}"),
        None => println!("This installation is set up already. Sign in, and invite people there."),
    }
    Ok(ExitCode::SUCCESS)
}

async fn identity_link(running: &Running) -> Result<Option<String>> {
    Ok(server::renew_setup_link(running).await?)
}

fn log(config: &Config) -> Result<()> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(&config.log.level).context("log.level is no filter")?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if config.log.json {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).init();
    }
    Ok(())
}

/// Says where to go. The first address is the application's.
fn announce(running: &Running) {
    println!("Obhut: {}", running.origin);
    if let Some(link) = &running.setup_link {
        println!("\nNot set up yet. Open this link within 24 hours; it works once:\n  {link}");
    }
    if let Some(demo) = &running.parts.demo {
        let [officer, first, second] = demo.logins();
        println!("\nDemo of a fire brigade that does not exist. Sign in as");
        println!("  officer     {}  {}", officer.0, officer.1);
        println!("  crew        {}  {}", first.0, first.1);
        println!("  crew        {}  {}", second.0, second.1);
        if let Some(passphrase) = &demo.secrets.passphrase {
            println!("\nThe officer's passphrase for recordings and live pictures:");
            println!("  {passphrase}");
        }
        println!("\nMails:   {}/demo/mail", running.origin);
        println!("Phones:  {}/demo/phones", running.origin);
        if let Some(key) = &demo.secrets.monitor_key {
            println!("Monitor: {}/monitor#key={key}", running.origin);
        }
        if let Some(key) = &demo.secrets.intake_key {
            println!("\nSend an alarm (or use the button on the first page):");
            println!(
                "  curl '{}/api/alarm?accesskey={key}' -d title='B3 Wohnungsbrand' -d text='Rauch aus \
                 dem Dachgeschoss' -d address='Mühlenweg 14, Tannenbrück' -d ric=4711,4712",
                running.origin
            );
        }
    }
    println!(
        "\nHealth:  http://{}/healthz   (stop with Ctrl-C)",
        running.health
    );
    println!("Port: {}", running.address.port());
}

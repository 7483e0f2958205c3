//! From the first byte of an intake request to the hand-over of the last push, with traces written.
//!
//! The push service runs here, in the process that measures, on the same cores. Each run starts the server
//! anew on a copy of the same data: no connection to the push service is open and no statement is prepared,
//! as when the first alarm after a quiet night comes in.

use anyhow::{Context as _, Result, bail, ensure};
use base::{Clock, Timestamp};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use server::clock::SystemClock;
use server::demo::push::PushCatcher;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

use crate::Plan;
use crate::child::{Server, binary, exchange};
use crate::report::{Report, percentile};
use crate::scratch::{Scratch, copy};
use crate::seed::Seed;

/// One message in so many is decrypted.
const DECRYPT_ONE_IN: u64 = 100;
/// How long the server is left alone before the alarm.
const QUIET: Duration = Duration::from_secs(2);
/// How long a run may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Measures.
pub(crate) async fn run(plan: Plan) -> Result<()> {
    let binary = binary()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let origin = format!("http://{address}");
    let clock = Arc::new(SystemClock::new());
    let catcher = PushCatcher::new(origin.clone(), clock, DECRYPT_ONE_IN);
    let push = Push {
        setting: format!("[h2c://{address}]"),
        origin,
        catcher,
    };
    tokio::spawn(serve(listener, push.catcher.clone()));
    let disk = Scratch::on_disk("fanout")?;
    let memory = Scratch::in_memory("fanout")?;
    let sizes = [100, plan.size(10_000)];
    let mut worlds = Vec::new();
    for devices in sizes {
        eprintln!("filling a database with {devices} devices");
        let folder = memory.path().join(devices.to_string());
        let seed = Seed::found(&folder).await?;
        let key = seed.intake_key().await?;
        seed.switch_push_on().await?;
        // The founder is a member too, without a phone.
        let phones = Some((&push.catcher, push.origin.as_str()));
        seed.add_people(devices, phones).await?;
        seed.finish().await?;
        worlds.push((devices, folder, key));
    }
    let mut report = Report::new(plan)?;
    for run in 0..plan.runs {
        eprintln!("run {}", run + 1);
        for (devices, folder, key) in &worlds {
            let data = disk.path().join(format!("{devices}-{run}"));
            copy(folder, &data)?;
            let measured = alarm(&binary, &data, key, &push, *devices).await?;
            std::fs::remove_dir_all(&data)?;
            if *devices == 100 {
                report.take("fanout_100_last_ms", "ms", measured.last_ms);
            } else {
                report.take("fanout_10000_p50_ms", "ms", measured.p50_ms);
                report.take("fanout_10000_p99_ms", "ms", measured.p99_ms);
                report.take("fanout_10000_last_ms", "ms", measured.last_ms);
                report.take("fanout_10000_cpu_s", "s", measured.cpu_s);
            }
        }
    }
    report.print()
}

/// The push service.
struct Push {
    catcher: PushCatcher,
    origin: String,
    /// What the server is told about it.
    setting: String,
}

/// Speaks HTTP/2 without TLS, as a push service of one's own on the same machine would.
async fn serve(listener: TcpListener, catcher: PushCatcher) {
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).ok();
        let service = TowerToHyperService::new(catcher.router());
        tokio::spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            let served = builder.serve_connection(TokioIo::new(stream), service);
            if let Err(error) = served.await {
                // The server is killed at the end of each run.
                eprintln!("  push service: {error}");
            }
        });
    }
}

struct Measured {
    p50_ms: f64,
    p99_ms: f64,
    /// Until the transaction with the last traces was seen by another reader.
    last_ms: f64,
    cpu_s: f64,
}

async fn alarm(
    binary: &Path,
    data: &Path,
    key: &str,
    push: &Push,
    devices: usize,
) -> Result<Measured> {
    let clock = SystemClock::new();
    let settings = [("OBHUT__PUSH__OWN_SERVICES", push.setting.as_str())];
    let server = Server::start(binary, data, &settings).await?;
    let database = open(data).await?;
    clock.sleep(QUIET).await;

    let stream = TcpStream::connect(server.address).await?;
    stream.set_nodelay(true)?;
    let request = request(server.address.to_string().as_str(), key);
    let (taken, cpu) = (push.catcher.taken(), server.cpu_seconds()?);
    let wanted = taken + u64::try_from(devices)?;
    let began = clock.now();
    let since = clock.monotonic();
    let answering = tokio::spawn(async move { exchange(stream, request.as_bytes()).await });
    while push.catcher.taken() < wanted {
        give_up(&clock, since, &server)?;
        clock.sleep(Duration::from_micros(500)).await;
    }
    while !traced(&database, devices).await? {
        give_up(&clock, since, &server)?;
        clock.sleep(Duration::from_micros(200)).await;
    }
    let last = clock.monotonic().saturating_sub(since);
    let cpu_s = server.cpu_seconds()? - cpu;

    let (status, answer) = answering.await??;
    ensure!(status == 200, "the intake answered {answer}");
    ensure!(
        answer.contains(r#""success":true"#),
        "the intake answered {answer}"
    );
    let mut times = handed(&database, began).await?;
    times.sort_by(f64::total_cmp);
    ensure!(
        times.len() == devices,
        "{} traces of {devices}",
        times.len()
    );
    ensure!(push.catcher.taken() == wanted, "more pushes than devices");
    let read = push.catcher.caught();
    let ours = read.iter().filter(|it| it.at >= began);
    let good = ours
        .filter(|it| it.payload.contains("B3 Messbrand"))
        .count();
    ensure!(good > 0, "no push of this alarm could be decrypted");
    database.close().await;
    let newest = times.last().copied().unwrap_or_default();
    eprintln!("  {devices} devices: last handed over after {newest:.2} ms, {good} decrypted");
    Ok(Measured {
        p50_ms: percentile(&times, 50).context("no traces")?,
        p99_ms: percentile(&times, 99).context("no traces")?,
        last_ms: last.as_secs_f64() * 1000.0,
        cpu_s,
    })
}

fn give_up(clock: &SystemClock, since: Duration, server: &Server) -> Result<()> {
    if clock.monotonic().saturating_sub(since) > PATIENCE {
        bail!("not all pushes came in time:\n{}", server.words());
    }
    Ok(())
}

fn request(host: &str, key: &str) -> String {
    let body = format!(
        "accesskey={key}&title=B3+Messbrand&number=E-1&text=Flammen+aus+dem+Dach\
         &address=Hauptstr.+1%2C+12345+Messhausen&lat=51.0&lng=10.0"
    );
    format!(
        "POST /api/alarm HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Looks over the server's shoulder; reads only.
async fn open(data: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(data.join("obhut.db"))
        .read_only(true)
        .busy_timeout(Duration::from_secs(5));
    let pool = SqlitePoolOptions::new().max_connections(1);
    Ok(pool.connect_with(options).await?)
}

/// Whether every push job ended, which commits together with its traces.
async fn traced(database: &SqlitePool, devices: usize) -> Result<bool> {
    let (done, left): (i64, i64) = sqlx::query_as(
        "SELECT count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state <> 'done') \
         FROM job WHERE topic = 'alarm.push'",
    )
    .fetch_one(database)
    .await?;
    ensure!(done == 0 || devices > 0, "jobs without devices");
    Ok(done > 0 && left == 0)
}

/// Milliseconds from the request to the hand-over to each device.
async fn handed(database: &SqlitePool, began: Timestamp) -> Result<Vec<f64>> {
    let rows: Vec<(Option<i64>, Option<String>)> =
        sqlx::query_as("SELECT handed_us, error_code FROM alarm_delivery")
            .fetch_all(database)
            .await?;
    rows.into_iter()
        .map(|(handed, error)| {
            ensure!(error.is_none(), "a push failed: {error:?}");
            let handed =
                Timestamp::from_microsecond(handed.context("a push was not handed over")?)?;
            Ok(handed.duration_since(began).as_secs_f64() * 1000.0)
        })
        .collect()
}

//! `kill -9` at any moment: no accepted alarm is lost, none is doubled, no leaf is missing, and every phone
//! gets every alarm. Real processes, both databases. `OBHUT_KILLS` sets how often (100 each unless set).

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use base::{Rng as _, SystemRng};
use server::clock::SystemClock;
use testkit::{Client, Engine, PushCatcher, TestApp, TestDb};

struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(binary: &str, db: &TestDb, push: &str) -> Server {
    let mut command = Command::new(binary);
    command
        .args(["serve", "--no-limits"])
        .env("OBHUT_DATA_DIR", &db.folder)
        .env("OBHUT_PORT", "0")
        .env("OBHUT__SERVER__ORIGIN", "http://obhut.test")
        .env("OBHUT__PUSH__OWN_SERVICES", format!("[{push}]"))
        .env("OBHUT__LOG__LEVEL", "error")
        .current_dir(&db.folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    if let Some(url) = &db.postgres {
        command.env("OBHUT__DATABASE__URL", url);
    }
    let mut child = command.spawn().expect("OBHUT_BIN runs");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let health = lines
        .by_ref()
        .map_while(Result::ok)
        .find(|line| line.starts_with("Health:"))
        .expect("the server says where it is");
    let port = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Port: ")?.trim().parse().ok())
        .unwrap_or_else(|| panic!("no port after {health}"));
    Server { child, port }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_sqlite() {
    survive(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_on_postgres() {
    if TestDb::engines().contains(&Engine::Postgres) {
        survive(Engine::Postgres).await;
    }
}

async fn survive(engine: Engine) {
    let Ok(binary) = std::env::var("OBHUT_BIN") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "run the tests with ./x test"
        );
        return;
    };
    let kills = std::env::var("OBHUT_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(100);
    // People and phones are made in this process; the phones' push service lives on in it.
    let app = TestApp::start(engine).await;
    let brigade = app.brigade("tann").await;
    let (push, origin) = testkit::push_service(Arc::new(SystemClock::new())).await;
    let app = app.with_push(push.clone());
    for name in ["Jonas", "Aylin", "Bernd"] {
        let crew = app.crew(&brigade, name).await;
        app.phone(&brigade, &crew).await;
    }
    let (db, _) = app.stop().await;
    let origin = origin.replace("http://", "h2c://");

    let mut accepted = BTreeSet::new();
    let mut next = 0_u32;
    for _ in 0..kills {
        let server = spawn(&binary, &db, &origin);
        let (sender, mut answers) = tokio::sync::mpsc::unbounded_channel();
        for _ in 0..4 {
            next += 1;
            let number = next;
            let path = format!(
                "/api/alarm?accesskey={}&title=B3&number={number}",
                brigade.intake_key
            );
            let (sender, port) = (sender.clone(), server.port);
            tokio::spawn(async move {
                let client = Client::new(([127, 0, 0, 1], port).into());
                if let Some(200) = client.try_get(&path).await {
                    let _ = sender.send(number);
                }
            });
        }
        drop(sender);
        pause(Duration::from_millis(SystemRng.below(250))).await;
        drop(server);
        while let Some(number) = answers.recv().await {
            accepted.insert(number.to_string());
        }
    }
    assert!(
        !accepted.is_empty(),
        "nothing was accepted: killed too early every time"
    );

    let server = spawn(&binary, &db, &origin);
    settled(&push, &db, &server).await;
    drop(server);

    let folder = server::data::DataFolder {
        path: db.folder.clone(),
    };
    let root_key = folder.existing_root_key(None).unwrap();
    let settings = store::Settings {
        root_key,
        ..db.settings()
    };
    let clock = Arc::new(SystemClock::new());
    let store = store::Store::open(settings, clock, Arc::new(SystemRng))
        .await
        .unwrap();
    let rows = store
        .raw("SELECT foreign_number, id FROM alarm ORDER BY id")
        .await
        .unwrap();
    let mut there = Vec::new();
    let mut ids = BTreeSet::new();
    for row in &rows {
        let mut c = row.cols();
        there.push(c.text().unwrap());
        ids.insert(c.text().unwrap());
    }
    let unique: BTreeSet<String> = there.iter().cloned().collect();
    assert_eq!(unique.len(), there.len(), "an alarm was doubled");
    let lost: Vec<_> = accepted.difference(&unique).collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");

    // Every phone had every alarm, and each has one line of trace.
    let sql = "SELECT count(*), count(handed_us), count(error_code) FROM alarm_delivery";
    let rows = store.raw(sql).await.unwrap();
    let mut c = rows[0].cols();
    let expected = i64::try_from(there.len() * 3).unwrap();
    let seen = (c.int().unwrap(), c.int().unwrap(), c.int().unwrap());
    assert_eq!(seen, (expected, expected, 0));
    let topics: BTreeSet<(String, String)> = push
        .caught()
        .into_iter()
        .map(|p| (p.token, p.topic))
        .collect();
    let remembered = push.caught().len();
    assert!(
        topics.len() <= remembered,
        "repetitions carry the same topic"
    );

    // Every alarm has its leaf, and the log is whole.
    let ledger = ledger::Ledger::open(store.clone(), "obhut.test");
    let log = ledger::Log::Org(brigade.org);
    ledger.sequence(log).await.unwrap();
    let report = ledger.verify(log, None).await.unwrap();
    assert_eq!(report.waiting, 0);
    let sql = "SELECT count(*) FROM job WHERE state <> 'done'";
    assert_eq!(store.raw(sql).await.unwrap()[0].cols().int().unwrap(), 0);
    store.close().await;
}

/// Waits until the last server has nothing left to do.
async fn settled(push: &PushCatcher, db: &TestDb, server: &Server) {
    let metrics = format!("http://127.0.0.1:{}", server.port);
    let mut last = (0, 0);
    for _ in 0..100 {
        pause(Duration::from_millis(700)).await;
        let now = (push.taken(), 0);
        // Leases of killed processes run out after 30 s on PostgreSQL.
        let quiet = now == last;
        last = now;
        if quiet && db.ready_jobs().await == 0 {
            return;
        }
    }
    panic!("jobs are left over at {metrics}");
}

#[expect(clippy::disallowed_methods, reason = "real processes need real time")]
async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

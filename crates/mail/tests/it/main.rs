//! Mails from the act to the mail server, and what happens when it is away; on both databases.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Email, Lang, OrgId, SimClock, SystemRng};
use ledger::Ledger;
use mail::catcher::Catcher;
use mail::{Mailer, Outgoing, Sender, Settings, Smtp, Tls};
use people::organisation::NewOrganisation;
use people::setup::Founder;
use people::{Operator, People, PeopleError};
use store::testing::TestDb;
use store::{Runner, RunnerSettings, Store, StoreError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

struct World {
    store: Store,
    clock: Arc<SimClock>,
    org: OrgId,
    catcher: Catcher,
    address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
}

async fn each<F: AsyncFn(&World)>(test: F) {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let org = found(&store).await;
        let (stop, stopped) = watch::channel(false);
        let any = "127.0.0.1:0".parse().unwrap();
        let (catcher, address) = Catcher::start(any, clock.clone(), stopped).await.unwrap();
        let world = World {
            store: store.clone(),
            clock,
            org,
            catcher,
            address,
            stop,
        };
        test(&world).await;
        let _ = world.stop.send(true);
        store.close().await;
    }
}

async fn found(store: &Store) -> OrgId {
    let people = People::open(store.clone(), Ledger::open(store.clone(), "localhost"));
    let people = people.await.unwrap();
    let email = Email::parse("anna@example.org").unwrap();
    let person = people::person::person_for(store, &email).await.unwrap();
    let org = OrgId::new(store.clock(), store.rng());
    let pen = people.pen_for_founding(org, person).await.unwrap();
    let new = NewOrganisation {
        name: base::Text::parse("Feuerwehr Musterstadt").unwrap(),
        unit: base::Text::parse("Mitte").unwrap(),
        zone: people::organisation::Zone::default(),
        language: Lang::De,
        familiar: true,
    };
    let founder = Founder {
        person,
        email,
        given_name: base::Text::parse("Anna").unwrap(),
        family_name: base::Text::parse("Berg").unwrap(),
        language: Lang::De,
        password_hash: "none".to_owned(),
    };
    let operator = Operator::not_from_a_request();
    store::act!(store, |tx| -> Result<_, PeopleError> {
        people::setup::create_organisation(tx, &pen, operator, org, &new, &founder).await
    })
    .unwrap();
    org
}

impl World {
    fn start(&self, port: Option<u16>) -> Mailer {
        let settings = Settings {
            smtp: port.map(|port| Smtp {
                host: "127.0.0.1".to_owned(),
                port,
                tls: Tls::None,
                username: None,
                password: None,
            }),
            from: Email::parse("obhut@localhost.example").unwrap(),
            host: "localhost".to_owned(),
        };
        let sender = Sender::new(self.store.clone(), &settings).unwrap();
        let mailer = sender.mailer();
        let settings = RunnerSettings {
            owner: "one".to_owned(),
            look_every: Duration::from_secs(1),
            batch: 64,
        };
        let runner = Runner::new(self.store.clone(), vec![Arc::new(sender)], settings);
        tokio::spawn(runner.run(self.stop.subscribe()));
        mailer
    }

    async fn queue(&self, name: &str) {
        let to = Email::parse("joerg@example.org").unwrap();
        store::act!(self.store, |tx| -> Result<_, StoreError> {
            let mail = Outgoing {
                org: self.org,
                to: &to,
                lang: Lang::De,
                template: "invitation",
                context: minijinja::context! {
                    organisation => "Feuerwehr Musterstadt", familiar => true, name,
                    link => "http://localhost:8080/invitation?code=abc",
                    until => "25.11.2026 13:00", origin => "http://localhost:8080",
                },
            };
            mail::queue(tx, mail, "localhost").await
        })
        .unwrap();
    }

    async fn text(&self, sql: &str) -> String {
        let rows = self.store.raw(sql).await.unwrap();
        rows.first()
            .map_or_else(String::new, |row| row.cols().text().unwrap())
    }

    /// Lets simulated time pass until something holds, for up to ten real seconds.
    #[expect(clippy::disallowed_methods, reason = "waits for a real conversation")]
    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        for _ in 0..500 {
            if holds().await {
                return;
            }
            self.clock.advance(Duration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("waited in vain for {what}");
    }
}

#[tokio::test]
async fn a_mail_arrives_and_is_forgotten() {
    each(async |world| {
        let mailer = world.start(Some(world.address.port()));
        world.queue("Jörg Özdemir").await;
        world
            .until("the mail", async || world.catcher.mails().len() == 1)
            .await;
        let mail = &world.catcher.mails()[0];
        assert_eq!(mail.subject, "Einladung zu Feuerwehr Musterstadt");
        assert_eq!(mail.to, ["joerg@example.org"]);
        assert!(
            mail.text.contains("Guten Tag Jörg Özdemir,"),
            "{}",
            mail.text
        );
        assert!(
            mail.text
                .contains("http://localhost:8080/invitation?code=abc\n")
        );
        assert!(mail.message_id.starts_with("mai_") && mail.message_id.ends_with("@localhost"));
        let raw = String::from_utf8_lossy(&mail.raw);
        assert!(raw.contains("Auto-Submitted: auto-generated"), "{raw}");
        let state = "SELECT state || body || subject FROM mail_out";
        world
            .until("its end", async || world.text(state).await == "sent")
            .await;
        assert_eq!(mailer.state(), mail::MailerState::default());

        let sent = "SELECT CAST(sent_us AS TEXT) FROM mail_out";
        let sent: i64 = world.text(sent).await.parse().unwrap();
        let week = Duration::from_hours(7 * 24);
        let seven_days_later = base::Timestamp::from_microsecond(sent).unwrap() + week;
        for (step, want) in [(-1, 0), (1, 1)] {
            let now = seven_days_later + base::SignedDuration::from_secs(step);
            let swept = store::act!(world.store, |tx| -> Result<_, StoreError> {
                mail::sweep_due(tx, now, 100).await
            });
            assert_eq!(swept.unwrap(), want, "{step}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_rolled_back_is_not_sent() {
    each(async |world| {
        world.start(Some(world.address.port()));
        let to = Email::parse("joerg@example.org").unwrap();
        let failed = store::act!(world.store, |tx| -> Result<(), StoreError> {
            let mail = Outgoing {
                org: world.org,
                to: &to,
                lang: Lang::En,
                template: "invitation",
                context: minijinja::context! {
                    organisation => "A", familiar => false, name => "B", link => "C",
                    until => "D", origin => "E",
                },
            };
            mail::queue(tx, mail, "localhost").await?;
            Err(StoreError::Missing)
        });
        assert!(failed.is_err());
        world.queue("danach").await;
        world
            .until("the other", async || !world.catcher.mails().is_empty())
            .await;
        assert_eq!(world.catcher.mails().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_refused_mail_is_given_up_and_a_deferred_one_is_not() {
    each(async |world| {
        world.start(Some(world.address.port()));
        let state = "SELECT state || coalesce(error_code, '') FROM mail_out";
        world.catcher.refuse(Some("451 4.2.0 later"));
        world.queue("Jörg").await;
        world
            .until("the delay", async || {
                world.text(state).await == "waitingmail_deferred"
            })
            .await;
        world.catcher.refuse(None);
        world
            .until("the mail", async || world.text(state).await == "sent")
            .await;
        world.store.raw("DELETE FROM mail_out").await.unwrap();

        world.catcher.refuse(Some("550 5.1.1 nobody here"));
        world.queue("Jörg").await;
        world
            .until("the refusal", async || {
                world.text(state).await == "failedmail_refused"
            })
            .await;
        let dead = async || {
            let mut tx = world.store.read().await.unwrap();
            tx.dead_jobs(world.org).await.unwrap()
        };
        world
            .until("the dead letter", async || dead().await.len() == 1)
            .await;
        assert_eq!(dead().await[0].error.as_deref(), Some("mail_refused"));
    })
    .await;
}

#[tokio::test]
async fn a_mail_server_that_is_away_delays_and_loses_nothing() {
    each(async |world| {
        // A port where nobody listens any more.
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = gone.local_addr().unwrap();
        drop(gone);
        let mailer = world.start(Some(address.port()));
        world.queue("Jörg").await;
        world
            .until("the trouble", async || {
                mailer.state().code == Some("mail_server_unreachable")
            })
            .await;
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(mail::waiting(&mut tx).await.unwrap(), 1);
        drop(tx);
        let stopped = world.stop.subscribe();
        let (back, _) = Catcher::start(address, world.clock.clone(), stopped)
            .await
            .unwrap();
        world
            .until("the mail", async || back.mails().len() == 1)
            .await;
        world
            .until("the end of trouble", async || mailer.state().code.is_none())
            .await;
    })
    .await;
}

#[tokio::test]
async fn without_a_mail_server_mails_wait_and_the_state_says_so() {
    each(async |world| {
        let mailer = world.start(None);
        assert_eq!(mailer.state().code, Some("mail_not_configured"));
        world.queue("Jörg").await;
        let state = "SELECT state || coalesce(error_code, '') FROM mail_out";
        world
            .until("the note", async || {
                world.text(state).await == "waitingmail_not_configured"
            })
            .await;
        assert_eq!(
            mailer.state().since,
            Some("2026-11-22T12:00:00Z".parse().unwrap())
        );
    })
    .await;
}

#[tokio::test]
async fn statements_prepare_stay_inside_and_declare_their_columns() {
    each(async |world| {
        let schema = world.store.schema().await.unwrap();
        let tenant: BTreeSet<String> = schema
            .iter()
            .filter(|(_, column, ..)| column == "org_id")
            .map(|(table, ..)| table.clone())
            .collect();
        for sql in mail::STATEMENTS.iter().flat_map(|list| list.iter()) {
            let prepared = world.store.prepare(sql.text(world.store.engine())).await;
            assert!(prepared.is_ok(), "{}: {prepared:?}", sql.name());
            let scope = people::tenancy::check_tenant_scope(sql.source(), &tenant);
            let excepted = mail::TENANT_EXCEPTIONS
                .iter()
                .any(|e| e.statement == sql.name());
            assert!(scope.is_ok() != excepted, "{}: {scope:?}", sql.name());
        }
        let there: BTreeSet<&str> = schema
            .iter()
            .filter(|(table, ..)| table == "mail_out")
            .map(|(_, column, ..)| column.as_str())
            .collect();
        let table = &mail::TABLES[0][0];
        let personal = table.personal.iter().map(|(column, _)| *column);
        let declared: BTreeSet<&str> = table.technical.iter().copied().chain(personal).collect();
        assert_eq!(there, declared);
    })
    .await;
}

async fn talk(address: std::net::SocketAddr, lines: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(lines).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // Being cut off is an answer too.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn the_catcher_bounds_what_it_takes() {
    let clock: Arc<dyn Clock> = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
    let (_stop, stopped) = watch::channel(false);
    let any = "127.0.0.1:0".parse().unwrap();
    let (catcher, address) = Catcher::start(any, clock, stopped).await.unwrap();
    let hello = "EHLO a\r\nMAIL FROM:<a@b.de>\r\nRCPT TO:<c@d.de>\r\nDATA\r\n";

    let fine = format!("{hello}Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");
    assert!(
        talk(address, fine.as_bytes())
            .await
            .contains("250 2.0.0 caught")
    );
    assert_eq!(catcher.mails()[0].text.trim(), ".dot");

    let huge = format!("{hello}{}\r\n.\r\nQUIT\r\n", "x".repeat(2_000_000));
    talk(address, huge.as_bytes()).await;
    assert_eq!(catcher.mails().len(), 1);

    let line = format!("EHLO {}\r\n", "x".repeat(5000));
    assert!(talk(address, line.as_bytes()).await.contains("500 5.5.2"));

    let nonsense = "GARBAGE\r\n".repeat(100);
    let answers = talk(address, nonsense.as_bytes()).await;
    assert!(answers.matches("502").count() <= 20);

    let early = talk(address, b"DATA\r\nRCPT TO:<a@b.de>\r\nQUIT\r\n").await;
    assert_eq!(early.matches("503").count(), 2, "{early}");

    for n in 0..250 {
        let mail = format!("{hello}Subject: {n}\r\n\r\nx\r\n.\r\nQUIT\r\n");
        talk(address, mail.as_bytes()).await;
    }
    let mails = catcher.mails();
    assert_eq!((mails.len(), mails[199].subject.as_str()), (200, "249"));
    catcher.clear();
    assert!(catcher.mails().is_empty());
}

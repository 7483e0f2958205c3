//! The routes of this part, asked as a browser asks them, on both databases.

use std::sync::Arc;
use std::time::Duration;

use ::store::testing::TestDb;
use ::store::{Store, StoreError};
use axum::body::Body;
use axum::http::Request;
use base::{Email, Lang, OrgId, SimClock, SystemRng};
use http_body_util::BodyExt as _;
use ledger::{Ledger, Log};
use people::organisation::NewOrganisation;
use people::person::NewMember;
use people::session::Browser;
use people::setup::{Founded, Founder};
use people::signin::Attempt;
use people::{Operator, People, PeopleError, person};
use privacy::Clocks;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use web::{Ctx, Settings};

use super::{Trust, audit, clocks, routes};

const OPERATOR: Operator = Operator::not_from_a_request();
const ORIGIN: &str = "http://localhost:8080";
const API: &str = "/api/obhut/v1";
const PASSWORD: &str = "blauer Regenschirm";
const ADMIN: &str = "anna.berg@example.org";

struct World {
    store: Store,
    clock: Arc<SimClock>,
    ctx: Ctx,
    founded: Founded,
    app: axum::Router,
    hash: String,
}

struct Answer {
    status: u16,
    kind: String,
    disposition: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn text(&self) -> &str {
        str::from_utf8(&self.bytes).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    #[track_caller]
    fn fine(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }
}

async fn each<F: AsyncFn(World)>(test: F) {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let ledger = Ledger::open(store.clone(), "localhost:8080");
        let people = People::open(store.clone(), ledger.clone()).await.unwrap();
        let hash = seal::password::hash(PASSWORD, &SystemRng).unwrap();
        let founded = found(&people, ADMIN, &hash).await;
        let ctx = Ctx::new(Settings::new(people, ORIGIN)).unwrap();
        let mut works = clocks(&store, &ledger);
        works.extend(people::clocks());
        let tables = privacy::TABLES.iter();
        let theirs = people::TABLES
            .iter()
            .chain(alarm::TABLES)
            .copied()
            .flatten();
        let tables = tables.chain(theirs).collect();
        let trust = Trust::new(&ctx, Clocks::new(works), tables);
        let (router, _) = routes(ctx.clone(), trust).split_for_parts();
        test(World {
            store: store.clone(),
            app: web::frame(&ctx, axum::Router::new().nest(API, router)),
            clock,
            ctx,
            founded,
            hash,
        })
        .await;
        store.close().await;
    }
}

async fn found(people: &People, admin: &str, hash: &str) -> Founded {
    let store = people.store();
    let email = Email::parse(admin).unwrap();
    let person = person::person_for(store, &email).await.unwrap();
    let org = OrgId::new(store.clock(), store.rng());
    let new = NewOrganisation {
        name: base::Text::parse("Feuerwehr Musterstadt").unwrap(),
        unit: base::Text::parse("Löschzug Mitte").unwrap(),
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
        password_hash: hash.to_owned(),
    };
    let pen = people.pen_for_founding(org, person).await.unwrap();
    ::store::act!(store, |tx| -> Result<_, PeopleError> {
        people::setup::create_organisation(tx, &pen, OPERATOR, org, &new, &founder).await
    })
    .unwrap()
}

impl World {
    async fn cookie(&self, email: &str) -> String {
        let attempt = Attempt {
            email,
            password: seal::Zeroizing::new(PASSWORD.to_owned()),
            stay: false,
            known: None,
            from: None,
            browser: Browser::default(),
        };
        let signed_in = self.ctx.people().sign_in(attempt).await.unwrap().unwrap();
        let cookie = web::cookie::set_session(&self.ctx, &signed_in.session).unwrap();
        let cookie = cookie.to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Somebody without any role.
    async fn add_nobody(&self, email: &str) {
        let email = Email::parse(email).unwrap();
        let new = NewMember {
            person: person::person_for(&self.store, &email).await.unwrap(),
            email,
            given_name: base::Text::parse("Jörg").unwrap(),
            family_name: base::Text::parse("Özdemir").unwrap(),
            language: Lang::De,
            unit: self.founded.unit,
            roles: Vec::new(),
            groups: Vec::new(),
            qualifications: Vec::new(),
        };
        let grant = OPERATOR.grant(self.founded.org);
        let pen = self
            .ctx
            .people()
            .pen(&grant, Some(new.person))
            .await
            .unwrap();
        ::store::act!(self.store, |tx| -> Result<_, PeopleError> {
            person::add_member(tx, &pen, &grant, &new, &self.hash).await
        })
        .unwrap();
    }

    async fn send(&self, method: &str, path: &str, cookie: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{API}{path}"));
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        if method != "GET" {
            request = request
                .header("origin", ORIGIN)
                .header("sec-fetch-site", "same-origin");
        }
        let body = match body {
            None => Body::empty(),
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
        };
        let response = self
            .app
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name);
            value.map_or("", |it| it.to_str().unwrap()).to_owned()
        };
        Answer {
            status: response.status().as_u16(),
            kind: header("content-type"),
            disposition: header("content-disposition"),
            bytes: response
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .to_vec(),
        }
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.send("GET", path, cookie, None).await
    }

    async fn actions(&self) -> Vec<String> {
        let log = Log::Org(self.founded.org);
        self.ctx.ledger().sequence(log).await.unwrap();
        let entries = self.ctx.ledger().entries(log, None, 100).await.unwrap();
        entries
            .iter()
            .map(|it| it.leaf.action.to_string())
            .collect()
    }
}

#[tokio::test]
async fn every_statement_prepares_on_both() {
    each(async |world| {
        for sql in super::STATEMENTS.iter().flat_map(|list| list.iter()) {
            let prepared = world.store.prepare(sql.text(world.store.engine())).await;
            assert!(prepared.is_ok(), "{}: {prepared:?}", sql.name());
        }
    })
    .await;
}

#[tokio::test]
async fn rights_are_asked_for() {
    each(async |world| {
        world.add_nobody("joerg@example.org").await;
        let nobody = world.cookie("joerg@example.org").await;
        let admin = world.cookie(ADMIN).await;
        let (org, job) = (world.founded.org, "job_00000000000000000000000000");
        world.ctx.ledger().sequence(Log::Org(org)).await.unwrap();
        let period = json!({"period": "P2Y"});
        for (method, path, body) in [
            ("GET", "/privacy/record".to_owned(), None),
            ("GET", "/privacy/record/file?format=html".to_owned(), None),
            ("GET", "/privacy/deletion".to_owned(), None),
            (
                "PUT",
                "/privacy/deletion/log_details".to_owned(),
                Some(period),
            ),
            ("GET", "/ledger/logs".to_owned(), None),
            ("GET", format!("/ledger/{org}/checkpoint"), None),
            ("GET", format!("/ledger/{org}/entries"), None),
            ("GET", format!("/ledger/{org}/entries/0/proof"), None),
            ("GET", format!("/ledger/{org}/tile/0/000.p/1"), None),
            ("GET", "/jobs/dead".to_owned(), None),
            ("POST", format!("/jobs/{job}/actions/retry"), None),
            ("DELETE", format!("/jobs/{job}"), None),
        ] {
            let stranger = world.send(method, &path, "", body.clone()).await;
            assert_eq!(stranger.status, 401, "{method} {path}");
            let denied = world.send(method, &path, &nobody, body.clone()).await;
            assert_eq!(denied.status, 403, "{method} {path}: {}", denied.text());
            let allowed = world.send(method, &path, &admin, body).await.status;
            let unknown = path.contains(job);
            assert_eq!(allowed == 404, unknown, "{method} {path}: {allowed}");
            assert!(unknown || allowed < 300, "{method} {path}: {allowed}");
        }
        assert_eq!(world.get("/state", "").await.status, 401);
        assert_eq!(world.get("/state", &nobody).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn the_log_is_read_and_proven() {
    each(async |world| {
        let admin = world.cookie(ADMIN).await;
        assert_eq!(
            world.get("/ledger/logs", &admin).await.fine()["items"],
            json!([])
        );
        let (org, ledger) = (world.founded.org, world.ctx.ledger());
        let numbered = ledger.sequence(Log::Org(org)).await.unwrap();
        let logs = world.get("/ledger/logs", &admin).await.fine();
        let log = &logs["items"][0];
        assert_eq!(log["origin"], format!("localhost:8080/{org}"));
        assert_eq!(log["size"], numbered);
        assert_eq!(log["checked_at"], "2026-11-22T12:00:00Z");

        let page = world
            .get(&format!("/ledger/{org}/entries?limit=1"), &admin)
            .await
            .fine();
        let before = page["next"].as_str().unwrap().to_owned();
        assert_eq!(before, (numbered - 1).to_string());
        let page = world
            .get(&format!("/ledger/{org}/entries?before={before}"), &admin)
            .await
            .fine();
        assert_eq!(page["next"], Value::Null);
        let items = page["items"].as_array().unwrap();
        let first = items.last().unwrap();
        assert_eq!(first["index"], 0);
        assert_eq!(first["action"], "organisation.created");
        assert_eq!(first["actor"], "Anna Berg");
        assert_eq!(first["erased"], false);

        let proof = world
            .get(&format!("/ledger/{org}/entries/0/proof"), &admin)
            .await
            .fine();
        assert_eq!(proof["leaf_hash"], first["leaf_hash"]);
        assert_eq!(proof["root"], log["root"]);
        assert_eq!(proof["verified"], true);
        let note = world
            .get(&format!("/ledger/{org}/checkpoint"), &admin)
            .await;
        assert_eq!(note.kind, "text/plain; charset=utf-8");
        assert_eq!(note.text(), proof["note"].as_str().unwrap());
        let tile = format!("/ledger/{org}/tile/0/000.p/{numbered}");
        let tile = world.get(&tile, &admin).await;
        assert_eq!((tile.status, tile.bytes.len() as u64), (200, numbered * 32));

        for (path, status) in [
            (format!("/ledger/{org}/entries/{numbered}/proof"), 404),
            (format!("/ledger/{org}/entries/-1/proof"), 404),
            (format!("/ledger/{org}/tile/0/001"), 404),
            (format!("/ledger/{org}/tile/x"), 404),
            (format!("/ledger/{org}/entries?befor=1"), 400),
            ("/ledger/installation/entries".to_owned(), 404),
        ] {
            assert_eq!(world.get(&path, &admin).await.status, status, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_log_of_another_organisation_does_not_exist() {
    each(async |world| {
        let other = found(world.ctx.people(), "eva@example.org", &world.hash)
            .await
            .org;
        world.ctx.ledger().sequence(Log::Org(other)).await.unwrap();
        let admin = world.cookie(ADMIN).await;
        for rest in ["checkpoint", "entries", "entries/0/proof", "tile/0/000.p/1"] {
            let path = format!("/ledger/{other}/{rest}");
            assert_eq!(world.get(&path, &admin).await.status, 404, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_record_is_made_from_what_is_declared() {
    each(async |world| {
        let admin = world.cookie(ADMIN).await;
        let push = format!(
            "INSERT INTO push_family (org_id, family, enabled_us) VALUES ('{}', 'mozilla', 0)",
            world.founded.org
        );
        let off = world.get("/privacy/record?lang=en", &admin).await;
        assert!(!off.text().contains("Mozilla"));
        world.store.raw(&push).await.unwrap();
        let record = world.get("/privacy/record?lang=en", &admin).await.fine();
        assert_eq!(record["controller"], "Feuerwehr Musterstadt");
        let text = record.to_string();
        for part in [
            "Mozilla Corporation",
            "United States",
            "accountability",
            "1 year",
            "push_family",
        ] {
            assert_eq!(text.contains(part), part != "push_family", "{part}");
        }
        let own = world.get("/privacy/record", &admin).await.fine();
        assert!(
            own.to_string().contains("Rechenschaft"),
            "the person's language"
        );

        let html = world
            .get("/privacy/record/file?lang=de&format=html", &admin)
            .await;
        assert_eq!(html.kind, "text/html; charset=utf-8");
        assert_eq!(
            html.disposition,
            "attachment; filename=\"verarbeitungsverzeichnis-2026-11-22.html\""
        );
        assert!(html.text().contains("ledger_leaf"));
        let file = world
            .get("/privacy/record/file?lang=en&format=json", &admin)
            .await;
        assert_eq!(file.fine(), record);
        for wrong in [
            "file?lang=de&format=pdf",
            "file?lang=fr&format=html",
            "file",
        ] {
            let path = format!("/privacy/record/{wrong}");
            assert_eq!(world.get(&path, &admin).await.status, 400, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn periods_are_set_within_bounds_and_logged() {
    each(async |world| {
        let admin = world.cookie(ADMIN).await;
        let rule = async || {
            let rules = world.get("/privacy/deletion", &admin).await.fine();
            let items = rules["items"].as_array().unwrap().clone();
            items
                .into_iter()
                .find(|it| it["kind"] == "log_details")
                .unwrap()
        };
        let before = rule().await;
        assert_eq!(
            (&before["period"], &before["overdue"]),
            (&json!("P1Y"), &json!(0))
        );
        assert_eq!(before["name"], "Einzelheiten im Protokoll");
        assert_eq!(before["next_due_at"], "2027-12-01T00:00:00Z");
        let set = async |kind: &str, period: &str| {
            let path = format!("/privacy/deletion/{kind}");
            let answer = world
                .send("PUT", &path, &admin, Some(json!({"period": period})))
                .await;
            let code = match answer.status {
                204 => Value::Null,
                _ => answer.json()["code"].clone(),
            };
            (answer.status, code)
        };
        assert_eq!(set("log_details", "P6M").await, (204, Value::Null));
        assert_eq!(rule().await["period"], "P6M");
        assert_eq!(rule().await["next_due_at"], "2027-05-31T00:00:00Z");
        assert_eq!(set("log_details", "P9Y").await.0, 422);
        assert_eq!(
            set("log_details", "a while").await,
            (422, json!("period_malformed"))
        );
        assert_eq!(set("session", "P1D").await, (409, json!("period_fixed")));
        assert_eq!(set("nothing", "P1D").await, (404, json!("not_found")));
        let changed = world.actions().await;
        let changed = changed.iter().filter(|it| *it == "deletion.period_changed");
        assert_eq!(changed.count(), 1);
        let record = world.get("/privacy/record?lang=en", &admin).await;
        assert!(record.text().contains("6 months"));
    })
    .await;
}

#[tokio::test]
async fn jobs_that_were_given_up_are_tried_again_or_dropped() {
    each(async |world| {
        let admin = world.cookie(ADMIN).await;
        let (org, other) = (
            world.founded.org,
            OrgId::new(world.clock.as_ref(), &SystemRng),
        );
        let mut ids = Vec::new();
        for of in [org, org, other] {
            let id = ::store::act!(world.store, |tx| -> Result<_, StoreError> {
                tx.emit("mail.send", Some(of), "mai_1", "").await
            });
            ids.push(id.unwrap());
        }
        let kill = "UPDATE job SET state = 'dead', attempts = 12, error_code = 'mail_refused'";
        world.store.raw(kill).await.unwrap();
        let dead = async || {
            let jobs = world.get("/jobs/dead", &admin).await.fine();
            jobs["items"].as_array().unwrap().clone()
        };
        assert_eq!(dead().await.len(), 2);
        let state = world.get("/state", &admin).await.fine();
        let mail = &state["items"][1];
        assert_eq!(mail["part"], "mail");
        assert_eq!(
            (&mail["state"], &mail["waiting"]),
            (&json!("degraded"), &json!(2))
        );
        assert_eq!(mail["code"], "given_up");

        let retry = format!("/jobs/{}/actions/retry", ids[0]);
        assert_eq!(world.send("POST", &retry, &admin, None).await.status, 204);
        assert_eq!(world.send("POST", &retry, &admin, None).await.status, 404);
        let drop = format!("/jobs/{}", ids[1]);
        assert_eq!(world.send("DELETE", &drop, &admin, None).await.status, 204);
        let theirs = format!("/jobs/{}", ids[2]);
        assert_eq!(
            world.send("DELETE", &theirs, &admin, None).await.status,
            404
        );
        assert!(dead().await.is_empty());
        let actions = world.actions().await;
        assert_eq!(actions[..2], ["job.dropped", "job.retried"]);
        world.clock.advance(Duration::from_secs(6));
        let state = world.get("/state", &admin).await.fine();
        assert_eq!(state["items"][1]["state"], "ok");
    })
    .await;
}

#[tokio::test]
async fn the_state_tells_what_waits() {
    each(async |world| {
        let admin = world.cookie(ADMIN).await;
        let all = world.get("/state", &admin).await.fine();
        let items = all["items"].as_array().unwrap();
        let parts: Vec<&str> = items
            .iter()
            .map(|it| it["part"].as_str().unwrap())
            .collect();
        assert_eq!(
            parts,
            ["database", "mail", "push", "deletion", "clock", "ledger"]
        );
        assert!(items.iter().all(|it| it["state"] == "ok"), "{all}");
        world.clock.advance(Duration::from_secs(11));
        let log = async || world.get("/state", &admin).await.fine()["items"][5].clone();
        let late = log().await;
        assert_eq!(
            (&late["state"], &late["code"]),
            (&json!("degraded"), &json!("unsequenced"))
        );
        assert_eq!(late["since"], "2026-11-22T12:00:00Z");
        world.actions().await;
        world.clock.advance(Duration::from_secs(6));
        assert_eq!(log().await["state"], "ok");
    })
    .await;
}

#[tokio::test]
async fn the_audit_reads_every_log() {
    each(async |world| {
        world.actions().await;
        let ledger = world.ctx.ledger();
        let kept = ledger
            .checkpoint(Log::Org(world.founded.org))
            .await
            .unwrap()
            .unwrap();
        let other = found(world.ctx.people(), "eva@example.org", &world.hash)
            .await
            .org;
        ledger.sequence(Log::Org(other)).await.unwrap();
        let audited = audit(ledger, Some(&kept)).await.unwrap();
        assert_eq!(audited.len(), 2);
        assert!(audited.iter().all(|it| it.result.is_ok()));
        let forge = format!("UPDATE ledger_head SET size = 99 WHERE log = '{other}'");
        world.store.raw(&forge).await.unwrap();
        let audited = audit(ledger, None).await.unwrap();
        let broken: Vec<Log> = audited
            .iter()
            .filter(|it| it.result.is_err())
            .map(|it| it.log)
            .collect();
        assert_eq!(broken, [Log::Org(other)]);
        assert!(audit(ledger, Some("no checkpoint")).await.is_err());
    })
    .await;
}

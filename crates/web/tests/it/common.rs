//! A small world for each test: a database, a clock, an organisation, routes that answer simply.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base::{Email, Lang, OrgId, SimClock, SystemRng};
use http_body_util::BodyExt as _;
use ledger::Ledger;
use people::organisation::NewOrganisation;
use people::session::Browser;
use people::setup::{Founded, Founder};
use people::signin::{Attempt, SignedIn};
use people::{Operator, People, PeopleError, person};
use serde_json::Value;
use store::Engine;
use store::testing::TestDb;
use tower::ServiceExt as _;
use web::{Ctx, Settings};

pub(crate) const OPERATOR: Operator = Operator::not_from_a_request();
pub(crate) const ORIGIN: &str = "http://localhost:8080";
const PASSWORD: &str = "blauer Regenschirm";
const ADMIN: &str = "anna.berg@example.org";

pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) founded: Founded,
    _db: TestDb,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::at(ORIGIN).await
    }

    pub(crate) async fn at(origin: &str) -> Self {
        let db = TestDb::new(Engine::Sqlite).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let ledger = Ledger::open(store.clone(), "localhost");
        let people = People::open(store, ledger).await.unwrap();
        let founded = found(&people).await;
        let mut settings = Settings::new(people, origin);
        settings.proxies = web::Proxies::parse(&["10.0.0.0/8".to_owned()]).unwrap();
        Self {
            ctx: Ctx::new(settings).unwrap(),
            clock,
            founded,
            _db: db,
        }
    }

    pub(crate) async fn sign_in(&self) -> SignedIn {
        let attempt = Attempt {
            email: ADMIN,
            password: seal::Zeroizing::new(PASSWORD.to_owned()),
            stay: false,
            known: None,
            from: None,
            browser: Browser::default(),
        };
        let signed_in = self.ctx.people().sign_in(attempt).await;
        signed_in.unwrap().unwrap()
    }

    /// The frame around some routes.
    pub(crate) fn app(&self, routes: Router<Ctx>) -> App {
        App(web::frame(&self.ctx, routes))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

async fn found(people: &People) -> Founded {
    let store = people.store();
    let email = Email::parse(ADMIN).unwrap();
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
        password_hash: seal::password::hash(PASSWORD, &SystemRng).unwrap(),
    };
    let pen = people.pen_for_founding(org, person).await.unwrap();
    store::act!(store, |tx| -> Result<_, PeopleError> {
        people::setup::create_organisation(tx, &pen, OPERATOR, org, &new, &founder).await
    })
    .unwrap()
}

/// Routes in their frame.
#[derive(Clone)]
pub(crate) struct App(pub(crate) Router);

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        let all = self.headers.get_all("set-cookie");
        all.iter().map(|it| it.to_str().unwrap()).collect()
    }
}

impl App {
    pub(crate) async fn raw(&self, request: Request) -> Response {
        self.0.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let response = self.raw(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// `GET path` with headers.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, Body::empty()))
            .await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let body = Body::from(body.to_owned());
        self.send(request("POST", path, headers, body)).await
    }
}

pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Request {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(body).unwrap()
}

//! A small world for each test: a database, a clock, an organisation with an administrator.

use std::sync::Arc;
use std::time::Duration;

use base::{Email, Lang, OrgId, SimClock, SystemRng};
use ledger::Ledger;
use people::organisation::NewOrganisation;
use people::person::NewMember;
use people::session::Browser;
use people::setup::{Founded, Founder};
use people::signin::{Attempt, SignedIn};
use people::{Actor, Operator, People, PeopleError, person, role};
use store::Store;
use store::testing::TestDb;

/// Not a request: tests.
pub(crate) const OPERATOR: Operator = Operator::not_from_a_request();
/// The administrator's password.
pub(crate) const PASSWORD: &str = "blauer Regenschirm";
/// The administrator's address.
pub(crate) const ADMIN: &str = "anna.berg@example.org";

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) people: People,
    pub(crate) founded: Founded,
    pub(crate) hash: String,
}

/// Runs a test on each engine.
pub(crate) async fn each<F: AsyncFn(&World)>(test: F) {
    for engine in TestDb::engines() {
        let db = TestDb::new(engine).await;
        let clock = Arc::new(SimClock::at("2026-11-22T12:00:00Z".parse().unwrap()));
        let store = db.open(clock.clone(), Arc::new(SystemRng)).await;
        let ledger = Ledger::open(store.clone(), "localhost");
        let people = People::open(store.clone(), ledger).await.unwrap();
        let hash = seal::password::hash(PASSWORD, &SystemRng).unwrap();
        let founded = found(&people, ADMIN, &hash).await;
        let world = World {
            store: store.clone(),
            clock,
            people,
            founded,
            hash,
        };
        test(&world).await;
        store.close().await;
    }
}

/// Makes an organisation.
pub(crate) async fn found(people: &People, admin: &str, hash: &str) -> Founded {
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
    store::act!(store, |tx| -> Result<_, PeopleError> {
        people::setup::create_organisation(tx, &pen, OPERATOR, org, &new, &founder).await
    })
    .unwrap()
}

impl World {
    /// The administrator as an actor.
    pub(crate) async fn admin(&self) -> Actor {
        self.sign_in(ADMIN, PASSWORD).await.unwrap().actor
    }

    /// Signs in from nowhere in particular.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Option<SignedIn> {
        self.try_sign_in(email, password, None).await.unwrap()
    }

    pub(crate) async fn try_sign_in(
        &self,
        email: &str,
        password: &str,
        known: Option<&str>,
    ) -> Result<Option<SignedIn>, PeopleError> {
        let attempt = Attempt {
            email,
            password: seal::Zeroizing::new(password.to_owned()),
            stay: false,
            known,
            from: None,
            browser: Browser::read("Firefox/140.0 Linux"),
        };
        self.people.sign_in(attempt).await
    }

    /// Somebody to invite or add.
    pub(crate) async fn newcomer(&self, email: &str) -> NewMember {
        let email = Email::parse(email).unwrap();
        let grant = OPERATOR.grant::<people::permit::OrgConfigure>(self.founded.org);
        let mut tx = self.store.read().await.unwrap();
        let roles = role::roles(&mut tx, &grant).await.unwrap();
        drop(tx);
        NewMember {
            person: person::person_for(&self.store, &email).await.unwrap(),
            email,
            given_name: base::Text::parse("Jörg").unwrap(),
            family_name: base::Text::parse("Özdemir").unwrap(),
            language: Lang::De,
            unit: self.founded.unit,
            roles: vec![roles[2].id],
            groups: Vec::new(),
            qualifications: Vec::new(),
        }
    }

    /// Adds an active member whose password is the administrator's.
    pub(crate) async fn add(&self, email: &str) -> base::MembershipId {
        let new = self.newcomer(email).await;
        let grant = OPERATOR.grant(self.founded.org);
        let pen = self.people.pen(&grant, Some(new.person)).await.unwrap();
        store::act!(self.store, |tx| -> Result<_, PeopleError> {
            person::add_member(tx, &pen, &grant, &new, &self.hash).await
        })
        .unwrap()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

//! Who can open what: set up once, handed on, renewed after somebody left, forgotten with the person.

use base::{GenerationId, SystemRng, ViewingKeyId};
use people::role::BuiltIn;
use seal::recipients::{List, Recipient};
use seal::{AgreementKey, Point, SignerKey, b64url_encode, viewing};
use serde_json::{Value, json};
use testkit::{Client, TestApp, Viewer};

use crate::world::{PUT, Site, api, each, first};

fn key_request(id: ViewingKeyId, key: &AgreementKey, replace: bool) -> Value {
    json!({
        "id": id,
        "public_key": key.public().to_b64(),
        "salt": b64url_encode(&[1; 16]),
        "pass": b64url_encode(&[2; 166]),
        "sheet": b64url_encode(&[3; 166]),
        "replace": replace,
    })
}

async fn put_key(client: &Client, request: Value) -> testkit::Answer {
    client.json(PUT, &api("/video/viewing-key"), request).await
}

#[tokio::test]
async fn a_viewing_key_is_ones_own_and_replaced_on_purpose_only() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let brigade = app.brigade("tann").await;
        let admin = app.sign_in(&brigade.admin).await;
        let missing = admin.get(&api("/video/viewing-key")).await.expect(404);
        assert_eq!(missing.code(), "no_viewing_key");
        let (id, key) = (
            ViewingKeyId::random(&SystemRng),
            AgreementKey::generate(&SystemRng).unwrap(),
        );
        let kept = put_key(&admin, key_request(id, &key, false))
            .await
            .expect(200)
            .json();
        assert_eq!(kept["kdf"]["memory_kib"], 65_536);
        let mut rewrapped = key_request(id, &key, false);
        rewrapped["pass"] = b64url_encode(&[9; 166]).into();
        put_key(&admin, rewrapped).await.expect(200);
        let seen = admin
            .get(&api("/video/viewing-key"))
            .await
            .expect(200)
            .json();
        assert_eq!(seen["pass"], b64url_encode(&[9; 166]));

        let other = AgreementKey::generate(&SystemRng).unwrap();
        let swapped = put_key(&admin, key_request(id, &other, true))
            .await
            .expect(409);
        assert_eq!(swapped.code(), "viewing_key_taken");
        let second = ViewingKeyId::random(&SystemRng);
        let refused = put_key(&admin, key_request(second, &other, false))
            .await
            .expect(409);
        assert_eq!(refused.code(), "viewing_key_exists");
        put_key(&admin, key_request(second, &other, true))
            .await
            .expect(200);

        let crew = app.crew(&brigade, "Jonas").await;
        let crew = app.sign_in(&crew).await;
        let third = ViewingKeyId::random(&SystemRng);
        put_key(&crew, key_request(third, &other, false))
            .await
            .expect(403);
        crew.get(&api("/video/circle")).await.expect(403);
        let officer = app.member(&brigade, "Vera", BuiltIn::Officer).await;
        let officer = app.sign_in(&officer).await;
        let stolen = put_key(&officer, key_request(second, &key, false))
            .await
            .expect(409);
        assert_eq!(stolen.code(), "viewing_key_taken");
        let mut wrong = key_request(third, &key, false);
        wrong["salt"] = "AAAA".into();
        let wrong = put_key(&officer, wrong).await.expect(422);
        assert_eq!(wrong.json()["fields"][0]["field"], "salt");
    })
    .await;
}

struct Founding {
    signer: SignerKey,
    recording: (GenerationId, AgreementKey),
    live: (GenerationId, AgreementKey),
    custodian: GenerationId,
    list: List,
}

impl Founding {
    async fn new(viewer: &Viewer, org: base::OrgId) -> Self {
        let key = || {
            (
                GenerationId::random(&SystemRng),
                AgreementKey::generate(&SystemRng).unwrap(),
            )
        };
        let (recording, live) = (key(), key());
        let entry = |it: &(GenerationId, AgreementKey)| Recipient {
            generation: it.0,
            key: it.1.public(),
        };
        let hub = viewer.circle().await["hub_key"]
            .as_str()
            .unwrap()
            .to_owned();
        let list = List {
            org,
            number: 1,
            issued_us: 5,
            hub: Point::from_b64(&hub).unwrap(),
            recording: vec![vec![entry(&recording)]],
            live: vec![entry(&live)],
        };
        Self {
            signer: SignerKey::generate(&SystemRng).unwrap(),
            custodian: GenerationId::random(&SystemRng),
            recording,
            live,
            list,
        }
    }

    fn request(&self, viewer: &Viewer) -> Value {
        let hand = |pkcs8: &[u8], generation| {
            let public = viewer.key.public();
            let sealed = viewing::hand_over(pkcs8, generation, viewer.id, &public, &SystemRng);
            json!({
                "generation": generation,
                "viewing_key": viewer.id,
                "cose": b64url_encode(&sealed.unwrap()),
            })
        };
        let part = |id, key: &Point| json!({ "generation": id, "public_key": key.to_b64() });
        json!({
            "custodian": part(self.custodian, &self.signer.public()),
            "recording": part(self.recording.0, &self.recording.1.public()),
            "live": part(self.live.0, &self.live.1.public()),
            "wrapped": [
                hand(&self.signer.to_pkcs8(), self.custodian),
                hand(&self.recording.1.to_pkcs8(), self.recording.0),
                hand(&self.live.1.to_pkcs8(), self.live.0),
            ],
            "list": b64url_encode(&self.list.sign(&self.signer).unwrap()),
        })
    }
}

#[tokio::test]
async fn a_circle_is_founded_once_and_with_nobody_more_than_it_says() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let brigade = app.brigade("tann").await;
        let admin = Viewer::new(app.sign_in(&brigade.admin).await).await;
        let refused = admin
            .client
            .post(&api("/video/agents"), json!({ "name": "Turm" }))
            .await
            .expect(409);
        assert_eq!(refused.code(), "circle_missing");
        let cameras = admin
            .client
            .get(&api("/video/cameras"))
            .await
            .expect(200)
            .json();
        assert_eq!(cameras["circle"], "none");

        let fine = Founding::new(&admin, brigade.org).await;
        let post = async |request: Value| admin.client.post(&api("/video/circle"), request).await;
        let mut more = Founding::new(&admin, brigade.org).await;
        more.list.recording[0].push(Recipient {
            generation: GenerationId::random(&SystemRng),
            key: AgreementKey::generate(&SystemRng).unwrap().public(),
        });
        assert_eq!(
            post(more.request(&admin)).await.expect(422).code(),
            "list_wrong"
        );
        let mut numbered = Founding::new(&admin, brigade.org).await;
        numbered.list.number = 2;
        assert_eq!(
            post(numbered.request(&admin)).await.expect(409).code(),
            "list_number"
        );
        let mut other_hub = Founding::new(&admin, brigade.org).await;
        other_hub.list.hub = AgreementKey::generate(&SystemRng).unwrap().public();
        assert_eq!(
            post(other_hub.request(&admin)).await.expect(422).code(),
            "list_wrong"
        );
        let mut forged = fine.request(&admin);
        let forger = SignerKey::generate(&SystemRng).unwrap();
        forged["list"] = b64url_encode(&fine.list.sign(&forger).unwrap()).into();
        assert_eq!(post(forged).await.expect(422).code(), "list_wrong");
        let mut nobody = fine.request(&admin);
        nobody["wrapped"].as_array_mut().unwrap().pop();
        assert_eq!(post(nobody).await.expect(422).code(), "maker_missing");

        let founded = post(fine.request(&admin)).await.expect(201).json();
        assert_eq!(founded["list"]["number"], 1);
        assert_eq!(founded["mine"].as_array().unwrap().len(), 3);
        let fingerprint = founded["custodian"]["fingerprint"].as_str().unwrap();
        assert_eq!(fingerprint.len(), 79);
        for role in founded["roles"].as_array().unwrap() {
            assert_eq!(role["members"][0]["state"], "holds", "{role}");
            assert_eq!(role["rotate_due"], false);
        }
        assert_eq!(
            post(fine.request(&admin)).await.expect(409).code(),
            "circle_exists"
        );

        let officer = app.member(&brigade, "Vera", BuiltIn::Officer).await;
        let officer = Viewer::new(app.sign_in(&officer).await).await;
        let denied = officer
            .client
            .post(&api("/video/circle"), fine.request(&officer))
            .await;
        assert_eq!(denied.status, 403);
    })
    .await;
}

fn state(circle: &Value, kind: &str, name: &str) -> Option<String> {
    let role = circle["roles"].as_array().unwrap().iter();
    let role = role.clone().find(|it| it["kind"] == kind).unwrap();
    let members = role["members"].as_array().unwrap().iter();
    let member = members
        .clone()
        .find(|it| it["name"].as_str().unwrap().starts_with(name));
    member.map(|it| it["state"].as_str().unwrap().to_owned())
}

fn rotate_due(circle: &Value, kind: &str) -> bool {
    let roles = circle["roles"].as_array().unwrap();
    let role = roles.iter().find(|it| it["kind"] == kind).unwrap();
    role["rotate_due"].as_bool().unwrap()
}

#[tokio::test]
async fn keys_are_handed_on_by_who_holds_them_and_renewed_after_somebody_left() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let login = app.member(&site.brigade, "Vera", BuiltIn::Officer).await;
        let vera_client = app.sign_in(&login).await;
        let circle = site.admin.circle().await;
        assert_eq!(
            state(&circle, "recording", "Vera").as_deref(),
            Some("no_key")
        );
        assert_eq!(state(&circle, "custodian", "Vera"), None);
        let vera = Viewer::new(vera_client).await;
        let otto = site.officer(&app, "Otto").await;
        let circle = site.admin.circle().await;
        assert_eq!(
            state(&circle, "recording", "Vera").as_deref(),
            Some("waiting")
        );
        // Who does not hold it sees only themselves and whom to ask, and hands nothing on.
        let seen = otto.circle().await;
        assert_eq!(state(&seen, "recording", "Vera"), None);
        let roles = seen["roles"].as_array().unwrap();
        let named = |kind: &str| {
            let role = roles.iter().find(|it| it["kind"] == kind).unwrap();
            let others = role["members"].as_array().unwrap().iter();
            let others = others.filter(|it| it["state"] == "holds");
            others.cloned().collect::<Vec<Value>>()
        };
        let whole = circle["roles"][0]["members"].as_array().unwrap();
        let admin = whole.iter().find(|it| it["state"] == "holds").unwrap();
        for kind in ["recording", "live"] {
            let asked = named(kind);
            assert_eq!(asked.len(), 1, "{kind}");
            assert_eq!(
                (&asked[0]["name"], &asked[0]["person"]),
                (&admin["name"], &admin["person"])
            );
            assert_eq!(asked[0]["viewing_key"], json!(null));
            assert_eq!(asked[0]["public_key"], json!(null));
        }
        // Of a role that one does not belong to one learns nobody.
        assert_eq!(named("custodian"), Vec::<Value>::new());
        assert_eq!(
            state(&seen, "recording", "Otto").as_deref(),
            Some("waiting")
        );
        let generation = seen["roles"][0]["generation"]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let (parsed, public) = (generation.parse().unwrap(), otto.key.public());
        let forged = viewing::hand_over(&[7; 138], parsed, otto.id, &public, &SystemRng).unwrap();
        let forged = json!({ "wrapped": [{
            "generation": generation,
            "viewing_key": otto.id,
            "cose": b64url_encode(&forged),
        }] });
        let path = api("/video/circle/hand-over");
        let refused = otto.client.post(&path, forged.clone()).await.expect(403);
        assert_eq!(refused.code(), "not_holder");
        // An envelope to somebody else's key is none to this one.
        let mut mixed = forged;
        mixed["wrapped"][0]["viewing_key"] = vera.id.to_string().into();
        let refused = site.admin.client.post(&path, mixed).await.expect(422);
        assert_eq!(refused.code(), "not_sealed_to_it");

        assert_eq!(site.admin.hand_over().await, 4);
        vera.refresh().await;
        assert!(!rotate_due(&site.admin.circle().await, "recording"));
        let person = api(&format!("/people/{}", login.membership));
        site.admin.client.delete(&person).await.expect(204);
        let circle = site.admin.circle().await;
        assert!(rotate_due(&circle, "recording") && rotate_due(&circle, "live"));
        assert!(!rotate_due(&circle, "custodian"));
        let left = format!(
            "SELECT CAST((SELECT count(*) FROM viewing_key WHERE membership_id = '{0}') + \
             (SELECT count(*) FROM viewing_holder WHERE membership_id = '{0}') AS TEXT)",
            login.membership
        );
        assert_eq!(first(&app, &left).await, "0", "who leaves is forgotten");

        site.admin.rotate("recording").await;
        let circle = site.admin.circle().await;
        assert!(!rotate_due(&circle, "recording") && rotate_due(&circle, "live"));
        assert_eq!(circle["list"]["number"], 2);
        let current = |it: &&Value| it["kind"] == "recording" && it["current"] == true;
        let mine = circle["mine"].as_array().unwrap();
        assert_eq!(mine.len(), 4, "the old one opens what was sealed to it");
        assert_eq!(mine.iter().filter(current).count(), 1);
        assert_eq!(
            state(&circle, "recording", "Otto").as_deref(),
            Some("holds")
        );
        let setup = site.agent.setup().await;
        assert_eq!(List::read_unverified(&setup.list.cose.0).unwrap().number, 2);
        let log = site.log(&app).await;
        assert!(log.contains(&"video.recipient_list".to_owned()), "{log:?}");
        assert!(log.contains(&"video.key_handed_over".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn who_replaces_a_viewing_key_waits_again_and_nothing_is_due() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let vera = site.officer(&app, "Vera").await;
        site.admin.hand_over().await;
        let fresh = AgreementKey::generate(&SystemRng).unwrap();
        let id = ViewingKeyId::random(&SystemRng);
        put_key(&vera.client, key_request(id, &fresh, true))
            .await
            .expect(200);
        let circle = site.admin.circle().await;
        assert_eq!(
            state(&circle, "recording", "Vera").as_deref(),
            Some("waiting")
        );
        assert!(!rotate_due(&circle, "recording"));
        assert_eq!(vera.circle().await["mine"], json!([]));
        assert_eq!(site.admin.hand_over().await, 2);
    })
    .await;
}

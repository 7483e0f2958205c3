//! Agents: one token for one key, tokens for a quarter of an hour, revoked at once.

use std::time::Duration;

use base::SystemRng;
use media::wire;
use seal::SignerKey;
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp};

use crate::agent::Agent;
use crate::world::{Site, api, each};

async fn listed(admin: &Client, id: impl ToString) -> Value {
    let list = admin.get(&api("/video/agents")).await.expect(200).json();
    let mut items = list["items"].as_array().unwrap().iter();
    items.find(|it| it["id"] == id.to_string()).unwrap().clone()
}

#[tokio::test]
async fn a_token_is_bound_to_the_first_key() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let admin = &site.admin.client;
        let (id, token) = site.admin.new_agent("Halle").await;
        assert_eq!(listed(admin, &id).await["state"], "waiting_for_enrolment");
        let agent = Agent::new(&app, &token);
        let mut guess = Agent::new(&app, &token);
        guess.token.secret = [0; 16];
        assert_eq!(guess.enrol().await.expect(401).code(), "unknown_agent");
        agent.enrol().await.expect(200);
        agent.enrol().await.expect(200);
        assert_eq!(listed(admin, &id).await["state"], "offline");
        assert_eq!(listed(admin, &id).await["version"], "1.2.3");

        let second = Agent::new(&app, &token);
        assert_eq!(second.enrol().await.expect(409).code(), "token_used");
        assert!(listed(admin, &id).await["second_try_at"].is_string());
        agent.enrol().await.expect(200);
        let log = site.log(&app).await;
        assert_eq!(log.iter().filter(|it| *it == "agent.second_try").count(), 1);
        assert_eq!(
            log.iter().filter(|it| *it == "agent.enrolled").count(),
            2,
            "{log:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_command_names_the_custodian() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let circle = site.admin.circle().await;
        let shown = circle["custodian"]["fingerprint"].as_str().unwrap();
        let path = api("/video/agents");
        let made = site.admin.client.post(&path, json!({ "name": "Halle" }));
        let made = made.await.expect(201).json();
        let token = wire::EnrolmentToken::decode(made["token"].as_str().unwrap()).unwrap();
        for form in ["short", "file"] {
            let line = made["command_lines"][form].as_str().unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            let at = words.iter().position(|it| *it == "--custodian").unwrap();
            assert_eq!(words[at + 1].replace('-', " "), shown, "{line}");
            let read = wire::read_fingerprint(words[at + 1]);
            assert_eq!(read, Some(token.custodian));
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_after_a_day() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let (_, in_time) = site.admin.new_agent("Halle").await;
        let (id, late) = site.admin.new_agent("Tor").await;
        app.clock.advance(Duration::from_secs(24 * 3600 - 1));
        Agent::new(&app, &in_time).enrol().await.expect(200);
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(
            Agent::new(&app, &late).enrol().await.expect(410).code(),
            "token_expired"
        );
        let admin = app.sign_in(&site.brigade.admin).await;
        let path = api(&format!("/video/agents/{id}/token"));
        let renewed = admin.post(&path, json!({})).await.expect(200).json();
        let renewed = renewed["token"].as_str().unwrap();
        Agent::new(&app, &late).enrol().await.expect(401);
        Agent::new(&app, renewed).enrol().await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn assertions_work_once_and_access_for_a_quarter_of_an_hour() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let mut site = Site::new(&app, "tann").await;
        let agent = &mut site.agent;
        let assertion = agent.assertion("one");
        agent.ask_token(&assertion).await.expect(200);
        agent.ask_token(&assertion).await.expect(401);
        let elsewhere = seal::assertion::sign(
            &agent.key,
            agent.id,
            &format!("http://elsewhere.example{}", wire::TOKEN),
            crate::world::now(&app).as_second(),
            "two",
        );
        agent.ask_token(&elsewhere.unwrap()).await.expect(401);
        let own_key = std::mem::replace(&mut agent.key, SignerKey::generate(&SystemRng).unwrap());
        agent.ask_token(&agent.assertion("three")).await.expect(401);
        agent.key = own_key;
        let late = agent.assertion("four");
        app.clock.advance(Duration::from_mins(2));
        agent.ask_token(&late).await.expect(401);

        agent.renew().await;
        app.clock.advance(Duration::from_secs(899));
        agent.setup().await;
        app.clock.advance(Duration::from_secs(1));
        let request = agent.request(testkit::Method::GET, wire::SETUP);
        agent.client.send(request).await.expect(401);
        agent.renew().await;
        agent.setup().await;
    })
    .await;
}

#[tokio::test]
async fn a_revoked_agent_is_out_at_once() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let path = api(&format!("/video/agents/{}", site.agent.id));
        site.admin.client.delete(&path).await.expect(204);
        let request = site.agent.request(testkit::Method::GET, wire::SETUP);
        site.agent.client.send(request).await.expect(401);
        // Who proves the key is told, once for each proof; nobody else learns anything.
        let assertion = site.agent.assertion("one");
        let told = site.agent.ask_token(&assertion).await.expect(403);
        assert_eq!(told.code(), wire::AGENT_REVOKED);
        let again = site.agent.ask_token(&assertion).await.expect(401);
        let token = site.agent.token.encode();
        let stranger = Agent::new(&app, &token);
        let guessed = stranger.ask_token(&stranger.assertion("two")).await;
        let mut nobody = Agent::new(&app, &token);
        nobody.id = base::AgentId::from_bytes([9; 16]);
        let unknown = nobody.ask_token(&nobody.assertion("two")).await;
        let said = |answer: Answer| {
            let mut said = answer.expect(401).json();
            said["instance"].take();
            said
        };
        let unknown = said(unknown);
        assert_eq!((said(again), said(guessed)), (unknown.clone(), unknown));
        assert_eq!(site.agent.enrol().await.expect(410).code(), "agent_revoked");
        assert_eq!(
            listed(&site.admin.client, site.agent.id).await["state"],
            "revoked"
        );
        let cameras = site.admin.cameras().await;
        assert_eq!(cameras[0]["state"], "offline");
    })
    .await;
}

#[tokio::test]
async fn cameras_come_from_the_agents_file() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let cameras = site.agent.announce(&["hof", "tor"]).await;
        assert_eq!(cameras[0], site.camera);
        let seen = site.admin.cameras().await;
        assert_eq!(
            (&seen[0]["armed"], &seen[1]["armed"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(seen[0]["group"]["name"], "Kameras");
        assert_eq!(seen[0]["period"], "PT72H");
        site.agent.announce(&["tor"]).await;
        let seen = site.admin.cameras().await;
        assert_eq!(
            (&seen[0]["listed"], &seen[1]["listed"]),
            (&json!(false), &json!(true))
        );
        assert_eq!(site.agent.announce(&["hof"]).await, [site.camera]);
        let wrong = json!({ "cameras": [{ "label": "a b" }] });
        site.agent.post(wire::CAMERAS, &wrong).await.expect(422);
        let setup = site.agent.setup().await;
        let built = media::cut::Rules::default().segment;
        let told = Duration::from_secs(setup.segment_seconds.into());
        assert_eq!((setup.cameras.len(), told), (2, built));
    })
    .await;
}

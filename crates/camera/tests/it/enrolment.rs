//! The token: once, by one, and only for the hub that made it.

use camera::Error;
use media::wire::fingerprint_text;

use crate::hub::Hub;
use crate::world::{Agent, Scratch, mount, options, simulator, until};

#[tokio::test]
async fn a_second_agent_with_the_same_token_is_refused() {
    let (hub, camera) = (Hub::start(1).await, simulator(mount()).await);
    let (first, second) = (Scratch::new(), Scratch::new());
    let source = camera.url("yard");
    let agent = Agent::start(options(&first, &hub, &source));
    until(&hub, "the first", |it| it.channels > 0).await;
    let refused = Agent::start(options(&second, &hub, &source)).ends().await;
    assert!(matches!(refused, Err(Error::TokenUsed)), "{refused:?}");
    assert_eq!(hub.book().second_tries, 1);

    // Nor does a second one start on the same folder.
    let twice = Agent::start(options(&first, &hub, &source)).ends().await;
    assert!(matches!(twice, Err(Error::FolderInUse)), "{twice:?}");
    agent.stop().await.unwrap();
}

#[tokio::test]
async fn a_new_token_lets_a_known_agent_in_again() {
    let (hub, camera) = (Hub::start(1).await, simulator(mount()).await);
    let folder = Scratch::new();
    let source = camera.url("yard");
    let agent = Agent::start(options(&folder, &hub, &source));
    until(&hub, "the first", |it| it.channels > 0).await;
    agent.stop().await.unwrap();
    // What renewing a token does at the hub: the key is forgotten.
    let before = hub.book().device.take();
    let agent = Agent::start(options(&folder, &hub, &source));
    until(&hub, "again", |it| it.device.is_some() && it.channels > 1).await;
    assert_eq!(hub.book().device, before, "the same key as before");
    agent.stop().await.unwrap();
}

#[tokio::test]
async fn only_the_custodian_that_was_named_is_believed() {
    let (hub, camera) = (Hub::start(1).await, simulator(mount()).await);
    let folder = Scratch::new();
    let named = |custodian: &str| {
        let mut options = options(&folder, &hub, &camera.url("yard"));
        options.custodian = Some(custodian.to_owned());
        Agent::start(options)
    };
    let right = fingerprint_text(&hub.keys.token().custodian, '-');
    let wrong = fingerprint_text(&[7; 32], '-');
    let cut = named(&right[..70]).ends().await;
    assert!(matches!(cut, Err(Error::Fingerprint)), "{cut:?}");
    // A hub that names a custodian of its own is refused before it hears a word.
    let refused = named(&wrong).ends().await;
    let shown = fingerprint_text(&hub.keys.token().custodian, ' ');
    assert!(
        matches!(&refused, Err(Error::OtherCustodian(found)) if *found == shown),
        "{refused:?}"
    );
    assert!(hub.book().device.is_none() && !folder.path().join("agent.json").exists());

    let agent = named(&right.to_uppercase().replace('-', " "));
    until(&hub, "the channel", |it| it.channels > 0).await;
    agent.stop().await.unwrap();
    // Nor does it start again under another one.
    let refused = named(&wrong).ends().await;
    assert!(
        matches!(refused, Err(Error::OtherCustodian(_))),
        "{refused:?}"
    );
    let agent = named(&right);
    until(&hub, "the channel", |it| it.channels > 1).await;
    agent.stop().await.unwrap();
}

#[tokio::test]
async fn another_hub_with_another_key_is_not_believed() {
    let (hub, other, folder) = (Hub::start(1).await, Hub::start(2).await, Scratch::new());
    let mut options = options(&folder, &other, "rtsp://127.0.0.1:1/x");
    let mut token = hub.keys.token();
    token.secret = other.keys.token().secret;
    options.token = Some(token.encode());
    let refused = Agent::start(options).ends().await;
    assert!(matches!(refused, Err(Error::HubKey)), "{refused:?}");
    assert!(!folder.path().join("agent.json").exists());
}

#[tokio::test]
async fn without_a_whole_token_it_says_so() {
    let (hub, folder) = (Hub::start(1).await, Scratch::new());
    let mut cut = options(&folder, &hub, "rtsp://127.0.0.1:1/x");
    cut.token = cut.token.map(|it| it[..it.len() - 3].to_owned());
    assert!(matches!(Agent::start(cut).ends().await, Err(Error::Token)));
    let mut none = options(&folder, &hub, "rtsp://127.0.0.1:1/x");
    none.token = None;
    let error = Agent::start(none).ends().await;
    assert!(matches!(error, Err(Error::NotEnrolled)));
}

#[tokio::test]
async fn a_revoked_agent_stops() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "the channel", |it| it.channels > 0).await;
    hub.say(media::wire::ToAgent::Bye {
        why: media::wire::Bye::Revoked,
    });
    let ended = agent.ends().await;
    assert!(matches!(ended, Err(Error::Revoked)), "{ended:?}");
    assert_eq!(folder.ending("part"), 0);
}

#[tokio::test]
async fn an_agent_that_was_revoked_while_it_was_away_stops() {
    let (hub, camera, folder) = (
        Hub::start(1).await,
        simulator(mount()).await,
        Scratch::new(),
    );
    let agent = Agent::start(options(&folder, &hub, &camera.url("yard")));
    until(&hub, "the channel", |it| it.channels > 0).await;
    agent.stop().await.unwrap();
    hub.book().revoked = true;
    let ended = Agent::start(options(&folder, &hub, &camera.url("yard")));
    let ended = ended.ends().await;
    assert!(matches!(ended, Err(Error::Revoked)), "{ended:?}");
    assert_eq!(folder.ending("part"), 0);
}

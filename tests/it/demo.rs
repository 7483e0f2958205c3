//! The demo goes on where it stopped, rings by itself, and never mixes with real data.

use std::sync::Arc;

use base::SystemRng;
use server::clock::SystemClock;
use server::config::Config;
use server::start::{Options, StartError, start};
use testkit::{Client, Engine, TestDb, eventually};

fn options(folder: &std::path::Path, demo: bool) -> Options {
    let mut config = Config::default();
    folder.clone_into(&mut config.data.folder);
    config.server.port = 0;
    let clock = Arc::new(SystemClock::new());
    Options {
        config,
        demo,
        clock,
        rng: Arc::new(SystemRng),
        limits: true,
        blobs: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_rings_answers_and_goes_on_after_a_restart() {
    let db = TestDb::new(Engine::Sqlite).await;
    let first = start(options(&db.folder, true)).await.unwrap();
    let secrets = first.parts.demo.clone().unwrap().secrets;
    let key = secrets.intake_key.clone().unwrap();
    let client = Client::new(first.address);
    let path = format!("/api/alarm?accesskey={key}&title=B3&ric=4711,4712");
    let answer = client.get(&path).await.expect(200).json();
    assert_eq!(answer["data"]["count_recipients"], 23);
    let demo = first.parts.demo.clone().unwrap();
    // One of the twenty phones belongs to somebody who is in neither group.
    eventually("all phones ring", async || demo.push.taken() == 19).await;
    let [officer, ..] = demo
        .logins()
        .map(|(email, password)| (email, password.to_owned()));
    let fields = [
        ("email", officer.0.as_str()),
        ("password", officer.1.as_str()),
        ("next", "/"),
    ];
    client.form("/sign-in", &fields).await.expect(303);
    let list = Client::api("/alarms");
    eventually("the phones report", async || {
        let alarms = client.get(&list).await.json();
        alarms["items"][0]["counts"]["reached"] == 19
    })
    .await;
    drop(demo);
    first.stop().await;

    let real = start(options(&db.folder, false)).await;
    assert!(
        matches!(real, Err(StartError::Data(_))),
        "a demo is never served as real"
    );

    // In one process the last clones of the first store need a moment to go; processes have no such trouble.
    let mut second = None;
    eventually("the second start", async || {
        second = start(options(&db.folder, true)).await.ok();
        second.is_some()
    })
    .await;
    let second = second.unwrap();
    assert_eq!(
        second.parts.demo.as_ref().unwrap().secrets.intake_key,
        Some(key.clone())
    );
    // The port is another one, and the phones ring all the same.
    let client = Client::new(second.address);
    client
        .get(&format!("/api/alarm?accesskey={key}&title=B4"))
        .await
        .expect(200);
    let demo = second.parts.demo.clone().unwrap();
    eventually("all phones ring again", async || demo.push.taken() == 20).await;
    client.form("/sign-in", &fields).await.expect(303);
    let alarms = client.get(&list).await.expect(200).json();
    assert_eq!(alarms["items"].as_array().map(Vec::len), Some(2));
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_data_are_never_served_as_a_demo() {
    let db = TestDb::new(Engine::Sqlite).await;
    let real = start(options(&db.folder, false)).await.unwrap();
    assert!(real.setup_link.is_some());
    let shut = Client::new(real.address);
    shut.get(&Client::api("/alarms")).await.expect(503);
    shut.get("/api/alarm?accesskey=x&title=B3")
        .await
        .expect(503);
    real.stop().await;
    let demo = start(options(&db.folder, true)).await;
    assert!(matches!(demo, Err(StartError::Data(_))));
}

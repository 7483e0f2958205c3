//! An agent that was revoked while it was away.

use testkit::{Client, Engine};

use super::world::{Station, binary, files, now, wait_for_segments};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_revoked_while_it_was_away_stops_when_it_comes_back() {
    let Some(binary) = binary() else { return };
    let station = Station::new(binary, Engine::Sqlite).await;
    let (_cameras, rtsp) = station.cameras(&["hof"], &[]);
    station.list_cameras(rtsp, &["hof"]);
    let (hub, port) = station.hub(0);
    let since = now();
    let admin = station.administrator(port).await;
    let (agent, ids) = station.record(&admin, port, &["hof"]).await;
    wait_for_segments(&admin, &ids[0], since, 1).await;
    drop(agent);

    let list = admin.client.get(&Client::api("/video/agents")).await;
    let list = list.expect(200).json();
    let id = list["items"][0]["id"].as_str().unwrap();
    let path = Client::api(&format!("/video/agents/{id}"));
    admin.client.delete(&path).await.expect(204);

    // While the hub is away nobody tells it, so it records; then it is told, and ends by itself.
    drop(hub);
    let agent = station.start_agent(port, None);
    let parts = || files(&station.agent.join("state/spool/cameras"));
    testkit::eventually("it records", async || !parts().is_empty()).await;
    let _hub = station.hub(port);
    assert!(!agent.ends().await, "it says that something is wrong");
    let left = parts();
    let ends = |end: &str| {
        left.iter()
            .any(|it| it.extension().is_some_and(|it| it == end))
    };
    assert!(ends("seg") && !ends("part"), "{left:?}");
    let refused = files(&station.agent.join("state/spool/refused"));
    assert!(refused.is_empty(), "{refused:?}");
}

//! Two servers on one PostgreSQL. While their clocks stand still neither looks by itself: what one hears
//! of the other it was told.

use std::sync::Arc;
use std::time::Duration;

use base::{OrgId, SimClock};
use testkit::{Engine, TestApp, TestDb, eventually};

/// Another server on the database of the first.
async fn beside(first: &TestApp) -> TestApp {
    let (folder, url) = (first.db.folder.clone(), first.db.postgres.clone());
    let clock = Arc::new(SimClock::at("2026-11-22T11:00:00Z".parse().unwrap()));
    let change = |config: &mut server::config::Config| {
        config.data.folder = folder;
        config.database.url = url;
    };
    TestApp::start_on(TestDb::new(Engine::Postgres).await, clock, change).await
}

/// Tells until it is heard: a server may not listen yet, or not again.
async fn reaches(from: &TestApp, to: &TestApp, org: OrgId, pass: Duration) {
    let mut changes = to.running.parts.ctx.live().subscribe(org);
    eventually("a hint", async || {
        to.clock.advance(pass);
        from.running.parts.ctx.live().notify(org, "trial");
        changes.try_recv().is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_change_on_one_server_is_heard_on_the_other() {
    if !TestDb::engines().contains(&Engine::Postgres) {
        return;
    }
    let one = TestApp::start(Engine::Postgres).await;
    let brigade = one.brigade("tann").await;
    let two = beside(&one).await;
    reaches(&one, &two, brigade.org, Duration::ZERO).await;
    reaches(&two, &one, brigade.org, Duration::ZERO).await;

    for (from, to) in [(&one, &two), (&two, &one)] {
        let mut changes = to.running.parts.ctx.live().subscribe(brigade.org);
        let path = format!("/api/alarm?accesskey={}&title=B3", brigade.intake_key);
        from.client().get(&path).await.expect(200);
        loop {
            let change = changes.recv().await.unwrap();
            if change.object.starts_with("alm_") {
                break;
            }
            // What still was on its way from the trials.
            assert_eq!(&*change.object, "trial");
        }
    }

    // A connection that was cut is made anew.
    one.db.cut_off(true).await;
    one.db.cut_off(false).await;
    let second = Duration::from_secs(1);
    reaches(&one, &two, brigade.org, second).await;
    reaches(&two, &one, brigade.org, second).await;
}

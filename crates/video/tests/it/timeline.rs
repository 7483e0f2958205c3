//! What a timeline says, and where alarms lie on it.

use media::wire;
use serde_json::json;
use testkit::TestApp;

use crate::world::{Site, api, each, now, plus};

#[tokio::test]
async fn a_timeline_is_honest_about_what_is_missing() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        app.clock.advance(std::time::Duration::from_mins(10));
        let bucket = site.agent.announced(site.camera, hour).await;
        for (from, seconds) in [(0, 60), (60, 60), (180, 60), (300, 60)] {
            let segment = site.agent.segment(&bucket, plus(hour, from), seconds, 10);
            site.agent.upload(segment.id, &segment.body).await.expect(204);
        }
        let gap = json!({ "gaps": [{ "id": "gap_00000000000000000000000001", "camera": site.camera,
            "from": plus(hour, 120).to_string(), "to": plus(hour, 180).to_string(), "cause": "password" }] });
        site.agent.post(wire::GAPS, &gap).await.expect(204);
        let at = |seconds| plus(hour, seconds).to_string();
        let timeline = site.timeline(hour, plus(hour, 3600)).await;
        assert_eq!(
            timeline["spans"],
            json!([{ "from": at(0), "to": at(120) }, { "from": at(180), "to": at(240) },
                { "from": at(300), "to": at(360) }])
        );
        // Nobody is connected, so what is behind the last piece may still come.
        assert_eq!(
            timeline["gaps"],
            json!([{ "from": at(120), "to": at(180), "cause": "password" },
                { "from": at(240), "to": at(300), "cause": "unknown" },
                { "from": at(360), "to": null, "cause": "pending" }])
        );
        assert_eq!(timeline["due"][0]["due_at"], plus(hour, 72 * 3600).to_string());
        assert_eq!(timeline["forgets_early_minutes"], 59);

        let off = json!({ "armed": false });
        site.admin.change_camera(&site.camera.to_string(), off).await;
        app.clock.advance(std::time::Duration::from_mins(10));
        let timeline = site.timeline(plus(hour, 600), plus(hour, 1200)).await;
        assert_eq!(timeline["gaps"], json!([]), "nothing is missing from a camera at rest");
    })
    .await;
}

#[tokio::test]
async fn an_alarm_bookmarks_the_armed_cameras_of_its_unit() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let cameras = site.agent.announce(&["hof", "tor", "dach"]).await;
        // One of the unit that is at rest, one armed elsewhere.
        let unit = json!({ "unit": site.brigade.unit });
        site.admin
            .change_camera(&cameras[1].to_string(), unit)
            .await;
        site.admin
            .change_camera(&cameras[2].to_string(), json!({ "armed": true }))
            .await;
        let at = plus(now(&app), 130);
        app.clock.advance(std::time::Duration::from_secs(130));
        let body = json!({ "unit_id": site.brigade.unit, "title": "B3" });
        let alarm = site
            .admin
            .client
            .post(&api("/alarms"), body)
            .await
            .expect(201)
            .json();
        let alarm = alarm["id"].as_str().unwrap();
        let path = api(&format!("/video/bookmarks?alarm={alarm}"));
        let bookmarks = async || {
            let answer = site.admin.client.get(&path).await.expect(200).json();
            answer["bookmarks"].as_array().unwrap().clone()
        };
        testkit::eventually("the bookmark", async || !bookmarks().await.is_empty()).await;
        let found = bookmarks().await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["camera"]["id"], site.camera.to_string());
        assert_eq!(
            (&found[0]["at"], &found[0]["may_playback"]),
            (&json!(at.to_string()), &json!(true))
        );
        let timeline = site.timeline(plus(at, -60), at).await;
        assert_eq!(timeline["bookmarks"], json!([]));
        let timeline = site.timeline(plus(at, -60), plus(at, 60)).await;
        assert_eq!(
            timeline["bookmarks"],
            json!([]),
            "that time has not come yet"
        );
        app.clock.advance(std::time::Duration::from_mins(1));
        let timeline = site.timeline(plus(at, -60), plus(at, 60)).await;
        assert_eq!(timeline["bookmarks"][0]["alarm"], alarm);
        let crew = app.crew(&site.brigade, "Jonas").await;
        app.sign_in(&crew).await.get(&path).await.expect(403);
    })
    .await;
}

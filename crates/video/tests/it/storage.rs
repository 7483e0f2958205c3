//! Disks that are full or gone, and the check of what lies on them.

use base::{BucketId, SystemRng, Timestamp};
use testkit::{Mood, MoodyStore, TestApp, TestDb};

use crate::world::{Site, api, each, now, plus};

#[tokio::test]
async fn a_full_or_failing_disk_costs_nothing() {
    each(async |engine| {
        let db = TestDb::new(engine).await;
        let clock = base::SimClock::at("2026-11-22T11:00:00Z".parse::<Timestamp>().unwrap());
        let app = TestApp::start_on(db, std::sync::Arc::new(clock), |config| {
            config.video.most_mib = Some(1);
        })
        .await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let state = async || {
            let answer = site.admin.client.get(&api("/video/storage")).await;
            answer.expect(200).json()["state"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let bucket = site.agent.announced(site.camera, hour).await;
        let first = site.agent.segment(&bucket, hour, 3, 200_000);
        site.agent.upload(first.id, &first.body).await.expect(204);
        assert_eq!(state().await, "ok");
        let second = site.agent.segment(&bucket, plus(hour, 5), 3, 200_000);
        let refused = site.agent.upload(second.id, &second.body).await.expect(507);
        assert_eq!(refused.code(), "storage_full");
        assert_eq!(state().await, "full");

        // A camera is deleted, and there is room again.
        let tor = site.agent.announce(&["hof", "tor"]).await[1];
        let path = api(&format!("/video/cameras/{}", site.camera));
        site.admin.client.delete(&path).await.expect(204);
        assert_eq!(state().await, "ok");
        let bucket = site.agent.announced(tor, hour).await;
        let second = site.agent.segment(&bucket, plus(hour, 5), 3, 200_000);
        let folder = app.db.folder.join("blobs");
        std::fs::remove_dir_all(&folder).unwrap();
        std::fs::write(&folder, b"").unwrap();
        let refused = site.agent.upload(second.id, &second.body).await.expect(503);
        assert_eq!(refused.code(), "storage_refused");
        assert_eq!(state().await, "refusing");
        std::fs::remove_file(&folder).unwrap();
        std::fs::create_dir(&folder).unwrap();
        site.agent.upload(second.id, &second.body).await.expect(204);
        assert_eq!(state().await, "ok");
        let again = site.agent.announce(&["hof"]).await[0];
        assert_ne!(again, site.camera, "what was deleted does not come back");
    })
    .await;
}

#[tokio::test]
async fn the_check_finds_what_is_wrong() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let bucket = site.agent.announced(site.camera, hour).await;
        let mut ids = Vec::new();
        for n in 0..3 {
            let segment = site.agent.segment(&bucket, plus(hour, n * 10), 5, 100);
            site.agent
                .upload(segment.id, &segment.body)
                .await
                .expect(204);
            ids.push(segment.id);
        }
        let parts = &app.running.parts;
        let check = async || {
            video::check(&parts.store, &parts.video.blobs)
                .await
                .unwrap()
        };
        let report = check().await;
        assert!(report.is_fine(), "{:?}", report.findings);
        assert_eq!(report.segments, 3);
        let folder = app
            .db
            .folder
            .join(format!("blobs/video/{}/{}", site.brigade.org, bucket.id));
        std::fs::remove_file(folder.join(ids[0].to_string())).unwrap();
        let path = folder.join(ids[1].to_string());
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[700] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        std::fs::write(folder.join("seg_stray"), b"x").unwrap();
        let lost = BucketId::random(&SystemRng);
        let keys = parts.store.keys();
        keys.put(&format!("video/{lost}"), "video_share", None, &[1; 32])
            .await
            .unwrap();
        keys.destroy(&[format!("video/{}", bucket.id)])
            .await
            .unwrap();
        let found: Vec<String> = check()
            .await
            .findings
            .iter()
            .map(ToString::to_string)
            .collect();
        let has = |what: &str, id: &str| {
            found
                .iter()
                .any(|it| it.starts_with(id) && it.contains(what))
        };
        assert!(has("missing", &ids[0].to_string()), "{found:?}");
        assert!(
            has("not what the index says", &ids[1].to_string()),
            "{found:?}"
        );
        assert!(has("belongs to no segment", "video/"), "{found:?}");
        assert!(
            has("share of the key is missing", &bucket.id.to_string()),
            "{found:?}"
        );
        assert!(has("protects nothing", &lost.to_string()), "{found:?}");
        assert_eq!(found.len(), 5, "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn a_store_that_takes_its_time_holds_up_nothing_else() {
    each(async |engine| {
        let db = TestDb::new(engine).await;
        let clock = base::SimClock::at("2026-11-22T11:00:00Z".parse::<Timestamp>().unwrap());
        let settings = store::BlobSettings {
            folder: db.folder.join("blobs"),
            reserve: 0,
            most: None,
        };
        let (place, blobs) = MoodyStore::open(settings).await;
        let app = TestApp::start_over(db, std::sync::Arc::new(clock), Some(blobs), |_| {}).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let bucket = site.agent.announced(site.camera, hour).await;
        let first = site.agent.segment(&bucket, hour, 3, 200_000);
        site.agent.upload(first.id, &first.body).await.expect(204);

        // More uploads hang than there are connections to the database.
        place.be(Mood::Silent);
        let hanging: Vec<_> = (1..=20)
            .map(|n| site.agent.segment(&bucket, plus(hour, n * 5), 3, 50_000))
            .collect();
        let uploads = hanging.iter().map(|it| site.agent.upload(it.id, &it.body));
        let mut uploads = std::pin::pin!(futures_util::future::join_all(uploads));
        let meanwhile = async {
            place.is_waited_for().await;
            // An alarm comes, pages open, the next hour's key is taken.
            let key = &site.brigade.intake_key;
            let alarm = format!("/api/alarm?accesskey={key}&title=B3&text=Rauch");
            app.client().get(&alarm).await.expect(200);
            site.admin.client.get(&api("/alarms")).await.expect(200);
            site.admin
                .client
                .get(&api("/video/cameras"))
                .await
                .expect(200);
            site.agent.announced(site.camera, hour).await;
        };
        tokio::select! {
            _ = &mut uploads => panic!("an upload ended while the store was silent"),
            () = meanwhile => {}
        }
        place.be(Mood::Quick);
        for answer in uploads.await {
            answer.expect(204);
        }

        place.be(Mood::Refusing);
        let next = site.agent.segment(&bucket, plus(hour, 300), 3, 50_000);
        let refused = site.agent.upload(next.id, &next.body).await.expect(503);
        assert_eq!(refused.code(), "storage_refused");
        place.be(Mood::Quick);
        site.agent.upload(next.id, &next.body).await.expect(204);
        let parts = &app.running.parts;
        let report = video::check(&parts.store, &parts.video.blobs)
            .await
            .unwrap();
        assert!(report.is_fine(), "{:?}", report.findings);
        assert_eq!(report.segments, 22);
    })
    .await;
}

//! When its hour has come a recording can't be opened any more, then its files are gone; nothing is forgotten
//! to be deleted.

use std::time::Duration;

use base::{BucketId, SystemRng};
use media::wire;
use seal::bucket::combine;
use seal::segment::open_whole;
use seal::{AgreementKey, Zeroizing, b64url_decode};
use serde_json::json;
use testkit::TestApp;

use crate::world::{PUT, Site, api, each, first, now, plus, sweep, swept};

const PERIOD: u64 = 72 * 3600;

#[tokio::test]
async fn the_key_goes_first_and_then_the_files() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let mut site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let start = plus(hour, 1800);
        let (bucket, segment) = site.agent.record(site.camera, start, 10).await;
        let kept = site.agent.segment(&bucket, plus(start, 20), 10, 100);
        let alarm = json!({ "unit_id": site.brigade.unit, "title": "B3" });
        site.admin
            .client
            .post(&api("/alarms"), alarm)
            .await
            .expect(201);
        testkit::eventually("the bookmark", async || {
            first(&app, "SELECT CAST(count(*) AS TEXT) FROM camera_bookmark").await == "1"
        })
        .await;
        let keys = app.running.parts.store.keys();
        let share = format!("video/{}", bucket.id);
        let file = app.db.folder.join(format!(
            "blobs/video/{}/{}/{}",
            site.brigade.org, bucket.id, segment.id
        ));
        let camera = site.camera.to_string();

        app.clock.advance(Duration::from_secs(PERIOD - 1));
        sweep(&app).await;
        assert!(keys.get(&share).await.unwrap().is_some() && file.exists());
        site.admin.client = app.sign_in(&site.brigade.admin).await;
        let opened = site
            .admin
            .open(&camera, start, plus(start, 10))
            .await
            .unwrap();
        assert_eq!(opened.len(), 1);
        let path = api(&format!("/video/segments/{}/bytes", segment.id));

        // At the deadline it is over at once, before anything was swept.
        app.clock.advance(Duration::from_secs(1));
        let gone = site.admin.ask(&camera, start, plus(start, 10)).await;
        assert_eq!(gone.expect(410).code(), "recording_gone");
        site.admin.client.get(&path).await.expect(410);
        sweep(&app).await;
        assert!(keys.get(&share).await.unwrap().is_none() && !file.exists());
        assert!(!file.parent().unwrap().exists());
        let gone = site.admin.ask(&camera, start, plus(start, 10)).await;
        assert_eq!(gone.expect(410).code(), "recording_gone");
        site.admin.client.get(&path).await.expect(404);
        for table in ["video_segment", "camera_bookmark"] {
            let count = format!("SELECT CAST(count(*) AS TEXT) FROM {table}");
            assert_eq!(first(&app, &count).await, "0", "{table}");
        }
        let log = site.log(&app).await;
        let place = |action: &str| log.iter().position(|it| it == action).unwrap();
        assert!(
            place("video.files_deleted") < place("video.share_destroyed"),
            "{log:?}"
        );

        // An agent that comes late is told, and nothing comes back.
        site.agent.renew().await;
        assert_eq!(
            site.agent
                .upload(kept.id, &kept.body)
                .await
                .expect(410)
                .code(),
            "bucket_gone"
        );
        let again = site.agent.post(wire::BUCKETS, &bucket.request).await;
        assert_eq!(again.expect(410).code(), "bucket_gone");
        assert!(keys.get(&share).await.unwrap().is_none() && !file.exists());
        app.clock.advance(Duration::from_hours(7 * 24));
        sweep(&app).await;
        assert_eq!(
            first(&app, "SELECT CAST(count(*) AS TEXT) FROM video_bucket").await,
            "0"
        );
        site.agent.renew().await;
        let late = site.agent.post(wire::BUCKETS, &bucket.request).await;
        assert_eq!(late.expect(422).code(), "past_deadline");
    })
    .await;
}

#[tokio::test]
async fn shorter_periods_count_at_once() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let tor = site.agent.announce(&["hof", "tor"]).await[1];
        site.agent.record(site.camera, hour, 5).await;
        site.agent.record(tor, hour, 5).await;
        let path = api(&format!("/video/cameras/{tor}"));
        let longer = json!({ "period": "PT73H" });
        let refused = site
            .admin
            .client
            .json(testkit::Method::PATCH, &path, longer)
            .await;
        assert_eq!(refused.expect(422).code(), "longer_than_rule");
        site.admin
            .change_camera(&tor.to_string(), json!({ "period": "PT2H" }))
            .await;
        let left = async || {
            sweep(&app).await;
            let sql = "SELECT CAST(count(*) AS TEXT) FROM video_bucket WHERE destroyed_us IS NULL";
            first(&app, sql).await
        };
        app.clock.advance(Duration::from_secs(7199));
        assert_eq!(left().await, "2");
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(left().await, "1");
        let rule = api("/privacy/deletion/recordings");
        let day = json!({ "period": "PT24H" });
        site.admin.client.json(PUT, &rule, day).await.expect(204);
        app.clock.advance(Duration::from_secs(22 * 3600 - 1));
        assert_eq!(left().await, "1");
        app.clock.advance(Duration::from_secs(1));
        assert_eq!(left().await, "0");
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_comes_after_its_camera_was_deleted_is_told() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let mut site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let tor = site.agent.announce(&["hof", "tor"]).await[1];
        let (kept, segment) = site.agent.record(site.camera, hour, 5).await;
        let more = site.agent.segment(&kept, plus(hour, 10), 5, 100);
        let (late, never) = (
            site.agent.bucket(site.camera, hour),
            site.agent.bucket(tor, hour),
        );
        for camera in [site.camera, tor] {
            let path = api(&format!("/video/cameras/{camera}"));
            site.admin.client.delete(&path).await.expect(204);
        }
        let gap = json!({ "gaps": [{ "id": "gap_00000000000000000000000001", "camera": tor,
            "from": hour.to_string(), "to": plus(hour, 5).to_string(), "cause": "loss" }] });
        let refused = async |site: &Site| {
            for bucket in [&late, &never] {
                let answer = site.agent.post(wire::BUCKETS, &bucket.request).await;
                assert_eq!(answer.expect(410).code(), wire::CAMERA_DELETED);
            }
            let answer = site.agent.post(wire::GAPS, &gap).await;
            assert_eq!(answer.expect(410).code(), wire::CAMERA_DELETED);
            for it in [&segment, &more] {
                let answer = site.agent.upload(it.id, &it.body).await.expect(410);
                assert_eq!(answer.code(), "bucket_gone");
            }
        };
        refused(&site).await;
        sweep(&app).await;
        refused(&site).await;
        let keys = app.running.parts.store.keys();
        assert!(keys.ids("video_share").await.unwrap().is_empty());

        // For as long as anything it recorded could be taken; then it is past its deadline, whether or not the camera is
        // remembered.
        app.clock.advance(Duration::from_secs(PERIOD - 1));
        sweep(&app).await;
        site.agent.renew().await;
        refused(&site).await;
        app.clock.advance(Duration::from_secs(1));
        let cameras = "SELECT CAST(count(*) AS TEXT) FROM camera";
        assert_eq!(first(&app, cameras).await, "2");
        for hours in [0, 1, 8 * 24] {
            app.clock.advance(Duration::from_hours(hours));
            sweep(&app).await;
            site.agent.renew().await;
            for bucket in [&late, &never] {
                let answer = site.agent.post(wire::BUCKETS, &bucket.request).await;
                assert_eq!(answer.expect(422).code(), "past_deadline");
            }
        }
        assert_eq!(first(&app, cameras).await, "0");
    })
    .await;
}

#[tokio::test]
async fn what_a_crash_left_behind_goes() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let (bucket, segment) = site.agent.record(site.camera, hour, 5).await;
        let keys = app.running.parts.store.keys();
        let lost = BucketId::random(&SystemRng);
        let share = format!("video/{lost}");
        keys.put(&share, "video_share", Some(site.brigade.org), &[1; 32])
            .await
            .unwrap();
        let org = app
            .db
            .folder
            .join(format!("blobs/video/{}", site.brigade.org));
        let stray = org.join(format!("{}/seg_00000000000000000000000000", bucket.id));
        let foreign = org.join(format!("{lost}/seg_00000000000000000000000000"));
        std::fs::create_dir(foreign.parent().unwrap()).unwrap();
        std::fs::write(&stray, b"x").unwrap();
        std::fs::write(&foreign, b"x").unwrap();
        sweep(&app).await;
        app.clock.advance(Duration::from_secs(3599));
        sweep(&app).await;
        let there = async || keys.get(&share).await.unwrap().is_some();
        assert!(
            there().await && stray.exists() && foreign.exists(),
            "perhaps on their way"
        );
        // Seen at the latest after the first hour, and again after the second.
        app.clock.advance(Duration::from_secs(3602));
        sweep(&app).await;
        app.clock.advance(Duration::from_secs(3601));
        swept(&app, "all of it goes", async || {
            !there().await && !stray.exists() && !foreign.exists()
        })
        .await;
        let file = org.join(format!("{}/{}", bucket.id, segment.id));
        assert!(file.exists());
        assert!(
            keys.get(&format!("video/{}", bucket.id))
                .await
                .unwrap()
                .is_some()
        );
    })
    .await;
}

/// What restoring a database from before does to the index; `false` puts the newer one back.
async fn restore(app: &TestApp, older: bool) {
    let store = &app.running.parts.store;
    for table in ["video_bucket", "video_segment"] {
        let away = format!("CREATE TABLE newer_{table} AS SELECT * FROM {table}");
        let back = format!("INSERT INTO {table} SELECT * FROM newer_{table}");
        store.raw(if older { &away } else { &back }).await.unwrap();
    }
    if older {
        store.raw("DELETE FROM video_segment").await.unwrap();
        store.raw("DELETE FROM video_bucket").await.unwrap();
    }
}

#[tokio::test]
async fn recordings_outlive_an_older_database_until_their_deadline() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let mut site = Site::new(&app, "tann").await;
        let tor = site.agent.announce(&["hof", "tor"]).await[1];
        let short = json!({ "period": "PT24H" });
        site.admin.change_camera(&tor.to_string(), short).await;
        let hour = now(&app);
        let start = plus(hour, 1800);
        let (long, long_piece) = site.agent.record(site.camera, start, 10).await;
        let (brief, brief_piece) = site.agent.record(tor, start, 10).await;
        let keys = app.running.parts.store.keys();
        let blobs = app.db.folder.join("blobs/video");
        let path = |bucket: BucketId, segment| {
            let org = site.brigade.org;
            blobs.join(format!("{org}/{bucket}/{segment}"))
        };
        let (long_file, brief_file) =
            (path(long.id, long_piece.id), path(brief.id, brief_piece.id));
        let there = async |bucket: BucketId, file: &std::path::Path| {
            let share = keys.get(&format!("video/{bucket}")).await.unwrap();
            assert_eq!(share.is_some(), file.exists(), "{bucket}: half is gone");
            file.exists()
        };
        let told = async |client: &testkit::Client| {
            let answer = client.get(&api("/video/storage")).await.expect(200);
            answer.json()["unlisted"].clone()
        };
        let check = async || {
            let parts = &app.running.parts;
            let report = video::check(&parts.store, &parts.video.blobs)
                .await
                .unwrap();
            let all = report.findings.iter().map(ToString::to_string);
            all.collect::<Vec<String>>()
        };
        assert_eq!(told(&site.admin.client).await, json!(null));
        restore(&app, true).await;
        for _ in 0..4 {
            app.clock.advance(Duration::from_secs(3601));
            sweep(&app).await;
        }
        assert!(there(long.id, &long_file).await && there(brief.id, &brief_file).await);
        let size = |it: &std::path::Path| std::fs::metadata(it).unwrap().len();
        swept(&app, "it is told", async || {
            !told(&site.admin.client).await.is_null()
        })
        .await;
        assert_eq!(
            told(&site.admin.client).await,
            json!({ "files": 2, "bytes": size(&long_file) + size(&brief_file),
                "until": plus(hour, 72 * 3600).to_string() })
        );
        let found = check().await;
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found.iter().all(|it| it.contains("kept until 2026-11-2")),
            "{found:?}"
        );

        // Each goes at its own deadline, to the second, the key with it, as it would have with its row.
        let at = async |seconds: i64| {
            let passed = now(&app).duration_since(hour).as_secs();
            app.clock
                .advance(Duration::from_secs((seconds - passed).unsigned_abs()));
            sweep(&app).await;
        };
        at(24 * 3600 - 1).await;
        assert!(there(brief.id, &brief_file).await);
        at(24 * 3600).await;
        swept(&app, "it goes", async || !brief_file.exists()).await;
        assert!(!there(brief.id, &brief_file).await);
        assert!(there(long.id, &long_file).await);
        at(72 * 3600 - 1).await;
        assert!(there(long.id, &long_file).await);

        // Whoever puts the newer database back has what is not due yet.
        restore(&app, false).await;
        site.admin.client = app.sign_in(&site.brigade.admin).await;
        let camera = site.camera.to_string();
        let opened = site.admin.open(&camera, start, plus(start, 10)).await;
        assert_eq!(opened.unwrap()[0].id, long_piece.id);
        app.running
            .parts
            .store
            .raw("DELETE FROM video_segment")
            .await
            .unwrap();
        app.running
            .parts
            .store
            .raw("DELETE FROM video_bucket")
            .await
            .unwrap();
        at(72 * 3600).await;
        swept(&app, "it goes", async || !long_file.exists()).await;
        assert!(!there(long.id, &long_file).await);
        swept(&app, "nothing is told any more", async || {
            told(&site.admin.client).await.is_null()
        })
        .await;
        assert_eq!(check().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn half_of_the_keys_opens_nothing() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let mut site = Site::new(&app, "tann").await;
        let start = plus(now(&app), 1800);
        site.agent.record(site.camera, start, 10).await;
        let camera = site.camera.to_string();
        let opened = site
            .admin
            .open(&camera, start, plus(start, 10))
            .await
            .unwrap();
        let (file, record) = (&opened[0].file, &opened[0].record);
        let answer = site.admin.ask(&camera, start, plus(start, 10)).await;
        let one = answer.expect(200).json()["buckets"][0].clone();
        let roles = site.admin.role_shares(&one).unwrap();
        let bytes = |text: &serde_json::Value| b64url_decode(text.as_str().unwrap()).unwrap();
        let hub: [u8; 32] = bytes(&one["hub_share"]).try_into().unwrap();
        let id = opened[0].bucket;
        let opens = |hub: &[u8; 32], roles: &[Zeroizing<Vec<u8>>]| {
            let key = combine(id, hub, roles).unwrap();
            open_whole(&key, file, record).is_ok()
        };
        assert!(opens(&hub, &roles), "with both halves it opens");

        // The hub alone: its share and its own private key, but no role's.
        let nothing = [Zeroizing::new(vec![0; 32])];
        assert!(!opens(&hub, &nothing));
        let keys = app.running.parts.store.keys();
        let own = keys
            .get(&format!("video/hub/{}", site.brigade.org))
            .await
            .unwrap();
        let own = AgreementKey::from_pkcs8(&own.unwrap()).unwrap();
        let sealed = bytes(&one["role_shares"][0]);
        for kid in seal::envelope::kids(&sealed).unwrap() {
            let aad = id.to_string();
            assert!(seal::envelope::open(&sealed, &kid, &own, aad.as_bytes()).is_err());
        }

        // Somebody who kept the files, the database and what they could open themselves, once the deadline is over:
        // the other half is nowhere any more.
        app.clock.advance(Duration::from_secs(PERIOD));
        sweep(&app).await;
        assert!(keys.get(&format!("video/{id}")).await.unwrap().is_none());
        assert!(!opens(&[0; 32], &roles));
        site.admin.client = app.sign_in(&site.brigade.admin).await;
        let gone = site.admin.ask(&camera, start, plus(start, 10)).await;
        assert_eq!(gone.expect(410).code(), "recording_gone");
    })
    .await;
}

//! Buckets and segments come in once and whole; who may opens them, everybody else does not.

use base::{CameraGroupId, ShortText};
use media::wire;
use people::permit::{OrgConfigure, PeopleManage};
use people::role::BuiltIn;
use people::{Limits, Operator, PeopleError, Permission, Right, Scope};
use serde_json::{Value, json};
use store::act;
use testkit::{Login, Method, Shut, TestApp};

use crate::agent::Agent;
use crate::world::{PATCH, Site, api, each, first, now, plus};

#[tokio::test]
async fn what_an_agent_seals_is_opened_by_who_may() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let start = plus(now(&app), 60);
        let (bucket, segment) = site.agent.record(site.camera, start, 20).await;
        let camera = site.camera.to_string();
        let (from, to) = (plus(start, 5), plus(start, 15));
        let opened = site.admin.open(&camera, from, to).await.unwrap();
        assert_eq!((opened.len(), opened[0].id), (1, segment.id));
        let storage = &site.admin.cameras().await[0]["storage"];
        assert_eq!(storage["oldest_at"], start.to_string());
        let plain: Vec<_> = opened[0]
            .fragments
            .iter()
            .map(|it| it.mp4.to_vec())
            .collect();
        assert_eq!(plain, segment.plain);
        let log = site.log(&app).await;
        let looks = |log: &[String]| {
            log.iter()
                .filter(|it| *it == "video.recording_opened")
                .count()
        };
        assert_eq!(looks(&log), 1);

        // An officer waits for the key, then opens; the crew may not even ask.
        let vera = site.officer(&app, "Vera").await;
        assert!(matches!(
            vera.open(&camera, from, to).await,
            Err(Shut::NoKey)
        ));
        site.admin.hand_over().await;
        vera.refresh().await;
        assert_eq!(vera.open(&camera, from, to).await.unwrap().len(), 1);
        assert_eq!(looks(&site.log(&app).await), 3, "one leaf a look");
        let crew = app.crew(&site.brigade, "Jonas").await;
        let crew = app.sign_in(&crew).await;
        site.open(&crew, from, to).await.expect(403);
        let path = api(&format!("/video/segments/{}/bytes", segment.id));
        crew.get(&path).await.expect(403);
        crew.get(&api("/video/cameras")).await.expect(403);

        // Ranges, as a player asks for them.
        let request = site.admin.client.request(Method::GET, &path);
        let part = request.header("range", "bytes=0-7").send().await.unwrap();
        assert_eq!(part.status(), 206);
        let range = part.headers()["content-range"].to_str().unwrap().to_owned();
        assert_eq!(range, format!("bytes 0-7/{}", opened[0].file.len()));
        assert_eq!(&part.bytes().await.unwrap()[..], b"OBHUTSG1");

        // Nothing that the hub keeps holds a share for who has none.
        let shares = format!(
            "SELECT CAST(count(*) AS TEXT) FROM video_bucket WHERE id = '{}'",
            bucket.id
        );
        assert_eq!(first(&app, &shares).await, "1");
        let nothing = site
            .open(&site.admin.client, plus(start, 100), plus(start, 200))
            .await;
        assert_eq!(nothing.expect(200).json()["buckets"], json!([]));
        let long = site
            .open(&site.admin.client, start, plus(start, 7201))
            .await;
        assert_eq!(long.expect(422).code(), "too_long");
    })
    .await;
}

#[tokio::test]
async fn what_comes_twice_is_taken_once() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let agent = &site.agent;
        let hour = now(&app);
        let bucket = agent.announced(site.camera, hour).await;
        agent.post(wire::BUCKETS, &bucket.request).await.expect(204);
        let mut other = agent.bucket(site.camera, hour).request;
        other["id"] = bucket.request["id"].clone();
        assert_eq!(
            agent.post(wire::BUCKETS, &other).await.expect(409).code(),
            "other_bucket"
        );

        let segment = agent.segment(&bucket, hour, 5, 100);
        agent.upload(segment.id, &segment.body).await.expect(204);
        agent.upload(segment.id, &segment.body).await.expect(204);
        let kept = "SELECT CAST(sum(bytes) AS TEXT) FROM video_bucket";
        let files = "SELECT CAST(sum(bytes) AS TEXT) FROM video_segment";
        assert_eq!(first(&app, kept).await, first(&app, files).await);
        let camera = &site.admin.cameras().await[0];
        assert_eq!(
            camera["storage"]["bytes"].to_string(),
            first(&app, kept).await
        );

        let gap = |to: Value| {
            json!({ "gaps": [{ "id": "gap_00000000000000000000000001", "camera": site.camera,
                "from": plus(hour, 5).to_string(), "to": to, "cause": "unreachable" }] })
        };
        agent.post(wire::GAPS, &gap(Value::Null)).await.expect(204);
        agent
            .post(wire::GAPS, &gap(plus(hour, 9).to_string().into()))
            .await
            .expect(204);
        assert_eq!(
            first(&app, "SELECT CAST(count(*) AS TEXT) FROM camera_gap").await,
            "1"
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_what_its_record_says_is_refused() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let agent = &site.agent;
        let hour = now(&app);
        let bucket = agent.announced(site.camera, hour).await;
        let segment = agent.segment(&bucket, hour, 5, 100);
        let refused = async |body: &[u8], status, code: &str| {
            let answer = agent.upload(segment.id, body).await.expect(status);
            assert_eq!(answer.code(), code);
        };
        let mut bent = segment.body.clone();
        *bent.last_mut().unwrap() ^= 1;
        refused(&bent, 422, "not_the_file").await;
        let short = &segment.body[..segment.body.len() - 1];
        refused(short, 422, "not_the_file").await;
        let mut long = segment.body.clone();
        long.push(0);
        refused(&long, 422, "not_the_file").await;
        let mut forged = segment.body.clone();
        forged[200] ^= 1;
        refused(&forged, 422, "wrong_record").await;
        refused(&[0, 0], 422, "truncated_body").await;
        refused(&[255; 100], 413, "too_large").await;
        let other = agent.segment(&bucket, hour, 5, 100);
        refused(&other.body, 422, "wrong_record").await;
        let lost = agent.bucket(site.camera, hour);
        let lost = agent.segment(&lost, hour, 5, 100);
        agent.upload(lost.id, &lost.body).await.expect(404);
        let late = agent.segment(&bucket, plus(hour, 3600), 5, 100);
        assert_eq!(
            agent.upload(late.id, &late.body).await.expect(422).code(),
            "outside_hour"
        );
        let room = app.running.parts.video.blobs.room().unwrap();
        assert_eq!(room.used, 0, "nothing stays of what was refused");
        agent.upload(segment.id, &segment.body).await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_is_sealed_to_the_list_and_to_us() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let agent = &site.agent;
        let hour = now(&app);
        let refused = async |change: &dyn Fn(&mut Value), code: &str| {
            let mut request = agent.bucket(site.camera, hour).request;
            change(&mut request);
            let answer = agent.post(wire::BUCKETS, &request).await;
            assert_eq!((answer.status, answer.code().as_str()), (422, code));
        };
        refused(&|it| it["list"] = 2.into(), "unknown_list").await;
        refused(&|it| it["role_shares"] = json!([]), "not_sealed_to_list").await;
        refused(
            &|it| it["role_shares"][0] = it["hub_share"].clone(),
            "not_sealed_to_list",
        )
        .await;
        refused(
            &|it| it["hub_share"] = it["role_shares"][0].clone(),
            "not_sealed_to_hub",
        )
        .await;
        refused(
            &|it| it["hour"] = plus(hour, 60).to_string().into(),
            "not_an_hour",
        )
        .await;
        refused(
            &|it| it["hour"] = plus(hour, 3600).to_string().into(),
            "ahead_of_time",
        )
        .await;
        refused(
            &|it| it["hour"] = plus(hour, -72 * 3600).to_string().into(),
            "past_deadline",
        )
        .await;
        refused(&|it| it["sensitivity"] = 1.into(), "unknown_stream").await;
        let keys = app
            .running
            .parts
            .store
            .keys()
            .ids("video_share")
            .await
            .unwrap();
        assert!(keys.is_empty(), "{keys:?}");
    })
    .await;
}

#[tokio::test]
async fn an_agent_reaches_its_own_cameras_only() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let (_, token) = site.admin.new_agent("Halle").await;
        let mut neighbour = Agent::new(&app, &token);
        neighbour.join().await;
        let stranger = Site::new(&app, "ulm").await;
        let hour = now(&app);
        let (bucket, segment) = site.agent.record(site.camera, hour, 5).await;
        let mine = site.agent.segment(&bucket, plus(hour, 10), 5, 100);
        let gap = json!({ "gaps": [{ "id": "gap_00000000000000000000000001", "camera": site.camera,
            "from": hour.to_string(), "to": null, "cause": "loss" }] });
        for (agent, status) in [(&neighbour, 403), (&stranger.agent, 404)] {
            let bucket = agent.bucket(site.camera, hour).request;
            agent.post(wire::BUCKETS, &bucket).await.expect(status);
            agent.post(wire::GAPS, &gap).await.expect(status);
            agent.upload(mine.id, &mine.body).await.expect(status);
            agent.upload(segment.id, &segment.body).await.expect(status);
        }
        assert_eq!(
            first(&app, "SELECT CAST(count(*) AS TEXT) FROM camera_gap").await,
            "0"
        );
    })
    .await;
}

/// Somebody with a role of their own.
pub(crate) async fn with_rights(app: &TestApp, site: &Site, name: &str, rights: &[Right]) -> Login {
    let (store, people) = (&app.running.parts.store, &app.running.parts.people);
    let login = app.member(&site.brigade, name, BuiltIn::Member).await;
    let operator = Operator::not_from_a_request();
    let configure = operator.grant::<OrgConfigure>(site.brigade.org);
    let manage = operator.grant::<PeopleManage>(site.brigade.org);
    let pen = people.pen(&configure, None).await.unwrap();
    let label = ShortText::parse(&format!("Rolle {name}")).unwrap();
    act!(store, |tx| -> Result<(), PeopleError> {
        let role = people::role::create(tx, &pen, &configure, &label, rights).await?;
        people::role::give(tx, &pen, &manage, login.membership, &[role]).await
    })
    .unwrap();
    login
}

fn playback(scope: Scope, look_back_us: Option<i64>, four_eyes: bool) -> Right {
    Right {
        permission: Permission::VideoPlayback,
        scope,
        limits: Limits {
            look_back_us,
            second_factor: false,
            four_eyes,
        },
    }
}

#[tokio::test]
async fn who_may_look_back_an_hour_sees_an_hour() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        let (_, old) = site.agent.record(site.camera, hour, 10).await;
        app.clock.advance(std::time::Duration::from_secs(3600 + 10));
        let mut agent = Agent { ..site.agent };
        agent.renew().await;
        agent.record(site.camera, plus(hour, 3600), 5).await;
        let site = Site { agent, ..site };
        let rights = [playback(Scope::Org, Some(3_600_000_000), false)];
        let login = with_rights(&app, &site, "Lena", &rights).await;
        let lena = app.sign_in(&login).await;
        let far = site.open(&lena, hour, plus(hour, 10)).await;
        assert_eq!(far.expect(422).code(), "too_far_back");
        let path = api(&format!("/video/segments/{}/bytes", old.id));
        assert_eq!(lena.get(&path).await.expect(422).code(), "too_far_back");
        let clipped = site
            .open(&lena, hour, plus(hour, 3700))
            .await
            .expect(200)
            .json();
        assert_eq!(clipped["buckets"].as_array().unwrap().len(), 1);
        let list = lena.get(&api("/video/cameras")).await.expect(200).json();
        assert_eq!(list["look_back_us"], 3_600_000_000_i64);
        let to = plus(hour, 4000);
        let path = api(&format!(
            "/video/cameras/{}/timeline?from={hour}&to={to}",
            site.camera
        ));
        let timeline = lena.get(&path).await.expect(200).json();
        assert_eq!(timeline["spans"].as_array().unwrap().len(), 1);
        assert_eq!(timeline["earliest"], plus(hour, 10).to_string());
    })
    .await;
}

#[tokio::test]
async fn a_right_for_other_cameras_or_for_two_opens_nothing() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let site = Site::new(&app, "tann").await;
        let hour = now(&app);
        site.agent.record(site.camera, hour, 10).await;
        let (from, to) = (hour, plus(hour, 10));
        let group: CameraGroupId = site.admin.cameras().await[0]["group"]["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let ours = [playback(Scope::Cameras(group), None, false)];
        let login = with_rights(&app, &site, "Udo", &ours).await;
        let ours = app.sign_in(&login).await;
        site.open(&ours, from, to).await.expect(200);
        let unit = [playback(Scope::Unit(site.brigade.unit), None, false)];
        let login = with_rights(&app, &site, "Ute", &unit).await;
        site.open(&app.sign_in(&login).await, from, to)
            .await
            .expect(200);
        let eyes = [playback(Scope::Org, None, true)];
        let login = with_rights(&app, &site, "Eva", &eyes).await;
        let refused = site.open(&app.sign_in(&login).await, from, to).await;
        assert_eq!(refused.expect(403).code(), "needs_more");

        let made = site
            .admin
            .client
            .post(&api("/video/groups"), json!({ "name": "Halle" }))
            .await;
        let made = made.expect(201).json();
        let change = json!({ "group": made["id"] });
        site.admin
            .change_camera(&site.camera.to_string(), change)
            .await;
        site.open(&ours, from, to).await.expect(403);
        let seen = ours.get(&api("/video/cameras")).await.expect(200).json();
        assert_eq!(seen["cameras"], json!([]));
        let path = api(&format!("/video/groups/{}", made["id"].as_str().unwrap()));
        assert_eq!(
            site.admin.client.delete(&path).await.expect(409).code(),
            "in_use"
        );
        let name = json!({ "name": "Tor" });
        site.admin.client.json(PATCH, &path, name).await.expect(204);
    })
    .await;
}

//! Rights for the cameras of a group, given and taken through the interface.

use base::{CameraId, MembershipId, Timestamp};
use people::role::BuiltIn;
use people::{Limits, Permission, Right, Scope};
use serde_json::{Value, json};
use testkit::{Answer, Client, TestApp, Viewer};
use tokio_tungstenite::tungstenite::Error;

use crate::live::{channel, look_at, told};
use crate::recordings::with_rights;
use crate::world::{PATCH, PUT, Site, api, each, first, now, plus};

/// A site with a second camera in a group of its own.
struct Two {
    site: Site,
    /// The group of the site's camera.
    yard: String,
    /// The other group, and its camera.
    hall: String,
    in_hall: CameraId,
}

impl Two {
    async fn new(app: &TestApp) -> Self {
        let site = Site::new(app, "tann").await;
        let yard = text(&site.admin.cameras().await[0]["group"]["id"]);
        let in_hall = site.agent.announce(&["hof", "halle"]).await[1];
        let name = json!({ "name": "Halle" });
        let made = site.admin.client.post(&api("/video/groups"), name).await;
        let hall = text(&made.expect(201).json()["id"]);
        let change = json!({ "armed": true, "group": hall });
        site.admin.change_camera(&in_hall.to_string(), change).await;
        Self {
            site,
            yard,
            hall,
            in_hall,
        }
    }

    async fn give(&self, who: &Client, group: &str, to: MembershipId, rights: Value) -> Answer {
        let path = api(&format!("/video/groups/{group}/rights/{to}"));
        who.json(PUT, &path, rights).await
    }

    /// What the page shows of somebody.
    async fn standing(&self, group: &str, of: MembershipId) -> Value {
        let path = api(&format!("/video/groups/{group}/rights"));
        let list = self.site.admin.client.get(&path).await.expect(200).json();
        let items = list["items"].as_array().unwrap();
        let mut found = items.iter().filter(|it| it["person"] == of.to_string());
        found.next().unwrap().clone()
    }

    async fn open(&self, who: &Client, camera: CameraId, from: Timestamp) -> Answer {
        let path = api(&format!("/video/cameras/{camera}/open"));
        let body = json!({ "from": from.to_string(), "to": plus(from, 5).to_string() });
        who.post(&path, body).await
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn sight(live: bool, playback: bool, hours: Option<u32>, configure: bool) -> Value {
    json!({ "live": live, "playback": playback, "look_back_hours": hours, "configure": configure })
}

fn nothing() -> Value {
    sight(false, false, None, false)
}

async fn names(who: &Client) -> Vec<String> {
    let list = who.get(&api("/video/cameras")).await.expect(200).json();
    let cameras = list["cameras"].as_array().unwrap();
    cameras.iter().map(|it| text(&it["name"])).collect()
}

async fn roles(app: &TestApp) -> String {
    let own = "SELECT CAST(count(*) AS TEXT) FROM role WHERE built_in IS NULL";
    first(app, own).await
}

#[tokio::test]
async fn a_right_for_a_group_opens_that_group_so_far_back() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let mut two = Two::new(&app).await;
        let hour = now(&app);
        two.site.agent.record(two.site.camera, hour, 10).await;
        app.clock.advance(std::time::Duration::from_secs(3600 + 10));
        two.site.agent.renew().await;
        let late = plus(hour, 3600);
        for camera in [two.site.camera, two.in_hall] {
            two.site.agent.record(camera, late, 5).await;
        }
        let admin = &two.site.admin.client;
        let login = app.crew(&two.site.brigade, "Jonas").await;
        let jonas = app.sign_in(&login).await;
        jonas.get(&api("/video/cameras")).await.expect(403);
        two.open(&jonas, two.site.camera, late).await.expect(403);

        let given = sight(true, true, Some(1), false);
        two.give(admin, &two.yard, login.membership, given.clone())
            .await
            .expect(204);
        assert_eq!(
            two.standing(&two.yard, login.membership).await["own"],
            given
        );
        assert_eq!(
            two.standing(&two.hall, login.membership).await["own"],
            nothing()
        );
        assert_eq!(names(&jonas).await, ["hof"], "of the other group nothing");
        two.open(&jonas, two.site.camera, late).await.expect(200);
        let far = two.open(&jonas, two.site.camera, hour).await;
        assert_eq!(far.expect(422).code(), "too_far_back");
        two.open(&jonas, two.in_hall, late).await.expect(403);
        let timeline = format!("/video/cameras/{}/timeline", two.in_hall);
        let timeline = format!("{timeline}?from={late}&to={}", plus(late, 5));
        jonas.get(&api(&timeline)).await.expect(403);
        let refused = look_at(&app, two.in_hall, &jonas).await;
        assert!(matches!(refused, Err(Error::Http(it)) if it.status() == 403));
        let change = json!({ "name": "X" });
        let path = api(&format!("/video/cameras/{}", two.site.camera));
        jonas.json(PATCH, &path, change.clone()).await.expect(403);

        // Another look-back takes the place of the first; so does another right.
        let more = sight(false, true, None, true);
        two.give(admin, &two.yard, login.membership, more)
            .await
            .expect(204);
        two.open(&jonas, two.site.camera, hour).await.expect(200);
        jonas.json(PATCH, &path, change).await.expect(204);
        let refused = look_at(&app, two.site.camera, &jonas).await;
        assert!(matches!(refused, Err(Error::Http(it)) if it.status() == 403));
        assert_eq!(roles(&app).await, "1", "nobody has the first role any more");

        // What holds for all cameras is told apart.
        let vera = app
            .member(&two.site.brigade, "Vera", BuiltIn::Officer)
            .await;
        let seen = two.standing(&two.yard, vera.membership).await;
        assert_eq!(seen["own"], nothing());
        let all = json!([{ "role": "Leitung", "rights": sight(true, true, None, false) }]);
        assert_eq!(
            (&seen["wider"], &seen["name"]),
            (&all, &json!("Vera Einsatz"))
        );

        two.give(admin, &two.yard, login.membership, nothing())
            .await
            .expect(204);
        two.open(&jonas, two.site.camera, late).await.expect(403);
        jonas.get(&api("/video/cameras")).await.expect(403);
        assert_eq!(roles(&app).await, "0");
        // What is so already changes nothing.
        two.give(admin, &two.yard, login.membership, nothing())
            .await
            .expect(204);
        let log = two.site.log(&app).await;
        let count = |action| log.iter().filter(|it| *it == action).count();
        assert_eq!(
            (count("video.right_given"), count("video.right_taken")),
            (2, 1)
        );
        assert_eq!(count("video.recording_opened"), 2, "each look is a leaf");
    })
    .await;
}

#[tokio::test]
async fn a_right_that_is_taken_ends_the_picture() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let two = Two::new(&app).await;
        let admin = &two.site.admin.client;
        let mut agent = channel(&app, &two.site.agent).await;
        told(&mut agent, "setup").await;
        let login = app.crew(&two.site.brigade, "Jonas").await;
        let jonas = app.sign_in(&login).await;
        let live = || sight(true, false, None, false);
        for group in [&two.yard, &two.hall] {
            two.give(admin, group, login.membership, live())
                .await
                .expect(204);
        }
        let mut yard = look_at(&app, two.site.camera, &jonas).await.unwrap();
        let mut hall = look_at(&app, two.in_hall, &jonas).await.unwrap();
        told(&mut yard, "state").await;
        told(&mut hall, "state").await;
        two.give(admin, &two.yard, login.membership, nothing())
            .await
            .expect(204);
        assert_eq!(told(&mut yard, "end").await["why"], "denied");
        let refused = look_at(&app, two.site.camera, &jonas).await;
        assert!(matches!(refused, Err(Error::Http(it)) if it.status() == 403));

        // The other group's picture goes on, until its camera is moved away.
        let change = json!({ "group": two.yard });
        let camera = two.in_hall.to_string();
        two.site.admin.change_camera(&camera, change).await;
        assert_eq!(told(&mut hall, "end").await["why"], "denied");
        let log = two.site.log(&app).await;
        let looks = log.iter().filter(|it| *it == "video.live_opened");
        assert_eq!(looks.count(), 2, "each look is a leaf");
    })
    .await;
}

#[tokio::test]
async fn who_may_less_gives_nothing() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let two = Two::new(&app).await;
        let brigade = &two.site.brigade;
        let crew = app.crew(brigade, "Jonas").await;
        let officer = app.member(brigade, "Vera", BuiltIn::Officer).await;
        let everywhere = |permission| Right {
            permission,
            scope: Scope::Org,
            limits: Limits::default(),
        };
        let manage = everywhere(Permission::PeopleManage);
        let half = with_rights(&app, &two.site, "Uwe", &[manage]).await;
        let list = api(&format!("/video/groups/{}/rights", two.yard));
        let live = || sight(true, false, None, false);
        for login in [&crew, &officer, &half] {
            let client = app.sign_in(login).await;
            client.get(&list).await.expect(403);
            let own = two.give(&client, &two.yard, login.membership, live()).await;
            assert_eq!(own.expect(403).code(), "denied");
        }

        // Whoever gives roles and may not look gives no looking, neither to others nor to themselves.
        let rights = [manage, everywhere(Permission::OrgConfigure)];
        let clerk = with_rights(&app, &two.site, "Ute", &rights).await;
        let client = app.sign_in(&clerk).await;
        client.get(&list).await.expect(200);
        for to in [crew.membership, clerk.membership] {
            let refused = two.give(&client, &two.yard, to, live()).await;
            assert_eq!(refused.expect(403).code(), "role_beyond_own");
        }
        let admin = &two.site.admin.client;
        two.give(admin, &two.yard, crew.membership, live())
            .await
            .expect(204);
        let refused = two
            .give(&client, &two.yard, crew.membership, nothing())
            .await;
        assert_eq!(refused.expect(403).code(), "role_beyond_own");
        assert_eq!(
            two.standing(&two.yard, crew.membership).await["own"],
            live()
        );

        for (rights, code) in [
            (sight(true, false, Some(4), false), "without_playback"),
            (sight(true, true, Some(0), false), "out_of_range"),
            (sight(true, true, Some(2161), false), "out_of_range"),
        ] {
            let wrong = two.give(admin, &two.yard, crew.membership, rights).await;
            assert_eq!(wrong.expect(422).code(), code);
        }
        let stranger = MembershipId::from_bytes([9; 16]);
        two.give(admin, &two.yard, stranger, live())
            .await
            .expect(404);
    })
    .await;
}

#[tokio::test]
async fn rights_go_with_their_group() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let two = Two::new(&app).await;
        let admin = &two.site.admin.client;
        let jonas = app.crew(&two.site.brigade, "Jonas").await;
        let lena = app.crew(&two.site.brigade, "Lena").await;
        let live = || sight(true, false, None, false);
        for login in [&jonas, &lena] {
            two.give(admin, &two.hall, login.membership, live())
                .await
                .expect(204);
        }
        assert_eq!(roles(&app).await, "1", "who may the same has the same role");
        two.give(admin, &two.yard, lena.membership, live())
            .await
            .expect(204);
        let list = admin.get(&api("/roles")).await.expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), BuiltIn::ALL.len());

        let path = api(&format!("/video/groups/{}", two.hall));
        let name = json!({ "name": "Fahrzeughalle" });
        admin.json(PATCH, &path, name).await.expect(204);
        let people = admin.get(&api("/people")).await.expect(200).json();
        let people = people["items"].as_array().unwrap();
        let of = |id: MembershipId| {
            people
                .iter()
                .find(|it| it["membership_id"] == id.to_string())
        };
        let names: Vec<&Value> = of(jonas.membership).unwrap()["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["name"])
            .collect();
        assert!(names.contains(&&json!("Fahrzeughalle: Live")), "{names:?}");

        // Roles given to people as a whole take these away as well; nothing is left over.
        let members = list["items"].as_array().unwrap().iter();
        let member = members.clone().find(|it| it["name"] == "Einsatzkraft");
        let change = json!({ "role_ids": [member.unwrap()["id"]] });
        let person = api(&format!("/people/{}", jonas.membership));
        admin.json(PATCH, &person, change).await.expect(204);
        assert_eq!(
            two.standing(&two.hall, jonas.membership).await["own"],
            nothing()
        );

        assert_eq!(admin.delete(&path).await.expect(409).code(), "in_use");
        assert_eq!(
            two.standing(&two.hall, lena.membership).await["own"],
            live(),
            "a refused deletion takes nothing"
        );
        let camera = two.in_hall.to_string();
        let change = json!({ "group": two.yard });
        two.site.admin.change_camera(&camera, change).await;
        admin.delete(&path).await.expect(204);
        assert_eq!(roles(&app).await, "1");
        assert_eq!(
            two.standing(&two.yard, lena.membership).await["own"],
            live()
        );
        let gone = api(&format!("/video/groups/{}/rights", two.hall));
        admin.get(&gone).await.expect(404);
        let person = api(&format!("/people/{}", lena.membership));
        admin.delete(&person).await.expect(204);
        assert_eq!(roles(&app).await, "0");
    })
    .await;
}

#[tokio::test]
async fn the_custodian_is_for_who_sets_up_all_cameras() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let two = Two::new(&app).await;
        let login = app.crew(&two.site.brigade, "Jonas").await;
        let all = sight(true, true, None, true);
        two.give(&two.site.admin.client, &two.yard, login.membership, all)
            .await
            .expect(204);
        let jonas = Viewer::new(app.sign_in(&login).await).await;
        assert_eq!(two.site.admin.hand_over().await, 2, "recordings and live");
        jonas.refresh().await;
        let circle = jonas.circle().await;
        assert_eq!(circle["me"]["configures"], false);
        let held = circle["mine"].as_array().unwrap().iter();
        let mut held: Vec<String> = held.map(|it| text(&it["kind"])).collect();
        held.sort();
        assert_eq!(held, ["live", "recording"]);
        let list = jonas.client.get(&api("/video/cameras")).await.expect(200);
        assert_eq!(list.json()["configure_all"], false);
        jonas.client.get(&api("/video/agents")).await.expect(403);

        // With the key handed over the recording opens, of that group alone.
        let start = now(&app);
        two.site.agent.record(two.site.camera, start, 5).await;
        let camera = two.site.camera.to_string();
        let opened = jonas.open(&camera, start, plus(start, 5)).await.unwrap();
        assert_eq!(opened.len(), 1);
        two.open(&jonas.client, two.in_hall, start)
            .await
            .expect(403);
    })
    .await;
}

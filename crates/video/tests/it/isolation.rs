//! Two organisations in one installation.

use base::{SignedDuration, SystemRng, ViewingKeyId};
use serde_json::{Value, json};
use testkit::TestApp;

use crate::world::{PATCH, Site, api, each, first, now, plus};

/// The other organisation's things are not there, and looking for them leaves no leaf.
#[tokio::test]
async fn the_other_organisation_is_not_there() {
    each(async |engine| {
        let app = TestApp::start(engine).await;
        let theirs = Site::new(&app, "eins").await;
        let hour = now(&app);
        let (bucket, segment) = theirs.agent.record(theirs.camera, hour, 5).await;
        let vera = theirs.officer(&app, "Vera").await;
        let mine = Site::new(&app, "zwei").await;
        let me = &mine.admin.client;
        let leaves = "SELECT CAST(count(*) AS TEXT) FROM ledger_leaf";
        let before = first(&app, leaves).await;
        let circle = theirs.admin.circle().await;
        let group = theirs.admin.cameras().await[0]["group"]["id"].clone();
        let generation = circle["roles"][0]["generation"]["id"].clone();
        let sealed = seal::viewing::hand_over(
            &[7; 138],
            generation.as_str().unwrap().parse().unwrap(),
            mine.admin.id,
            &mine.admin.key.public(),
            &SystemRng,
        );
        let wrapped = |generation: &Value, key: ViewingKeyId| {
            json!([{ "generation": generation, "viewing_key": key,
                "cose": seal::b64url_encode(sealed.as_ref().unwrap()) }])
        };
        let own_group = mine.admin.cameras().await[0]["group"]["id"].clone();
        let own_group = format!("/video/groups/{}", own_group.as_str().unwrap());
        let sight = || json!({ "live": true, "playback": false, "configure": false });
        let camera = format!("/video/cameras/{}", theirs.camera);
        let agent = format!("/video/agents/{}", theirs.agent.id);
        let group = format!("/video/groups/{}", group.as_str().unwrap());
        let span = json!({ "from": hour.to_string(), "to": plus(hour, 5).to_string() });
        let calls = [
            ("PATCH", camera.clone(), json!({ "armed": false })),
            ("DELETE", camera.clone(), Value::Null),
            (
                "GET",
                format!("{camera}/timeline?from={hour}&to={}", plus(hour, 5)),
                Value::Null,
            ),
            ("POST", format!("{camera}/open"), span),
            ("GET", format!("{camera}/live"), Value::Null),
            (
                "GET",
                format!("/video/segments/{}/bytes", segment.id),
                Value::Null,
            ),
            ("DELETE", agent.clone(), Value::Null),
            ("POST", format!("{agent}/token"), json!({})),
            ("PATCH", group.clone(), json!({ "name": "X" })),
            ("GET", format!("{group}/rights"), Value::Null),
            (
                "PUT",
                format!("{group}/rights/{}", mine.brigade.admin.membership),
                sight(),
            ),
            (
                "PUT",
                format!("{own_group}/rights/{}", theirs.brigade.admin.membership),
                sight(),
            ),
            ("DELETE", group, Value::Null),
            (
                "POST",
                "/video/circle/hand-over".to_owned(),
                json!({ "wrapped": wrapped(&generation, mine.admin.id) }),
            ),
        ];
        for (method, path, body) in calls {
            let request = me.request(method.parse().unwrap(), &api(&path));
            let request = if body.is_null() {
                request
            } else {
                request.json(&body)
            };
            let answer = me.send(request).await;
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
        }
        let unit = json!({ "unit": theirs.brigade.unit });
        let path = api(&format!("/video/cameras/{}", mine.camera));
        assert_eq!(
            me.json(PATCH, &path, unit).await.expect(400).code(),
            "no_such_unit"
        );
        assert_eq!(
            first(&app, leaves).await,
            before,
            "a refused call left a leaf"
        );
        drop((bucket, vera));
        let still = SignedDuration::from_secs(5);
        let to = hour.checked_add(still).unwrap();
        theirs
            .admin
            .open(&theirs.camera.to_string(), hour, to)
            .await
            .unwrap();
    })
    .await;
}

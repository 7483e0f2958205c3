//! One recording from the camera to the eye, and everywhere it must not be.

use std::collections::BTreeSet;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base::SignedDuration;
use media::fmp4::read_fragments;
use testkit::{Client, Engine, Opened, Shut, TestDb, Viewer};

use super::world::{Station, binary, files, now, pause, pictures, wait_for_segments};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_seen_by_who_may_and_lies_nowhere_open_on_sqlite() {
    if let Some(binary) = binary() {
        live_it(binary, Engine::Sqlite).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_seen_by_who_may_and_lies_nowhere_open_on_postgres() {
    if let Some(binary) = binary()
        && TestDb::engines().contains(&Engine::Postgres)
    {
        live_it(binary, Engine::Postgres).await;
    }
}

async fn live_it(binary: String, engine: Engine) {
    let station = Station::new(binary, engine).await;
    let (cameras, rtsp) = station.cameras(&["hof", "halle"], &[]);
    station.list_cameras(rtsp, &["hof", "halle"]);
    let (hub, port) = station.hub(0);
    let since = now();
    let viewer = station.administrator(port).await;
    let (agent, ids) = station.record(&viewer, port, &["hof", "halle"]).await;

    // An alarm comes in while it records; it bookmarks the cameras of its unit.
    wait_for_segments(&viewer, &ids[0], since, 1).await;
    let raised = now();
    let alarm = raise(&station, port).await;
    let all = wait_for_segments(&viewer, &ids[0], since, 2).await;
    bookmarked(&viewer, &alarm, &ids).await;

    // Every picture is there, once, in order, and says the time that the recording gives it.
    let seen: Vec<_> = all.iter().flat_map(pictures).collect();
    for pair in seen.windows(2) {
        assert_eq!(
            pair[1].0.counter,
            pair[0].0.counter + 1,
            "a picture is missing"
        );
    }
    for (strip, us) in &seen {
        let off = i64::try_from(strip.millis).unwrap() - us / 1000;
        assert!(off.abs() < 500, "{off} ms off");
    }
    let second = raised.as_millisecond();
    assert!(
        seen.iter()
            .any(|(strip, _)| i64::try_from(strip.millis).unwrap().abs_diff(second) < 100),
        "the second of the alarm is in it"
    );

    // Nobody else: no session, no right, no key.
    let stranger = Client::new(([127, 0, 0, 1], port).into());
    let path = format!("/video/segments/{}/bytes", all[0].id);
    stranger.get(&Client::api(&path)).await.expect(401);
    let shares = agent_stays_silent(&viewer, &ids[0], since).await;
    nowhere(&station, hub.id(), &viewer, &all, &shares);

    // A good end: what was recorded to the last second arrives, and index and files agree.
    agent.end();
    let last = now();
    let all = wait_for_segments(&viewer, &ids[0], since, all.len() + 1).await;
    let ended = all.last().unwrap().record.ended_us;
    assert!(
        last.as_microsecond() - ended < 3_000_000,
        "the end is missing"
    );
    hub.end();
    let check = Command::new(&station.binary)
        .args(["video", "check"])
        .env("OBHUT_DATA_DIR", &station.db.folder)
        .envs(
            station
                .db
                .postgres
                .iter()
                .map(|url| ("OBHUT__DATABASE__URL", url)),
        )
        .current_dir(&station.db.folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(check.status.success(), "{said}");
    drop(cameras);
}

/// Sends an alarm over the v1 interface; gives its id.
async fn raise(station: &Station, port: u16) -> String {
    let client = Client::new(([127, 0, 0, 1], port).into());
    let key = &station.brigade.intake_key;
    let path = format!("/api/alarm?accesskey={key}&title=B3&text=Rauch");
    client.get(&path).await.expect(200);
    let admin = station.sign_in(port, &station.brigade.admin.email).await;
    let list = admin
        .get(&Client::api("/alarms?state=open"))
        .await
        .expect(200);
    list.json()["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn bookmarked(viewer: &Viewer, alarm: &str, cameras: &[String]) {
    let path = Client::api(&format!("/video/bookmarks?alarm={alarm}"));
    testkit::eventually("every camera of the unit is bookmarked", async || {
        let list = viewer.client.get(&path).await.expect(200).json();
        let marked: BTreeSet<String> = list["bookmarks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["camera"]["id"].as_str().unwrap().to_owned())
            .collect();
        marked == cameras.iter().cloned().collect()
    })
    .await;
}

/// The role shares that opened the recording: they must be nowhere but here.
async fn agent_stays_silent(viewer: &Viewer, camera: &str, since: base::Timestamp) -> Vec<Vec<u8>> {
    let until = now().checked_add(SignedDuration::from_secs(60)).unwrap();
    let answer = viewer.ask(camera, since, until).await.expect(200).json();
    let buckets = answer["buckets"].as_array().unwrap();
    buckets
        .iter()
        .flat_map(|bucket| viewer.role_shares(bucket).unwrap())
        .map(|share| share.to_vec())
        .collect()
}

/// Pieces of pictures that occur nowhere by chance.
fn picture_pieces(all: &[Opened]) -> Vec<Vec<u8>> {
    const LENGTH: usize = 48;
    let mut pieces = Vec::new();
    for fragment in all.iter().flat_map(|segment| &segment.fragments) {
        for sample in read_fragments(&fragment.mp4)
            .unwrap()
            .iter()
            .flat_map(|run| &run.samples)
        {
            let data = &fragment.mp4[sample.data.clone()];
            let telling = data.windows(LENGTH).step_by(LENGTH).find(|window| {
                let different: BTreeSet<u8> = window.iter().copied().collect();
                different.len() > 20
            });
            pieces.extend(telling.map(<[u8]>::to_vec));
        }
    }
    assert!(
        pieces.len() > 20,
        "nothing telling in {} pictures",
        pieces.len()
    );
    pieces.truncate(200);
    pieces
}

/// Searches files, databases and the memory of the hub for pictures and keys.
fn nowhere(station: &Station, hub: u32, viewer: &Viewer, all: &[Opened], shares: &[Vec<u8>]) {
    let mut needles = picture_pieces(all);
    needles.extend(shares.iter().cloned());
    needles.extend(viewer.secrets().iter().map(|pkcs8| scalar(pkcs8)));
    needles.push(viewer.passphrase.clone().into_bytes());
    let finder = Finder::new(&needles);
    // What must be found shows that the search sees.
    let known = all[0].bucket.to_string().into_bytes();
    let control = Finder::new(std::slice::from_ref(&known));

    let mut seen_known = false;
    for file in files(&station.db.folder) {
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(finder.find(&bytes), None, "in {}", file.display());
        seen_known |= control.find(&bytes).is_some();
    }
    assert!(seen_known, "the search finds nothing at all on the disk");
    assert!(
        search_memory(hub, &control),
        "the search sees nothing in memory"
    );
    assert!(
        !search_memory(hub, &finder),
        "a picture or key lies in the hub's memory"
    );

    // The agent's own disk holds no key that opens what it recorded.
    for file in files(&station.agent) {
        let bytes = std::fs::read(&file).unwrap();
        assert_eq!(finder.find(&bytes), None, "in {}", file.display());
    }
}

/// The private number inside a PKCS #8 key: what really is secret in it.
fn scalar(pkcs8: &[u8]) -> Vec<u8> {
    let start = pkcs8.windows(2).position(|it| it == [0x04, 0x20]).unwrap() + 2;
    pkcs8[start..start + 32].to_vec()
}

/// Finds any of many needles in one pass.
struct Finder {
    by_start: std::collections::HashMap<[u8; 8], Vec<Vec<u8>>>,
    /// Which first two bytes occur: most places are ruled out by them.
    begins: Vec<bool>,
}

impl Finder {
    fn new(needles: &[Vec<u8>]) -> Self {
        let mut by_start = std::collections::HashMap::<_, Vec<Vec<u8>>>::new();
        let mut begins = vec![false; 1 << 16];
        for needle in needles {
            let start = needle[..8].try_into().unwrap();
            by_start.entry(start).or_default().push(needle.clone());
            begins[usize::from(u16::from_be_bytes([needle[0], needle[1]]))] = true;
        }
        Self { by_start, begins }
    }

    fn find(&self, hay: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let [first, second, ..] = hay[at..] {
            let begins = self.begins[usize::from(u16::from_be_bytes([first, second]))];
            if begins && self.is_at(&hay[at..]) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    fn is_at(&self, rest: &[u8]) -> bool {
        rest.first_chunk::<8>()
            .and_then(|start| self.by_start.get(start))
            .is_some_and(|needles| needles.iter().any(|needle| rest.starts_with(needle)))
    }
}

/// Whether any needle lies in the writable memory of a process.
fn search_memory(process: u32, finder: &Finder) -> bool {
    let folder = Path::new("/proc").join(process.to_string());
    let maps = std::fs::read_to_string(folder.join("maps")).unwrap();
    let mut memory = std::fs::File::open(folder.join("mem")).unwrap();
    let mut found = false;
    let mut buffer = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let range = line.split(' ').next().unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let from = u64::from_str_radix(from, 16).unwrap();
        let to = u64::from_str_radix(to, 16).unwrap();
        buffer.resize(usize::try_from(to - from).unwrap(), 0);
        let read =
            memory.seek(SeekFrom::Start(from)).is_ok() && memory.read_exact(&mut buffer).is_ok();
        // Ranges come and go while the process lives.
        found |= read && finder.find(&buffer).is_some();
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_is_refused_and_who_came_must_wait() {
    let Some(binary) = binary() else { return };
    let station = Station::new(binary, Engine::Sqlite).await;
    let (_cameras, rtsp) = station.cameras(&["hof"], &[]);
    station.list_cameras(rtsp, &["hof"]);
    let (_hub, port) = station.hub(0);
    let since = now();
    let admin = station.administrator(port).await;
    let (_agent, ids) = station.record(&admin, port, &["hof"]).await;
    let before = wait_for_segments(&admin, &ids[0], since, 1).await;

    // Somebody with the right, but without the key, must wait until it is handed on.
    let vera = Viewer::new(station.sign_in(port, &station.vera.email).await).await;
    let until = now().checked_add(SignedDuration::from_secs(60)).unwrap();
    let shut = vera.open(&ids[0], since, until).await;
    assert!(matches!(shut, Err(Shut::NoKey)), "{shut:?}");
    assert!(admin.hand_over().await > 0, "somebody waited");
    vera.refresh().await;
    let opened = vera.open(&ids[0], since, until).await.unwrap();
    assert_eq!(opened[0].id, before[0].id);

    // Who leaves is refused at once, and what is recorded from then on is not sealed to what they hold.
    let path = Client::api(&format!("/people/{}", station.vera.membership));
    let gone = admin.client.delete(&path).await;
    assert!(gone.status < 300, "{}", gone.text);
    let shut = vera.open(&ids[0], since, until).await;
    assert!(matches!(shut, Err(Shut::Refused(_))), "{shut:?}");
    admin.rotate("recording").await;
    let rotated = now();
    let fresh = loop {
        let until = now().checked_add(SignedDuration::from_secs(60)).unwrap();
        let answer = admin.ask(&ids[0], rotated, until).await;
        let json = if answer.status == 200 {
            answer.json()
        } else {
            serde_json::Value::Null
        };
        let bucket = json["buckets"].as_array().and_then(|all| {
            all.iter()
                .find(|one| one["id"] != before[0].bucket.to_string())
                .cloned()
        });
        if let Some(bucket) = bucket {
            break bucket;
        }
        pause(Duration::from_millis(200)).await;
    };
    admin.bucket_key(&fresh).unwrap();
    let shut = vera.bucket_key(&fresh);
    assert!(
        matches!(shut, Err(Shut::NoKey)),
        "the former member opens the new bucket"
    );
}

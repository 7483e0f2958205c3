//! The examples in `tests/vectors/recording`: made here from a fixed seed, compared at every run, and opened
//! as stored. `OBHUT_ACCEPT=1` writes them anew. Signatures differ each time; all else must not.

use std::path::PathBuf;

use base::{BucketId, LiveKeyId};
use seal::bucket::{self, HUB};
use seal::closing::{Record, State};
use seal::live::{self, LiveKey};
use seal::recipients::{List, Recipient};
use seal::segment::{Header, open_whole, scan};
use seal::viewing::{self, Wrapped};
use seal::{AgreementKey, Point, SealError, Zeroizing, envelope, hkdf_sha256};
use serde_json::{Value, json};

use crate::world::{Counted, Generation, Made, World, flip, make};

const PASSPHRASE: &str = "Lo\u{308}schzug \u{fb01}ndet\u{a0}Weg";
/// A box of MP4: its length, its name, what it holds.
const INIT: &[u8] = b"\0\0\0\x14ftypiso6\0\0\0\0cmfc\0\0\0\x0cmoovnone";
const PLAIN: [&[u8]; 3] = [
    b"\0\0\0\x0cmoofone1\0\0\0\x10mdatpicture1",
    b"\0\0\0\x0cmooftwo2\0\0\0\x0emdatsecond",
    b"\0\0\0\x0cmoofthr3\0\0\0\x08mdat",
];

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    assert!(text.len().is_multiple_of(2));
    (0..text.len() / 2)
        .map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap())
        .collect()
}

fn id<T: base::Id>(value: &Value) -> T {
    value.as_str().unwrap().parse().ok().unwrap()
}

fn agreement(value: &Value) -> AgreementKey {
    AgreementKey::from_pkcs8(&bytes(value)).unwrap()
}

fn path(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/recording");
    PathBuf::from(folder).join(format!("{name}.json"))
}

fn stored(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(path(name)).unwrap()).unwrap()
}

/// Compares what was made with what is stored, or stores it; gives what is stored.
fn compare(name: &str, made: &Value) -> Value {
    if std::env::var("OBHUT_ACCEPT").is_ok_and(|it| it == "1") {
        let mut text = serde_json::to_string_pretty(made).unwrap();
        text.push('\n');
        std::fs::write(path(name), text).unwrap();
    }
    let stored = stored(name);
    let (mut one, mut two) = (made.clone(), stored.clone());
    without_signatures(&mut one);
    without_signatures(&mut two);
    assert_eq!(one, two, "{name}.json is not what is made today");
    stored
}

/// What stands under `cose` is a `COSE_Sign1`, with the signature at its end.
fn without_signatures(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(without_signatures),
        Value::Object(pairs) => {
            for (name, value) in pairs {
                if let (Value::String(text), "cose") = (&mut *value, name.as_str()) {
                    text.truncate(text.len() - 128);
                }
                without_signatures(value);
            }
        }
        _ => {}
    }
}

fn generation(it: &Generation) -> Value {
    json!({
        "generation": it.id,
        "private_key": hex(&it.key.to_pkcs8()),
        "public_key": hex(it.key.public().as_bytes()),
    })
}

fn recipients(entry: &[Recipient]) -> Value {
    let items = entry
        .iter()
        .map(|it| json!({"generation": it.generation, "public_key": hex(it.key.as_bytes())}));
    items.collect()
}

fn list_fields(list: &List) -> Value {
    let recording: Value = list.recording.iter().map(|it| recipients(it)).collect();
    json!({
        "org": list.org, "number": list.number, "issued_us": list.issued_us,
        "hub": hex(list.hub.as_bytes()), "recording": recording, "live": recipients(&list.live),
    })
}

fn header_fields(header: &Header) -> Value {
    json!({
        "camera": header.camera, "stream": header.stream, "bucket": header.bucket,
        "hour_s": header.hour_s, "segment": header.segment, "run": header.run,
        "number": header.number, "before": header.before, "started_us": header.started_us,
        "codec": header.codec, "width": header.width, "height": header.height,
        "init": hex(&header.init),
    })
}

fn record_fields(record: &Record) -> Value {
    let index = record.index.iter();
    let index: Value = index
        .map(|it| {
            json!([
                it.offset,
                it.length,
                it.start_us,
                it.duration_us,
                u8::from(it.key)
            ])
        })
        .collect();
    json!({
        "segment": record.segment, "bucket": record.bucket, "fragments": record.index.len(),
        "sha256": hex(&record.sha256), "length": record.length, "before": record.before,
        "ended_us": record.ended_us, "state": u8::from(record.state == State::Interrupted),
        "index": index, "why": record.why.word(),
    })
}

#[test]
fn envelopes() {
    let world = World::new(1);
    let [a, b] = &world.recording;
    let to = [a, b].map(|it| (it.id.to_string(), it.key.public()));
    let sealed = envelope::seal(b"a secret", &to, b"what it is for", &world.rng).unwrap();
    // The first recipient's wrapped key; bytes before it are tag, protected, iv and ciphertext.
    let changed = flip(&sealed, 8 * (sealed.len() - 1));
    let made = json!({
        "external_aad": hex(b"what it is for"),
        "plain": hex(b"a secret"),
        "recipients": [generation(a), generation(b)],
        "envelope": hex(&sealed),
        "refused": [
            {"what": "a changed key for the second recipient", "recipient": 1, "envelope": hex(&changed)},
            {"what": "a changed ciphertext", "recipient": 0, "envelope": hex(&flip(&sealed, 8 * 24))},
            {"what": "a byte behind the end", "recipient": 0, "envelope": hex(&[&sealed[..], &[0]].concat())},
        ],
    });
    let stored = compare("envelope", &made);
    let open = |n: usize, it: &Value| {
        let who = &stored["recipients"][n];
        let kid = who["generation"].as_str().unwrap();
        let key = agreement(&who["private_key"]);
        envelope::open(&bytes(it), kid, &key, &bytes(&stored["external_aad"]))
    };
    for n in 0..2 {
        assert_eq!(*open(n, &stored["envelope"]).unwrap(), b"a secret");
    }
    for it in stored["refused"].as_array().unwrap() {
        let n = usize::try_from(it["recipient"].as_u64().unwrap()).unwrap();
        assert!(open(n, &it["envelope"]).is_err(), "{}", it["what"]);
    }
}

#[test]
fn lists() {
    let world = World::new(2);
    let list = world.list(7);
    let made = json!({
        "custodian": hex(world.custodian.public().as_bytes()),
        "custodian_private_key": hex(&world.custodian.to_pkcs8()),
        "list": list_fields(&list),
        "cose": hex(&list.sign(&world.custodian).unwrap()),
    });
    let stored = compare("list", &made);
    let custodian = Point::from_slice(&bytes(&stored["custodian"])).unwrap();
    assert_eq!(List::verify(&bytes(&stored["cose"]), &custodian), Ok(list));
}

#[test]
fn buckets() {
    let world = World::new(3);
    let bucket = BucketId::random(&world.rng);
    let (_, shares) = bucket::create(bucket, &world.list(1), &world.rng).unwrap();
    let hub = bucket::open_hub_share(bucket, &shares.hub, &world.hub).unwrap();
    let role = &world.recording[0];
    let role_share = bucket::open_role_share(bucket, &shares.roles[0], role.id, &role.key).unwrap();
    let secret = [hub.as_slice(), &role_share].concat();
    let key: [u8; 32] = hkdf_sha256(&[], &secret, &[bucket.to_string().as_bytes()]);
    let made = json!({
        "bucket": bucket,
        "hub_private_key": hex(&world.hub.to_pkcs8()),
        "hub_kid": HUB,
        "role": generation(role),
        "hub_share": hex(&shares.hub),
        "role_shares": [hex(&shares.roles[0])],
        "opened_hub_share": hex(hub.as_slice()),
        "opened_role_shares": [hex(&role_share)],
        "bucket_key": hex(&key),
    });
    let stored = compare("bucket", &made);
    let hub = bucket::open_hub_share(bucket, &bytes(&stored["hub_share"]), &world.hub).unwrap();
    assert_eq!(hub.as_slice(), bytes(&stored["opened_hub_share"]));
}

#[test]
fn segments_and_closing_records() {
    let world = World::new(4);
    let (key, shares) = world.bucket();
    let first = Header {
        init: INIT.to_vec(),
        ..world.header(key.bucket(), None)
    };
    let second = Header {
        init: INIT.to_vec(),
        ..world.header(key.bucket(), Some(&first))
    };
    let closed = make(&key, first, &PLAIN, true);
    let torn = make(&key, second, &PLAIN[..2], false);
    let hub = bucket::open_hub_share(key.bucket(), &shares.hub, &world.hub).unwrap();
    let role = &world.recording[0];
    let opened = bucket::open_role_share(key.bucket(), &shares.roles[0], role.id, &role.key);
    let seen = scan(&closed.file).unwrap();
    let [one, two, _] = seen.fragments[..] else {
        panic!("three fragments were sealed");
    };
    let at = |n: u64| usize::try_from(n).unwrap();
    let (from, to) = (at(one.offset) - 4, at(two.offset) - 4);
    let repeated = [&closed.file[..to], &closed.file[from..]].concat();
    let left_out = [&closed.file[..from], &closed.file[to..]].concat();
    let made = json!({
        "bucket": key.bucket(),
        "agent": world.agent,
        "agent_key": hex(world.device.public().as_bytes()),
        "hub_share": hex(hub.as_slice()),
        "role": generation(role),
        "role_shares": [hex(&shares.roles[0])],
        "opened_role_shares": [hex(&opened.unwrap())],
        "segments": [segment(&world, &closed), segment(&world, &torn)],
        "refused": [
            {"what": "cut before its end", "segment": 0, "file": hex(&closed.file[..closed.file.len() - 20])},
            {"what": "a fragment repeated", "segment": 0, "file": hex(&repeated)},
            {"what": "a fragment left out", "segment": 0, "file": hex(&left_out)},
            {"what": "a changed header", "segment": 0, "file": hex(&flip(&closed.file, 8 * (from - 1)))},
            {"what": "a changed picture", "segment": 0, "file": hex(&flip(&closed.file, 8 * (to - 20)))},
            {"what": "another segment's file", "segment": 0, "file": hex(&torn.file)},
            {"what": "more than was interrupted", "segment": 1, "file": hex(&[&torn.file[..], &[0; 20]].concat())},
        ],
    });
    let stored = compare("segment", &made);
    let key = world.combined(&shares);
    let agent_key = Point::from_slice(&bytes(&stored["agent_key"])).unwrap();
    let record =
        |it: &Value| Record::verify(&bytes(&it["record"]["cose"]), &agent_key, world.agent);
    let segments = stored["segments"].as_array().unwrap();
    for it in segments {
        let record = record(it).unwrap();
        assert_eq!(record_fields(&record), it["record"]["fields"]);
        let opened = open_whole(&key, &bytes(&it["file"]), &record).unwrap();
        let fragments = it["fragments"].as_array().unwrap();
        assert_eq!(opened.len(), fragments.len());
        for (seen, wanted) in opened.iter().zip(fragments) {
            assert_eq!(seen.mp4.as_slice(), bytes(&wanted["mp4"]));
            assert_eq!(Some(seen.start_us), wanted["start_us"].as_i64());
        }
    }
    for it in stored["refused"].as_array().unwrap() {
        let n = usize::try_from(it["segment"].as_u64().unwrap()).unwrap();
        let record = record(&segments[n]).unwrap();
        let opened = open_whole(&key, &bytes(&it["file"]), &record);
        assert!(opened.is_err(), "{}", it["what"]);
    }
}

fn segment(world: &World, made: &Made) -> Value {
    let fragments: Value = (0_i64..)
        .zip(PLAIN.iter().take(made.record.index.len()))
        .map(|(n, mp4)| {
            json!({
                "start_us": made.header.started_us + n * 1_000_000,
                "duration_us": 1_000_000, "key": n == 0, "mp4": hex(mp4),
            })
        })
        .collect();
    json!({
        "header": header_fields(&made.header),
        "fragments": fragments,
        "file": hex(&made.file),
        "record": {
            "fields": record_fields(&made.record),
            "cose": hex(&made.record.sign(&world.device, world.agent).unwrap()),
        },
    })
}

#[test]
fn live_pictures() {
    let world = World::new(5);
    let key = LiveKeyId::random(&world.rng);
    let (live_key, envelope) = LiveKey::create(key, &world.list(1), &world.rng).unwrap();
    let header = world.live_header(key, envelope);
    let (mut sealer, head) = live::Sealer::begin(&live_key, &header).unwrap();
    let pictures: Value = (0_i64..3)
        .map(|n| {
            let (time_us, plain) = (
                header.hour_s * 1_000_000 + n * 40_000,
                [n.to_be_bytes(); 2].concat(),
            );
            let sealed = sealer.picture(time_us, n == 0, &plain).unwrap();
            json!({
                "number": n, "time_us": time_us, "key": n == 0,
                "access_unit": hex(&plain), "picture": hex(&sealed),
            })
        })
        .collect();
    let made = json!({
        "role": generation(&world.live),
        "fields": {
            "camera": header.camera, "session": header.session, "key": header.key,
            "hour_s": header.hour_s, "codec": header.codec, "width": header.width,
            "height": header.height, "config": hex(&header.config),
            "envelope": hex(&header.envelope),
        },
        "header": hex(&head),
        "pictures": pictures,
    });
    let stored = compare("live", &made);
    let head = bytes(&stored["header"]);
    let read = live::Header::decode(&head).unwrap();
    let key = LiveKey::open(&read, world.live.id, &world.live.key).unwrap();
    let mut opener = live::Opener::new(&key, &head).unwrap();
    for it in stored["pictures"].as_array().unwrap() {
        let seen = opener.picture(&bytes(&it["picture"])).unwrap();
        assert_eq!(seen.access_unit.as_slice(), bytes(&it["access_unit"]));
        assert_eq!(Some(seen.time_us), it["time_us"].as_i64());
        assert_eq!(
            opener.picture(&bytes(&it["picture"])),
            Err(SealError::Reused)
        );
    }
}

#[test]
fn viewing_keys() {
    let world = World::new(6);
    let (id, sheet) = (world.viewing_id, base::array(&world.rng));
    let wrapped = viewing::wrap(&world.viewing, id, PASSPHRASE, &sheet, &world.rng).unwrap();
    let role = &world.live;
    let to = world.viewing.public();
    let pkcs8 = role.key.to_pkcs8();
    let handed = viewing::hand_over(&pkcs8, role.id, id, &to, &world.rng).unwrap();
    let made = json!({
        "viewing_key": id,
        "private_key": hex(&world.viewing.to_pkcs8()),
        "public_key": hex(to.as_bytes()),
        "passphrase": PASSPHRASE,
        "kdf": {
            "name": "argon2id", "memory_kib": viewing::MEMORY_KIB,
            "passes": viewing::PASSES, "lanes": viewing::LANES,
        },
        "salt": hex(&wrapped.salt),
        "pass": hex(&wrapped.pass),
        "sheet_secret": hex(&sheet),
        "sheet_text": *viewing::sheet_text(&sheet),
        "sheet": hex(&wrapped.sheet),
        "role": generation(role),
        "handed_over": hex(&handed),
    });
    let stored = compare("viewing", &made);
    let wrapped = Wrapped {
        salt: bytes(&stored["salt"]).try_into().unwrap(),
        pass: bytes(&stored["pass"]),
        sheet: bytes(&stored["sheet"]),
    };
    let opened = viewing::open_pass(&wrapped, id, "Löschzug findet Weg").unwrap();
    assert_eq!(opened.public(), to);
    let sheet = viewing::parse_sheet(stored["sheet_text"].as_str().unwrap()).unwrap();
    let opened = viewing::open_sheet(&wrapped, id, &sheet).unwrap();
    assert_eq!(opened.public(), to);
    let taken = viewing::take_over(&bytes(&stored["handed_over"]), role.id, id, &opened);
    assert_eq!(taken, Ok(pkcs8));
}

/// What pycose made (`tests/peers/recording_reader.py make`) is read here like our own.
#[test]
fn opens_what_python_made() {
    let stored = stored("made-by-python");
    let it = &stored["envelope"];
    for who in it["recipients"].as_array().unwrap() {
        let kid = who["generation"].as_str().unwrap();
        let key = agreement(&who["private_key"]);
        let plain = envelope::open(
            &bytes(&it["envelope"]),
            kid,
            &key,
            &bytes(&it["external_aad"]),
        );
        assert_eq!(plain.map(|it| it.to_vec()), Ok(bytes(&it["plain"])));
        let other = envelope::open(&bytes(&it["envelope"]), kid, &key, b"other");
        assert_eq!(other, Err(SealError::Unreadable));
    }
    let it = &stored["list"];
    let custodian = Point::from_slice(&bytes(&it["custodian"])).unwrap();
    let list = List::verify(&bytes(&it["cose"]), &custodian).unwrap();
    assert_eq!(list_fields(&list), it["list"]);
    // And an agent seals to it.
    let bucket: BucketId = id(&it["bucket"]);
    let rng = Counted::new(1);
    let (_, shares) = bucket::create(bucket, &list, &rng).unwrap();
    let hub = agreement(&it["hub_private_key"]);
    let share: Zeroizing<[u8; 32]> = bucket::open_hub_share(bucket, &shares.hub, &hub).unwrap();
    assert_eq!(share.len(), 32);
}

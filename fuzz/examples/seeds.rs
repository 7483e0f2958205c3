//! Writes the seeds into `corpus/`: `cargo +nightly run --example seeds`. `recordings` writes those
//! of recordings. What fuzzing finds is added by hand.

use base::{AlarmId, Id as _, OrgId, SeededRng, SimClock, SubjectKeyId, Timestamp};
use ledger::leaf::{Action, Commitment, Leaf, LogId, Object, Outcome, Pseudonym};
use ledger::tile::bundle;
use seal::note::{Checkpoint, Signer};
use seal::webpush::{self, ReceiverKeys};
use seal::{Secret, SigningKey};
use std::{fs, io};

fn write(target: &str, name: &str, data: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(&folder)?;
    fs::write(format!("{folder}/{name}"), data)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rng = SeededRng::new(1);
    let clock = SimClock::at(Timestamp::from_second(1_700_000_000)?);

    let form = "application/x-www-form-urlencoded";
    let calls = [
        ("query", "\0accesskey=k&title=B3+Brand&text=Flammen%20aus%20dem%20Dach&lat=51.5&lon=10\0".to_owned()),
        ("form", format!("{form}; charset=utf-8\0accesskey=k\0title=T%C3%BCr&ric=123&ric[]=456&priority=1&delay=30")),
        ("json", "application/json\0\0{\"accesskey\":\"k\",\"type\":\"H1\",\"lat\":\"51,5\",\"lng\":10.25,\"group_ids\":[1,2],\"priority\":true,\"number\":null}".to_owned()),
        ("json_as_form", format!("{form}\0\0 {{\"title\":\"x\",\"coordinates\":\"51.5;10.1\",\"additional_text_1\":\"a\"}}")),
        ("arrays", "\0title=x&vehicle[]=A1&vehicle[]=A2&user_cluster_relation_ids=1,2;3&group_ids=[1,2]&news=0\0".to_owned()),
        ("bad_escape", "\0title=%zz&text=%f\0".to_owned()),
        ("latin1", "\0title=T%FCr\0".to_owned()),
    ];
    for (name, call) in calls {
        write("intake", name, call)?;
    }
    let hops = [
        ("hops", "198.51.100.1, 203.0.113.7, 10.1.2.3"),
        ("lines", "203.0.113.7\n10.9.9.9"),
        (
            "ports",
            "[2001:db8::7]:4711, 203.0.113.7:80, ::ffff:10.0.0.2",
        ),
        ("unknown", "203.0.113.7, unknown, _hidden"),
    ];
    for (name, line) in hops {
        write("forwarded", name, line)?;
    }

    let key = SigningKey::from_seed(Secret::new([7; 32]))?;
    let signer = Signer::new("obhut.example/installation", key)?;
    for size in [0, 1, 70_000] {
        let checkpoint = Checkpoint {
            origin: "obhut.example/installation".to_owned(),
            size,
            root: [3; 32],
        };
        let note = checkpoint.sign(&signer)?;
        let text = note.split_inclusive("\n\n").next().unwrap_or_default();
        write("note", &format!("checkpoint_{size}"), &note)?;
        write(
            "note",
            &format!("text_{size}"),
            text.strip_suffix('\n').unwrap_or(text),
        )?;
    }

    let org = OrgId::new(&clock, &rng);
    let mut leaf = Leaf {
        id: base::LeafId::new(&clock, &rng),
        at: Timestamp::from_second(1_700_000_000)?,
        log: LogId::Org(org),
        actor: Pseudonym([1; 16]),
        subject: Some(Pseudonym([2; 16])),
        action: Action::parse("alarm.raised")?,
        object: Some(Object::parse(&AlarmId::new(&clock, &rng).to_string())?),
        outcome: Outcome::Done,
        details: Some(Commitment {
            key: SubjectKeyId::from_bytes(org.bytes()),
            hash: [5; 32],
        }),
    };
    let whole = leaf.encode();
    write("leaf", "whole", &whole)?;
    (leaf.subject, leaf.object, leaf.details) = (None, None, None);
    (leaf.log, leaf.outcome) = (LogId::Installation, Outcome::Denied);
    let least = leaf.encode();
    write("leaf", "least", &least)?;

    let paths = [
        "tile/0/000",
        "tile/3/x001/x234/067.p/17",
        "tile/entries/x001/234",
        "tile/0/1",
    ];
    for (number, path) in paths.iter().enumerate() {
        write("tile", &format!("path_{number}"), path)?;
    }
    write("tile", "bundle", bundle([whole.as_slice(), &least, b""])?)?;

    let receiver = ReceiverKeys::from_bytes(&[9; 48])?;
    let payload = br#"{"web_push":8030,"notification":{"title":"B3"}}"#;
    let body = webpush::encrypt(receiver.p256dh(), receiver.auth(), payload, &rng)?;
    write("webpush", "message", body)?;
    write("webpush", "point", receiver.p256dh())?;
    write("webpush", "empty", b"")?;

    let key = seal::vapid::Key::generate(&rng)?;
    let token = key.token(
        "https://push.example",
        "mailto:a@example.org",
        1_700_010_000,
    )?;
    write("vapid", "good", key.authorization(&token))?;
    let other = key.token(
        "https://other.example",
        "mailto:a@example.org",
        1_700_010_000,
    )?;
    write("vapid", "other_audience", key.authorization(&other))?;
    write("vapid", "no_token", format!("vapid k={}", key.public_b64()))?;

    let texts = [
        ("id", AlarmId::new(&clock, &rng).to_string()),
        ("email", "Anna.Beispiel@Feuerwehr.example".to_owned()),
        ("language", "fr, de;q=0.5, en;q=0.4".to_owned()),
        ("name", "  Löschzug 1  \r\n Mitte".to_owned()),
        ("control", "a\u{0}b\u{7f}".to_owned()),
        ("empty", String::new()),
    ];
    for (name, text) in texts {
        write("text", name, text)?;
    }

    let periods = [
        "P90D", "PT24H", "P1Y6M", "P3660D", "P0D", "-P1D", "P1DT1H", "30 days", "PT1S",
    ];
    for (number, period) in periods.iter().enumerate() {
        write("period", &format!("period_{number}"), period)?;
    }

    let (point, auth) = (
        seal::b64url_encode(receiver.p256dh()),
        seal::b64url_encode(receiver.auth()),
    );
    let endpoints = [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com:443/wpush/v2/x",
        "http://127.0.0.1:8080/demo/push-service/x",
        "https://fcm.googleapis.com@evil.example/x",
    ];
    for (number, endpoint) in endpoints.iter().enumerate() {
        let device = format!("{endpoint}\0{point}\0{auth}==");
        write("device", &format!("device_{number}"), device)?;
    }

    let origins = [
        "https://push.example:8443",
        "h2c://127.0.0.1:9000",
        "http://[::1]:80/",
        "https://EXAMPLE.org.",
        "https://user@example.org",
        "https://example.org/path?x",
    ];
    for (number, origin) in origins.iter().enumerate() {
        write("outbound", &format!("origin_{number}"), origin)?;
    }
    Ok(())
}

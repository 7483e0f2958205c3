//! What is fed with garbage: every parser of bytes that come from outside, and what must hold of its results.
//!
//! One function for each target. The programs in `fuzz_targets/` call them under libFuzzer; a test in `bench/`
//! includes this file and replays the corpora, without a nightly compiler. A function panics when a parser
//! does, or when what it took in is not what it promises.

use alarm::intake::model::{Call, Fields};
use base::{AlarmId, Email, Lang, PersonId, SeededRng, ShortText, Text, Timestamp, UnitId};
use ledger::leaf::Leaf;
use ledger::tile::{TileId, bundle, unbundle};
use people::device::{PublicKey, PushFamily, Subscription};
use people::organisation::Zone;
use privacy::Period;
use seal::note::{self as notes, Checkpoint, Signer};
use seal::webpush::{self as pushes, ReceiverKeys};
use seal::{Secret, SigningKey};
use std::str::from_utf8;
use std::sync::OnceLock;
use web::outbound::Exception;

/// A target: its name, which is that of its corpus, and what it does with some bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 10] = [
    ("device", device),
    ("intake", intake),
    ("leaf", leaf),
    ("note", note),
    ("outbound", outbound),
    ("period", period),
    ("text", text),
    ("tile", tile),
    ("vapid", vapid),
    ("webpush", webpush),
];

/// The parts of an input of several, one behind each NUL.
fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut parts = data.splitn(N, |byte| *byte == 0);
    [(); N].map(|()| parts.next().unwrap_or_default())
}

/// An alarm by the v1 interface: content type, query and body. Whatever is taken in is bounded.
pub fn intake(data: &[u8]) {
    let [kind, query, body] = parts(data);
    let (Ok(kind), Ok(query)) = (from_utf8(kind), from_utf8(query)) else {
        return;
    };
    let Ok(fields) = Fields::read(query, (!kind.is_empty()).then_some(kind), body) else {
        return;
    };
    let _ = fields.access_key();
    let Ok(call) = Call::from_fields(&fields) else {
        return;
    };
    assert!((1..=200).contains(&call.title.chars().count()));
    assert!(call.text.chars().count() <= 4000);
    assert!(call.delay_s <= 86_400);
    let texts = [&call.title, &call.text, &call.address, &call.remark];
    for text in texts {
        assert!(!text.contains('\0'), "the databases take no NUL");
    }
    for (lat, lng) in [call.place, call.destination_place].into_iter().flatten() {
        assert!((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lng));
    }
}

/// The signer of the notes in the corpus.
fn signer() -> &'static Signer {
    static SIGNER: OnceLock<Signer> = OnceLock::new();
    SIGNER.get_or_init(|| {
        let key = SigningKey::from_seed(Secret::new([7; 32])).expect("any seed is a key");
        Signer::new("obhut.example/installation", key).expect("a good name")
    })
}

/// A signed note as somebody who kept one hands it in. What was signed is read as it was written.
pub fn note(data: &[u8]) {
    let verifier = signer().verifier();
    if let Ok(checkpoint) = Checkpoint::open(data, verifier) {
        assert_eq!(checkpoint.origin, verifier.name());
        let again = checkpoint.sign(signer()).expect("it was signed before");
        assert_eq!(Checkpoint::open(again.as_bytes(), verifier), Ok(checkpoint));
    }
    let Ok(text) = from_utf8(data) else { return };
    if let Ok(signed) = notes::sign(text, signer()) {
        assert_eq!(notes::verify(signed.as_bytes(), verifier), Ok(text));
        // The text under a good signature is free: what a checkpoint's reader makes of it comes next.
        if let Ok(checkpoint) = Checkpoint::open(signed.as_bytes(), verifier) {
            assert_eq!(checkpoint.origin, verifier.name());
        }
    }
}

/// A stored leaf: there is one encoding of each.
pub fn leaf(data: &[u8]) {
    if let Ok(leaf) = Leaf::decode(data) {
        assert_eq!(leaf.encode(), data);
    }
}

/// The path of a tile, and a bundle of entries: there is one form of each.
pub fn tile(data: &[u8]) {
    if let Some(id) = from_utf8(data).ok().and_then(TileId::parse) {
        assert_eq!(id.to_string().as_bytes(), data);
        assert!(id.bytes() <= 8192);
    }
    if let Ok(entries) = unbundle(data) {
        assert!(entries.len() <= 256);
        assert_eq!(bundle(entries).as_deref(), Ok(data));
    }
}

/// The receiver of the messages in the corpus.
fn receiver() -> &'static ReceiverKeys {
    static KEYS: OnceLock<ReceiverKeys> = OnceLock::new();
    KEYS.get_or_init(|| ReceiverKeys::from_bytes(&[9; 48]).expect("a good scalar"))
}

/// A Web Push message. A message of our own with these bytes in it comes back whole.
pub fn webpush(data: &[u8]) {
    let keys = receiver();
    let _ = pushes::decrypt(keys, data);
    let rng = SeededRng::new(1);
    let (point, auth) = (keys.p256dh(), keys.auth());
    match pushes::encrypt(point, auth, data, &rng) {
        Ok(body) => {
            assert!(body.len() <= pushes::MAX_BODY);
            assert_eq!(pushes::decrypt(keys, &body).as_deref(), Ok(data));
        }
        Err(_) => assert!(data.len() > pushes::MAX_PLAIN),
    }
    // As a subscription these bytes are no point, or encrypting to it works.
    let _ = pushes::encrypt(data, auth, b"x", &rng);
}

/// The `Authorization` header of a push, as our own push service reads it.
pub fn vapid(data: &[u8]) {
    if let Ok(header) = from_utf8(data)
        && let Ok(key) = seal::vapid::verify(header, "https://push.example", 1_700_000_000)
    {
        assert!(seal::is_p256_point(&key));
    }
}

/// Texts of forms: names, addresses, ids, languages. What is taken in is taken in again unchanged.
pub fn text(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    bounded::<1, 80>(text);
    bounded::<0, 3>(text);
    let _ = ShortText::parse(text);
    if let Ok(email) = Email::parse(text) {
        assert!(email.as_str().len() <= 254);
        assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email));
    }
    if let Ok(id) = text.parse::<AlarmId>() {
        assert_eq!(id.to_string(), text);
        assert!(text.parse::<PersonId>().is_err());
    }
    if let Ok(id) = text.parse::<UnitId>() {
        assert_eq!(id.to_string(), text);
    }
    let _ = (Lang::parse(text), Lang::negotiate(text));
}

fn bounded<const MIN: usize, const MAX: usize>(text: &str) {
    if let Ok(read) = Text::<MIN, MAX>::parse(text) {
        let length = read.as_str().chars().count();
        assert!((MIN..=MAX).contains(&length));
        assert_eq!(Text::<MIN, MAX>::parse(read.as_str()).as_ref(), Ok(&read));
    }
    let squeezed = Text::<MIN, MAX>::squeeze(text);
    assert!(squeezed.as_str().chars().count() <= MAX);
    assert!(!squeezed.as_str().contains('\0'));
}

/// How long something is kept. What is taken in ends, and not before it began.
pub fn period(data: &[u8]) {
    let Some(period) = from_utf8(data).ok().and_then(|it| Period::parse(it).ok()) else {
        return;
    };
    let start = Timestamp::UNIX_EPOCH;
    assert!(period.due(start, &Zone::default().rules()) > start);
    assert!(period.days() <= 3660.0);
}

/// What a browser hands in for pushes: endpoint, point, secret; and the key of a device.
pub fn device(data: &[u8]) {
    let [endpoint, point, auth] = parts(data);
    let texts = (from_utf8(endpoint), from_utf8(point), from_utf8(auth));
    let (Ok(endpoint), Ok(point), Ok(auth)) = texts else {
        return;
    };
    if let Ok(key) = PublicKey::parse(point) {
        assert_eq!(key.as_bytes().len(), 65);
        assert!(seal::is_p256_point(key.as_bytes()));
    }
    let local = Some("http://127.0.0.1:8080");
    if let Ok(read) = Subscription::parse(endpoint, point, auth, local) {
        assert_eq!(read.endpoint(), endpoint);
        let plain = read.family() == PushFamily::Local;
        assert!(plain || endpoint.starts_with("https://"));
        let body = pushes::encrypt(read.p256dh(), read.auth(), b"x", &SeededRng::new(1));
        assert!(body.is_ok(), "what was taken in can be pushed to");
    }
}

/// The address of a service: scheme, host and port, and nothing else.
pub fn outbound(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    if let Ok(read) = Exception::parse(text) {
        assert!(!text.contains('@'));
        assert_eq!(Exception::parse(text).ok(), Some(read));
    }
}

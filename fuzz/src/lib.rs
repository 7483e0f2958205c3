//! What is fed with garbage: every parser of bytes that come from outside, and what must hold of its results.
//!
//! One function for each target. The programs in `fuzz_targets/` call them under libFuzzer; a test in `bench/`
//! includes this file and replays the corpora, without a nightly compiler. A function panics when a parser
//! does, or when what it took in is not what it promises.

use alarm::intake::model::{Call, Fields};
use base::{AlarmId, Email, Lang, PersonId, SeededRng, ShortText, Text, Timestamp, UnitId};
use ledger::leaf::Leaf;
use ledger::tile::{TileId, bundle, unbundle};
use media::fmp4::{self, Layout, Part};
use media::scene::{Decoder, Luma, Strip};
use media::wire::{EnrolmentToken, ToAgent, ToHub, live_message, read_live_message};
use people::device::{PublicKey, PushFamily, Subscription};
use people::organisation::Zone;
use privacy::Period;
use seal::closing::Record;
use seal::note::{self as notes, Checkpoint, Signer};
use seal::recipients::List;
use seal::segment::{self as segments, Scanner};
use seal::webpush::{self as pushes, ReceiverKeys};
use seal::{AgreementKey, Secret, SignerKey, SigningKey};
use std::net::IpAddr;
use std::str::from_utf8;
use std::sync::OnceLock;
use web::Proxies;
use web::outbound::Exception;

/// A target: its name, which is that of its corpus, and what it does with some bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 24] = [
    ("annexb", annexb),
    ("assertion", assertion),
    ("closing", closing),
    ("device", device),
    ("envelope", envelope),
    ("forwarded", forwarded),
    ("header", header),
    ("intake", intake),
    ("leaf", leaf),
    ("live", live),
    ("mp4", mp4),
    ("note", note),
    ("outbound", outbound),
    ("period", period),
    ("recipients", recipients),
    ("rtsp", rtsp),
    ("scene", scene),
    ("segment", segment),
    ("text", text),
    ("tile", tile),
    ("unit", unit),
    ("vapid", vapid),
    ("webpush", webpush),
    ("wire", wire),
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

/// `X-Forwarded-For`, a line of the header each line: nobody is taken for a proxy of ours, unless all are.
pub fn forwarded(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    let peer = IpAddr::from([10, 0, 0, 1]);
    let caller = |ranges: &[&str], peer| {
        let ranges: Vec<String> = ranges.iter().map(|it| (*it).to_owned()).collect();
        let proxies = Proxies::parse(&ranges).expect("these are ranges");
        proxies.caller(peer, text.lines())
    };
    assert_eq!(caller(&[], peer), peer);
    assert_eq!(caller(&["192.0.2.0/24"], peer), peer);
    let found = caller(&["10.0.0.0/8"], peer);
    assert_eq!(found, found.to_canonical());
    // Whoever was found beyond our proxies is where the way ends.
    assert_eq!(caller(&["192.0.2.1"], found), found.to_canonical());
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
    if let Ok(secret) = seal::viewing::parse_sheet(text) {
        let printed = seal::viewing::sheet_text(&secret);
        assert_eq!(seal::viewing::parse_sheet(&printed), Ok(secret));
    }
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

/// A key that signs and opens what the targets of recordings make.
fn keys() -> &'static (SignerKey, AgreementKey) {
    static KEYS: OnceLock<(SignerKey, AgreementKey)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let rng = SeededRng::new(9);
        let opens = AgreementKey::generate(&rng).expect("chance makes keys");
        let signs = SignerKey::generate(&rng).expect("chance makes keys");
        (signs, opens)
    })
}

/// How an agent signs in: nobody's key fits garbage.
pub fn assertion(data: &[u8]) {
    let Ok(text) = from_utf8(data) else { return };
    if let Ok(agent) = seal::assertion::claimed_agent(text) {
        let point = keys().0.public();
        let verified = seal::assertion::verify(
            text,
            |it| {
                assert_eq!(it, agent);
                Some(point)
            },
            "https://hub.example",
            1_700_000_000,
        );
        assert!(verified.is_err());
    }
}

/// The header of a segment: there is one form of each.
pub fn header(data: &[u8]) {
    if let Ok(header) = segments::Header::decode(data) {
        assert_eq!(header.encode().as_deref(), Ok(data));
    }
}

/// A segment's file, whole and byte by byte: pieces lie where they are said to.
pub fn segment(data: &[u8]) {
    let whole = segments::scan(data);
    let mut scanner = Scanner::new();
    let fed = data.chunks(7).try_for_each(|part| scanner.feed(part));
    assert_eq!(fed.and_then(|()| scanner.finish()), whole);
    let Ok(scan) = whole else { return };
    assert!(scan.head_len <= scan.good_len && scan.good_len <= data.len() as u64);
    let mut place = scan.head_len;
    for piece in scan.fragments.iter().chain(&scan.end) {
        assert_eq!(piece.offset, place + 4);
        assert!(piece.of(data).is_some());
        place = piece.offset + u64::from(piece.length);
    }
    assert_eq!(place, scan.good_len);
}

/// A closing record: what it says can be signed and read again.
pub fn closing(data: &[u8]) {
    if let Ok(record) = Record::read_unverified(data) {
        let agent = base::AgentId::from_bytes([3; 16]);
        let key = &keys().0;
        assert!(Record::verify(data, &key.public(), agent).is_err());
        let again = record.sign(key, agent).expect("it was signed before");
        assert_eq!(Record::verify(&again, &key.public(), agent), Ok(record));
    }
}

/// A recipient list: what it says can be signed and read again.
pub fn recipients(data: &[u8]) {
    if let Ok(list) = List::read_unverified(data) {
        let key = &keys().0;
        assert!(List::verify(data, &key.public()).is_err());
        let again = list.sign(key).expect("it was signed before");
        assert_eq!(List::verify(&again, &key.public()), Ok(list));
    }
}

/// An envelope: it names somebody, each once, and opens for nobody when it was changed.
pub fn envelope(data: &[u8]) {
    let key = &keys().1;
    let Ok(kids) = seal::envelope::kids(data) else {
        assert!(seal::envelope::open(data, "hub", key, b"aad").is_err());
        return;
    };
    let mut once = kids.clone();
    once.sort();
    once.dedup();
    assert!(!kids.is_empty() && once.len() == kids.len());
    for kid in &kids {
        if let Ok(plain) = seal::envelope::open(data, kid, key, b"aad") {
            assert_eq!(plain.as_slice(), b"a secret");
        }
    }
}

/// The header of a live session, of which there is one form, and a picture of it.
pub fn live(data: &[u8]) {
    static OPENER: OnceLock<std::sync::Mutex<seal::live::Opener>> = OnceLock::new();
    let generation = base::GenerationId::from_bytes([4; 16]);
    if let Ok(header) = seal::live::Header::decode(data) {
        assert_eq!(header.encode().as_deref(), Ok(data));
        assert!(seal::live::LiveKey::open(&header, generation, &keys().1).is_err());
    }
    let opener = OPENER.get_or_init(|| std::sync::Mutex::new(session()));
    let picture = opener.lock().expect("no target panics").picture(data);
    assert!(picture.is_err());
}

/// Somebody who watches a session that no seed is of.
fn session() -> seal::live::Opener {
    let rng = SeededRng::new(8);
    let key = keys().1.public();
    let live = vec![seal::recipients::Recipient {
        generation: base::GenerationId::from_bytes([4; 16]),
        key,
    }];
    let list = List {
        org: base::OrgId::from_bytes([1; 16]),
        number: 1,
        issued_us: 0,
        hub: key,
        recording: vec![live.clone()],
        live,
    };
    let id = base::LiveKeyId::random(&rng);
    let (key, envelope) = seal::live::LiveKey::create(id, &list, &rng).expect("a good list");
    let header = seal::live::Header {
        camera: base::CameraId::from_bytes([2; 16]),
        session: base::LiveSessionId::random(&rng),
        key: id,
        hour_s: 0,
        codec: "avc1.4d401f".to_owned(),
        width: 1,
        height: 1,
        config: Vec::new(),
        envelope,
    };
    let header = header.encode().expect("a good header");
    seal::live::Opener::new(&key, &header).expect("its own header")
}

/// What camera agents and their hub say to each other, and the token that is carried between them by hand.
pub fn wire(data: &[u8]) {
    if let Some((kind, camera, payload)) = read_live_message(data) {
        assert_eq!(live_message(kind, camera, payload), data);
    }
    let Ok(text) = from_utf8(data) else {
        return;
    };
    if let Some(token) = EnrolmentToken::decode(text) {
        assert_eq!(token.encode(), text.trim());
    }
    if let Ok(said) = serde_json::from_str::<ToHub>(text) {
        let again = serde_json::to_string(&said).expect("what was read can be written");
        serde_json::from_str::<ToHub>(&again).expect("and read again");
    }
    if let Ok(said) = serde_json::from_str::<ToAgent>(text) {
        let again = serde_json::to_string(&said).expect("what was read can be written");
        assert_eq!(serde_json::from_str::<ToAgent>(&again).ok(), Some(said));
    }
}

/// A file of pictures as a simulated camera plays it.
pub fn annexb(data: &[u8]) {
    media::rtspd::take_file(data);
}

/// What a client says to a simulated camera.
pub fn rtsp(data: &[u8]) {
    media::rtspd::take_messages(data);
}

/// A picture as a camera sends it.
pub fn unit(data: &[u8]) {
    media::rtsp::take_picture(data);
}

/// A fragmented MP4: what is read lies in the bytes, and what is put together can be read again.
pub fn mp4(data: &[u8]) {
    let at = data.windows(4).position(|it| it == b"moof");
    let (init, rest) = data.split_at(at.unwrap_or(data.len()).saturating_sub(4));
    let _ = (fmp4::read_init(data), fmp4::read_fragments(data));
    let part = |seconds: i64| Part {
        bytes: rest,
        offset: media::Ticks(seconds * media::TICKS_PER_SECOND),
    };
    let parts = [part(0), part(1), part(-1)];
    let Ok(joined) = fmp4::remux(init, &parts, Layout::Fragmented) else {
        return;
    };
    let pieces = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let runs = fmp4::read_fragments(bytes).expect("it was read before");
        let samples = runs.iter().flat_map(|it| &it.samples);
        samples.map(|it| bytes[it.data.clone()].to_vec()).collect()
    };
    let once = pieces(rest);
    assert!(once.iter().map(Vec::len).sum::<usize>() <= rest.len());
    let thrice = [&once[..]; 3].concat();
    assert_eq!(pieces(&joined[init.len()..]), thrice);
    let whole = fmp4::remux(init, &parts, Layout::Progressive).expect("the other layout worked");
    assert!(once.last().is_none_or(|last| whole.ends_with(last)));
}

/// Pictures of a drawn scene, and the strip in a plane of any size.
pub fn scene(data: &[u8]) {
    let mut decoder = Decoder::new();
    let _ = decoder.access_unit(data);
    let _ = (decoder.size(), decoder.strip());
    if let Some((head, plane)) = data.split_first_chunk::<4>() {
        let [width, height, stride, zoom] = head.map(u32::from);
        let luma = Luma {
            data: plane,
            stride: stride as usize * 8,
            width: width * 8,
            height: height * 8,
            video_width: zoom * 16,
        };
        let _ = Strip::read(&luma);
    }
}

//! Writes the seeds of recordings into `corpus/`, as `seeds` does for everything else.

use base::{
    AgentId, BucketId, CameraId, GenerationId, LiveKeyId, LiveSessionId, OrgId, Rng as _, RunId,
    SeededRng, SegmentId,
};
use seal::closing::{State, Tally, Why};
use seal::live::LiveKey;
use seal::recipients::{List, Recipient};
use seal::segment::{Header, Sealer};
use seal::{AgreementKey, SignerKey, assertion, bucket, envelope, live};
use std::{fs, io};

fn write(target: &str, name: &str, data: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = format!("{}/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(&folder)?;
    fs::write(format!("{folder}/{name}"), data)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rng = SeededRng::new(1);
    // The key that the target opens envelopes with.
    let reader = AgreementKey::generate(&SeededRng::new(9))?;
    let (custodian, device) = (SignerKey::generate(&rng)?, SignerKey::generate(&rng)?);
    let recipient = || Recipient {
        generation: GenerationId::random(&rng),
        key: reader.public(),
    };
    let list = List {
        org: OrgId::from_bytes([1; 16]),
        number: 300,
        issued_us: 1_800_000_000_000_000,
        hub: reader.public(),
        recording: vec![vec![recipient(), recipient()], vec![recipient()]],
        live: vec![recipient()],
    };
    write("recipients", "whole", list.sign(&custodian)?)?;
    let least = List {
        number: 1,
        recording: vec![list.live.clone()],
        ..list.clone()
    };
    write("recipients", "least", least.sign(&custodian)?)?;

    let one = [("hub".to_owned(), reader.public())];
    write(
        "envelope",
        "one",
        envelope::seal(b"a secret", &one, b"aad", &rng)?,
    )?;
    let two = [
        ("hub".to_owned(), reader.public()),
        ("other".to_owned(), reader.public()),
    ];
    write("envelope", "two", envelope::seal(b"", &two, b"", &rng)?)?;

    let (key, _) = bucket::create(BucketId::random(&rng), &list, &rng)?;
    let mut header = Header {
        camera: CameraId::from_bytes([2; 16]),
        stream: "main".to_owned(),
        bucket: key.bucket(),
        hour_s: 1_800_000_000,
        segment: SegmentId::random(&rng),
        run: RunId::random(&rng),
        number: 0,
        before: None,
        started_us: 1_800_000_000_000_000,
        codec: "avc1.4d401f".to_owned(),
        width: 1920,
        height: 1080,
        init: b"ftyp and moov".to_vec(),
    };
    let agent = AgentId::from_bytes([3; 16]);
    for (name, close) in [("closed", true), ("interrupted", false)] {
        let (mut sealer, mut file) = Sealer::begin(&key, &header)?;
        let mut tally = Tally::new(&file);
        write("header", name, header.encode()?)?;
        for n in 0..3 {
            let start = header.started_us + n * 1_000_000;
            let sealed = sealer.fragment(start, 1_000_000, n == 0, b"moof mdat")?;
            tally.fragment(start, 1_000_000, n == 0, &sealed)?;
            file.extend_from_slice(&sealed);
        }
        let mut state = State::Interrupted;
        if close {
            let end = sealer.finish()?;
            tally.end(&end);
            file.extend_from_slice(&end);
            state = State::Closed;
        }
        write("segment", name, &file)?;
        let record = tally.record(&header, state, Why::Length);
        write("closing", name, record.sign(&device, agent)?)?;
        header.before = Some(header.segment);
        header.segment = SegmentId::random(&rng);
        header.number += 1;
    }
    write("segment", "magic", b"OBHUTSG1\0\0\0\x01\xae")?;

    let (key, envelope) = LiveKey::create(LiveKeyId::random(&rng), &list, &rng)?;
    let header = live::Header {
        camera: CameraId::from_bytes([2; 16]),
        session: LiveSessionId::random(&rng),
        key: key.id(),
        hour_s: 1_800_000_000,
        codec: "hvc1.1.6.L93.B0".to_owned(),
        width: 640,
        height: 480,
        config: vec![1; 30],
        envelope,
    };
    write("live", "header", header.encode()?)?;
    let (mut sealer, _) = live::Sealer::begin(&key, &header)?;
    write("live", "picture", sealer.picture(1, true, b"access unit")?)?;

    let audience = "https://hub.example";
    let mut jti = [0; 8];
    rng.fill(&mut jti);
    let jti = seal::b64url_encode(&jti);
    write(
        "assertion",
        "good",
        assertion::sign(&device, agent, audience, 1_700_000_000, &jti)?,
    )?;
    write(
        "assertion",
        "old",
        assertion::sign(&device, agent, audience, 1_600_000_000, &jti)?,
    )?;
    Ok(())
}

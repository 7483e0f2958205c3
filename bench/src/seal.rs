//! What sealing costs: a recording's payload on one core both ways, and one key wrapped for one recipient.

use anyhow::Result;
use base::{BucketId, CameraId, Clock as _, GenerationId, OrgId, RunId, SegmentId, SystemRng};
use seal::recipients::{List, Recipient};
use seal::segment::{Header, Opener, Sealer};
use seal::{AgreementKey, bucket, envelope};
use server::clock::SystemClock;
use std::time::Duration;

use crate::Plan;
use crate::report::Report;

/// A second of a camera at 4 Mbit/s.
const FRAGMENT: usize = 512 * 1024;
/// A minute of it.
const FRAGMENTS: u32 = 60;
/// Segments that are sealed and opened in one run: 600 MiB.
const SEGMENTS: usize = 20;
/// Envelopes in one run.
const ENVELOPES: usize = 5_000;

/// Measures.
pub(crate) fn run(plan: Plan) -> Result<()> {
    let clock = SystemClock::new();
    let rng = SystemRng;
    let reader = AgreementKey::generate(&rng)?;
    let recipient = Recipient {
        generation: GenerationId::random(&rng),
        key: reader.public(),
    };
    let list = List {
        org: OrgId::from_bytes([1; 16]),
        number: 1,
        issued_us: 0,
        hub: reader.public(),
        recording: vec![vec![recipient]],
        live: vec![recipient],
    };
    let mp4: Vec<u8> = (0..=u8::MAX).cycle().take(FRAGMENT).collect();
    let mut report = Report::new(plan)?;
    for run in 0..plan.runs {
        eprintln!("run {}", run + 1);
        let (key, _) = bucket::create(BucketId::random(&rng), &list, &rng)?;
        let (mut sealing, mut opening) = (Duration::ZERO, Duration::ZERO);
        let segments = plan.size(SEGMENTS);
        for _ in 0..segments {
            let header = header(&key);
            let since = clock.monotonic();
            let (mut sealer, head) = Sealer::begin(&key, &header)?;
            let sealed = (0..FRAGMENTS)
                .map(|n| sealer.fragment(n.into(), 1_000_000, true, &mp4))
                .collect::<Result<Vec<_>, _>>()?;
            let end = sealer.finish()?;
            let between = clock.monotonic();
            let opener = Opener::new(&key, &head)?;
            for (n, fragment) in (0..).zip(&sealed) {
                let opened = opener.open(n, &fragment[4..])?;
                anyhow::ensure!(opened.mp4.len() == FRAGMENT, "another fragment came out");
            }
            opener.end(FRAGMENTS, &end[4..])?;
            sealing += between.saturating_sub(since);
            opening += clock.monotonic().saturating_sub(between);
        }
        let mib = mib(segments);
        report.take("seal_mib_per_s", "MiB/s", mib / sealing.as_secs_f64());
        report.take("open_mib_per_s", "MiB/s", mib / opening.as_secs_f64());

        let to = [("hub".to_owned(), reader.public())];
        let envelopes = plan.size(ENVELOPES);
        let since = clock.monotonic();
        for _ in 0..envelopes {
            envelope::seal(&[7; 32], &to, b"bkt_00000000000000000000000000", &rng)?;
        }
        let took = clock.monotonic().saturating_sub(since).as_secs_f64();
        report.take("wrap_us", "µs", took * 1e6 / count(envelopes));
    }
    report.print()
}

fn header(key: &bucket::BucketKey) -> Header {
    Header {
        camera: CameraId::from_bytes([2; 16]),
        stream: "main".to_owned(),
        bucket: key.bucket(),
        hour_s: 0,
        segment: SegmentId::random(&SystemRng),
        run: RunId::from_bytes([3; 16]),
        number: 0,
        before: None,
        started_us: 0,
        codec: "avc1.4d401f".to_owned(),
        width: 1920,
        height: 1080,
        init: vec![0; 700],
    }
}

/// MiB in so many segments.
fn mib(segments: usize) -> f64 {
    count(segments) * f64::from(FRAGMENTS) * count(FRAGMENT) / f64::from(1 << 20)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nothing here counts beyond 2^53"
)]
const fn count(number: usize) -> f64 {
    number as f64
}

//! From the camera to a file: every picture that was sent is there, at its time, and what is missing is said.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::SeededRng;
use media::cut::{Cut, Cutter, Reason, Rules};
use media::fmp4::{self, Layout, Muxer, Part};
use media::rtsp::{Camera, Event, Source};
use media::rtspd::{self, Mount, Options, Simulator};
use media::scene::{Decoder, Strip};
use media::{Parameters, Ticks};

use crate::world::{clock, next, scene_mount, settings};

/// A segment as an agent would write it, unsealed.
#[derive(Default)]
struct Segment {
    parameters: Option<Arc<Parameters>>,
    start: i64,
    key: bool,
    bytes: Vec<u8>,
    fragments: Vec<fmp4::Fragment>,
    reason: Option<Reason>,
}

/// What an agent does with events, in short.
struct Recorder {
    cutter: Cutter,
    muxer: Muxer,
    parameters: Option<Arc<Parameters>>,
    segments: Vec<Segment>,
    /// In words: what ended or was missing.
    said: Vec<&'static str>,
}

impl Recorder {
    fn new(rules: Rules) -> Self {
        Self {
            cutter: Cutter::new(rules),
            muxer: Muxer::new(),
            parameters: None,
            segments: Vec::new(),
            said: Vec::new(),
        }
    }

    fn event(&mut self, event: Event) {
        let mut cuts = Vec::new();
        match event {
            Event::Connected(parameters) | Event::Changed(parameters) => {
                self.cutter.end_now(Reason::Change, &mut cuts);
                self.parameters = Some(parameters);
            }
            Event::Frame(frame) => self.cutter.push(frame, &mut cuts),
            Event::Gap(_) => {
                self.said.push("gap");
                self.cutter.end_now(Reason::Loss, &mut cuts);
            }
            Event::Ended { cause, .. } => {
                self.said.push(cause.code());
                self.cutter.end_now(Reason::Loss, &mut cuts);
            }
        }
        self.write(cuts);
    }

    fn stop(&mut self) {
        let mut cuts = Vec::new();
        self.cutter.end_now(Reason::Stopped, &mut cuts);
        self.write(cuts);
    }

    fn write(&mut self, cuts: Vec<Cut>) {
        for cut in cuts {
            match cut {
                Cut::Begin { start, key } => {
                    self.muxer = Muxer::new();
                    self.segments.push(Segment {
                        parameters: self.parameters.clone(),
                        start: start.as_microsecond(),
                        key,
                        ..Segment::default()
                    });
                }
                Cut::Fragment(group) => {
                    let segment = self.segments.last_mut().unwrap();
                    let written = self
                        .muxer
                        .write(&group.frames, group.end, &mut segment.bytes);
                    segment.fragments.push(written.unwrap());
                }
                Cut::End(reason) => self.segments.last_mut().unwrap().reason = Some(reason),
            }
        }
    }
}

impl Segment {
    /// What each picture's strip says, and when it is shown, in microseconds since 1970.
    fn pictures(&self) -> Vec<(Strip, i64)> {
        let parameters = self.parameters.as_ref().unwrap();
        let init = fmp4::init(parameters);
        let head = fmp4::read_init(&init).unwrap();
        assert_eq!(
            (head.width, head.height),
            (parameters.width, parameters.height)
        );
        let mut decoder = Decoder::new();
        let length = usize::from(u16::from_be_bytes([
            parameters.config[6],
            parameters.config[7],
        ]));
        decoder.nal(&parameters.config[8..8 + length]).unwrap();
        let runs = fmp4::read_fragments(&self.bytes).unwrap();
        assert_eq!(runs.len(), self.fragments.len());
        let mut pictures = Vec::new();
        for sample in runs.iter().flat_map(|it| &it.samples) {
            decoder
                .access_unit(&self.bytes[sample.data.clone()])
                .unwrap();
            let shown = self.start + Ticks(sample.pts).micros();
            pictures.push((decoder.strip().unwrap(), shown));
        }
        pictures
    }
}

/// A simulator that keeps the numbers of what it sent to anybody, and a camera that looks at it.
async fn watched(mount: Mount) -> (Simulator, Camera, Arc<Mutex<BTreeMap<u32, i64>>>) {
    let sent = Arc::new(Mutex::new(BTreeMap::new()));
    let path = mount.path.clone();
    let keep = Arc::clone(&sent);
    let clock = clock();
    let options = Options {
        mounts: vec![mount],
        on_send: Some(Arc::new(move |it: &rtspd::Sent| {
            keep.lock().unwrap().insert(it.counter, it.at);
        })),
        ..Options::default()
    };
    let rng = Arc::new(SeededRng::new(3));
    let simulator = Simulator::start(options, Arc::clone(&clock), rng.clone())
        .await
        .unwrap();
    let source = Source::parse(&simulator.url(&path)).unwrap();
    (simulator, Camera::new(source, settings(), clock, rng), sent)
}

async fn record(camera: &mut Camera, recorder: &mut Recorder, pictures: usize) {
    let mut seen = 0;
    while seen < pictures {
        let event = next(camera).await;
        seen += usize::from(matches!(event, Event::Frame(_)));
        recorder.event(event);
    }
}

#[tokio::test]
async fn every_picture_that_was_sent_is_in_the_file() {
    let (simulator, mut camera, sent) = watched(scene_mount()).await;
    let rules = Rules {
        segment: Duration::from_secs(2),
        ..Rules::default()
    };
    let mut recorder = Recorder::new(rules);
    record(&mut camera, &mut recorder, 130).await;
    recorder.stop();
    let reasons: Vec<_> = recorder.segments.iter().map(|it| it.reason).collect();
    assert_eq!(
        reasons,
        [
            Some(Reason::Length),
            Some(Reason::Length),
            Some(Reason::Stopped)
        ]
    );
    let mut pictures = Vec::new();
    for segment in &recorder.segments {
        assert!(segment.key && segment.fragments.iter().all(|it| it.key));
        assert!(
            segment
                .fragments
                .iter()
                .all(|it| it.duration <= Duration::from_millis(1001))
        );
        pictures.extend(segment.pictures());
    }
    let sent = sent.lock().unwrap();
    assert_eq!(pictures.len(), 130);
    let numbers: Vec<u32> = pictures.iter().map(|it| it.0.counter).collect();
    let wanted: Vec<u32> = sent.keys().copied().take(130).collect();
    assert_eq!(numbers, wanted, "all that was sent, in order");
    for (strip, shown) in pictures {
        let wrong = shown / 1000 - i64::try_from(strip.millis).unwrap();
        assert!(
            (-30..=30).contains(&wrong),
            "picture {} is {wrong} ms off",
            strip.counter
        );
    }
    drop(simulator);
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let (simulator, mut camera, sent) = watched(scene_mount()).await;
    let handle = simulator.mount("yard").unwrap();
    let mut recorder = Recorder::new(Rules::default());
    record(&mut camera, &mut recorder, 20).await;
    handle.set(|it| it.loss_percent = 40);
    while recorder.said.is_empty() {
        recorder.event(next(&mut camera).await);
    }
    handle.set(|it| it.loss_percent = 0);
    record(&mut camera, &mut recorder, 10).await;
    handle.set(|it| it.drop_every = Some(Duration::ZERO));
    while recorder.said.len() < 2 {
        recorder.event(next(&mut camera).await);
    }
    handle.set(|it| it.drop_every = None);
    record(&mut camera, &mut recorder, 10).await;
    handle.set(|it| it.size = Some((640, 360)));
    record(&mut camera, &mut recorder, 30).await;
    recorder.stop();
    assert_eq!(recorder.said, ["gap", "dropped"]);
    let reasons: Vec<_> = recorder
        .segments
        .iter()
        .filter_map(|it| it.reason)
        .map(Reason::word)
        .collect();
    assert_eq!(reasons, ["loss", "loss", "change", "stopped"]);
    let sent = sent.lock().unwrap();
    for segment in &recorder.segments {
        let numbers: Vec<u32> = segment.pictures().iter().map(|it| it.0.counter).collect();
        let (first, last) = (numbers[0], numbers[numbers.len() - 1]);
        let wanted: Vec<u32> = sent.range(first..=last).map(|it| *it.0).collect();
        assert_eq!(numbers, wanted, "a segment has no hole");
    }
}

#[tokio::test]
async fn h265_is_kept_as_it_came() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/yard.h265");
    let source = rtspd::Source::File {
        path: path.into(),
        fps: 20,
    };
    let (_simulator, mut camera, _) = watched(Mount::new("hevc", source)).await;
    let mut recorder = Recorder::new(Rules::default());
    record(&mut camera, &mut recorder, 25).await;
    recorder.stop();
    let segment = &recorder.segments[0];
    let parameters = segment.parameters.as_ref().unwrap();
    assert!(parameters.rfc6381.starts_with("hvc1."));
    let init = fmp4::init(parameters);
    let runs = fmp4::read_fragments(&segment.bytes).unwrap();
    let samples: Vec<_> = runs.iter().flat_map(|it| &it.samples).collect();
    assert_eq!(samples.len(), 25);
    let keys: Vec<bool> = samples.iter().map(|it| it.key).collect();
    let wanted: Vec<bool> = (0..25).map(|it| it % 6 == 0).collect();
    assert_eq!(keys, wanted);
    for layout in [Layout::Progressive, Layout::Fragmented] {
        let parts = [Part {
            bytes: &segment.bytes,
            offset: Ticks(0),
        }];
        let file = fmp4::remux(&init, &parts, layout).unwrap();
        if let Ok(folder) = std::env::var("MEDIA_TEST_OUT") {
            std::fs::write(format!("{folder}/hevc-{layout:?}.mp4"), file).unwrap();
        }
    }
}

#[tokio::test]
async fn exported_files_can_be_looked_at() {
    let (_simulator, mut camera, _) = watched(scene_mount()).await;
    let rules = Rules {
        segment: Duration::from_secs(1),
        ..Rules::default()
    };
    let mut recorder = Recorder::new(rules);
    record(&mut camera, &mut recorder, 60).await;
    recorder.stop();
    let first = &recorder.segments[0];
    let init = fmp4::init(first.parameters.as_ref().unwrap());
    let part = |it: &'_ Segment| Ticks::from_micros(it.start - first.start);
    let parts: Vec<Part<'_>> = recorder
        .segments
        .iter()
        .map(|it| Part {
            bytes: &it.bytes,
            offset: part(it),
        })
        .collect();
    for layout in [Layout::Progressive, Layout::Fragmented] {
        let file = fmp4::remux(&init, &parts, layout).unwrap();
        assert!(
            file.len()
                > recorder
                    .segments
                    .iter()
                    .map(|it| it.bytes.len())
                    .sum::<usize>()
                    / 2
        );
        if let Ok(folder) = std::env::var("MEDIA_TEST_OUT") {
            std::fs::write(format!("{folder}/yard-{layout:?}.mp4"), file).unwrap();
        }
    }
    if let Ok(folder) = std::env::var("MEDIA_TEST_OUT") {
        let plain = [init.as_slice(), &first.bytes].concat();
        std::fs::write(format!("{folder}/yard-segment.mp4"), plain).unwrap();
    }
}

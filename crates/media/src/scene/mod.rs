//! A drawn picture that says which frame it is and when it was made, and a small H.264 encoder for it.

mod bits;
mod canvas;
mod cavlc;
mod decode;
mod draw;
mod encode;
mod flat;
mod font;
mod strip;

use base::Timestamp;
use bytes::Bytes;

use canvas::Canvas;
use draw::Painter;
use encode::{Encoder, Format};

pub use decode::{DecodeError, Decoder};
pub use strip::{Luma, STRIP_BITS, STRIP_COLUMNS, STRIP_ROWS, Strip, StripError};

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The camera's name, burned in; letters, digits and simple signs, the rest becomes blanks.
    pub name: String,
    /// Width in pixels: even, 576 to 4096.
    pub width: u32,
    /// Height in pixels: even, 240 to 2304.
    pub height: u32,
    /// Pictures a second, 1 to 60.
    pub fps: u32,
    /// Pictures from one key frame to the next; `None` is one second of them.
    pub gop: Option<u32>,
    /// Fill up with noise to this many bits a second.
    pub bit_rate: Option<u32>,
    /// Offset of the burned-in time from UTC, in minutes; east is positive.
    pub zone_minutes: i32,
    /// Night instead of day.
    pub night: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "Camera".to_owned(),
            width: 640,
            height: 360,
            fps: 15,
            gop: None,
            bit_rate: None,
            zone_minutes: 0,
            night: false,
        }
    }
}

/// Why a scene cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    /// Too small, too large or odd.
    #[error("width must be even and 576 to 4096, height even and 240 to 2304")]
    Size,
    /// Not 1 to 60.
    #[error("1 to 60 pictures a second")]
    Fps,
}

/// The widest picture, in pixels.
const MAX_WIDTH: u32 = 4096;
/// The highest picture, in pixels.
const MAX_HEIGHT: u32 = 2304;

/// One encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Whether it is a key frame (IDR); then `nals` begins with SPS and PPS.
    pub key: bool,
    /// The NAL units, without start codes or lengths.
    pub nals: Vec<Bytes>,
}

/// Draws and encodes.
#[derive(Debug)]
pub struct Scene {
    options: Options,
    painter: Painter,
    canvas: Canvas,
    encoder: Encoder,
    sps: Bytes,
    pps: Bytes,
    since_key: Option<u32>,
}

impl Scene {
    /// Checks the options and draws what never moves.
    pub fn new(options: Options) -> Result<Self, SceneError> {
        let even = options.width.is_multiple_of(2) && options.height.is_multiple_of(2);
        let large = (STRIP_COLUMNS * 16..=MAX_WIDTH).contains(&options.width)
            && (240..=MAX_HEIGHT).contains(&options.height);
        if !(even && large) {
            return Err(SceneError::Size);
        }
        if !(1..=60).contains(&options.fps) {
            return Err(SceneError::Fps);
        }
        let format = Format {
            width: options.width,
            height: options.height,
            fps: options.fps,
        };
        let mut painter = Painter::new(&options)?;
        painter.set_noise(noise(&options, &painter));
        let canvas = painter.canvas();
        Ok(Self {
            encoder: Encoder::new(canvas.planes.columns, canvas.planes.rows),
            sps: format.sps(),
            pps: encode::pps(),
            painter,
            canvas,
            options,
            since_key: None,
        })
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The next picture. What it shows depends on `counter` and `at` alone; a key frame comes on the first
    /// call, then every `gop` calls, and whenever `force_key`.
    pub fn picture(&mut self, counter: u32, at: Timestamp, force_key: bool) -> Picture {
        let due = self.since_key.is_none_or(|it| it >= gop(&self.options));
        self.encode(counter, at, force_key || due)
    }

    /// Like [`picture`](Self::picture), but a key frame only if `key`; the first one always is.
    pub fn picture_without_rhythm(&mut self, counter: u32, at: Timestamp, key: bool) -> Picture {
        let key = key || self.since_key.is_none();
        self.encode(counter, at, key)
    }

    /// Sequence and picture parameter set, without start codes.
    pub fn parameter_sets(&self) -> (Bytes, Bytes) {
        (self.sps.clone(), self.pps.clone())
    }

    /// Whether nothing was encoded yet.
    pub fn is_fresh(&self) -> bool {
        self.since_key.is_none()
    }

    fn encode(&mut self, counter: u32, at: Timestamp, key: bool) -> Picture {
        self.since_key = Some(if key {
            1
        } else {
            self.since_key.unwrap_or(0) + 1
        });
        self.painter
            .moving(&mut self.canvas, &self.options, counter, at);
        let slice = self.encoder.encode(&self.canvas, key);
        let nals = if key {
            vec![self.sps.clone(), self.pps.clone(), slice]
        } else {
            vec![slice]
        };
        Picture { key, nals }
    }
}

/// Pictures from one key frame to the next.
fn gop(options: &Options) -> u32 {
    options.gop.unwrap_or(options.fps).max(1)
}

/// Macroblocks of noise in each picture that bring the scene to its bit rate, measured on the pictures from
/// one key frame to the next while somebody walks through the middle.
fn noise(options: &Options, painter: &Painter) -> usize {
    let Some(bit_rate) = options.bit_rate else {
        return 0;
    };
    let mut canvas = painter.canvas();
    let mut encoder = Encoder::new(canvas.planes.columns, canvas.planes.rows);
    let pictures = gop(options).min(options.fps * 2);
    let mut bytes = 0;
    for n in 0..pictures {
        let millis = painter.halfway() + i64::from(n * 1000 / options.fps);
        let at = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH);
        painter.moving(&mut canvas, options, n, at);
        bytes += encoder.encode(&canvas, n == 0).len();
    }
    let pictures = usize::try_from(pictures).unwrap_or(1);
    let wanted = usize::try_from(bit_rate / 8 / options.fps).unwrap_or(0);
    // 384 samples, the type and what aligns them.
    wanted.saturating_sub(bytes / pictures) / 386
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SignedDuration;
    use proptest::prelude::*;

    fn at(n: u32) -> Timestamp {
        at_rate(n, 15)
    }

    fn at_rate(n: u32, fps: u32) -> Timestamp {
        let start = Timestamp::from_millisecond(1_795_335_330_123).unwrap();
        start + SignedDuration::from_micros(i64::from(n) * 1_000_000 / i64::from(fps))
    }

    /// Decodes every picture and compares all three planes with what was drawn.
    fn check(options: Options, pictures: u32) -> usize {
        let mut scene = Scene::new(options).unwrap();
        let mut decoder = Decoder::new();
        let (mut bytes, fps) = (0, scene.options.fps);
        for n in 0..pictures {
            let picture = scene.picture(n, at_rate(n, fps), false);
            for nal in &picture.nals {
                decoder.nal(nal).unwrap();
                bytes += nal.len();
            }
            assert_eq!(picture.key, n % gop(&scene.options) == 0);
            assert!(
                decoder.planes() == Some(&scene.canvas.planes),
                "picture {n}"
            );
            let strip = decoder.strip().unwrap();
            let millis = u64::try_from(at_rate(n, fps).as_millisecond()).unwrap();
            assert_eq!(strip, Strip { counter: n, millis });
        }
        bytes
    }

    #[test]
    fn decodes_to_what_was_drawn() {
        check(Options::default(), 40);
        let night = Options {
            night: true,
            width: 1920,
            height: 1080,
            fps: 25,
            gop: Some(7),
            ..Options::default()
        };
        check(night, 9);
        let odd = Options {
            width: 578,
            height: 242,
            ..Options::default()
        };
        check(odd, 3);
    }

    #[test]
    fn keeps_its_bit_rate() {
        for (width, height, fps, rate) in [(1920, 1080, 25, 4_000_000), (640, 360, 15, 3_000_000)] {
            let bit_rate = Some(rate);
            let options = Options {
                width,
                height,
                fps,
                bit_rate,
                ..Options::default()
            };
            let bits = check(options, fps * 2) * 8 / 2;
            let wanted = rate as usize;
            assert!(bits.abs_diff(wanted) < wanted / 20, "{bits} of {wanted}");
        }
    }

    #[test]
    fn is_calm_without_a_bit_rate() {
        let bytes = check(Options::default(), 150);
        assert!(bytes / 10 < 80_000, "{bytes} bytes in ten seconds");
    }

    #[test]
    fn the_same_number_and_time_give_the_same_picture() {
        let make = || {
            Scene::new(Options {
                bit_rate: Some(4_000_000),
                ..Options::default()
            })
            .unwrap()
        };
        let (mut a, mut b) = (make(), make());
        a.picture(1, at(1), false);
        let (a, b) = (a.picture(7, at(7), true), b.picture(7, at(7), true));
        assert_eq!(a.nals[..2], b.nals[..2]);
        let decoded = |it: &Picture| {
            let mut decoder = Decoder::new();
            it.nals.iter().for_each(|nal| decoder.nal(nal).unwrap());
            decoder.planes().unwrap().clone()
        };
        assert!(decoded(&a) == decoded(&b));
    }

    #[test]
    fn refuses_what_cannot_be_drawn() {
        let error = |options| Scene::new(options).unwrap_err();
        let narrow = Options {
            width: 574,
            ..Options::default()
        };
        assert_eq!(error(narrow), SceneError::Size);
        let odd = Options {
            height: 361,
            ..Options::default()
        };
        assert_eq!(error(odd), SceneError::Size);
        let still = Options {
            fps: 0,
            ..Options::default()
        };
        assert_eq!(error(still), SceneError::Fps);
    }

    #[test]
    fn a_missing_picture_is_noticed() {
        let mut scene = Scene::new(Options::default()).unwrap();
        let mut decoder = Decoder::new();
        let pictures: Vec<_> = (0..3).map(|n| scene.picture(n, at(n), false)).collect();
        pictures[0]
            .nals
            .iter()
            .for_each(|nal| decoder.nal(nal).unwrap());
        assert_eq!(decoder.nal(&pictures[2].nals[0]), Err(DecodeError::Missing));
        assert_eq!(decoder.nal(&pictures[1].nals[0]), Err(DecodeError::Early));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_decoded(nals: Vec<Vec<u8>>, flips in proptest::collection::vec((0_usize..4000, 0_u8..8), 0..4)) {
            let mut decoder = Decoder::new();
            for nal in &nals {
                let _ = decoder.nal(nal);
                let _ = decoder.access_unit(nal);
            }
            let mut scene = Scene::new(Options { width: 576, height: 240, ..Options::default() }).unwrap();
            for n in 0..2 {
                for nal in scene.picture(n, at(n), false).nals {
                    let mut nal = nal.to_vec();
                    for (byte, bit) in &flips {
                        let byte = byte % nal.len();
                        nal[byte] ^= 1 << bit;
                    }
                    let _ = decoder.nal(&nal);
                }
            }
            let _ = decoder.strip();
        }
    }

    #[test]
    #[ignore = "writes a file to look at: SCENE_OUT=yard.h264"]
    fn writes_a_file() {
        let path = std::env::var("SCENE_OUT").unwrap();
        let (size, night) = match std::env::var("SCENE_LARGE") {
            Ok(_) => ((1920, 1080), true),
            Err(_) => ((640, 360), false),
        };
        let options = Options {
            name: "Yard North".to_owned(),
            width: size.0,
            height: size.1,
            night,
            bit_rate: night.then_some(4_000_000),
            ..Options::default()
        };
        let mut scene = Scene::new(options).unwrap();
        let (mut file, mut raw) = (Vec::new(), Vec::new());
        for n in 0..60 {
            for nal in scene.picture(n, at(n), false).nals {
                file.extend_from_slice(&[0, 0, 0, 1]);
                file.extend_from_slice(&nal);
            }
            let planes = &scene.canvas.planes;
            for plane in [&planes.y, &planes.cb, &planes.cr] {
                raw.extend_from_slice(plane);
            }
        }
        std::fs::write(format!("{path}.yuv"), raw).unwrap();
        std::fs::write(path, file).unwrap();
    }
}

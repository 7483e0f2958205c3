//! A drawn picture that says which frame it is and when it was made, and a small H.264 encoder for it.

mod strip;

use base::Timestamp;

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

/// One encoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Whether it is a key frame (IDR); then `nals` begins with SPS and PPS.
    pub key: bool,
    /// The NAL units, without start codes or lengths.
    pub nals: Vec<bytes::Bytes>,
}

/// Draws and encodes.
#[derive(Debug)]
pub struct Scene {
    options: Options,
}

impl Scene {
    /// Checks the options and draws what never moves.
    pub fn new(options: Options) -> Result<Self, SceneError> {
        Ok(Self { options })
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The next picture. What it shows depends on `counter` and `at` alone; a key frame comes on the first
    /// call, then every `gop` calls, and whenever `force_key`.
    pub fn picture(&mut self, counter: u32, at: Timestamp, force_key: bool) -> Picture {
        let _ = (counter, at);
        Picture {
            key: force_key,
            nals: Vec::new(),
        }
    }

    /// Sequence and picture parameter set, without start codes.
    pub fn parameter_sets(&self) -> (Vec<u8>, Vec<u8>) {
        (Vec::new(), Vec::new())
    }
}

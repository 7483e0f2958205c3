//! What a simulated camera plays, to whom, and what goes wrong: plain data.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::rtsp::Password;
use crate::scene;

/// Is told of each picture that goes out.
pub type OnSend = Arc<dyn Fn(&Sent) + Send + Sync>;

/// One server on one port.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// What there is to see, each under its own path.
    pub mounts: Vec<Mount>,
    /// Called for each picture that goes to a client, just before its bytes are handed to the socket.
    pub on_send: Option<OnSend>,
}

impl Default for Options {
    /// Loopback, a free port, nothing to see.
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            mounts: Vec::new(),
            on_send: None,
        }
    }
}

/// One picture handed to one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Path of the mount.
    pub mount: Arc<str>,
    /// Number of the picture: the counter in the strip of a drawn scene.
    pub counter: u32,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Whether it is a key frame.
    pub key: bool,
    /// Bytes of the access unit.
    pub bytes: usize,
}

/// One stream.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Path without a slash before it, such as `yard`.
    pub path: String,
    /// What is played; made once for all clients.
    pub source: Source,
    /// Who may look; everybody if `None`.
    pub credentials: Option<Credentials>,
    /// Announce a microphone. It cannot be had; whoever asks for it is counted.
    pub microphone: bool,
    /// What goes wrong from the start.
    pub faults: Faults,
}

impl Mount {
    /// A good camera that everybody may look at.
    pub fn new(path: impl Into<String>, source: Source) -> Self {
        Self {
            path: path.into(),
            source,
            credentials: None,
            microphone: false,
            faults: Faults::default(),
        }
    }
}

/// What is played.
#[derive(Debug, Clone)]
pub enum Source {
    /// The drawn scene.
    Scene(scene::Options),
    /// A file of H.264 or H.265 in Annex B format, without B-frames, played in a loop. The codec is told by
    /// the end of its name: `.h264`, `.264`, `.avc`, `.h265`, `.265`, `.hevc`.
    File {
        /// The file.
        path: PathBuf,
        /// Pictures a second.
        fps: u32,
    },
}

/// How a client proves that it knows the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scheme {
    /// In clear (RFC 7617).
    Basic,
    /// By MD5 digest without `qop`, as most cameras do (RFC 2069).
    #[default]
    Digest,
}

/// Who may look.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: Password,
    /// How it is asked for.
    pub scheme: Scheme,
}

/// What goes wrong. [`Faults::default`] is a good camera. All can be set at the start and at run time
/// ([`super::Handle::set`]).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// Close each connection so long after it began to play.
    pub drop_every: Option<Duration>,
    /// Send no key frame until so much time has passed since this was set.
    pub no_key_for: Option<Duration>,
    /// Send no pictures; connections stay open and requests are answered.
    pub silent: bool,
    /// Draw the scene in this size instead, width and height in pixels; nothing for files.
    pub size: Option<(u32, u32)>,
    /// Refuse every password.
    pub wrong_password: bool,
    /// Add this to the RTP stamps, in ticks of 1/90000 s; changing it is a jump.
    pub stamp_offset: i64,
    /// Add this to the camera's clock (sender reports, burned-in time), in milliseconds; changing it is a
    /// clock step.
    pub clock_offset: i64,
    /// Lose so many of a hundred RTP packets.
    pub loss_percent: u8,
    /// Send no sender reports (RFC 3550, section 6.4.1).
    pub no_reports: bool,
}

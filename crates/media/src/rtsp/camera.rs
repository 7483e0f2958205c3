//! The connection to one camera: what comes, why it ends, when to try again.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Rng, Sleep, Timestamp};
use bytes::Bytes;
use futures_util::StreamExt as _;
use retina::client::{self, Demuxed, PlayOptions, Session, SessionOptions, SetupOptions};
use retina::codec::{
    CodecItem, FrameFormat, ParametersRef, VideoFrame, VideoParameters, VideoParametersCodec,
};
use retina::rtcp::{PacketRef, ReceivedCompoundPacket};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::timeline::from_ntp;
use super::unit::{self, Entry, Gate};
use super::{Role, Source, Timeline};
use crate::{Codec, Frame, Parameters};

/// Waiting times; [`Settings::default`] is what agents use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// From the first byte to the answer to `PLAY`.
    pub connect: Duration,
    /// Without a picture for so long, a camera is silent and the connection is given up.
    pub silence: Duration,
    /// The pause before the second attempt; it doubles with each failure, up to `pause_most`.
    pub pause_first: Duration,
    /// The longest pause between attempts. Each pause is shortened by up to a half, by chance.
    pub pause_most: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(10),
            pause_first: Duration::from_secs(1),
            pause_most: Duration::from_secs(30),
        }
    }
}

/// Why a connection ended or did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// No answer, no route, or no such host.
    Unreachable,
    /// The host is there, but nothing listens on the port.
    Refused,
    /// User or password are wrong or missing (401, 403).
    WrongPassword,
    /// The camera knows no such path (404, 454), or its answer holds no video.
    NoSuchStream,
    /// The connection broke while it ran.
    Dropped,
    /// Connected, but no picture came for [`Settings::silence`].
    Silent,
    /// The video is neither H.264 nor H.265.
    Unsupported,
    /// What the camera sent breaks the protocol, or it refused for another reason.
    Malformed,
}

impl Cause {
    /// A stable code for logs, messages and translation.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::WrongPassword => "wrong_password",
            Self::NoSuchStream => "no_such_stream",
            Self::Dropped => "dropped",
            Self::Silent => "silent",
            Self::Unsupported => "unsupported",
            Self::Malformed => "malformed",
        }
    }
}

/// Why pictures are missing although the connection runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapCause {
    /// Packets were lost on the way.
    Loss,
    /// The camera sends pictures but no key frame; said after five seconds.
    NoKeyFrame,
    /// This computer's clock was set; times before and after do not compare.
    ClockStep,
}

/// Pictures are missing from here on (before the next one where the clock stepped); the next picture is a
/// key frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub cause: GapCause,
    /// Packets known to be lost; 0 where that is not the cause.
    pub packets: u16,
    /// When the last good picture was taken.
    pub since: Option<Timestamp>,
}

/// What a camera does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It answers and plays; pictures with these parameters follow, a key frame first. Comes with the first
    /// picture, key frame or not.
    Connected(Arc<Parameters>),
    /// The next picture has these parameters.
    Changed(Arc<Parameters>),
    /// A picture.
    Frame(Frame),
    /// Pictures are missing.
    Gap(Gap),
    /// The connection is over.
    Ended {
        /// Why.
        cause: Cause,
        /// The library's words, for the log; they may hold the camera's address, never the password.
        detail: String,
        /// The pause before the next attempt.
        retry_in: Duration,
    },
}

/// Without a key frame for so long, the wait is said ([`GapCause::NoKeyFrame`]).
const KEY_WAIT: Duration = Duration::from_secs(5);

/// One camera, kept connected for ever.
pub struct Camera {
    source: Source,
    settings: Settings,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    state: State,
    /// Attempts since the last picture.
    failures: u32,
    pending: VecDeque<Event>,
}

enum State {
    Pausing(Sleep),
    Connecting(Pin<Box<dyn Future<Output = Result<Playing, Failure>> + Send>>),
    Playing(Box<Playing>),
}

impl Camera {
    /// Nothing happens before [`next`](Self::next) is awaited.
    pub fn new(
        source: Source,
        settings: Settings,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let state = State::Connecting(connect(&source, &settings, &clock));
        Self {
            source,
            settings,
            clock,
            rng,
            state,
            failures: 0,
            pending: VecDeque::new(),
        }
    }

    /// What happens next; connects, and pauses before it connects again, as needed. Dropping the future
    /// loses nothing; dropping the camera ends the connection. Needs a Tokio runtime.
    pub async fn next(&mut self) -> Event {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return event;
            }
            match &mut self.state {
                State::Pausing(sleep) => {
                    sleep.await;
                    self.state =
                        State::Connecting(connect(&self.source, &self.settings, &self.clock));
                }
                State::Connecting(connecting) => match connecting.await {
                    Ok(playing) => self.state = State::Playing(Box::new(playing)),
                    Err(failure) => self.end(failure),
                },
                State::Playing(playing) => {
                    match playing
                        .next(&self.settings, &*self.clock, &mut self.pending)
                        .await
                    {
                        Ok(()) => self.failures = 0,
                        Err(failure) => self.end(failure),
                    }
                }
            }
        }
    }

    /// Pauses; longer each time, and as long as can be after a wrong password, because cameras lock out
    /// whoever tries often.
    fn end(&mut self, failure: Failure) {
        let Settings {
            pause_first,
            pause_most,
            ..
        } = self.settings;
        let longest = match failure.cause {
            Cause::WrongPassword => pause_most,
            _ => pause_first
                .saturating_mul(1 << self.failures.min(16))
                .min(pause_most),
        };
        self.failures = self.failures.saturating_add(1);
        let half = longest / 2;
        let chance = self
            .rng
            .below(u64::try_from(half.as_micros()).unwrap_or(0) + 1);
        let retry_in = longest.saturating_sub(Duration::from_micros(chance));
        self.state = State::Pausing(self.clock.sleep(retry_in));
        self.pending.push_back(Event::Ended {
            cause: failure.cause,
            detail: failure.detail,
            retry_in,
        });
    }
}

/// Why a connection ended.
struct Failure {
    cause: Cause,
    detail: String,
}

impl Failure {
    fn new(cause: Cause, detail: &str) -> Self {
        // The first line; what follows names addresses and positions in the stream.
        let line = detail.lines().next().unwrap_or_default();
        let detail = line
            .chars()
            .filter(|it| !it.is_control())
            .take(300)
            .collect();
        Self { cause, detail }
    }
}

/// Connects with a limit in time; owns all it needs, so that it can be kept while nobody waits.
fn connect(
    source: &Source,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Pin<Box<dyn Future<Output = Result<Playing, Failure>> + Send>> {
    let (source, clock) = (source.clone(), Arc::clone(clock));
    let limit = settings.connect;
    Box::pin(async move {
        let late = clock.sleep(limit);
        tokio::select! {
            result = open(&source, &*clock) => result,
            () = late => Err(Failure::new(Cause::Unreachable, "no answer in time")),
        }
    })
}

async fn open(source: &Source, clock: &dyn Clock) -> Result<Playing, Failure> {
    let credentials = source
        .credentials()
        .map(|(user, password)| client::Credentials {
            username: user.to_owned(),
            password: password.expose().to_owned(),
        });
    let options = SessionOptions::default()
        .creds(credentials)
        .user_agent("Obhut".to_owned());
    let described = Session::describe(source.url().clone(), options).await;
    let mut session = match described {
        Ok(session) => session,
        Err(error) => return Err(refused(source, &error).await),
    };
    let stream = choose(session.streams())?;
    let format = SetupOptions::default().frame_format(FrameFormat::MP4);
    let answered = |error: retina::Error| Failure::new(cause_of_answer(&error), &error.to_string());
    session.setup(stream, format).await.map_err(answered)?;
    let session = session
        .play(PlayOptions::default())
        .await
        .map_err(answered)?;
    let demuxed = session
        .demuxed()
        .map_err(|error| Failure::new(Cause::Unsupported, &error.to_string()))?;
    Ok(Playing::new(demuxed, stream, clock.monotonic()))
}

/// The first H.264 or H.265 track. Nothing else is ever set up.
fn choose(streams: &[client::Stream]) -> Result<usize, Failure> {
    let mut videos = streams
        .iter()
        .enumerate()
        .filter(|it| it.1.media() == "video")
        .peekable();
    if videos.peek().is_none() {
        return Err(Failure::new(Cause::NoSuchStream, "no video is offered"));
    }
    let known = |it: &client::Stream| ["h264", "h265"].contains(&it.encoding_name());
    let found = videos.find(|it| known(it.1) && it.1.clock_rate_hz() == 90_000);
    found
        .map(|it| it.0)
        .ok_or_else(|| Failure::new(Cause::Unsupported, "the video is neither H.264 nor H.265"))
}

fn cause_of_answer(error: &retina::Error) -> Cause {
    match error.status_code() {
        Some(401 | 403) => Cause::WrongPassword,
        Some(404 | 454) => Cause::NoSuchStream,
        _ => Cause::Malformed,
    }
}

/// Why `DESCRIBE` failed. The library does not tell a closed port from a host that is gone, so ask again.
async fn refused(source: &Source, error: &retina::Error) -> Failure {
    let mut cause = cause_of_answer(error);
    if error.status_code().is_none() {
        let host = source.url().host_str().unwrap_or_default();
        let host = host.trim_matches(['[', ']']);
        let port = source.url().port().unwrap_or(554);
        cause = match TcpStream::connect((host, port)).await {
            Ok(_) if error.to_string().starts_with("Error reading") => Cause::Dropped,
            Ok(_) => Cause::Malformed,
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Cause::Refused,
            Err(_) => Cause::Unreachable,
        };
    }
    Failure::new(cause, &error.to_string())
}

/// A connection that plays.
struct Playing {
    demuxed: Pin<Box<Demuxed>>,
    stream: usize,
    timeline: Timeline,
    parameters: Option<Arc<Parameters>>,
    /// Parameters changed in a picture that was not passed on.
    changed: bool,
    gate: Gate,
    /// Since when, and whether that was said.
    waits_since: (Duration, bool),
    last_wall: Option<Timestamp>,
    /// When the last picture came, and the pause that ends when it is too long ago.
    heard: Duration,
    silence: Option<Sleep>,
}

impl Playing {
    fn new(demuxed: Demuxed, stream: usize, now: Duration) -> Self {
        Self {
            demuxed: Box::pin(demuxed),
            stream,
            timeline: Timeline::new(),
            parameters: None,
            changed: false,
            gate: Gate::new(),
            waits_since: (now, false),
            last_wall: None,
            heard: now,
            silence: None,
        }
    }

    /// Waits for the next thing the camera says.
    async fn next(
        &mut self,
        settings: &Settings,
        clock: &dyn Clock,
        out: &mut VecDeque<Event>,
    ) -> Result<(), Failure> {
        loop {
            let silence = self.silence.get_or_insert_with(|| {
                let left = (self.heard + settings.silence).saturating_sub(clock.monotonic());
                clock.sleep(left)
            });
            let item = tokio::select! {
                biased;
                item = self.demuxed.next() => item,
                () = silence => {
                    self.silence = None;
                    if clock.monotonic() >= self.heard + settings.silence {
                        return Err(Failure::new(Cause::Silent, "no picture came"));
                    }
                    continue;
                }
            };
            match item {
                Some(Ok(CodecItem::VideoFrame(frame))) => {
                    self.heard = clock.monotonic();
                    return self.frame(frame, clock.now(), out);
                }
                Some(Ok(CodecItem::Rtcp(packets))) => self.report(&packets),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let detail = error.to_string();
                    let lost = ["Error reading", "Error writing"]
                        .iter()
                        .any(|it| detail.starts_with(it));
                    let cause = if lost {
                        Cause::Dropped
                    } else {
                        Cause::Malformed
                    };
                    return Err(Failure::new(cause, &detail));
                }
                None => {
                    return Err(Failure::new(
                        Cause::Dropped,
                        "the camera closed the connection",
                    ));
                }
            }
        }
    }

    fn report(&mut self, packets: &ReceivedCompoundPacket) {
        let Some(stamp) = packets.rtp_timestamp() else {
            return;
        };
        if let Some(Ok(Some(report))) = packets.pkts().next().map(PacketRef::as_sender_report) {
            let camera = from_ntp(report.ntp_timestamp().0);
            self.timeline.report(stamp.timestamp(), camera);
        }
    }

    fn frame(
        &mut self,
        frame: VideoFrame,
        now: Timestamp,
        out: &mut VecDeque<Event>,
    ) -> Result<(), Failure> {
        if frame.has_new_parameters() || self.parameters.is_none() {
            self.parameters(out)?;
        }
        let codec = self.parameters.as_ref().map(|it| it.codec);
        let mut entry = codec.map_or(Entry::None, |it| unit::entry(it, frame.data()));
        if entry == Entry::None && frame.is_random_access_point() {
            entry = Entry::Closed;
        }
        let key = entry != Entry::None;
        let role = match codec {
            _ if key => Role::Key,
            Some(codec) => unit::role(codec, frame.data()),
            None => Role::Either,
        };
        let placed = self
            .timeline
            .place(frame.timestamp().timestamp(), self.heard, now, role);
        if frame.loss() > 0 {
            if !self.gate.is_closed() {
                self.gap(GapCause::Loss, frame.loss(), out);
            }
            // What is left of a picture whose first slices were lost looks like a picture.
            if codec.is_some_and(|it| !unit::has_beginning(it, frame.data())) {
                return Ok(());
            }
        }
        if placed.stepped && !self.gate.is_closed() {
            self.gap(GapCause::ClockStep, 0, out);
        }
        if self.gate.is_closed() && !key {
            let (since, said) = self.waits_since;
            if !said && self.heard >= since + KEY_WAIT {
                self.gap(GapCause::NoKeyFrame, 0, out);
                self.waits_since = (since, true);
            }
            return Ok(());
        }
        if self.parameters.is_none() {
            // A key frame without parameters cannot be shown; go on waiting.
            return Ok(());
        }
        if !self.gate.admits(entry, placed.stream_time) {
            return Ok(());
        }
        self.last_wall = Some(placed.wall);
        out.push_back(Event::Frame(Frame {
            stream_time: placed.stream_time,
            received_at: self.heard,
            wall: placed.wall,
            key,
            params_changed: std::mem::take(&mut self.changed),
            data: Bytes::from(frame.into_data()),
        }));
        Ok(())
    }

    fn gap(&mut self, cause: GapCause, packets: u16, out: &mut VecDeque<Event>) {
        self.gate.close();
        self.waits_since = (self.heard, cause == GapCause::NoKeyFrame);
        out.push_back(Event::Gap(Gap {
            cause,
            packets,
            since: self.last_wall,
        }));
    }

    /// Reports parameters if they are new.
    fn parameters(&mut self, out: &mut VecDeque<Event>) -> Result<(), Failure> {
        let stream = self.demuxed.streams().get(self.stream);
        let Some(ParametersRef::Video(video)) = stream.and_then(client::Stream::parameters) else {
            return Ok(());
        };
        let parameters = read(video)?;
        if self.parameters.as_deref() == Some(&parameters) {
            return Ok(());
        }
        let parameters = Arc::new(parameters);
        let first = self.parameters.replace(Arc::clone(&parameters)).is_none();
        self.changed |= !first;
        out.push_back(if first {
            Event::Connected(parameters)
        } else {
            Event::Changed(parameters)
        });
        Ok(())
    }
}

fn read(video: &VideoParameters) -> Result<Parameters, Failure> {
    let codec = match video.codec_params() {
        VideoParametersCodec::H264 { .. } => Codec::H264,
        VideoParametersCodec::H265 { .. } => Codec::H265,
        _ => return Err(Failure::new(Cause::Unsupported, "neither H.264 nor H.265")),
    };
    let entry = video.mp4_sample_entry().build();
    let entry = entry.map_err(|error| Failure::new(Cause::Malformed, &error.to_string()))?;
    let (width, height) = video.pixel_dimensions();
    Ok(Parameters {
        codec,
        rfc6381: video.rfc6381_codec().to_owned(),
        width,
        height,
        sample_entry: Bytes::from(entry),
        config: Bytes::copy_from_slice(video.extra_data()),
    })
}

/// Passes on what the camera does until `cancel` resolves or nobody listens any more.
pub async fn run(
    mut camera: Camera,
    events: mpsc::Sender<Event>,
    cancel: impl Future<Output = ()>,
) {
    tokio::pin!(cancel);
    loop {
        let event = tokio::select! {
            () = &mut cancel => return,
            event = camera.next() => event,
        };
        tokio::select! {
            () = &mut cancel => return,
            sent = events.send(event) => if sent.is_err() { return },
        }
    }
}

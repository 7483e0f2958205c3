//! One client: answers what it asks and sends it pictures.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Clock, Rng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::broadcast;

use super::message::{Answer, Next, Request, next};
use super::mount::{Item, Made, Shared};
use super::packet::Packetizer;
use super::{OnSend, Sent, auth, sdp};

/// Between two sender reports.
const REPORT: Duration = Duration::from_secs(5);
/// Methods it knows.
const PUBLIC: &str = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN";

/// What all clients of a server share.
pub(super) struct Server {
    pub(super) mounts: Vec<Arc<Shared>>,
    pub(super) on_send: Option<OnSend>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rng: Arc<dyn Rng>,
}

/// A client's session.
struct Client<'a> {
    server: &'a Server,
    nonce: String,
    session: String,
    chosen: Option<(Arc<Shared>, Packetizer)>,
    items: Option<broadcast::Receiver<Item>>,
    began: Duration,
    reported: Option<Duration>,
    /// Pictures were skipped; wait for a key frame.
    behind: bool,
    out: Vec<u8>,
}

/// Serves until the client goes or a fault ends it.
pub(super) async fn serve(mut stream: TcpStream, server: Arc<Server>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut client = Client::new(&server);
    let mut read = Vec::with_capacity(4096);
    loop {
        tokio::select! {
            count = stream.read_buf(&mut read) => {
                if count? == 0 {
                    return Ok(());
                }
                loop {
                    match next(&read) {
                        Ok((Next::Nothing, _)) => break,
                        Ok((Next::Data, taken)) => drop(read.drain(..taken)),
                        Ok((Next::Request(request), taken)) => {
                            read.drain(..taken);
                            let (answer, over) = client.answer(&request);
                            stream.write_all(&answer.bytes()).await?;
                            if over {
                                return Ok(());
                            }
                        }
                        Err(_) => return Ok(()),
                    }
                }
            }
            item = coming(&mut client.items) => {
                if client.is_dropped() || !client.item(item) {
                    return Ok(());
                }
                stream.write_all(&client.out).await?;
            }
        }
    }
}

/// The next item; never, before `PLAY`.
async fn coming(
    items: &mut Option<broadcast::Receiver<Item>>,
) -> Result<Item, broadcast::error::RecvError> {
    match items {
        Some(items) => items.recv().await,
        None => std::future::pending().await,
    }
}

impl<'a> Client<'a> {
    fn new(server: &'a Server) -> Self {
        let word = |rng: &dyn Rng| format!("{:016x}", u64::from_be_bytes(base::array(rng)));
        Self {
            server,
            nonce: word(&*server.rng),
            session: word(&*server.rng),
            chosen: None,
            items: None,
            began: Duration::ZERO,
            reported: None,
            behind: false,
            out: Vec::new(),
        }
    }

    /// The answer, and whether the connection ends with it.
    fn answer(&mut self, request: &Request) -> (Answer, bool) {
        let ok = Answer::new(200, "OK", request);
        let answer = match request.method.as_str() {
            "OPTIONS" => ok.header("Public", PUBLIC),
            "GET_PARAMETER" | "SET_PARAMETER" => ok.header("Session", &self.session),
            "TEARDOWN" => {
                self.items = None;
                return (ok.header("Session", &self.session), true);
            }
            "DESCRIBE" | "SETUP" | "PLAY" => self.guarded(request, ok),
            _ => Answer::new(405, "Method Not Allowed", request).header("Allow", PUBLIC),
        };
        (answer, false)
    }

    /// Requests that need a mount and its password.
    fn guarded(&mut self, request: &Request, ok: Answer) -> Answer {
        let (path, track) = match request.path().rsplit_once('/') {
            Some((path, track)) if [sdp::VIDEO, sdp::AUDIO].contains(&track) => (path, track),
            _ => (request.path(), ""),
        };
        let Some(mount) = self.server.mounts.iter().find(|it| *it.path == *path) else {
            return Answer::new(404, "Not Found", request);
        };
        let refused = mount.faults().wrong_password;
        if let Some(credentials) = &mount.credentials
            && (refused || !auth::knows(request, credentials, &self.nonce))
        {
            let challenge = auth::challenge(credentials, &self.nonce);
            return Answer::new(401, "Unauthorized", request)
                .header("WWW-Authenticate", &challenge);
        }
        match request.method.as_str() {
            "DESCRIBE" => {
                let base = request.uri.trim_end_matches('/');
                let body = sdp::describe(mount.codec, &mount.sets(), mount.fps, mount.microphone);
                ok.header("Content-Base", &format!("{base}/"))
                    .body("application/sdp", body)
            }
            "SETUP" if track == sdp::AUDIO => {
                mount.ask_microphone();
                Answer::new(404, "Not Found", request)
            }
            "SETUP" => self.set_up(request, ok, Arc::clone(mount)),
            _ => self.play(request, ok),
        }
    }

    fn set_up(&mut self, request: &Request, ok: Answer, mount: Arc<Shared>) -> Answer {
        let transport = request.header("Transport").unwrap_or_default();
        let Some(channel) = interleaved(transport) else {
            return Answer::new(461, "Unsupported Transport", request);
        };
        let rng = &*self.server.rng;
        let ssrc = u32::from_be_bytes(base::array(rng));
        // Retina takes 0 and 1 for cameras that do not know better; begin above them.
        let sequence = u16::from_be_bytes(base::array(rng)) | 2;
        let packetizer = Packetizer::new(mount.codec, channel, ssrc, sequence);
        let chosen = format!(
            "RTP/AVP/TCP;unicast;interleaved={channel}-{};ssrc={ssrc:08X}",
            channel + 1
        );
        self.chosen = Some((mount, packetizer));
        ok.header("Transport", &chosen)
            .header("Session", &format!("{};timeout=60", self.session))
    }

    fn play(&mut self, request: &Request, ok: Answer) -> Answer {
        let Some((mount, packetizer)) = &self.chosen else {
            return Answer::new(455, "Method Not Valid in This State", request);
        };
        self.items = Some(mount.items.subscribe());
        self.began = self.server.clock.monotonic();
        self.reported = None;
        let base = request.uri.trim_end_matches('/');
        let stamp = mount.next_stamp.load(Ordering::Relaxed);
        let sequence = packetizer.sequence;
        let info = format!("url={base}/{};seq={sequence};rtptime={stamp}", sdp::VIDEO);
        ok.header("Session", &self.session)
            .header("Range", "npt=0-")
            .header("RTP-Info", &info)
    }

    fn is_dropped(&self) -> bool {
        let after = self.chosen.as_ref().and_then(|it| it.0.faults().drop_every);
        after.is_some_and(|it| self.server.clock.monotonic() >= self.began + it)
    }

    /// Fills `out` with what is to be sent; `false` ends the connection.
    fn item(&mut self, item: Result<Item, broadcast::error::RecvError>) -> bool {
        self.out.clear();
        match item {
            Ok(Item::Beat) => {}
            Ok(Item::Picture(made)) => self.picture(&made),
            Err(broadcast::error::RecvError::Lagged(_)) => self.behind = true,
            Err(broadcast::error::RecvError::Closed) => return false,
        }
        true
    }

    fn picture(&mut self, made: &Made) {
        self.behind &= !made.key;
        let Some((mount, packetizer)) = self.chosen.as_mut().filter(|_| !self.behind) else {
            return;
        };
        let faults = mount.faults();
        let now = self.server.clock.monotonic();
        let due = self.reported.is_none_or(|it| now >= it + REPORT);
        if due && !faults.no_reports {
            self.reported = Some(now);
            packetizer.report(made.at, made.stamp, &mut self.out);
        }
        let lost = u64::from(faults.loss_percent);
        let rng = &*self.server.rng;
        let lose = || lost > 0 && rng.below(100) < lost;
        packetizer.picture(&made.nals, made.stamp, lose, &mut self.out);
        if let Some(on_send) = &self.server.on_send {
            on_send(&Sent {
                mount: Arc::clone(&mount.path),
                counter: made.counter,
                at: self.server.clock.now().as_microsecond(),
                key: made.key,
                bytes: made.nals.iter().map(bytes::Bytes::len).sum(),
            });
        }
    }
}

/// The first channel of `interleaved=0-1`; only TCP is served.
fn interleaved(transport: &str) -> Option<u8> {
    let offers = transport.split(',').map(str::trim);
    offers
        .filter(|it| it.starts_with("RTP/AVP/TCP"))
        .find_map(|offer| {
            let mut channel = Some(0);
            for part in offer.split(';') {
                if let Some(channels) = part.trim().strip_prefix("interleaved=") {
                    channel = channels.split('-').next()?.parse().ok();
                }
            }
            channel.filter(|it| *it < u8::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tcp_is_served() {
        assert_eq!(interleaved("RTP/AVP/TCP;unicast;interleaved=2-3"), Some(2));
        assert_eq!(
            interleaved("RTP/AVP;unicast;client_port=1-2, RTP/AVP/TCP;unicast"),
            Some(0)
        );
        assert_eq!(interleaved("RTP/AVP;unicast;client_port=5000-5001"), None);
        assert_eq!(interleaved("RTP/AVP/TCP;interleaved=255-256"), None);
    }
}

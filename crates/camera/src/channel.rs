//! The channel: a WebSocket to the hub, for wishes one way and states and live pictures the other.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Rng, chain};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt as _, StreamExt as _};
use media::wire::{self, Bye, ToAgent, ToHub};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Bytes, Message as Frame, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tracing::{debug, info, warn};

use crate::board::Board;
use crate::hub::{Distrust, Hub, HubError, Origin};
use crate::live::Message;
use crate::pace::Pace;

/// For connecting and shaking hands.
const CONNECT: Duration = Duration::from_secs(20);
/// A state at least so often.
const REPORT: Duration = Duration::from_secs(10);
/// States are at least so far apart.
const BREATH: Duration = Duration::from_millis(250);
/// A hub from which nothing comes for so long is gone; each state asks it for a sign.
const SILENCE: Duration = Duration::from_secs(45);
/// A kernel that queues more makes live pictures late instead of fewer.
const SEND_BUFFER: u32 = 256 * 1024;
/// After another agent took over, so long: two that share a key must not push each other out all the time.
const ASIDE: Duration = Duration::from_secs(30);
/// The largest message from the hub: a recipient list, at most.
const LARGEST: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
enum ChannelError {
    #[error("the hub refused")]
    Hub(#[from] HubError),
    #[error("the hub can't be reached")]
    Connect(#[source] io::Error),
    #[error("the hub does not answer in time")]
    Late,
    #[error("the channel broke")]
    Broken(#[source] Box<tungstenite::Error>),
    #[error("the hub closed the channel")]
    Closed,
    #[error("nothing came from the hub for a while")]
    Silent,
}

impl From<tungstenite::Error> for ChannelError {
    fn from(error: tungstenite::Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}
type Socket = WebSocketStream<Box<dyn Wire>>;

/// Keeps the channel open until the hub does not want this agent any more.
pub(crate) async fn run(
    board: Arc<Board>,
    hub: Arc<Hub>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    most: Duration,
) {
    let mut pace = Pace::new(most);
    loop {
        let ended = once(&board, &hub, &*clock, &mut pace).await;
        board.parts.queue.shut();
        board.nobody_looks();
        match ended {
            Ok(Bye::Revoked) => return,
            Ok(Bye::SecondConnection) => {
                warn!(
                    "another agent connected under this one's key; if that is not you, revoke it"
                );
                clock.sleep(ASIDE).await;
            }
            Err(ChannelError::Hub(error)) if error.problem() == wire::AGENT_REVOKED => return,
            Err(ChannelError::Hub(error)) if error.status() == Some(401) && pace.is_fresh() => {
                warn!(
                    error = %chain(&error),
                    "the hub does not accept this agent: it was revoked there, or this computer's \
                     clock is wrong; recording goes on"
                );
            }
            Err(error) if pace.is_fresh() => {
                warn!(error = %chain(&error), "no channel to the hub; recording goes on");
            }
            Err(error) => debug!(error = %chain(&error), "no channel to the hub"),
        }
        clock.sleep(pace.failed(None, &*rng)).await;
    }
}

/// One connection, until it ends.
async fn once(
    board: &Arc<Board>,
    hub: &Hub,
    clock: &dyn Clock,
    pace: &mut Pace,
) -> Result<Bye, ChannelError> {
    board.assigned(hub.cameras(&board.announce()).await?).await;
    board.apply(hub.setup().await?).await;
    let socket = tokio::select! {
        socket = open(hub) => socket?,
        () = clock.sleep(CONNECT) => return Err(ChannelError::Late),
    };
    info!("the channel to the hub is open");
    pace.worked();
    let pictures = board.parts.queue.open();
    let (to, from) = socket.split();
    tokio::select! {
        ended = hear(from, board, clock) => ended,
        ended = speak(to, pictures, board, clock) => match ended {
            Ok(never) => match never {},
            Err(error) => Err(error.into()),
        },
    }
}

async fn open(hub: &Hub) -> Result<Socket, ChannelError> {
    let door = hub.door();
    let origin = door.origin();
    let scheme = if origin.is_tls() { "wss" } else { "ws" };
    let address = format!(
        "{scheme}://{}:{}{}",
        origin.host(),
        origin.port(),
        wire::CHANNEL
    );
    let mut request = address.into_client_request()?;
    let token = hub.token(None).await?;
    let mut bearer =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| HubError::Unintelligible)?;
    bearer.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, bearer);
    let tcp = connect(origin).await.map_err(ChannelError::Connect)?;
    let stream: Box<dyn Wire> = if origin.is_tls() {
        let name = origin.bare_host().to_owned();
        let name = rustls::pki_types::ServerName::try_from(name)
            .map_err(|error| ChannelError::Connect(io::Error::other(error)))?;
        let connector = tokio_rustls::TlsConnector::from(door.tls());
        let tls = connector.connect(name, tcp).await;
        Box::new(tls.map_err(|error| match Distrust::behind(&error) {
            Some(why) => HubError::Certificate(why).into(),
            None => ChannelError::Connect(error),
        })?)
    } else {
        Box::new(tcp)
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(LARGEST))
        .max_frame_size(Some(LARGEST))
        .read_buffer_size(16 * 1024);
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => {
            if answer.status() == 401 {
                // A hub that was restored may have forgotten the token: the next attempt gets another.
                let _ = hub.token(Some(&token)).await;
            }
            Err(HubError::Refused {
                status: answer.status().as_u16(),
                code: String::new(),
                retry_after: None,
            }
            .into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn connect(origin: &Origin) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for address in lookup_host((origin.bare_host(), origin.port())).await? {
        if !origin.is_tls() && !address.ip().is_loopback() {
            continue;
        }
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_nodelay(true)?;
        socket.set_send_buffer_size(SEND_BUFFER)?;
        match socket.connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Does what the hub says, until it says goodbye or nothing any more.
async fn hear(
    mut from: SplitStream<Socket>,
    board: &Board,
    clock: &dyn Clock,
) -> Result<Bye, ChannelError> {
    loop {
        let frame = tokio::select! {
            frame = from.next() => frame.ok_or(ChannelError::Closed)??,
            () = clock.sleep(SILENCE) => return Err(ChannelError::Silent),
        };
        let Frame::Text(text) = frame else {
            continue;
        };
        match serde_json::from_str(&text) {
            Ok(ToAgent::Setup(setup)) => board.apply(setup).await,
            Ok(ToAgent::Watch { camera, on }) => board.watch(camera, on),
            Ok(ToAgent::Bye { why }) => return Ok(why),
            Err(_) => debug!("the hub said something this version does not understand"),
        }
    }
}

enum Never {}

/// Reports, and passes pictures on.
async fn speak(
    mut to: SplitSink<Socket, Frame>,
    mut pictures: UnboundedReceiver<Message>,
    board: &Board,
    clock: &dyn Clock,
) -> Result<Never, tungstenite::Error> {
    let mut due = clock.sleep(Duration::ZERO);
    let mut breath = clock.sleep(Duration::ZERO);
    let mut news = false;
    let mut breathed = true;
    loop {
        tokio::select! {
            biased;
            () = &mut breath, if !breathed => breathed = true,
            () = &mut due => {
                report(&mut to, board).await?;
                (due, breath) = (clock.sleep(REPORT), clock.sleep(BREATH));
                (news, breathed) = (false, false);
            }
            () = board.parts.changed.notified(), if !news => news = true,
            Some(message) = pictures.recv() => pass_on(&mut to, message, &mut pictures).await?,
        }
        if news && breathed {
            report(&mut to, board).await?;
            (due, breath) = (clock.sleep(REPORT), clock.sleep(BREATH));
            (news, breathed) = (false, false);
        }
    }
}

async fn report(
    to: &mut (impl Sink<Frame, Error = tungstenite::Error> + Unpin),
    board: &Board,
) -> Result<(), tungstenite::Error> {
    let Ok(text) = serde_json::to_string(&ToHub::State(board.state())) else {
        return Ok(());
    };
    to.feed(Frame::Text(Utf8Bytes::from(text))).await?;
    to.send(Frame::Ping(Bytes::new())).await
}

/// Sends a picture and those that wait behind it.
async fn pass_on(
    to: &mut (impl Sink<Frame, Error = tungstenite::Error> + Unpin),
    first: Message,
    more: &mut UnboundedReceiver<Message>,
) -> Result<(), tungstenite::Error> {
    let mut next = Some(first);
    while let Some(mut message) = next {
        let bytes = Bytes::from(message.take());
        // It counts as waiting until the socket took it.
        to.feed(Frame::Binary(bytes)).await?;
        to.flush().await?;
        drop(message);
        next = more.try_recv().ok();
    }
    Ok(())
}

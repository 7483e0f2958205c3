//! The live channel over a real connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use base::Problem;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use http::HeaderMap;
use people::{Actor, PeopleError, oneself};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::{Error, Message, client::IntoClientRequest as _};
use tokio_tungstenite::{WebSocketStream, client_async};
use web::{Ctx, Feed, Signed, live};

use crate::common::{ORIGIN, World};

#[derive(Default)]
struct Sample {
    asked: AtomicUsize,
}

impl Feed for Sample {
    fn snapshot<'a>(&'a self, actor: &'a Actor) -> BoxFuture<'a, Result<Value, Problem>> {
        async move { Ok(json!({ "type": "snapshot", "org": actor.org() })) }.boxed()
    }

    fn change<'a>(
        &'a self,
        _: &'a Actor,
        object: &'a str,
    ) -> BoxFuture<'a, Result<Option<Value>, Problem>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let message = object
            .starts_with("alm_")
            .then(|| json!({ "type": "alarm", "id": object }));
        async move { Ok(message) }.boxed()
    }
}

struct Channel {
    world: World,
    feed: Arc<Sample>,
    address: SocketAddr,
    cookie: String,
    actor: Actor,
}

type Socket = WebSocketStream<TcpStream>;

impl Channel {
    async fn start() -> Self {
        let world = World::new().await;
        let feed = Arc::new(Sample::default());
        let shown = Arc::clone(&feed);
        let open = async move |State(ctx): State<Ctx>,
                               Signed(actor): Signed,
                               headers: HeaderMap,
                               upgrade: WebSocketUpgrade|
                    -> Response {
            live::serve(&ctx, &headers, upgrade, actor, shown.clone())
        };
        let app = world.app(Router::new().route("/api/obhut/v1/live", get(open)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app.0).await });
        let signed_in = world.sign_in().await;
        Self {
            cookie: format!("obhut_session={}", signed_in.session.token),
            actor: signed_in.actor,
            world,
            feed,
            address,
        }
    }

    async fn try_connect(&self, origin: Option<&str>, cookie: &str) -> Result<Socket, u16> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let url = format!("ws://{}/api/obhut/v1/live", self.address);
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("cookie", cookie.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().unwrap());
        }
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(socket),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn connect(&self) -> Socket {
        let mut socket = self.try_connect(Some(ORIGIN), &self.cookie).await.unwrap();
        assert_eq!(read(&mut socket).await["type"], "snapshot");
        socket
    }

    fn notify(&self, object: &str) {
        self.world.ctx.live().notify(self.actor.org(), object);
    }

    /// Moves the clock once the connection waits for it.
    async fn pass(&self, millis: u64) {
        settle().await;
        self.world.clock.advance(Duration::from_millis(millis));
        settle().await;
    }
}

/// Lets everybody else run until nothing more happens at once.
async fn settle() {
    tokio::time::timeout(Duration::from_millis(30), std::future::pending::<()>())
        .await
        .unwrap_err();
}

async fn read(socket: &mut Socket) -> Value {
    match next(socket).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn next(socket: &mut Socket) -> Message {
    let next = tokio::time::timeout(Duration::from_secs(5), socket.next());
    next.await.expect("a message").unwrap().unwrap()
}

async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        if let Message::Close(frame) = next(socket).await {
            return frame.unwrap().code.into();
        }
    }
}

#[tokio::test]
async fn snapshot_then_changes_then_pings() {
    let channel = Channel::start().await;
    let mut socket = channel.connect().await;
    channel.notify("alm_1");
    assert_eq!(
        read(&mut socket).await,
        json!({ "type": "alarm", "id": "alm_1" })
    );
    // What follows on its heels is gathered, each object once; what is not shown is not sent.
    for object in ["alm_2", "alm_3", "alm_2", "unt_1", "alm_2"] {
        channel.notify(object);
    }
    channel.pass(60).await;
    assert_eq!(read(&mut socket).await["id"], "alm_2");
    assert_eq!(read(&mut socket).await["id"], "alm_3");
    assert_eq!(channel.feed.asked.load(Ordering::Relaxed), 4);
    channel.pass(25_000).await;
    assert_eq!(read(&mut socket).await, json!({ "type": "ping" }));
}

#[tokio::test]
async fn only_our_own_pages_connect_and_only_when_signed_in() {
    let channel = Channel::start().await;
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let refused = channel.try_connect(origin, &channel.cookie).await;
        assert_eq!(refused.unwrap_err(), 403, "{origin:?}");
    }
    let refused = channel.try_connect(Some(ORIGIN), "obhut_session=x").await;
    assert_eq!(refused.unwrap_err(), 401);
    let by_host = format!("http://{}", channel.address);
    assert!(
        channel
            .try_connect(Some(&by_host), &channel.cookie)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn it_ends_with_the_session() {
    let channel = Channel::start().await;
    let mut socket = channel.connect().await;
    let grant = oneself(&channel.actor).unwrap();
    let store = channel.world.ctx.store();
    let pen = channel.world.ctx.people().pen(&grant, None).await.unwrap();
    store::act!(store, |tx| -> Result<_, PeopleError> {
        people::session::sign_out(tx, &pen, &grant).await
    })
    .unwrap();
    // Without a hint it is found out within thirty seconds.
    channel.pass(29_000).await;
    assert_eq!(read(&mut socket).await["type"], "ping");
    channel.pass(1_000).await;
    assert_eq!(close_code(&mut socket).await, live::SESSION_ENDED);
}

#[tokio::test]
async fn a_hint_about_the_session_ends_it_at_once() {
    let channel = Channel::start().await;
    let mut socket = channel.connect().await;
    let grant = oneself(&channel.actor).unwrap();
    let store = channel.world.ctx.store();
    let pen = channel.world.ctx.people().pen(&grant, None).await.unwrap();
    store::act!(store, |tx| -> Result<_, PeopleError> {
        people::session::sign_out(tx, &pen, &grant).await
    })
    .unwrap();
    channel.notify(&channel.actor.session().unwrap().to_string());
    assert_eq!(close_code(&mut socket).await, live::SESSION_ENDED);
}

#[tokio::test]
async fn new_rights_mean_a_new_connection() {
    let channel = Channel::start().await;
    let mut socket = channel.connect().await;
    channel.notify("mem_somebodyelse");
    channel.pass(60).await;
    channel.notify("rol_1");
    assert_eq!(close_code(&mut socket).await, 1012);
}

#[tokio::test]
async fn who_lags_behind_gets_a_snapshot() {
    let channel = Channel::start().await;
    let mut socket = channel.connect().await;
    channel.notify("alm_0");
    assert_eq!(read(&mut socket).await["id"], "alm_0");
    for n in 0..1000 {
        channel.notify(&format!("alm_{n}"));
    }
    channel.pass(60).await;
    assert_eq!(read(&mut socket).await["type"], "snapshot");
}

#[tokio::test]
async fn a_server_that_stops_lets_go_of_its_pages() {
    let channel = Channel::start().await;
    let mut socket = channel.connect().await;
    channel.world.ctx.live().stop();
    assert_eq!(close_code(&mut socket).await, 1012);
    let late = channel.try_connect(Some(ORIGIN), &channel.cookie).await;
    assert_eq!(close_code(&mut late.unwrap()).await, 1012);
}

//! Requests to the hub: the token, and everything under it but the channel.

mod error;
mod file;
mod origin;
pub(crate) mod tls;

use std::sync::Arc;
use std::time::Duration;

use base::{AgentId, Clock, Rng, SegmentId};
use media::wire::{
    self, ASSERTION_TYPE, AccessToken, BucketRequest, CamerasAnswer, CamerasRequest, EnrolRequest,
    Enrolled, GRANT_TYPE, GapsRequest, ProblemBody, Setup,
};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use seal::{SignerKey, assertion, b64url_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

pub use error::HubError;
pub(crate) use origin::Origin;
pub use tls::Distrust;

/// For connecting, and for answers to small requests.
const SHORT: Duration = Duration::from_secs(20);
/// A slow line moves at least so many bytes a second.
const SLOWEST: u64 = 16 * 1024;
/// A token is renewed so long before it ends.
const EARLY: Duration = Duration::from_mins(1);
/// The hub does not take the token.
const UNAUTHORIZED: u16 = 401;
/// The longest answer that is read.
const ANSWER: usize = 4 << 20;

/// The hub before anybody is enrolled there.
#[derive(Clone)]
pub(crate) struct Door {
    http: reqwest::Client,
    origin: Origin,
    tls: Arc<rustls::ClientConfig>,
}

impl Door {
    /// The hub at an address, and whom to believe about its name.
    pub(crate) fn new(origin: Origin, roots: rustls::RootCertStore) -> Result<Self, HubError> {
        let tls = tls::config(roots).map_err(HubError::Tls)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            .https_only(origin.is_tls())
            .connect_timeout(SHORT)
            .pool_idle_timeout(Duration::from_mins(1))
            .pool_max_idle_per_host(4)
            .tcp_nodelay(true)
            .no_proxy()
            .build()?;
        Ok(Self {
            http,
            origin,
            tls: Arc::new(tls),
        })
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn tls(&self) -> Arc<rustls::ClientConfig> {
        Arc::clone(&self.tls)
    }

    /// Gives the hub the device key.
    pub(crate) async fn enrol(&self, request: &EnrolRequest) -> Result<Enrolled, HubError> {
        let builder = json(self.request(Method::POST, wire::ENROL), request)?;
        read(good(builder.send().await?).await?).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.origin.at(path))
            .timeout(SHORT)
    }
}

/// The hub for an enrolled agent.
pub(crate) struct Hub {
    door: Door,
    agent: AgentId,
    key: Arc<SignerKey>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    text: Arc<str>,
    until: Duration,
}

impl Hub {
    pub(crate) fn new(
        door: Door,
        agent: AgentId,
        key: Arc<SignerKey>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self {
            door,
            agent,
            key,
            clock,
            rng,
            token: Mutex::default(),
        }
    }

    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// A token that is good for a while; got anew when the one at hand is not, or was refused.
    pub(crate) async fn token(&self, refused: Option<&str>) -> Result<Arc<str>, HubError> {
        let mut held = self.token.lock().await;
        let now = self.clock.monotonic();
        if let Some(token) = held.as_ref()
            && token.until > now
            && refused != Some(&*token.text)
        {
            return Ok(Arc::clone(&token.text));
        }
        *held = None;
        let answer = self.renew().await?;
        let lasts = Duration::from_secs(answer.expires_in);
        let token = Token {
            text: answer.access_token.into(),
            until: now + lasts.saturating_sub(EARLY).max(lasts / 2),
        };
        let text = Arc::clone(&token.text);
        *held = Some(token);
        Ok(text)
    }

    async fn renew(&self) -> Result<AccessToken, HubError> {
        let jti = b64url_encode(&base::array::<16>(&*self.rng));
        let audience = self.door.origin.at(wire::TOKEN);
        let now = self.clock.now().as_second();
        let signed = assertion::sign(&self.key, self.agent, &audience, now, &jti)?;
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT_TYPE)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", &signed)
            .finish();
        let request = self
            .door
            .request(Method::POST, wire::TOKEN)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        read(good(request.send().await?).await?).await
    }

    pub(crate) async fn setup(&self) -> Result<Setup, HubError> {
        let answer = self
            .call(|| Ok(self.door.request(Method::GET, wire::SETUP)))
            .await?;
        read(answer).await
    }

    pub(crate) async fn cameras(&self, it: &CamerasRequest) -> Result<CamerasAnswer, HubError> {
        read(self.post(wire::CAMERAS, it).await?).await
    }

    pub(crate) async fn bucket(&self, it: &BucketRequest) -> Result<(), HubError> {
        self.post(wire::BUCKETS, it).await.map(drop)
    }

    pub(crate) async fn gaps(&self, it: &GapsRequest) -> Result<(), HubError> {
        self.post(wire::GAPS, it).await.map(drop)
    }

    /// Sends a closed segment from the disk, piece by piece.
    pub(crate) async fn segment(
        &self,
        segment: SegmentId,
        record: &[u8],
        path: &std::path::Path,
    ) -> Result<(), HubError> {
        let head = wire::record_length(record).ok_or(HubError::Unintelligible)?;
        self.call(|| {
            let (body, length) = file::body(&[&head, record], path).map_err(HubError::Disk)?;
            Ok(self
                .door
                .request(Method::PUT, &wire::segment_path(segment))
                .header(CONTENT_TYPE, "application/octet-stream")
                .header(CONTENT_LENGTH, length)
                .timeout(SHORT * 3 + Duration::from_secs(length / SLOWEST))
                .body(body))
        })
        .await
        .map(drop)
    }

    async fn post(&self, path: &str, body: &impl Serialize) -> Result<Response, HubError> {
        self.call(|| json(self.door.request(Method::POST, path), body))
            .await
    }

    /// Sends a request with the token; once more with a new one when the hub does not take it.
    async fn call(
        &self,
        request: impl Fn() -> Result<RequestBuilder, HubError>,
    ) -> Result<Response, HubError> {
        let token = self.token(None).await?;
        let answer = request()?.bearer_auth(&token).send().await?;
        if answer.status().as_u16() != UNAUTHORIZED {
            return good(answer).await;
        }
        let token = self.token(Some(&token)).await?;
        good(request()?.bearer_auth(&token).send().await?).await
    }
}

fn json(builder: RequestBuilder, body: &impl Serialize) -> Result<RequestBuilder, HubError> {
    let body = serde_json::to_vec(body).map_err(|_| HubError::Unintelligible)?;
    Ok(builder.header(CONTENT_TYPE, "application/json").body(body))
}

/// The answer, unless it is a problem.
async fn good(answer: Response) -> Result<Response, HubError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let retry_after = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|it| it.to_str().ok()?.parse().ok());
    let problem: ProblemBody = read(answer).await.unwrap_or_default();
    // Somebody else's words stay out of the log unless they look like a code.
    let is_code =
        |it: &str| it.len() <= 60 && it.bytes().all(|it| it.is_ascii_lowercase() || it == b'_');
    let code = Some(problem.code)
        .filter(|it| is_code(it))
        .unwrap_or_default();
    Err(HubError::Refused {
        status: status.as_u16(),
        code,
        retry_after,
    })
}

async fn read<T: DeserializeOwned>(mut answer: Response) -> Result<T, HubError> {
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        if bytes.len() + piece.len() > ANSWER {
            return Err(HubError::Unintelligible);
        }
        bytes.extend_from_slice(&piece);
    }
    serde_json::from_slice(&bytes).map_err(|_| HubError::Unintelligible)
}

//! Sending: the job handler that speaks SMTP, with a pool of connections.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ::store::{Handler, HandlerFuture, Job, JobFailure, Outcome, Store, StoreError};
use base::{MailId, OrgId, SignedDuration, Timestamp};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as LettreTls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::model::{Settings, Smtp, Tls};
use super::store::{self, TOPIC, Waiting};

/// How long to wait before asking again whether there is a mail server.
const UNCONFIGURED_PAUSE: Duration = Duration::from_mins(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why the sender can't be made.
#[derive(Debug, thiserror::Error)]
pub enum SenderError {
    /// The address to send from.
    #[error("the address to send mails from can't be used")]
    From(#[source] lettre::address::AddressError),
    /// TLS.
    #[error("TLS to the mail server can't be prepared")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// How sending goes, for the page of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MailerState {
    /// The code of what is wrong; `None` when the last mail went.
    pub code: Option<&'static str>,
    /// Since when it is wrong.
    pub since: Option<Timestamp>,
}

/// Looks at how sending goes. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Mailer {
    state: Arc<Mutex<MailerState>>,
}

impl Mailer {
    /// How it goes.
    pub fn state(&self) -> MailerState {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, code: Option<&'static str>, now: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let since = if code.is_none() {
            None
        } else {
            state.since.or(Some(now))
        };
        *state = MailerState { code, since };
    }
}

/// The handler of the jobs that send mails.
pub struct Sender {
    store: Store,
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
    mailer: Mailer,
}

impl Sender {
    /// Prepares sending; connects to nobody yet.
    pub fn new(store: Store, settings: &Settings) -> Result<Self, SenderError> {
        let address = settings.from.as_str().parse().map_err(SenderError::From)?;
        let transport = settings
            .smtp
            .as_ref()
            .map(|smtp| connect(smtp, &settings.host))
            .transpose()
            .map_err(SenderError::Tls)?;
        let mailer = Mailer::default();
        if transport.is_none() {
            mailer.note(Some("mail_not_configured"), store.clock().now());
        }
        Ok(Self {
            store,
            transport,
            from: Mailbox::new(Some("Obhut".to_owned()), address),
            mailer,
        })
    }

    /// A look at how sending goes.
    pub fn mailer(&self) -> Mailer {
        self.mailer.clone()
    }

    async fn send(&self, job: &Job) -> Result<Outcome, JobFailure> {
        let (Some(org), Ok(id)) = (job.org, job.object.parse::<MailId>()) else {
            return Err(JobFailure::fatal("malformed_job"));
        };
        let mut tx = self.store.read().await?;
        let Some(mail) = store::next(&mut tx, org, id).await? else {
            return Ok(Outcome::Nothing);
        };
        drop(tx);
        let now = self.store.clock().now();
        let Some(transport) = &self.transport else {
            let mut failure = JobFailure::later("mail_not_configured");
            failure.retry_after = Some(UNCONFIGURED_PAUSE);
            return self.fail(org, id, failure).await;
        };
        let message = match message(&self.from, &mail) {
            Ok(message) => message,
            Err(error) => {
                let mut failure = JobFailure::fatal("mail_malformed");
                failure.source = Some(error);
                return self.fail(org, id, failure).await;
            }
        };
        if let Err(error) = transport.send(message).await {
            return self.fail(org, id, failure(error)).await;
        }
        self.mailer.note(None, now);
        // When this is not written the mail goes out again, with the same Message-ID.
        ::store::act!(self.store, |tx| -> Result<(), StoreError> {
            store::sent(tx, org, id).await?;
            tx.finish(job).await.map(drop)
        })?;
        Ok(Outcome::Finished)
    }

    async fn fail(
        &self,
        org: OrgId,
        id: MailId,
        failure: JobFailure,
    ) -> Result<Outcome, JobFailure> {
        if failure.code != "mail_refused" {
            // A single address that is refused says nothing about the server.
            self.mailer
                .note(Some(failure.code), self.store.clock().now());
        }
        ::store::act!(self.store, |tx| -> Result<(), StoreError> {
            store::failed(tx, org, id, failure.code, failure.fatal).await
        })?;
        Err(failure)
    }
}

impl Handler for Sender {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    fn run<'a>(&'a self, job: &'a Job) -> HandlerFuture<'a> {
        Box::pin(self.send(job))
    }

    /// Ten minutes apart for seven days; then the mail is gone anyway.
    fn patience(&self) -> i64 {
        1100
    }
}

/// Refused for good, or worth another try.
fn failure(error: lettre::transport::smtp::Error) -> JobFailure {
    let mut failure = if error.is_permanent() {
        JobFailure::fatal("mail_refused")
    } else if error.is_tls() {
        JobFailure::later("mail_tls")
    } else if error.is_transient() {
        JobFailure::later("mail_deferred")
    } else {
        JobFailure::later("mail_server_unreachable")
    };
    failure.source = Some(Box::new(error));
    failure
}

fn connect(
    smtp: &Smtp,
    own_host: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let tls = match smtp.tls {
        Tls::None => LettreTls::None,
        Tls::Starttls => LettreTls::Required(TlsParameters::new(smtp.host.clone())?),
        Tls::Tls => LettreTls::Wrapper(TlsParameters::new(smtp.host.clone())?),
    };
    let pool = PoolConfig::new()
        .max_size(4)
        .idle_timeout(Duration::from_secs(30));
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(tls)
        .hello_name(ClientId::Domain(own_host.to_owned()))
        .timeout(Some(TIMEOUT))
        .pool_config(pool);
    if let (Some(username), Some(password)) = (&smtp.username, &smtp.password) {
        let credentials = Credentials::new(username.clone(), password.to_string());
        builder = builder.credentials(credentials);
    }
    Ok(builder.build())
}

fn message(
    from: &Mailbox,
    mail: &Waiting,
) -> Result<Message, Box<dyn std::error::Error + Send + Sync>> {
    let to = Mailbox::new(None, mail.to.as_str().parse()?);
    let since_epoch = mail.created.duration_since(Timestamp::UNIX_EPOCH);
    let since_epoch = since_epoch.max(SignedDuration::ZERO).unsigned_abs();
    let mut message = Message::builder()
        .from(from.clone())
        .to(to)
        .subject(mail.subject.as_str())
        .message_id(Some(mail.message_id.clone()))
        .date(std::time::SystemTime::UNIX_EPOCH + since_epoch)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())?;
    // RFC 3834: nobody's holiday notice should answer this.
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    message
        .headers_mut()
        .insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
    Ok(message)
}

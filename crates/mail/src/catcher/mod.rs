//! A mail server that delivers nothing: it keeps the last mails in memory, for the demo and for tests.
//!
//! Speaks enough SMTP for real clients; sizes, lines, recipients and connections are bounded. Never started
//! in production.

mod session;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, Timestamp};
use mail_parser::MessageParser;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// How many mails are kept.
const KEPT: usize = 200;
/// How many connections are served at once.
const AT_ONCE: usize = 32;

/// A mail that was caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtMail {
    /// When it came.
    pub at: Timestamp,
    /// The sender of the envelope.
    pub from: String,
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The text, decoded.
    pub text: String,
    /// The Message-ID, without brackets.
    pub message_id: String,
    /// Everything as it came.
    pub raw: Vec<u8>,
}

/// Where caught mails are looked at. Cheap to clone.
#[derive(Clone)]
pub struct Catcher {
    inner: Arc<Inner>,
}

struct Inner {
    mails: Mutex<VecDeque<CaughtMail>>,
    clock: Arc<dyn Clock>,
    refusing: Mutex<Option<&'static str>>,
    connections: Arc<Semaphore>,
}

impl Catcher {
    /// Serves SMTP on a socket until told to stop; gives the address it listens on.
    pub async fn start(
        address: SocketAddr,
        clock: Arc<dyn Clock>,
        stop: watch::Receiver<bool>,
    ) -> std::io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let inner = Inner {
            mails: Mutex::new(VecDeque::new()),
            clock,
            refusing: Mutex::new(None),
            connections: Arc::new(Semaphore::new(AT_ONCE)),
        };
        let catcher = Self {
            inner: Arc::new(inner),
        };
        tokio::spawn(catcher.clone().serve(listener, stop));
        Ok((catcher, address))
    }

    async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let connections = Arc::clone(&self.inner.connections);
            let Ok(place) = connections.acquire_owned().await else {
                return;
            };
            match accepted {
                Ok((stream, _)) => {
                    let catcher = self.clone();
                    tokio::spawn(async move {
                        let _place = place;
                        if let Err(error) = session::run(&catcher, stream).await {
                            tracing::debug!(%error, "a mail connection ended");
                        }
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "a mail connection was not accepted");
                    self.inner
                        .clock
                        .sleep(std::time::Duration::from_millis(50))
                        .await;
                }
            }
        }
    }

    /// The mails, oldest first.
    pub fn mails(&self) -> Vec<CaughtMail> {
        let mails = self
            .inner
            .mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        mails.iter().cloned().collect()
    }

    /// Forgets all mails.
    pub fn clear(&self) {
        self.inner
            .mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Answers every recipient with this line from now on, such as `550 5.1.1 nobody here`; for tests.
    pub fn refuse(&self, answer: Option<&'static str>) {
        *self
            .inner
            .refusing
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn refusing(&self) -> Option<&'static str> {
        *self
            .inner
            .refusing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, from: String, to: Vec<String>, raw: Vec<u8>) {
        let parsed = MessageParser::default().parse(&raw);
        let parsed = parsed.as_ref();
        let mail = CaughtMail {
            at: self.inner.clock.now(),
            from,
            to,
            subject: parsed.and_then(|m| m.subject()).unwrap_or("").to_owned(),
            text: parsed
                .and_then(|m| m.body_text(0))
                .unwrap_or_default()
                .replace("\r\n", "\n"),
            message_id: parsed.and_then(|m| m.message_id()).unwrap_or("").to_owned(),
            raw,
        };
        let mut mails = self
            .inner
            .mails
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= KEPT {
            mails.pop_front();
        }
        mails.push_back(mail);
    }
}

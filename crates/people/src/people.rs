//! What signing in and the pens of acts need together: the store, the log, a key, the hashing pool.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::store::{Store, StoreError};
use base::{OrgId, PersonId};
use seal::Secret;

use crate::access::Grant;
use crate::person::Invitation;
use crate::session::{NewSession, Seen};
use crate::signin::{self, Attempt, Hashing, Known, Nearby, Password, SignedIn, account_of};
use crate::{Actor, PeopleError, person, role, session};
use ledger::{Entry, Ledger, Log, Outcome, Pen};

/// The crate's service. Cheap to clone.
#[derive(Clone)]
pub struct People {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    ledger: Ledger,
    key: Secret<32>,
    hashing: Hashing,
    nearby: Nearby,
    failures: AtomicU64,
}

const KEY: &str = "people/sign-in/1";

impl People {
    /// Opens it; makes its key at the first start.
    pub async fn open(store: Store, ledger: Ledger) -> Result<Self, StoreError> {
        let fresh = Secret::<32>::random(store.rng());
        let kept = store
            .keys()
            .put(KEY, "people", None, fresh.expose())
            .await?;
        let key = Secret::from_slice(&kept).map_err(|_| StoreError::Unwrap)?;
        let inner = Inner {
            hashing: Hashing::new(),
            nearby: Nearby::new(store.rng()),
            failures: AtomicU64::new(0),
            store,
            ledger,
            key,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The log.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    /// A pen for what a grant's actor does. `subject`: the person it is about, if one.
    pub async fn pen<P>(
        &self,
        grant: &Grant<P>,
        subject: Option<PersonId>,
    ) -> Result<Pen, PeopleError> {
        let actor = grant.actor().ledger_name();
        self.raw_pen(grant.org(), &actor, subject).await
    }

    async fn raw_pen(
        &self,
        org: OrgId,
        actor: &str,
        subject: Option<PersonId>,
    ) -> Result<Pen, PeopleError> {
        let subject = subject.map(|person| person.to_string());
        let pen = self
            .inner
            .ledger
            .pen(Log::Org(org), actor, subject.as_deref());
        Ok(pen.await?)
    }

    /// A pen for making an organisation, by its first administrator.
    pub async fn pen_for_founding(
        &self,
        org: OrgId,
        founder: PersonId,
    ) -> Result<Pen, PeopleError> {
        self.raw_pen(org, &founder.to_string(), Some(founder)).await
    }

    /// A pen for taking an invitation, by the person invited.
    pub async fn pen_for_joining(&self, invitation: &Invitation) -> Result<Pen, PeopleError> {
        let person = invitation.member.person;
        self.raw_pen(invitation.org, &person.to_string(), Some(person))
            .await
    }

    /// Hashes a password on the bounded pool.
    pub async fn hash(&self, password: Password) -> Result<String, PeopleError> {
        self.inner.hashing.hash(self.store(), password).await
    }

    /// Tries to sign in. `None` for a wrong address or password; nothing tells which.
    pub async fn sign_in(&self, attempt: Attempt<'_>) -> Result<Option<SignedIn>, PeopleError> {
        let inner = &*self.inner;
        let (store, clock) = (&inner.store, inner.store.clock());
        let email = attempt.email.trim().to_lowercase();
        let known = attempt
            .known
            .and_then(|cookie| Known::read(&inner.key, &email, cookie));
        // A browser that signed in before is not held up by its neighbours.
        let from = attempt.from.filter(|_| known.is_none());
        if let Some(seconds) = from.and_then(|from| inner.nearby.wait(clock, from)) {
            return Err(PeopleError::Wait { seconds });
        }
        let account = account_of(&inner.key, &email, known.as_ref());
        let wait = ::store::act!(store, |tx| -> Result<_, StoreError> {
            signin::store::count(tx, account).await
        })?;
        if let Some(seconds) = wait {
            return Err(PeopleError::Wait { seconds });
        }
        let readable = !email.contains('\0');
        let candidate = if readable {
            signin::store::by_email(&mut store.read().await?, &email).await?
        } else {
            None
        };
        let stored = candidate.as_ref().map(|c| c.password_hash.clone());
        let (fits, renewed) = inner
            .hashing
            .verify(store, attempt.password, stored)
            .await?;
        let Some(candidate) = candidate.filter(|_| fits) else {
            inner.failures.fetch_add(1, Ordering::Relaxed);
            if let Some(from) = from {
                inner.nearby.failed(clock, from);
            }
            return Ok(None);
        };
        let (org, person) = (candidate.org, candidate.person);
        let pen = self.raw_pen(org, &person.to_string(), Some(person)).await?;
        let new = NewSession {
            org,
            person,
            membership: candidate.membership,
            stay: attempt.stay,
            browser: &attempt.browser,
        };
        let (id, token, rights) = ::store::act!(store, |tx| -> Result<_, StoreError> {
            signin::store::clear(tx, account).await?;
            if let Some(hash) = &renewed {
                person::set_password(tx, person, hash).await?;
            }
            let (id, token) = session::start(tx, &new).await?;
            pen.write(tx, crate::journal::done("session.started", id))
                .await?;
            Ok((id, token, role::rights(tx, org, new.membership).await?))
        })?;
        let known = known.unwrap_or_else(|| Known::new(store.rng()));
        Ok(Some(SignedIn {
            session: token,
            known: known.cookie(&inner.key, &email),
            actor: Actor::person(org, person, candidate.membership, Some(id), rights),
            language: candidate.language,
        }))
    }

    /// Who comes with a session token, and the token to replace it with, if it is time.
    pub async fn see(&self, token: &str) -> Result<Option<Seen>, StoreError> {
        let key = &self.inner.key;
        session::see(&self.inner.store, token, |id, token| {
            // Made from the old token by a key of the installation, so that all requests that come with the
            // old one are given the same new one.
            let id = id.to_string();
            let parts: [&[u8]; 4] = [
                b"obhut/next-token/1\0",
                id.as_bytes(),
                b"\0",
                token.as_bytes(),
            ];
            seal::b64url_encode(&seal::hmac_sha256_parts(key.expose(), &parts))
        })
        .await
    }

    /// Writes how many attempts to sign in failed since the last time into the installation's log, if any did.
    /// Call it every few minutes.
    pub async fn note_failures(&self) -> Result<(), PeopleError> {
        let inner = &*self.inner;
        inner.nearby.sweep(inner.store.clock());
        let count = inner.failures.swap(0, Ordering::Relaxed);
        if count == 0 {
            return Ok(());
        }
        let pen = inner.ledger.pen(Log::Installation, "system", None).await?;
        ::store::act!(inner.store, |tx| -> Result<(), StoreError> {
            let entry = Entry {
                action: "signin.failed",
                object: None,
                outcome: Outcome::Denied,
                details: vec![("count", count.to_string())],
            };
            pen.write(tx, entry).await.map(drop)
        })?;
        Ok(())
    }
}

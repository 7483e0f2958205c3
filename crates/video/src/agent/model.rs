//! Words of camera agents. No I/O.

use base::{AgentId, OrgId, SignedDuration, Timestamp};
use seal::Point;

use crate::VideoError;

/// How long an enrolment token works.
pub(crate) const TOKEN_LASTS: SignedDuration = SignedDuration::from_hours(24);
/// How long an agent counts as there after it was last heard: it speaks every 10 seconds.
pub(crate) const SILENT: SignedDuration = SignedDuration::from_secs(40);

/// An agent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Agent {
    pub(crate) org: OrgId,
    pub(crate) id: AgentId,
    pub(crate) name: String,
    /// Digest of the enrolment secret.
    pub(crate) secret: Vec<u8>,
    pub(crate) secret_until: Timestamp,
    pub(crate) key: Option<Point>,
    pub(crate) enrolled: Option<Timestamp>,
    pub(crate) second_try: Option<Timestamp>,
    pub(crate) revoked: Option<Timestamp>,
    pub(crate) connected: bool,
    pub(crate) last_seen: Option<Timestamp>,
    pub(crate) version: String,
    pub(crate) list: Option<i64>,
    pub(crate) refused: Option<(Option<i64>, String)>,
    pub(crate) spool: Option<Spool>,
}

/// What waits on an agent's disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spool {
    pub(crate) bytes: i64,
    pub(crate) free: i64,
    pub(crate) waiting: i64,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) aside: Option<Aside>,
}

/// Segments that we refused and an agent keeps aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Aside {
    pub(crate) segments: i64,
    pub(crate) bytes: i64,
    /// First picture of the oldest of them.
    pub(crate) since: Option<Timestamp>,
}

/// How an agent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Its token was not used yet.
    Waiting,
    /// Connected.
    Online,
    /// Not heard.
    Offline,
    /// Ended.
    Revoked,
}

impl Presence {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting_for_enrolment",
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Revoked => "revoked",
        }
    }

    /// From what is kept of an agent.
    pub(crate) fn of(
        revoked: bool,
        enrolled: bool,
        connected: bool,
        last_seen: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let heard = last_seen.is_some_and(|at| at.checked_add(SILENT).is_ok_and(|it| now < it));
        match (revoked, enrolled) {
            (true, _) => Self::Revoked,
            (_, false) => Self::Waiting,
            _ if connected && heard => Self::Online,
            _ => Self::Offline,
        }
    }
}

impl Agent {
    pub(crate) fn presence(&self, now: Timestamp) -> Presence {
        Presence::of(
            self.revoked.is_some(),
            self.key.is_some(),
            self.connected,
            self.last_seen,
            now,
        )
    }

    /// What an enrolment with this secret and key would be.
    pub(crate) fn enrol(
        &self,
        secret: &[u8],
        key: &Point,
        now: Timestamp,
    ) -> Result<Enrolment, VideoError> {
        if !seal::same(&seal::sha256(secret), &self.secret) {
            return Err(VideoError::UnknownAgent);
        }
        if self.revoked.is_some() {
            return Err(VideoError::Gone {
                code: "agent_revoked",
                what: "this agent has been revoked",
            });
        }
        match &self.key {
            Some(bound) if bound == key => Ok(Enrolment::Again),
            Some(_) => Ok(Enrolment::SecondTry),
            None if now >= self.secret_until => Err(VideoError::Gone {
                code: "token_expired",
                what: "this token has ended; make another",
            }),
            None => Ok(Enrolment::First),
        }
    }
}

/// What an enrolment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Enrolment {
    /// The token is bound to this key now.
    First,
    /// The same key came again.
    Again,
    /// Somebody else has used the token.
    SecondTry,
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SystemRng;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn an_agent_is_there_while_it_speaks() {
        let of = |connected, now| Presence::of(false, true, connected, Some(at(0)), at(now));
        assert_eq!(of(true, 39), Presence::Online);
        assert_eq!(of(true, 40), Presence::Offline);
        assert_eq!(of(false, 1), Presence::Offline);
        let fresh = Presence::of(false, false, false, None, at(0));
        assert_eq!(fresh, Presence::Waiting);
        assert_eq!(
            Presence::of(true, true, true, Some(at(0)), at(1)),
            Presence::Revoked
        );
    }

    #[test]
    fn a_token_is_bound_to_the_first_key() {
        let point = || seal::SignerKey::generate(&SystemRng).unwrap().public();
        let (first, second) = (point(), point());
        let mut agent = Agent {
            org: OrgId::from_bytes([1; 16]),
            id: AgentId::from_bytes([1; 16]),
            name: String::new(),
            secret: seal::sha256(b"secret").to_vec(),
            secret_until: at(100),
            key: None,
            enrolled: None,
            second_try: None,
            revoked: None,
            connected: false,
            last_seen: None,
            version: String::new(),
            list: None,
            refused: None,
            spool: None,
        };
        let code = |it: Result<Enrolment, VideoError>| base::HasKind::code(&it.unwrap_err());
        assert_eq!(
            agent.enrol(b"secret", &first, at(99)).unwrap(),
            Enrolment::First
        );
        assert_eq!(
            code(agent.enrol(b"secret", &first, at(100))),
            "token_expired"
        );
        assert_eq!(code(agent.enrol(b"guess", &first, at(0))), "unknown_agent");
        agent.key = Some(first);
        assert_eq!(
            agent.enrol(b"secret", &first, at(200)).unwrap(),
            Enrolment::Again
        );
        assert_eq!(
            agent.enrol(b"secret", &second, at(200)).unwrap(),
            Enrolment::SecondTry
        );
        agent.revoked = Some(at(1));
        assert_eq!(code(agent.enrol(b"secret", &first, at(2))), "agent_revoked");
    }
}

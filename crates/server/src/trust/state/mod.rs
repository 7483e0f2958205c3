//! How the parts of the server are, for the quiet line at the top of each page.
//!
//! Asked by every open page; so an answer counts for a few seconds, and the database is tried out now and then
//! only.

pub(super) mod http;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ::store::{Lease, Store, StoreError};
use base::{Clock, HasKind as _, OrgId, SignedDuration, Timestamp};
use ledger::LedgerError;

use super::Room;
use super::store::{self, Trouble};

/// How long an answer counts.
const FRESH: Duration = Duration::from_secs(5);
/// How often to try whether the database takes a change.
const TRY_EVERY: Duration = Duration::from_secs(15);
/// Organisations whose answers are kept.
const KEPT: usize = 512;
/// A clock that is further off than this since it was last looked at was set by somebody.
const STEP: SignedDuration = SignedDuration::from_secs(2);
/// How long a step of the clock is worth telling.
const STEP_SHOWN: Duration = Duration::from_mins(10);
/// Leaves get their number within a fifth of a second; after this something is wrong.
const UNNUMBERED: SignedDuration = SignedDuration::from_secs(10);
/// How long a job that was given up is worth telling.
const GIVEN_UP_SHOWN: SignedDuration = SignedDuration::from_hours(24);

/// A part of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Database,
    Mail,
    Push,
    Deletion,
    Clock,
    Ledger,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Mail => "mail",
            Self::Push => "push",
            Self::Deletion => "deletion",
            Self::Clock => "clock",
            Self::Ledger => "ledger",
        }
    }

    /// The part that a job's topic belongs to.
    fn of_topic(topic: &str) -> Option<Self> {
        match topic {
            alarm::delivery::TOPIC | alarm::delivery::TEST_TOPIC => Some(Self::Push),
            _ if topic.starts_with("mail.") => Some(Self::Mail),
            _ => None,
        }
    }
}

/// How well it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Ok,
    Degraded,
    Down,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// How a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    part: Part,
    level: Level,
    code: String,
    since: Option<Timestamp>,
    waiting: i64,
}

impl Condition {
    fn fine(part: Part) -> Self {
        Self {
            part,
            level: Level::Ok,
            code: "ok".to_owned(),
            since: None,
            waiting: 0,
        }
    }

    fn bad(part: Part, level: Level, code: &str, since: Option<Timestamp>, waiting: i64) -> Self {
        Self {
            part,
            level,
            code: code.to_owned(),
            since,
            waiting,
        }
    }
}

/// Remembers between questions.
pub(super) struct Watch {
    seen: Mutex<Seen>,
}

struct Seen {
    /// The time of day less the monotonic time, when last looked.
    offset: SignedDuration,
    /// The last step of the clock: when it was noticed, both ways of counting, and whether it went back.
    step: Option<(Duration, Timestamp, bool)>,
    /// The last try of the database.
    tried: Option<Duration>,
    /// What is wrong with the database, and since when.
    trouble: Option<(&'static str, Timestamp)>,
    answers: HashMap<OrgId, (Duration, Vec<Condition>)>,
}

fn offset(clock: &dyn Clock) -> SignedDuration {
    let elapsed = SignedDuration::try_from(clock.monotonic()).unwrap_or(SignedDuration::MAX);
    clock
        .now()
        .duration_since(Timestamp::UNIX_EPOCH)
        .saturating_sub(elapsed)
}

impl Watch {
    /// Looks at the clock for the first time.
    pub(super) fn new(clock: &dyn Clock) -> Self {
        let seen = Seen {
            offset: offset(clock),
            step: None,
            tried: None,
            trouble: None,
            answers: HashMap::new(),
        };
        Self {
            seen: Mutex::new(seen),
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, org: OrgId, now: Duration) -> Option<Vec<Condition>> {
        let seen = self.seen();
        let (at, answer) = seen.answers.get(&org)?;
        (now.saturating_sub(*at) < FRESH).then(|| answer.clone())
    }

    fn keep(&self, org: OrgId, now: Duration, answer: &[Condition]) {
        let mut seen = self.seen();
        if seen.answers.len() >= KEPT {
            seen.answers.clear();
        }
        seen.answers.insert(org, (now, answer.to_vec()));
    }

    /// Whether somebody set the clock lately.
    fn clock(&self, clock: &dyn Clock) -> Condition {
        let (offset, now) = (offset(clock), clock.monotonic());
        let mut seen = self.seen();
        let by = offset.saturating_sub(seen.offset);
        seen.offset = offset;
        if by.abs() > STEP {
            seen.step = Some((now, clock.now(), by.is_negative()));
        }
        match seen.step {
            Some((at, since, back)) if now.saturating_sub(at) < STEP_SHOWN => {
                let code = if back {
                    "clock_stepped_back"
                } else {
                    "clock_stepped"
                };
                Condition::bad(Part::Clock, Level::Degraded, code, Some(since), 0)
            }
            _ => Condition::fine(Part::Clock),
        }
    }

    /// Whether the database takes a change. Reading works on a full or read-only disk too, so it is tried.
    async fn database(&self, store: &Store) -> Condition {
        let (now, day) = (store.clock().monotonic(), store.clock().now());
        let due = {
            let mut seen = self.seen();
            let due = seen
                .tried
                .is_none_or(|at| now.saturating_sub(at) >= TRY_EVERY);
            if due {
                seen.tried = Some(now);
            }
            due
        };
        if due {
            let tried = Lease::new("state", "anybody").hold(store, FRESH).await;
            let code = tried
                .err()
                .filter(StoreError::is_outage)
                .map(|it| it.code());
            let mut seen = self.seen();
            let since = seen.trouble.map_or(day, |(_, since)| since);
            seen.trouble = code.map(|code| (code, since));
        }
        match self.seen().trouble {
            Some((code, since)) => {
                Condition::bad(Part::Database, Level::Down, code, Some(since), 0)
            }
            None => Condition::fine(Part::Database),
        }
    }
}

/// All parts as somebody of an organisation sees them.
async fn conditions(room: &Room, org: OrgId) -> Result<Vec<Condition>, LedgerError> {
    let (watch, store) = (room.trust.watch(), room.ctx.store());
    let now = store.clock().monotonic();
    if let Some(answer) = watch.answer(org, now) {
        return Ok(answer);
    }
    let database = watch.database(store).await;
    let lately = store.clock().now().checked_sub(GIVEN_UP_SHOWN);
    let trouble = {
        let mut tx = store.read().await?;
        store::trouble(&mut tx, org, lately.unwrap_or(Timestamp::MIN)).await?
    };
    let answer = vec![
        database,
        jobs(Part::Mail, &trouble),
        jobs(Part::Push, &trouble),
        deletion(room.trust.clocks().overdue()),
        watch.clock(store.clock()),
        log(room).await?,
    ];
    watch.keep(org, now, &answer);
    Ok(answer)
}

fn jobs(part: Part, trouble: &[Trouble]) -> Condition {
    let theirs = |it: &&Trouble| Part::of_topic(&it.topic) == Some(part);
    let mut condition = Condition::fine(part);
    for it in trouble.iter().filter(theirs) {
        condition.level = Level::Degraded;
        condition.waiting += it.jobs;
        condition.since = Some(
            condition
                .since
                .map_or(it.since, |since| since.min(it.since)),
        );
        condition.code = match &it.code {
            _ if it.dead => "given_up".to_owned(),
            Some(code) => code.clone(),
            None => "waiting".to_owned(),
        };
    }
    condition
}

fn deletion(overdue: u64) -> Condition {
    if overdue == 0 {
        return Condition::fine(Part::Deletion);
    }
    let overdue = i64::try_from(overdue).unwrap_or(i64::MAX);
    Condition::bad(Part::Deletion, Level::Degraded, "overdue", None, overdue)
}

async fn log(room: &Room) -> Result<Condition, LedgerError> {
    let waiting = room.ctx.ledger().waiting().await?;
    let now = room.ctx.clock().now();
    let late = |since: &Timestamp| now.duration_since(*since) > UNNUMBERED;
    Ok(match waiting.since.filter(late) {
        None => Condition::fine(Part::Ledger),
        since => {
            let leaves = i64::try_from(waiting.leaves).unwrap_or(i64::MAX);
            Condition::bad(Part::Ledger, Level::Degraded, "unsequenced", since, leaves)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SimClock;

    #[test]
    fn a_clock_that_is_set_is_told_for_ten_minutes() {
        let start: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let clock = SimClock::at(start);
        let watch = Watch::new(&clock);
        clock.advance(Duration::from_hours(1));
        assert_eq!(watch.clock(&clock).level, Level::Ok);
        clock.step_to(start);
        let stepped = watch.clock(&clock);
        assert_eq!(stepped.code, "clock_stepped_back");
        assert_eq!(stepped.since, Some(start));
        clock.advance(Duration::from_secs(599));
        assert_eq!(watch.clock(&clock).level, Level::Degraded);
        clock.advance(Duration::from_secs(1));
        assert_eq!(watch.clock(&clock), Condition::fine(Part::Clock));
    }

    #[test]
    fn topics_belong_to_parts() {
        assert_eq!(Part::of_topic("mail.send"), Some(Part::Mail));
        assert_eq!(Part::of_topic(alarm::delivery::TOPIC), Some(Part::Push));
        assert_eq!(
            Part::of_topic(alarm::delivery::TEST_TOPIC),
            Some(Part::Push)
        );
        assert_eq!(Part::of_topic("other"), None);
    }

    #[test]
    fn jobs_in_trouble_are_counted_together() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let job = |topic: &str, dead, jobs, since: &str, code: &str| Trouble {
            topic: topic.to_owned(),
            dead,
            jobs,
            since: at(since),
            code: Some(code.to_owned()),
        };
        let trouble = [
            job(
                "mail.send",
                false,
                2,
                "2026-11-22T12:00:00Z",
                "mail_deferred",
            ),
            job("mail.send", true, 1, "2026-11-22T11:00:00Z", "mail_refused"),
            job("alarm.push", false, 5, "2026-11-22T10:00:00Z", "push_slow"),
        ];
        let mail = jobs(Part::Mail, &trouble);
        assert_eq!((mail.waiting, mail.code.as_str()), (3, "given_up"));
        assert_eq!(mail.since, Some(at("2026-11-22T11:00:00Z")));
        assert_eq!(jobs(Part::Push, &trouble).code, "push_slow");
        assert_eq!(jobs(Part::Push, &[]), Condition::fine(Part::Push));
    }
}

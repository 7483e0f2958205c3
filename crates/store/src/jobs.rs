//! The outbox: jobs that commit together with the fact that causes them, and are then done at least once.
//!
//! A job is leased by the database's clock. Finishing it belongs into the same act as its effects inside
//! the database ([`Tx::finish`]), so that these happen exactly once. Nobody reads "id > last": what is not
//! done is claimed, whatever the order of commits was.

use std::time::Duration;

use base::{JobId, OrgId, SignedDuration, Timestamp};

use crate::{Store, StoreError, Tx, params};

/// How long done jobs stay, for looking back.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Longer than any lease and any back-off. A time further ahead than this was written before the clock
/// stepped back, and counts as passed.
const FAR_AHEAD_US: i64 = 15 * 60 * 1_000_000;

crate::statements! {
    /// A new job, born leased when an owner is given.
    INSERT = "INSERT INTO job (id, org_id, topic, object_id, arg, state, attempts, run_at_us, \
              lease_owner, lease_until_us, created_us) VALUES ($1, $2, $3, $4, $5, 'ready', $6, $7, \
              $8, CASE WHEN CAST($8 AS TEXT) IS NULL THEN NULL ELSE {now_us} + $9 END, $7)";
    /// Takes what is ready and not leased.
    CLAIM = "UPDATE job SET lease_owner = $1, lease_until_us = {now_us} + $2, attempts = attempts + 1 \
             WHERE id IN (SELECT id FROM job WHERE state = 'ready' \
             AND (run_at_us <= $3 OR run_at_us > $3 + $4) \
             AND (lease_until_us IS NULL OR lease_until_us < {now_us} OR lease_until_us > {now_us} + $4) \
             ORDER BY run_at_us, id LIMIT $5 {skip_locked}) \
             RETURNING id, org_id, topic, object_id, arg, attempts";
    /// Prolongs the lease of a job that takes long.
    RENEW = "UPDATE job SET lease_until_us = {now_us} + $3 \
             WHERE id = $1 AND lease_owner = $2 AND state = 'ready'";
    /// Marks a job done, if it still is this owner's.
    FINISH = "UPDATE job SET state = 'done', lease_owner = NULL, lease_until_us = NULL, \
              error_code = NULL, due_us = $3 \
              WHERE id = $1 AND state = 'ready' AND attempts = $2";
    /// Puts a job back for later.
    AGAIN = "UPDATE job SET lease_owner = NULL, lease_until_us = NULL, run_at_us = $3, error_code = $4 \
             WHERE id = $1 AND state = 'ready' AND attempts = $2";
    /// Gives a job up; it shows on the page of dead letters.
    DIE = "UPDATE job SET state = 'dead', lease_owner = NULL, lease_until_us = NULL, error_code = $3 \
           WHERE id = $1 AND state = 'ready' AND attempts = $2";
    /// Jobs that were given up.
    DEAD = "SELECT id, topic, object_id, attempts, error_code, run_at_us FROM job \
            WHERE state = 'dead' AND (org_id = $1 OR org_id IS NULL) ORDER BY id DESC LIMIT 200";
    /// Tries a dead job again.
    REVIVE = "UPDATE job SET state = 'ready', attempts = 0, run_at_us = $3, error_code = NULL \
              WHERE (org_id = $1 OR org_id IS NULL) AND id = $2 AND state = 'dead'";
    /// Drops a dead job.
    BURY = "DELETE FROM job WHERE (org_id = $1 OR org_id IS NULL) AND id = $2 AND state = 'dead'";
    /// How many jobs wait and how many are dead, by topic.
    COUNT = "SELECT topic, state, CAST(count(*) AS BIGINT) FROM job \
             WHERE state IN ('ready', 'dead') GROUP BY topic, state";
    /// Forgets done jobs that are due.
    SWEEP = "DELETE FROM job WHERE due_us IS NOT NULL AND due_us <= $1";
    /// After a restart of the only process all its leases are void.
    UNLEASE = "UPDATE job SET lease_owner = NULL, lease_until_us = NULL WHERE lease_owner IS NOT NULL";
    /// The same for leases by name.
    UNLEASE_NAMES = "DELETE FROM lease";
}

/// A job to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id; also what receivers outside can recognise a repetition by.
    pub id: JobId,
    /// Whose it is; `None` for the installation's own.
    pub org: Option<OrgId>,
    /// What is to be done.
    pub topic: String,
    /// The id of the thing it is about.
    pub object: String,
    /// Further ids, in a form that the topic defines.
    pub arg: String,
    /// How often it was started, this time included.
    pub attempts: i64,
}

/// What a handler did with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The handler called [`Tx::finish`] in its own act.
    Finished,
    /// There is nothing left to do; the runner finishes the job.
    Nothing,
}

/// Why a job could not be done this time.
#[derive(Debug)]
pub struct JobFailure {
    /// A stable code without personal data, kept with the job.
    pub code: &'static str,
    /// Trying again makes no sense.
    pub fatal: bool,
    /// The other side asked for this much patience.
    pub retry_after: Option<Duration>,
    /// For the log.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl JobFailure {
    /// Try again later.
    pub fn later(code: &'static str) -> Self {
        Self {
            code,
            fatal: false,
            retry_after: None,
            source: None,
        }
    }

    /// Never try again.
    pub fn fatal(code: &'static str) -> Self {
        Self {
            code,
            fatal: true,
            retry_after: None,
            source: None,
        }
    }
}

impl From<StoreError> for JobFailure {
    fn from(error: StoreError) -> Self {
        let code = base::HasKind::code(&error);
        Self {
            code,
            fatal: false,
            retry_after: None,
            source: Some(Box::new(error)),
        }
    }
}

/// A job that was given up.
#[derive(Debug, Clone)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// What was to be done.
    pub topic: String,
    /// The id of the thing it is about.
    pub object: String,
    /// How often it was tried.
    pub attempts: i64,
    /// The last failure.
    pub error: Option<String>,
    /// When it was last to run.
    pub last_at: Timestamp,
}

/// How long a lease lasts; runners renew it while a job takes longer.
pub(crate) const LEASE: Duration = Duration::from_secs(30);

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(FAR_AHEAD_US)
}

pub(crate) async fn insert(
    tx: &mut Tx,
    job: &Job,
    owner: Option<String>,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let params = params![
        job.id,
        job.org,
        &job.topic,
        &job.object,
        &job.arg,
        job.attempts,
        now,
        owner,
        micros(LEASE)
    ];
    tx.exec(&INSERT, params).await.map(drop)
}

impl Tx {
    /// Marks a job done, together with its effects. `false` when another process finished or took it in
    /// the meantime: then the effects must not be committed.
    pub async fn finish(&mut self, job: &Job) -> Result<bool, StoreError> {
        let due = self
            .clock()
            .now()
            .checked_add(KEPT)
            .unwrap_or(Timestamp::MAX);
        Ok(self
            .exec(&FINISH, params![job.id, job.attempts, due])
            .await?
            == 1)
    }

    /// The jobs of an organisation, and the installation's own, that were given up.
    pub async fn dead_jobs(&mut self, org: OrgId) -> Result<Vec<DeadJob>, StoreError> {
        let rows = self.all(&DEAD, params![org]).await?;
        rows.iter()
            .map(|row| {
                let mut c = row.cols();
                Ok(DeadJob {
                    id: c.id()?,
                    topic: c.text()?,
                    object: c.text()?,
                    attempts: c.int()?,
                    error: c.opt_text()?,
                    last_at: c.time()?,
                })
            })
            .collect()
    }

    /// Lets a dead job run again. `false` when there is no such job.
    pub async fn revive_job(&mut self, org: OrgId, id: JobId) -> Result<bool, StoreError> {
        let now = self.clock().now();
        Ok(self.exec(&REVIVE, params![org, id, now]).await? == 1)
    }

    /// Drops a dead job. `false` when there is no such job.
    pub async fn bury_job(&mut self, org: OrgId, id: JobId) -> Result<bool, StoreError> {
        Ok(self.exec(&BURY, params![org, id]).await? == 1)
    }

    /// Waiting and dead jobs by topic: `(topic, dead, count)`.
    pub async fn count_jobs(&mut self) -> Result<Vec<(String, bool, i64)>, StoreError> {
        let rows = self.all(&COUNT, vec![]).await?;
        rows.iter()
            .map(|row| {
                let mut c = row.cols();
                Ok((c.text()?, c.text()? == "dead", c.int()?))
            })
            .collect()
    }

    /// Forgets done jobs whose time has come; gives their number.
    pub async fn sweep_jobs(&mut self) -> Result<u64, StoreError> {
        let now = self.clock().now();
        self.exec(&SWEEP, params![now]).await
    }
}

pub(crate) async fn claim(store: &Store, owner: &str, most: usize) -> Result<Vec<Job>, StoreError> {
    let now = store.clock().now();
    let most = i64::try_from(most).unwrap_or(64);
    let mut tx = store.begin_claim().await?;
    let rows = tx
        .all(
            &CLAIM,
            params![owner, micros(LEASE), now, FAR_AHEAD_US, most],
        )
        .await?;
    tx.commit().await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Job {
                id: c.id()?,
                org: c.opt_id()?,
                topic: c.text()?,
                object: c.text()?,
                arg: c.text()?,
                attempts: c.int()?,
            })
        })
        .collect()
}

pub(crate) async fn renew(store: &Store, owner: &str, job: &Job) -> Result<(), StoreError> {
    let mut tx = store.begin_claim().await?;
    tx.exec(&RENEW, params![job.id, owner, micros(LEASE)])
        .await?;
    tx.commit().await
}

pub(crate) async fn finish(store: &Store, job: &Job) -> Result<(), StoreError> {
    let mut tx = store.begin_claim().await?;
    tx.finish(job).await?;
    tx.commit().await
}

pub(crate) async fn again(
    store: &Store,
    job: &Job,
    at: Timestamp,
    code: &'static str,
) -> Result<(), StoreError> {
    let mut tx = store.begin_claim().await?;
    tx.exec(&AGAIN, params![job.id, job.attempts, at, code])
        .await?;
    tx.commit().await
}

pub(crate) async fn die(store: &Store, job: &Job, code: &'static str) -> Result<(), StoreError> {
    let mut tx = store.begin_claim().await?;
    tx.exec(&DIE, params![job.id, job.attempts, code]).await?;
    tx.commit().await
}

pub(crate) async fn void_all_leases(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.begin_claim().await?;
    tx.exec(&UNLEASE, vec![]).await?;
    tx.exec(&UNLEASE_NAMES, vec![]).await?;
    tx.commit().await
}

//! A transaction on either database, and the statements run in it.

use base::{Clock, JobId, OrgId, Rng, Value};
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Postgres, Sqlite, Transaction};

use crate::jobs::{self, Job};
use crate::sql::{BULK_ROWS, Bulk, Sql};
use crate::{Engine, Row, Store, StoreError};

/// A transaction. Dropped without [`Tx::commit`] it is rolled back.
pub struct Tx {
    inner: Inner,
    store: Store,
    emitted: Vec<Job>,
    transient: bool,
}

pub(crate) enum Inner {
    /// The only writer. Begun and ended by hand, because SQLite rolls back by itself on a full or failing
    /// disk, after which the library's own counting of transactions never fits again.
    Writing(SqliteWriter),
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// The writing connection within a transaction. Dropped before its end, for example because a request was
/// cut off, the connection is closed, which rolls back; the pool opens another.
pub(crate) struct SqliteWriter {
    connection: PoolConnection<Sqlite>,
    open: bool,
}

impl SqliteWriter {
    pub(crate) async fn begin(mut connection: PoolConnection<Sqlite>) -> Result<Self, sqlx::Error> {
        match sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *connection)
            .await
        {
            Ok(_) => Ok(Self {
                connection,
                open: true,
            }),
            Err(error) => {
                connection.close_on_drop();
                Err(error)
            }
        }
    }

    async fn end(mut self, how: &'static str) -> Result<(), sqlx::Error> {
        let done = sqlx::query(how).execute(&mut *self.connection).await;
        if done.is_ok() {
            self.open = false;
        }
        done.map(drop)
    }
}

impl Drop for SqliteWriter {
    fn drop(&mut self) {
        if self.open {
            self.connection.close_on_drop();
        }
    }
}

macro_rules! bind {
    ($query:expr, $params:expr) => {{
        let mut query = $query;
        for value in $params {
            query = match value {
                Value::Text(v) => query.bind(v),
                Value::Int(v) => query.bind(v),
                Value::Real(v) => query.bind(v),
                Value::Bool(v) => query.bind(v),
                Value::Bytes(v) => query.bind(v),
            };
        }
        query
    }};
}

impl Tx {
    pub(crate) fn new(store: Store, inner: Inner) -> Self {
        Self {
            inner,
            store,
            emitted: Vec::new(),
            transient: false,
        }
    }

    /// Which database this is.
    pub fn engine(&self) -> Engine {
        match self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => Engine::Sqlite,
            Inner::Postgres(_) => Engine::Postgres,
        }
    }

    /// The clock of the store.
    pub fn clock(&self) -> &dyn Clock {
        self.store.clock()
    }

    /// The randomness of the store.
    pub fn rng(&self) -> &dyn Rng {
        self.store.rng()
    }

    /// Runs a statement; gives the number of rows it touched.
    pub async fn exec(&mut self, sql: &Sql, params: Vec<Value>) -> Result<u64, StoreError> {
        check(&params)?;
        let text = AssertSqlSafe(sql.text(self.engine()));
        let done = match &mut self.inner {
            Inner::Writing(tx) => bind!(sqlx::query(text), params)
                .execute(&mut *tx.connection)
                .await
                .map(|done| done.rows_affected()),
            Inner::Sqlite(tx) => bind!(sqlx::query(text), params)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            Inner::Postgres(tx) => bind!(sqlx::query(text), params)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        };
        done.map_err(|error| self.note(error, sql.name()))
    }

    /// All rows.
    pub async fn all(&mut self, sql: &Sql, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        check(&params)?;
        let text = AssertSqlSafe(sql.text(self.engine()));
        let rows = match &mut self.inner {
            Inner::Writing(tx) => bind!(sqlx::query(text), params)
                .fetch_all(&mut *tx.connection)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect()),
            Inner::Sqlite(tx) => bind!(sqlx::query(text), params)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect()),
            Inner::Postgres(tx) => bind!(sqlx::query(text), params)
                .fetch_all(&mut **tx)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect()),
        };
        rows.map_err(|error| self.note(error, sql.name()))
    }

    /// The first row, if there is one.
    pub async fn opt(&mut self, sql: &Sql, params: Vec<Value>) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, params).await?.into_iter().next())
    }

    /// The first row, which must be there.
    pub async fn one(&mut self, sql: &Sql, params: Vec<Value>) -> Result<Row, StoreError> {
        self.opt(sql, params).await?.ok_or(StoreError::Missing)
    }

    /// Inserts many rows with few round trips; `rows` must all have the width of the statement.
    pub async fn bulk(&mut self, bulk: &Bulk, rows: Vec<Vec<Value>>) -> Result<u64, StoreError> {
        let (engine, mut touched) = (self.engine(), 0);
        let mut rows = rows.into_iter();
        loop {
            let chunk: Vec<Vec<Value>> = rows.by_ref().take(BULK_ROWS).collect();
            if chunk.is_empty() {
                return Ok(touched);
            }
            let whole = chunk.len() == BULK_ROWS;
            let text = if whole {
                bulk.full(engine).to_owned()
            } else {
                bulk.text(engine, chunk.len())
            };
            let params: Vec<Value> = chunk.into_iter().flatten().collect();
            check(&params)?;
            let done = match &mut self.inner {
                Inner::Writing(tx) => bind!(sqlx::query(AssertSqlSafe(text)), params)
                    .persistent(whole)
                    .execute(&mut *tx.connection)
                    .await
                    .map(|done| done.rows_affected()),
                Inner::Sqlite(tx) => bind!(sqlx::query(AssertSqlSafe(text)), params)
                    .persistent(whole)
                    .execute(&mut **tx)
                    .await
                    .map(|done| done.rows_affected()),
                Inner::Postgres(tx) => bind!(sqlx::query(AssertSqlSafe(text)), params)
                    .persistent(whole)
                    .execute(&mut **tx)
                    .await
                    .map(|done| done.rows_affected()),
            };
            touched += done.map_err(|error| self.note(error, bulk.name()))?;
        }
    }

    /// Puts a job into the outbox. It is done at least once, if and only if this transaction commits.
    ///
    /// `object` and `arg` hold ids only. Where this process runs jobs itself, the job is born leased to it
    /// and starts right after the commit, without another look into the table.
    pub async fn emit(
        &mut self,
        topic: &'static str,
        org: Option<OrgId>,
        object: impl Into<String>,
        arg: impl Into<String>,
    ) -> Result<JobId, StoreError> {
        let id = JobId::new(self.store.clock(), self.store.rng());
        let owner = self.store.local_owner();
        let local = owner.is_some();
        let job = Job {
            id,
            org,
            topic: topic.to_owned(),
            object: object.into(),
            arg: arg.into(),
            attempts: i64::from(local),
        };
        jobs::insert(self, &job, owner).await?;
        if local {
            self.emitted.push(job);
        }
        Ok(id)
    }

    /// Makes the changes last, then hands new jobs to this process's runner.
    pub async fn commit(self) -> Result<(), StoreError> {
        let done = match self.inner {
            Inner::Writing(tx) => tx.end("COMMIT").await,
            Inner::Sqlite(tx) => tx.commit().await,
            Inner::Postgres(tx) => tx.commit().await,
        };
        done.map_err(|error| {
            let error = StoreError::from(error);
            if error.is_transient() {
                tracing::debug!("a commit met another transaction");
            }
            error
        })?;
        self.store.hand_over(self.emitted);
        Ok(())
    }

    pub(crate) async fn roll_back(self) {
        let done = match self.inner {
            Inner::Writing(tx) => tx.end("ROLLBACK").await,
            Inner::Sqlite(tx) => tx.rollback().await,
            Inner::Postgres(tx) => tx.rollback().await,
        };
        if let Err(error) = done {
            tracing::debug!(error = %base::chain(&error), "a rollback did not reach the database");
        }
    }

    /// Whether any statement met another transaction, so that repeating may help.
    pub(crate) fn is_transient(&self) -> bool {
        self.transient
    }

    fn note(&mut self, error: sqlx::Error, statement: &'static str) -> StoreError {
        let error = StoreError::from(error);
        self.transient |= error.is_transient();
        if matches!(error, StoreError::Other(_) | StoreError::Column { .. }) {
            tracing::error!(statement, error = %base::chain(&error), "a statement failed");
        }
        error
    }
}

fn check(params: &[Value]) -> Result<(), StoreError> {
    let nul = params
        .iter()
        .any(|value| matches!(value, Value::Text(Some(t)) if t.contains('\0')));
    if nul { Err(StoreError::Nul) } else { Ok(()) }
}

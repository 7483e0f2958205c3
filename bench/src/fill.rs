//! Makes of a demo that has recorded a minute one with 72 hours and 16 cameras: rows, buckets and shown times as agents
//! bring them, with the records of that minute; files exist of that minute only.

use anyhow::{Context as _, Result, ensure};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use std::path::Path;

/// 14 more cameras; for each of 16 and each hour a bucket; for each ten seconds a segment.
const FILL: &str = "
CREATE TEMP TABLE real AS SELECT c.org_id, c.id FROM camera c WHERE c.name = 'Hof';
CREATE TEMP TABLE begun AS SELECT min(started_us) AS us FROM video_segment;
CREATE TEMP TABLE sample AS SELECT row_number() OVER (ORDER BY started_us) - 1 AS n, s.*
    FROM video_segment s WHERE s.camera_id IN (SELECT id FROM real);
CREATE TEMP TABLE size AS SELECT count(*) AS n FROM sample;
CREATE TEMP TABLE bucket AS SELECT * FROM video_bucket
    WHERE id IN (SELECT bucket_id FROM sample) ORDER BY hour_us LIMIT 1;

CREATE TEMP TABLE number AS WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 14)
    SELECT n FROM n;
CREATE TEMP TABLE more AS SELECT c.*, n.n FROM camera c JOIN number n WHERE c.id IN (SELECT id FROM real);
UPDATE more SET id = substr(id, 1, 4) || printf('0%025d', n), label = 'k' || n, name = 'Kamera ' || (n + 2);
ALTER TABLE more DROP COLUMN n;
INSERT INTO camera SELECT * FROM more;

CREATE TEMP TABLE look AS SELECT row_number() OVER (ORDER BY id) AS c, id FROM camera;
CREATE TEMP TABLE hour AS WITH RECURSIVE h(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM h WHERE n < 71)
    SELECT n FROM h;
INSERT INTO video_bucket (org_id, id, camera_id, agent_id, stream, hour_us, sensitivity, run_id, list_number,
        role_share, role_share_2, role_share_3, agent_key, bytes, digest, created_us, due_us)
    SELECT b.org_id, substr(b.id, 1, 4) || printf('0%025d', l.c * 1000 + h.n), l.id, b.agent_id, b.stream,
        b.hour_us - h.n * 3600000000, b.sensitivity, b.run_id, b.list_number, b.role_share, b.role_share_2,
        b.role_share_3, b.agent_key, b.bytes, b.digest, b.hour_us - h.n * 3600000000,
        b.hour_us + (72 - h.n) * 3600000000
    FROM bucket b, look l, hour h;

CREATE TEMP TABLE slot AS WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 359)
    SELECT n FROM s;
INSERT INTO video_segment (org_id, id, bucket_id, camera_id, started_us, ended_us, bytes, state, hash, record,
        received_us)
    SELECT b.org_id, substr(r.id, 1, 4) || printf('0%025d', (l.c * 1000 + h.n) * 1000 + s.n),
        substr(b.id, 1, 4) || printf('0%025d', l.c * 1000 + h.n), l.id,
        b.hour_us - h.n * 3600000000 + s.n * 10000000, b.hour_us - h.n * 3600000000 + (s.n + 1) * 10000000,
        r.bytes, 'closed', r.hash, r.record, b.hour_us - h.n * 3600000000 + (s.n + 1) * 10000000
    FROM bucket b, look l, hour h, slot s, size, sample r, begun
    WHERE r.n = s.n % size.n AND b.hour_us - h.n * 3600000000 + (s.n + 1) * 10000000 <= begun.us;
";

/// Fills the database in a data folder that no server uses.
pub(crate) async fn run(folder: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(folder.join("obhut.db"));
    // Temporary tables belong to a connection.
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(options).await?;
    let mut tx = pool.begin().await?;
    sqlx::raw_sql(FILL)
        .execute(&mut *tx)
        .await
        .context("filling")?;
    let count: &str = "SELECT (SELECT count(*) FROM camera), (SELECT count(*) FROM video_bucket), \
                       (SELECT count(*) FROM video_segment)";
    let (cameras, buckets, segments): (i64, i64, i64) =
        sqlx::query_as(count).fetch_one(&mut *tx).await?;
    tx.commit().await?;
    pool.close().await;
    eprintln!("{cameras} cameras, {buckets} buckets, {segments} segments");
    ensure!(
        cameras == 16 && segments > 400_000,
        "the index is too small"
    );
    Ok(())
}

//! What is looked up for the pages of this part.

use ::store::{StoreError, Tx, params};
use base::{OrgId, Timestamp};
use people::device::PushFamily;

::store::statements! {
    /// Push services that are switched on.
    FAMILIES = "SELECT family FROM push_family WHERE org_id = $1 ORDER BY family";
    /// The people of an organisation, as the log knows them and as they are called.
    MEMBERS = "SELECT person_id, given_name, family_name FROM membership WHERE org_id = $1";
    /// Its machine keys.
    MACHINES = "SELECT id, name FROM machine_key WHERE org_id = $1";
    /// Jobs that failed and wait for another try, and those given up lately.
    TROUBLE = "SELECT topic, state, CAST(count(*) AS BIGINT), min(created_us), max(error_code) FROM job \
               WHERE (org_id = $1 OR org_id IS NULL) AND ((state = 'ready' AND error_code IS NOT NULL) \
               OR (state = 'dead' AND run_at_us > $2)) GROUP BY topic, state ORDER BY topic, state";
}

/// Push services that an organisation has switched on.
pub(super) async fn families(tx: &mut Tx, org: OrgId) -> Result<Vec<PushFamily>, StoreError> {
    let rows = tx.all(&FAMILIES, params![org]).await?;
    rows.iter()
        .map(|row| row.cols().word(PushFamily::parse))
        .collect()
}

/// Ids by which the log knows people and machines, with what they are called.
pub(super) async fn names(tx: &mut Tx, org: OrgId) -> Result<Vec<(String, String)>, StoreError> {
    let mut names = Vec::new();
    for row in tx.all(&MEMBERS, params![org]).await? {
        let mut c = row.cols();
        let (id, given, family) = (c.text()?, c.text()?, c.text()?);
        names.push((id, format!("{given} {family}")));
    }
    for row in tx.all(&MACHINES, params![org]).await? {
        let mut c = row.cols();
        names.push((c.text()?, c.text()?));
    }
    Ok(names)
}

/// Jobs of one topic that are in trouble.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    /// What is to be done.
    pub(super) topic: String,
    /// Whether they were given up.
    pub(super) dead: bool,
    /// How many.
    pub(super) jobs: i64,
    /// Since when the oldest is there.
    pub(super) since: Timestamp,
    /// A code of what went wrong.
    pub(super) code: Option<String>,
}

/// Jobs in trouble, of an organisation and of the installation. Those given up count until `given_up_after`.
pub(super) async fn trouble(
    tx: &mut Tx,
    org: OrgId,
    given_up_after: Timestamp,
) -> Result<Vec<Trouble>, StoreError> {
    let rows = tx.all(&TROUBLE, params![org, given_up_after]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Trouble {
                topic: c.text()?,
                dead: c.text()? == "dead",
                jobs: c.int()?,
                since: c.time()?,
                code: c.opt_text()?,
            })
        })
        .collect()
}

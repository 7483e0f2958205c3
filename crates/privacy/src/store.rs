//! The periods that organisations set themselves.

use ::store::{StoreError, Tx, params};
use base::{OrgId, Value};

use crate::{Period, Rule};

::store::statements! {
    /// The period an organisation set for a kind of data.
    PERIOD = "SELECT period FROM deletion_period WHERE org_id = $1 AND kind = $2";
    /// Sets it.
    SET = "INSERT INTO deletion_period (org_id, kind, period, changed_us) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (org_id, kind) DO UPDATE SET period = $3, changed_us = $4";
}

/// The period in force for a kind of data in an organisation.
pub async fn period_of(tx: &mut Tx, org: OrgId, rule: &Rule) -> Result<Period, StoreError> {
    let own = tx.opt(&PERIOD, params![org, rule.kind]).await?;
    let text = match own {
        Some(row) => row.cols().text()?,
        None => rule.period.to_owned(),
    };
    Period::parse(&text).map_err(|error| StoreError::Column {
        column: 0,
        source: Box::new(error),
    })
}

/// Sets a period; the caller has checked the right, the bounds, and recomputes what is due.
pub async fn set_period(
    tx: &mut Tx,
    org: OrgId,
    rule: &Rule,
    period: &Period,
) -> Result<(), StoreError> {
    let now = Value::from(tx.clock().now());
    tx.exec(&SET, params![org, rule.kind, period.to_string(), now])
        .await
        .map(drop)
}

//! Retention: when a bucket's hour has come, its share of the key is destroyed, then its files go, each with a
//! leaf. Nothing prolongs it.

pub(crate) mod clock;
pub(crate) mod model;
pub(crate) mod orphans;
pub(crate) mod store;
pub(crate) mod stray;

use ::store::{StoreError, Tx};
use base::OrgId;

pub(crate) use clock::destroy_now;
pub(crate) use model::Keeping;

pub use crate::privacy::RECORDINGS;

impl Keeping {
    /// How long an organisation keeps recordings.
    pub(crate) async fn of(tx: &mut Tx, org: OrgId) -> Result<Self, StoreError> {
        Ok(Self {
            period: privacy::period_of(tx, org, &RECORDINGS).await?,
            zone: crate::camera::store::zone(tx, org).await?,
        })
    }
}

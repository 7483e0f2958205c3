//! The hub's own key, one for each organisation: H of every bucket is sealed to it on its way here.

use base::OrgId;
use seal::AgreementKey;
use store::Store;

use crate::VideoError;

const KIND: &str = "video_hub";

/// The hub key of an organisation; made when it is first asked for.
pub(crate) async fn hub_key(store: &Store, org: OrgId) -> Result<AgreementKey, VideoError> {
    let id = format!("video/hub/{org}");
    let kept = if let Some(kept) = store.keys().get(&id).await? {
        kept
    } else {
        let fresh = AgreementKey::generate(store.rng()).map_err(VideoError::HubKey)?;
        let fresh = fresh.to_pkcs8();
        store.keys().put(&id, KIND, Some(org), &fresh).await?
    };
    AgreementKey::from_pkcs8(&kept).map_err(VideoError::HubKey)
}

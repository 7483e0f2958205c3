//! SQL of who may go on looking.

use base::{MembershipId, OrgId};
use people::Permission;
use store::{StoreError, Tx, params};

store::statements! {
    /// Whether a member has a permission anywhere.
    HAS = "SELECT 1 FROM membership m JOIN membership_role mr ON mr.org_id = m.org_id \
           AND mr.membership_id = m.id JOIN role_permission rp ON rp.org_id = mr.org_id \
           AND rp.role_id = mr.role_id WHERE m.org_id = $1 AND m.id = $2 AND m.state = 'active' \
           AND rp.permission = $3 LIMIT 1";
}

/// Whether a member has a permission anywhere, now.
pub(crate) async fn has(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
    permission: Permission,
) -> Result<bool, StoreError> {
    let params = params![org, member, permission.word()];
    Ok(tx.opt(&HAS, params).await?.is_some())
}

//! Until `people` lands.
/// Who acts.
#[derive(Debug, Clone)]
pub struct Actor {
    org: base::OrgId,
}
impl Actor {
    /// Its organisation.
    pub fn org(&self) -> base::OrgId {
        self.org
    }
}

//! SQL of roles, generations, holders and lists.

use base::{GenerationId, MembershipId, OrgId, Timestamp, ViewingKeyId, ViewingRoleId};
use seal::Point;
use store::{StoreError, Tx, params};

use super::model::{Generation, Holder, Member, RoleKind};
use crate::rows::{count, int, opt_point, point};

store::statements! {
    /// The generations in force.
    CURRENT = "SELECT g.id, g.role_id, r.kind, g.public_key, g.handed, g.created_us FROM viewing_generation g \
               JOIN viewing_role r ON r.org_id = g.org_id AND r.id = g.role_id \
               WHERE g.org_id = $1 AND g.replaced_us IS NULL";
    /// A new role.
    ADD_ROLE = "INSERT INTO viewing_role (org_id, id, kind, created_us) VALUES ($1, $2, $3, $4)";
    /// A new generation.
    ADD_GENERATION = "INSERT INTO viewing_generation (org_id, id, role_id, public_key, handed, created_us, \
                      replaced_us, replaced_list) VALUES ($1, $2, $3, $4, 0, $5, NULL, NULL)";
    /// Whether there was a generation with this id.
    IS_GENERATION = "SELECT 1 FROM viewing_generation WHERE org_id = $1 AND id = $2";
    /// Takes a role's generation out of force.
    REPLACE = "UPDATE viewing_generation SET replaced_us = $3, replaced_list = $4 \
               WHERE org_id = $1 AND role_id = $2 AND replaced_us IS NULL";
    /// What a generation, in force or not, is for.
    KIND_OF = "SELECT r.kind FROM viewing_generation g JOIN viewing_role r ON r.org_id = g.org_id \
               AND r.id = g.role_id WHERE g.org_id = $1 AND g.id = $2";
    /// Who was given the generations in force.
    HOLDERS = "SELECT h.generation_id, h.membership_id, h.viewing_key_id FROM viewing_holder h \
               JOIN viewing_generation g ON g.org_id = h.org_id AND g.id = h.generation_id \
               WHERE h.org_id = $1 AND g.replaced_us IS NULL";
    /// What one member holds, oldest first.
    MINE = "SELECT h.generation_id, g.role_id, r.kind, g.replaced_us, h.wrapped FROM viewing_holder h \
            JOIN viewing_generation g ON g.org_id = h.org_id AND g.id = h.generation_id \
            JOIN viewing_role r ON r.org_id = g.org_id AND r.id = g.role_id \
            WHERE h.org_id = $1 AND h.membership_id = $2 AND h.wrapped IS NOT NULL \
            ORDER BY g.created_us, g.id";
    /// Whether a member was given a generation, and whether they still have it.
    GIVEN = "SELECT wrapped IS NOT NULL FROM viewing_holder \
             WHERE org_id = $1 AND generation_id = $2 AND membership_id = $3";
    /// Gives a generation to a member.
    GIVE = "INSERT INTO viewing_holder (org_id, generation_id, membership_id, viewing_key_id, wrapped, \
            created_us) VALUES ($1, $2, $3, $4, $5, $6) \
            ON CONFLICT (org_id, generation_id, membership_id) DO UPDATE \
            SET viewing_key_id = $4, wrapped = $5, created_us = $6";
    /// Counts that a generation was given to one more.
    COUNT_GIVEN = "UPDATE viewing_generation SET handed = handed + 1 WHERE org_id = $1 AND id = $2";
    /// The active members who have a permission, anywhere or for all cameras, with their viewing keys.
    ENTITLED = "SELECT DISTINCT m.id, m.given_name, m.family_name, k.id, k.public_key FROM membership m \
                JOIN membership_role mr ON mr.org_id = m.org_id AND mr.membership_id = m.id \
                JOIN role_permission rp ON rp.org_id = mr.org_id AND rp.role_id = mr.role_id \
                LEFT JOIN viewing_key k ON k.org_id = m.org_id AND k.membership_id = m.id \
                WHERE m.org_id = $1 AND m.state = 'active' AND rp.permission = $2 \
                AND (rp.scope = 'org' OR NOT $3) ORDER BY m.id";
    /// The newest list.
    LAST_LIST = "SELECT number, issued_us, cose FROM recipient_list WHERE org_id = $1 \
                 ORDER BY number DESC LIMIT 1";
    /// One list.
    LIST = "SELECT cose FROM recipient_list WHERE org_id = $1 AND number = $2";
    /// A new list.
    ADD_LIST = "INSERT INTO recipient_list (org_id, number, issued_us, cose) VALUES ($1, $2, $3, $4)";
}

/// The generations in force.
pub(crate) async fn current(tx: &mut Tx, org: OrgId) -> Result<Vec<Generation>, StoreError> {
    let rows = tx.all(&CURRENT, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Generation {
                id: c.id()?,
                role: c.id()?,
                kind: c.word(RoleKind::parse)?,
                public_key: point(&mut c)?,
                handed: c.int()?,
                created: c.time()?,
            })
        })
        .collect()
}

/// The custodian's point, once the circle is there.
pub(crate) async fn custodian(tx: &mut Tx, org: OrgId) -> Result<Option<Point>, StoreError> {
    let current = current(tx, org).await?;
    let custodian = current.iter().find(|it| it.kind == RoleKind::Custodian);
    Ok(custodian.map(|it| it.public_key))
}

/// Makes a role.
pub(crate) async fn add_role(
    tx: &mut Tx,
    org: OrgId,
    kind: RoleKind,
) -> Result<ViewingRoleId, StoreError> {
    let id = ViewingRoleId::new(tx.clock(), tx.rng());
    let now = tx.clock().now();
    tx.exec(&ADD_ROLE, params![org, id, kind.word(), now])
        .await?;
    Ok(id)
}

/// Whether a generation's id is in use.
pub(crate) async fn is_generation(
    tx: &mut Tx,
    org: OrgId,
    id: GenerationId,
) -> Result<bool, StoreError> {
    Ok(tx.opt(&IS_GENERATION, params![org, id]).await?.is_some())
}

/// Makes a generation; the one before must be out of force.
pub(crate) async fn add_generation(
    tx: &mut Tx,
    org: OrgId,
    role: ViewingRoleId,
    id: GenerationId,
    key: &Point,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    let params = params![org, id, role, *key.as_bytes(), now];
    tx.exec(&ADD_GENERATION, params).await.map(drop)
}

/// Takes a role's generation out of force; buckets sealed to lists from `list` on do without it.
pub(crate) async fn replace(
    tx: &mut Tx,
    org: OrgId,
    role: ViewingRoleId,
    list: u64,
) -> Result<(), StoreError> {
    let now = tx.clock().now();
    tx.exec(&REPLACE, params![org, role, now, int(list)])
        .await
        .map(drop)
}

/// What a generation is for.
pub(crate) async fn kind_of(
    tx: &mut Tx,
    org: OrgId,
    id: GenerationId,
) -> Result<Option<RoleKind>, StoreError> {
    let row = tx.opt(&KIND_OF, params![org, id]).await?;
    row.map(|row| row.cols().word(RoleKind::parse)).transpose()
}

/// Who was given the generations in force.
pub(crate) async fn holders(tx: &mut Tx, org: OrgId) -> Result<Vec<Holder>, StoreError> {
    let rows = tx.all(&HOLDERS, params![org]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Holder {
                generation: c.id()?,
                member: c.id()?,
                key: c.opt_id()?,
            })
        })
        .collect()
}

/// A generation as one member holds it.
pub(crate) struct Held {
    pub(crate) generation: GenerationId,
    pub(crate) role: ViewingRoleId,
    pub(crate) kind: RoleKind,
    pub(crate) current: bool,
    pub(crate) wrapped: Vec<u8>,
}

/// What one member holds, oldest first.
pub(crate) async fn mine(
    tx: &mut Tx,
    org: OrgId,
    member: MembershipId,
) -> Result<Vec<Held>, StoreError> {
    let rows = tx.all(&MINE, params![org, member]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Held {
                generation: c.id()?,
                role: c.id()?,
                kind: c.word(RoleKind::parse)?,
                current: c.opt_time()?.is_none(),
                wrapped: c.bytes()?,
            })
        })
        .collect()
}

/// `None`: never given; otherwise whether the member still has it.
pub(crate) async fn given(
    tx: &mut Tx,
    org: OrgId,
    generation: GenerationId,
    member: MembershipId,
) -> Result<Option<bool>, StoreError> {
    let row = tx.opt(&GIVEN, params![org, generation, member]).await?;
    row.map(|row| row.cols().boolean()).transpose()
}

/// Gives a generation to a member, sealed to their viewing key.
pub(crate) async fn give(
    tx: &mut Tx,
    org: OrgId,
    generation: GenerationId,
    member: MembershipId,
    key: ViewingKeyId,
    wrapped: Vec<u8>,
) -> Result<(), StoreError> {
    let fresh = given(tx, org, generation, member).await?.is_none();
    let now = tx.clock().now();
    tx.exec(&GIVE, params![org, generation, member, key, wrapped, now])
        .await?;
    if fresh {
        tx.exec(&COUNT_GIVEN, params![org, generation]).await?;
    }
    Ok(())
}

/// Who belongs to a role.
pub(crate) async fn entitled(
    tx: &mut Tx,
    org: OrgId,
    kind: RoleKind,
) -> Result<Vec<Member>, StoreError> {
    let params = params![org, kind.permission().word(), kind.is_for_all()];
    let rows = tx.all(&ENTITLED, params).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            let (id, given, family) = (c.id()?, c.text()?, c.text()?);
            let key = c.opt_id()?.zip(opt_point(&mut c)?);
            Ok(Member {
                id,
                name: format!("{given} {family}"),
                key,
            })
        })
        .collect()
}

/// A list as it was signed.
#[derive(Debug, Clone)]
pub(crate) struct SignedList {
    pub(crate) number: u64,
    pub(crate) issued: Timestamp,
    pub(crate) cose: Vec<u8>,
}

/// The newest list.
pub(crate) async fn last_list(tx: &mut Tx, org: OrgId) -> Result<Option<SignedList>, StoreError> {
    let Some(row) = tx.opt(&LAST_LIST, params![org]).await? else {
        return Ok(None);
    };
    let mut c = row.cols();
    Ok(Some(SignedList {
        number: count(c.int()?),
        issued: c.time()?,
        cose: c.bytes()?,
    }))
}

/// One list.
pub(crate) async fn list(
    tx: &mut Tx,
    org: OrgId,
    number: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row = tx.opt(&LIST, params![org, int(number)]).await?;
    row.map(|row| row.cols().bytes()).transpose()
}

/// Keeps a list.
pub(crate) async fn add_list(tx: &mut Tx, org: OrgId, list: &SignedList) -> Result<(), StoreError> {
    let params = params![org, int(list.number), list.issued, list.cose.clone()];
    tx.exec(&ADD_LIST, params).await.map(drop)
}

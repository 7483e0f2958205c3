//! The first organisation of an installation, and further ones: with a unit, the roles and an administrator.

use ::store::Tx;
use base::{Email, Lang, MembershipId, OrgId, PersonId, UnitId};

use crate::access::Operator;
use crate::journal::done;
use crate::organisation::NewOrganisation;
use crate::person::{NewMember, PersonName};
use crate::{PeopleError, link, organisation, person, role};
use ledger::Pen;

/// The first administrator.
#[derive(Debug, Clone)]
pub struct Founder {
    /// From [`person::person_for`], asked before the act.
    pub person: PersonId,
    /// Their address.
    pub email: Email,
    /// Given name.
    pub given_name: PersonName,
    /// Family name.
    pub family_name: PersonName,
    /// The language they read.
    pub language: Lang,
    /// From [`People::hash`](crate::People::hash).
    pub password_hash: String,
}

/// What was made.
#[derive(Debug, Clone, Copy)]
pub struct Founded {
    /// The organisation.
    pub org: OrgId,
    /// Its first unit.
    pub unit: UnitId,
    /// The administrator.
    pub administrator: MembershipId,
}

/// Makes an organisation. `org` is fresh; the pen writes to its log, see
/// [`People::pen_for_founding`](crate::People::pen_for_founding).
pub async fn create_organisation(
    tx: &mut Tx,
    pen: &Pen,
    operator: Operator,
    org: OrgId,
    new: &NewOrganisation,
    founder: &Founder,
) -> Result<Founded, PeopleError> {
    let unit = organisation::create(tx, org, new).await?;
    let administrators = role::create_built_in(tx, org, new.language).await?;
    pen.write(tx, done("organisation.created", org)).await?;
    let member = NewMember {
        person: founder.person,
        email: founder.email.clone(),
        given_name: founder.given_name.clone(),
        family_name: founder.family_name.clone(),
        language: founder.language,
        unit,
        roles: vec![administrators],
        groups: Vec::new(),
        qualifications: Vec::new(),
    };
    let grant = operator.grant(org);
    let administrator =
        person::add_member(tx, pen, &grant, &member, &founder.password_hash).await?;
    Ok(Founded {
        org,
        unit,
        administrator,
    })
}

/// The same by a set-up link, which is used up; only while there is no organisation.
pub async fn set_up(
    tx: &mut Tx,
    pen: &Pen,
    code: &str,
    org: OrgId,
    new: &NewOrganisation,
    founder: &Founder,
) -> Result<Founded, PeopleError> {
    if !link::take_setup(tx, code).await? {
        return Err(PeopleError::LinkEnded);
    }
    if organisation::first(tx).await?.is_some() {
        return Err(PeopleError::SetUpAlready);
    }
    // The link comes from the machine's own console.
    let operator = Operator::not_from_a_request();
    create_organisation(tx, pen, operator, org, new, founder).await
}

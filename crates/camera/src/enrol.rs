//! The one time a token is used: the hub learns the device key, the agent learns whom to believe.

use std::time::Duration;

use base::{Clock, Rng, chain};
use media::wire::{Blob, EnrolRequest, Enrolled, EnrolmentToken, enrolment_proof};
use seal::recipients::Pinned;
use seal::{Point, SignerKey};
use tracing::{info, warn};

use crate::Error;
use crate::folder::{Folder, Identity};
use crate::hub::{Door, HubError};
use crate::pace::Pace;

/// What an operator gave to enrol with.
pub(crate) struct Invitation<'a> {
    pub(crate) token: EnrolmentToken,
    pub(crate) name: Option<&'a str>,
    pub(crate) version: &'a str,
    /// The longest pause between attempts.
    pub(crate) pause_most: Duration,
}

/// Enrols, however long the hub takes to answer at all; its refusals are final.
pub(crate) async fn enrol(
    folder: &Folder,
    door: &Door,
    invitation: &Invitation<'_>,
    key: &SignerKey,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<Identity, Error> {
    let token = &invitation.token;
    let request = request(invitation, key)?;
    let mut pace = Pace::new(invitation.pause_most);
    let enrolled = loop {
        match door.enrol(&request).await {
            Ok(enrolled) => break enrolled,
            Err(error) => {
                let again = judge(error)?;
                let asked = match &again {
                    HubError::Refused { retry_after, .. } => *retry_after,
                    _ => None,
                };
                let pause = pace.failed(asked, rng);
                warn!(error = %chain(&again), "enrolling has to wait");
                clock.sleep(pause).await;
            }
        }
    };
    let identity = pin(token, &enrolled, door.origin().as_str())?;
    folder.keep_identity(&identity)?;
    info!(agent.id = %identity.agent, "enrolled as {}", identity.agent);
    Ok(identity)
}

/// Shows a new token for an agent that is known already, so that the hub takes its key again. Tried once: a token
/// that was used before must not keep a recorder from recording, nor may a hub that is away. What was pinned stays.
pub(crate) async fn renew(
    known: &Identity,
    door: &Door,
    invitation: &Invitation<'_>,
    key: &SignerKey,
) -> Result<(), Error> {
    match door.enrol(&request(invitation, key)?).await {
        Ok(enrolled) if enrolled.hub_key != known.hub_key => Err(Error::HubKey),
        Ok(enrolled) if enrolled.custodian != known.custodian => Err(Error::Custodian),
        Ok(_) => Ok(()),
        Err(error) => {
            info!(error = %chain(&error), "the token was not needed, or does not work");
            Ok(())
        }
    }
}

fn request(invitation: &Invitation<'_>, key: &SignerKey) -> Result<EnrolRequest, Error> {
    let token = &invitation.token;
    let proof = key.sign(&enrolment_proof(token.agent, &token.secret))?;
    Ok(EnrolRequest {
        agent: token.agent,
        secret: Blob::from(token.secret),
        public_key: Blob::from(key.public().as_bytes()),
        proof: Blob::from(proof),
        name: invitation.name.map(str::to_owned),
        version: invitation.version.to_owned(),
    })
}

/// What to try again, or why not. A certificate that is not accepted is told at once: whoever enrols sits before it.
fn judge(error: HubError) -> Result<HubError, Error> {
    if let HubError::Certificate(why) = error {
        return Err(Error::Certificate(why));
    }
    match error.status() {
        Some(401 | 404) => Err(Error::TokenWrong),
        Some(409) => Err(Error::TokenUsed),
        Some(410) => Err(Error::TokenExpired),
        Some(408 | 425 | 429 | 500..) => Ok(error),
        None if matches!(error, HubError::Away(_)) => Ok(error),
        _ => Err(Error::Hub(error)),
    }
}

/// Compares what the hub says with the token, which came another way.
fn pin(token: &EnrolmentToken, enrolled: &Enrolled, hub: &str) -> Result<Identity, Error> {
    let point = |it: &Blob| Point::from_slice(&it.0).ok();
    let hub_key = point(&enrolled.hub_key).filter(|it| it.fingerprint() == token.hub);
    let custodian = point(&enrolled.custodian).filter(|it| it.fingerprint() == token.custodian);
    let (Some(_), true) = (hub_key, enrolled.agent == token.agent) else {
        return Err(Error::HubKey);
    };
    let custodian = custodian.ok_or(Error::Custodian)?;
    let mut pinned = Pinned {
        org: enrolled.org,
        hub: token.hub,
        custodian: token.custodian,
        last: None,
    };
    pinned
        .accept(&enrolled.list.0, &custodian)
        .map_err(Error::List)?;
    Ok(Identity {
        version: 1,
        hub: hub.to_owned(),
        org: enrolled.org,
        agent: enrolled.agent,
        hub_key: enrolled.hub_key.clone(),
        custodian: enrolled.custodian.clone(),
        list: enrolled.list.clone(),
        cameras: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::World;
    use seal::recipients::Refused;

    fn answer(world: &World, list: Vec<u8>) -> Enrolled {
        Enrolled {
            org: world.org,
            agent: world.agent,
            hub_key: Blob::from(world.hub.public().as_bytes()),
            custodian: Blob::from(world.custodian.public().as_bytes()),
            list: Blob(list),
        }
    }

    fn token(world: &World) -> EnrolmentToken {
        EnrolmentToken {
            agent: world.agent,
            secret: [1; 16],
            hub: world.hub.public().fingerprint(),
            custodian: world.custodian.public().fingerprint(),
        }
    }

    #[test]
    fn only_whom_the_token_names_is_believed() {
        let (world, other) = (World::new(1), World::new(2));
        let check = |enrolled: &Enrolled| pin(&token(&world), enrolled, "http://localhost");
        let good = answer(&world, world.list(1));
        assert_eq!(check(&good).unwrap(), {
            let mut identity = world.identity("http://localhost");
            identity.list.clone_from(&good.list);
            identity.cameras.clear();
            identity
        });
        let mut bad = good.clone();
        bad.hub_key = Blob::from(other.hub.public().as_bytes());
        assert!(matches!(check(&bad), Err(Error::HubKey)));
        let mut bad = good.clone();
        bad.custodian = Blob::from(other.custodian.public().as_bytes());
        assert!(matches!(check(&bad), Err(Error::Custodian)));
        let bad = answer(&world, other.list(1));
        assert!(matches!(
            check(&bad),
            Err(Error::List(Refused::WrongSignature))
        ));
    }

    #[test]
    fn refusals_are_told_apart() {
        let refused = |status| {
            judge(HubError::Refused {
                status,
                code: String::new(),
                retry_after: None,
            })
        };
        assert!(matches!(refused(401), Err(Error::TokenWrong)));
        assert!(matches!(refused(409), Err(Error::TokenUsed)));
        assert!(matches!(refused(410), Err(Error::TokenExpired)));
        assert!(matches!(refused(422), Err(Error::Hub(_))));
        assert!(refused(503).is_ok());
        assert!(refused(429).is_ok());
    }
}

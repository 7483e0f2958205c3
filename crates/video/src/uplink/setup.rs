//! What the hub wants from an agent, told when it asks and when it changes.

use base::{AgentId, OrgId, chain};
use media::cut::Rules;
use media::wire::{Setup, SetupCamera, SetupList};

use crate::circle::{custodian, last_list};
use crate::{App, VideoError, camera};

/// What an agent is to do.
pub(crate) async fn setup(app: &App, org: OrgId, agent: AgentId) -> Result<Setup, VideoError> {
    let mut tx = app.ctx.store().read().await?;
    let custodian = custodian(&mut tx, org).await?;
    let custodian = custodian.ok_or(VideoError::CircleMissing)?;
    let list = last_list(&mut tx, org).await?;
    let list = list.ok_or(VideoError::CircleMissing)?;
    let cameras = camera::store::of_agent(&mut tx, org, agent).await?;
    Ok(Setup {
        org,
        list: SetupList {
            cose: list.cose.into(),
            custodian: custodian.as_bytes().into(),
        },
        cameras: cameras
            .into_iter()
            .map(|it| SetupCamera {
                id: it.id,
                label: it.label,
                armed: it.armed,
                name: it.name,
            })
            .collect(),
        now: app.ctx.clock().now().into(),
        segment_seconds: Rules::default().segment_seconds(),
    })
}

/// Tells the agents of an organisation that are connected here what changed; others see it within seconds.
pub(crate) async fn push_setup(app: &App, org: OrgId) {
    for agent in app.relay.agents(org) {
        match setup(app, org, agent).await {
            Ok(setup) => app.relay.tell_setup(org, agent, setup),
            Err(error) => {
                tracing::warn!(agent.id = %agent, error = %chain(&error), "an agent was not told what changed");
            }
        }
    }
}

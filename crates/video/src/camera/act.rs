//! What is done to cameras: announced by their agent, changed, armed, deleted.

use ::store::Tx;
use base::{AgentId, CameraId, OrgId};
use ledger::{Entry, Outcome, Pen};
use media::wire;
use people::Grant;
use people::permit::VideoConfigure;

use super::model::Camera;
use super::{group, store};
use crate::retention::{self, Keeping};
use crate::{VideoError, bookmark};

/// More cameras than one agent serves.
pub(crate) const MOST: usize = 64;
/// Labels of one agent that are remembered, those its file does not name any more included.
const MOST_EVER: usize = 256;
/// The longest name that an agent may give.
const NAME: usize = 80;

pub(crate) fn entry(
    action: &'static str,
    camera: CameraId,
    details: Vec<(&'static str, String)>,
) -> Entry {
    Entry {
        action,
        object: Some(camera.to_string()),
        outcome: Outcome::Done,
        details,
    }
}

/// Takes in what an agent's file holds: new labels become cameras that are not armed, missing ones are marked.
pub(crate) async fn announce(
    tx: &mut Tx,
    pen: &Pen,
    org: OrgId,
    agent: AgentId,
    announced: &[wire::Announced],
) -> Result<Vec<wire::Assigned>, VideoError> {
    if announced.len() > MOST {
        return Err(VideoError::wrong(
            "cameras",
            "too_many",
            "at most 64 cameras",
        ));
    }
    let known = store::of_agent(tx, org, agent).await?;
    let mut assigned: Vec<wire::Assigned> = Vec::with_capacity(announced.len());
    for one in announced {
        if !is_label(&one.label) || assigned.iter().any(|it| it.label == one.label) {
            return Err(VideoError::wrong(
                "label",
                "not_a_label",
                "needs up to 60 letters, digits, dots and dashes, each label once",
            ));
        }
        let before = known.iter().find(|it| it.label == one.label);
        let (id, armed) = if let Some(before) = before {
            (before.id, before.armed)
        } else {
            if known.len() + assigned.len() >= MOST_EVER {
                return Err(VideoError::conflict(
                    "too_many",
                    "this agent had too many cameras; delete some first",
                ));
            }
            let group = group::store::first(tx, org).await?;
            let name = name_of(one);
            let id = store::insert(tx, org, agent, &one.label, &name, group).await?;
            let details = vec![("agent", agent.to_string())];
            pen.write(tx, entry("camera.added", id, details)).await?;
            (id, false)
        };
        store::announce(tx, org, id, one).await?;
        assigned.push(wire::Assigned {
            id,
            label: one.label.clone(),
            armed,
        });
    }
    for before in known.iter().filter(|it| it.listed) {
        if !assigned.iter().any(|it| it.id == before.id) {
            store::unlist(tx, org, before.id).await?;
        }
    }
    Ok(assigned)
}

fn is_label(label: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=60).contains(&label.len()) && label.chars().all(fine)
}

fn name_of(one: &wire::Announced) -> String {
    let name = one.name.as_deref().unwrap_or_default();
    let name: String = name
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME)
        .collect();
    let name = name.trim();
    if name.is_empty() {
        one.label.clone()
    } else {
        name.to_owned()
    }
}

/// What changes about a camera; what is `None` stays.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) camera: Camera,
    pub(crate) armed: Option<bool>,
    pub(crate) period: bool,
}

/// Writes a change.
pub(crate) async fn change(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<VideoConfigure>,
    change: &Change,
) -> Result<(), VideoError> {
    let (org, camera) = (grant.org(), &change.camera);
    store::change(tx, org, camera).await?;
    let details = vec![
        ("group", camera.group.0.to_string()),
        ("period", camera.period.clone().unwrap_or_default()),
    ];
    pen.write(tx, entry("camera.changed", camera.id, details))
        .await?;
    if let Some(armed) = change.armed
        && store::arm(tx, org, camera.id, armed).await?
    {
        let action = if armed {
            "camera.armed"
        } else {
            "camera.disarmed"
        };
        pen.write(tx, entry(action, camera.id, vec![])).await?;
    }
    if change.period {
        let keeping = Keeping::of(tx, org).await?;
        retention::store::reschedule(tx, org, camera.id, camera.period.as_deref(), &keeping)
            .await?;
    }
    Ok(())
}

/// Takes a camera away: its recordings are due at once, what else is known of it goes here.
pub(crate) async fn delete(
    tx: &mut Tx,
    pen: &Pen,
    grant: &Grant<VideoConfigure>,
    id: CameraId,
) -> Result<(), VideoError> {
    let org = grant.org();
    if !store::delete(tx, org, id).await? {
        return Err(VideoError::NotFound("camera"));
    }
    retention::store::due_at_once(tx, org, id).await?;
    bookmark::store::forget_camera(tx, org, id).await?;
    pen.write(tx, entry("camera.deleted", id, vec![])).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_plain() {
        for (label, fine) in [
            ("hof", true),
            ("tor-1.main_2", true),
            ("", false),
            ("a b", false),
            ("ä", false),
            ("a/b", false),
        ] {
            assert_eq!(is_label(label), fine, "{label}");
        }
        assert!(!is_label(&"a".repeat(61)));
    }
}

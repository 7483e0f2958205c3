//! What a video administrator does in their browser, for where there is none: the demo sets its cameras up with it.
//!
//! The private keys live in the caller's memory for a moment, as they would in a browser; what is kept is the same.

use ::store::act;
use base::{GenerationId, ShortText, ViewingKeyId};
use ledger::{Entry, Outcome};
use people::permit::{Oneself, VideoConfigure};
use people::{Grant, Operator};
use seal::recipients::{List, Recipient};
use seal::{AgreementKey, Point, SignerKey, viewing};

use crate::circle::act::{Founding, New, Wrapped};
use crate::circle::hub_key;
use crate::viewing_key::model::ViewingKey;
use crate::{App, VideoError, agent, camera, rights, viewing_key};

/// Gives a member a viewing key under a passphrase and a sheet, and founds the circle with it. Nothing happens when
/// there is a circle already.
pub async fn furnish(
    app: &App,
    grant: &Grant<VideoConfigure>,
    passphrase: &str,
    sheet: &[u8; 16],
) -> Result<(), VideoError> {
    let org = grant.org();
    let mut tx = app.ctx.store().read().await?;
    let founded = crate::circle::custodian(&mut tx, org).await?.is_some();
    drop(tx);
    if founded {
        return Ok(());
    }
    let rng = app.ctx.rng();
    let key = AgreementKey::generate(rng).map_err(VideoError::HubKey)?;
    let id = ViewingKeyId::random(rng);
    let wrapped = viewing::wrap(&key, id, passphrase, sheet, rng).map_err(VideoError::HubKey)?;
    let viewing_key = ViewingKey {
        id,
        public_key: key.public(),
        salt: wrapped.salt.to_vec(),
        pass: wrapped.pass,
        sheet: wrapped.sheet,
        created: app.ctx.clock().now(),
    };
    let hub = hub_key(app.ctx.store(), org).await?.public();
    let founding = founding(app, grant, hub, id, &key.public())?;
    let own: Grant<Oneself> = Operator::not_from_a_request().grant_as(grant.actor());
    let pen = app
        .ctx
        .people()
        .pen(&own, grant.actor().person_id())
        .await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        viewing_key::store::insert(tx, org, rights::member(grant)?, &viewing_key).await?;
        let entry = Entry {
            action: "viewing_key.made",
            object: Some(id.to_string()),
            outcome: Outcome::Done,
            details: vec![],
        };
        pen.write(tx, entry).await?;
        Ok(())
    })?;
    let pen = app.ctx.people().pen(grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        crate::circle::act::found(tx, &pen, grant, hub, &founding).await
    })
}

/// Makes custodian, recording and live keys, hands them to the one viewing key, and signs the first list.
fn founding(
    app: &App,
    grant: &Grant<VideoConfigure>,
    hub: Point,
    to: ViewingKeyId,
    public: &Point,
) -> Result<Founding, VideoError> {
    let rng = app.ctx.rng();
    let failed = VideoError::HubKey;
    let signer = SignerKey::generate(rng).map_err(failed)?;
    let (recording, live) = (
        AgreementKey::generate(rng).map_err(failed)?,
        AgreementKey::generate(rng).map_err(failed)?,
    );
    let new = |key: Point| New {
        id: GenerationId::random(rng),
        key,
    };
    let made = [
        (new(signer.public()), signer.to_pkcs8()),
        (new(recording.public()), recording.to_pkcs8()),
        (new(live.public()), live.to_pkcs8()),
    ];
    let mut wrapped = Vec::with_capacity(made.len());
    for (generation, pkcs8) in &made {
        let cose = viewing::hand_over(pkcs8, generation.id, to, public, rng);
        wrapped.push(Wrapped {
            generation: generation.id,
            key: to,
            cose: cose.map_err(failed)?,
        });
    }
    let [(custodian, _), (recording, _), (live, _)] = made;
    let recipient = |new: New| Recipient {
        generation: new.id,
        key: new.key,
    };
    let list = List {
        org: grant.org(),
        number: 1,
        issued_us: app.ctx.clock().now().as_microsecond(),
        hub,
        recording: vec![vec![recipient(recording)]],
        live: vec![recipient(live)],
    };
    Ok(Founding {
        custodian,
        recording,
        live,
        wrapped,
        list: list.sign(&signer).map_err(failed)?,
    })
}

/// Makes an agent and gives the token to start it with.
pub async fn new_agent(
    app: &App,
    grant: &Grant<VideoConfigure>,
    name: &ShortText,
) -> Result<String, VideoError> {
    Ok(agent::http::make(app, grant, name).await?.encode())
}

/// Where a camera hangs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its key in the agent's file.
    pub label: &'a str,
    /// What to call it.
    pub name: &'a str,
    /// Where it is.
    pub place: &'a str,
    /// Whose alarms bookmark it.
    pub unit: base::UnitId,
}

/// Names and arms a camera, once its agent has announced it; `false` until then.
pub async fn arm(
    app: &App,
    grant: &Grant<VideoConfigure>,
    place: &Place<'_>,
) -> Result<bool, VideoError> {
    let org = grant.org();
    let mut tx = app.ctx.store().read().await?;
    let cameras = camera::store::list(&mut tx, org).await?;
    drop(tx);
    let Some(mut camera) = cameras.into_iter().find(|it| it.label == place.label) else {
        return Ok(false);
    };
    if camera.armed {
        return Ok(true);
    }
    place.name.clone_into(&mut camera.name);
    place.place.clone_into(&mut camera.place);
    camera.unit = Some((place.unit, String::new()));
    let change = camera::act::Change {
        camera,
        armed: Some(true),
        period: false,
    };
    let pen = app.ctx.people().pen(grant, None).await?;
    act!(app.ctx.store(), |tx| -> Result<(), VideoError> {
        camera::act::change(tx, &pen, grant, &change).await
    })?;
    crate::uplink::push_setup(app, org).await;
    Ok(true)
}

//! The demo: a fictional brigade whose phones ring on this machine, whose mails stay here, and whose people
//! answer by themselves.

pub mod cameras;
mod http;
mod names;
pub mod push;
mod seed;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base::{AlarmId, DeviceId, OrgId, UnitId, chain};
use mail::catcher::Catcher;
use people::{People, PeopleError, oneself};
use store::{Store, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::data::{DataError, DataFolder};
use crate::start::Parts;
use push::{Caught, PushCatcher};

pub use http::routes;
pub use seed::Secrets;

/// Why the demo could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file.
    #[error("demo.toml can't be read or written")]
    File(#[source] std::io::Error),
    /// The data folder.
    #[error("demo.toml can't be written")]
    Data(#[from] DataError),
    /// What is in the file.
    #[error("the demo can't be made: {0}")]
    Secrets(String),
    /// The database.
    #[error("the database did not take the demo")]
    Store(#[from] StoreError),
    /// People.
    #[error("the demo's people can't be made")]
    People(#[from] PeopleError),
    /// Alarm.
    #[error("the demo's vehicles can't be made")]
    Alarm(#[from] alarm::incident::model::AlarmError),
    /// Cameras.
    #[error("the demo's cameras can't be made")]
    Video(#[from] video::VideoError),
    /// Keys.
    #[error("the demo's phones can't be made")]
    Seal(#[from] seal::SealError),
}

/// A phone of the demo.
#[derive(Debug, Clone)]
pub struct Phone {
    /// Whose it is.
    pub name: String,
    /// The last part of its push address.
    pub token: String,
    /// Its device.
    pub device: DeviceId,
}

/// The running demo. Cheap to clone.
#[derive(Clone)]
pub struct Demo {
    /// Passwords and keys, printed at each start.
    pub secrets: Secrets,
    /// The data folder.
    pub folder: DataFolder,
    /// The push service.
    pub push: PushCatcher,
    /// Where mails end.
    pub mail: Catcher,
    /// Where the catcher listens.
    pub mail_address: SocketAddr,
    /// The organisation.
    pub org: OrgId,
    /// Its unit.
    pub unit: UnitId,
    /// What can be done to alarms.
    pub alarm: alarm::App,
    phones: Arc<Vec<Phone>>,
}

impl Demo {
    /// Makes the demo, or goes on with it. `push_origin` is where its phones are reached.
    pub async fn open(
        folder: &DataFolder,
        store: &Store,
        people: &People,
        alarm: &alarm::App,
        push_origin: &str,
        stopped: watch::Receiver<bool>,
    ) -> Result<Self, DemoError> {
        let mut secrets = Secrets::open(folder, store.rng())?;
        if secrets.passphrase.is_none() {
            secrets.passphrase = Some(cameras::six_words(store.rng()));
            secrets.write(&folder.demo_file())?;
        }
        let (org, unit) = seed::fill(folder, &mut secrets, store, people).await?;
        let push = PushCatcher::new(push_origin, store.shared_clock(), 1);
        let phones =
            seed::connect_phones(store, people, org, &push, secrets.seed, push_origin).await?;
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let catcher = Catcher::start(loopback, store.shared_clock(), stopped).await;
        let (mail, mail_address) = catcher.map_err(DemoError::File)?;
        let alarm = alarm.clone();
        Ok(Self {
            secrets,
            folder: folder.clone(),
            push,
            mail,
            mail_address,
            org,
            unit,
            alarm,
            phones: Arc::new(phones),
        })
    }

    /// Addresses and passwords: the officer, then two crew members.
    pub fn logins(&self) -> [(String, &str); 3] {
        let [officer, first, second, ..] = &names::PEOPLE;
        [
            (names::address(officer), &self.secrets.officer),
            (names::address(first), &self.secrets.crew[0]),
            (names::address(second), &self.secrets.crew[1]),
        ]
    }

    fn phone(&self, token: &str) -> Option<&Phone> {
        self.phones.iter().find(|phone| phone.token == token)
    }
}

/// Lets the demo's people look at their phones and answer.
pub fn run(parts: &Parts, stopped: &watch::Receiver<bool>, tasks: &mut JoinSet<()>) {
    let (parts, mut stop) = (parts.clone(), stopped.clone());
    tasks.spawn(async move {
        let people = async {
            let Some(demo) = parts.demo.clone() else { return };
            let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
            let mut answering = JoinSet::new();
            loop {
                parts.store.clock().sleep(Duration::from_millis(400)).await;
                while answering.try_join_next().is_some() {}
                for caught in demo.push.caught() {
                    if seen.insert((caught.token.clone(), caught.topic.clone())) {
                        let (parts, demo) = (parts.clone(), demo.clone());
                        answering.spawn(async move {
                            if let Err(error) = answer(&parts, &demo, &caught).await {
                                tracing::debug!(error = %chain(&error), "a demo phone did not answer");
                            }
                        });
                    }
                }
            }
        };
        tokio::select! {
            () = people => {}
            () = async { let _ = stop.wait_for(|stop| *stop).await; } => {}
        }
    });
}

/// One phone gets an alarm: shows it, and after a while its owner answers, or not.
async fn answer(parts: &Parts, demo: &Demo, caught: &Caught) -> Result<(), DemoError> {
    let alarm: Option<AlarmId> = serde_json::from_str::<serde_json::Value>(&caught.payload)
        .ok()
        .and_then(|payload| payload["obhut"]["alarm"].as_str()?.parse().ok());
    let (Some(phone), Some(alarm)) = (demo.phone(&caught.token), alarm) else {
        return Ok(());
    };
    let known = people::device::recognise(&mut parts.store.read().await?, phone.device).await?;
    let Some(known) = known else { return Ok(()) };
    let grant = oneself(&known.actor).map_err(PeopleError::from)?;
    let (clock, rng) = (parts.store.clock(), parts.store.rng());
    demo.alarm.alarms.arrived(&grant, alarm).await?;
    clock
        .sleep(Duration::from_millis(1500 + rng.below(25_000)))
        .await;
    let Some(offered) = demo.alarm.alarms.answers(demo.org, alarm).await? else {
        return Ok(());
    };
    let choice = match rng.below(100) {
        0..55 => 0,
        55..70 => 1,
        70..88 => 2,
        _ => return Ok(()),
    };
    if let Some(option) = offered.get(choice) {
        demo.alarm.alarms.answer(&grant, alarm, option.id).await?;
    }
    Ok(())
}

//! The demo's cameras: whoever leads the brigade gets a viewing key and founds the circle; the agent and the simulated
//! cameras are processes of their own, started by the command line, and what they announce is named and armed here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base::{Rng, Text, chain};
use people::permit::{PeopleManage, VideoConfigure};
use people::{Grant, Operator};
use video::seat::{self, Place};

use super::names::{PEOPLE, address};
use super::{Demo, DemoError};
use crate::start::{Parts, Running};

/// A camera of the demo.
#[derive(Debug, Clone, Copy)]
pub struct Camera {
    /// Its path at the simulator and its label at the agent.
    pub label: &'static str,
    /// What to call it.
    pub name: &'static str,
    /// Where it hangs.
    pub place: &'static str,
}

/// All of them.
pub const CAMERAS: [Camera; 2] = [
    Camera {
        label: "hof",
        name: "Hof",
        place: "Gerätehaus, Ausfahrt zum Mühlenweg",
    },
    Camera {
        label: "halle",
        name: "Fahrzeughalle",
        place: "Gerätehaus, Stellplätze 1 bis 4",
    },
];

/// What the agent is started with.
#[derive(Debug, Clone)]
pub struct Start {
    /// The hub as the agent reaches it.
    pub hub: String,
    /// Its token, until it is enrolled.
    pub token: Option<String>,
    /// Its folder.
    pub state: PathBuf,
    /// The file that names its cameras; the caller writes it.
    pub config: PathBuf,
}

/// How long cameras may take to be announced.
const PATIENCE: u32 = 600;

/// Makes viewing key, circle and agent where they are missing, and arms the cameras as they appear.
pub async fn prepare(running: &Running) -> Result<Option<Start>, DemoError> {
    let Some(demo) = &running.parts.demo else {
        return Ok(None);
    };
    let parts = running.parts.clone();
    let folder = demo.folder.path.join("demo-camera");
    let state = folder.join("state");
    std::fs::create_dir_all(&folder).map_err(DemoError::File)?;
    let hub = format!("http://localhost:{}", running.address.port());
    let grant = officer(&parts, demo).await?;
    let mut secrets = demo.secrets.clone();
    let passphrase = secrets.passphrase.clone().unwrap_or_default();
    // The sheet is not kept: nobody prints one for a demo.
    let sheet = base::array(parts.store.rng());
    seat::furnish(&parts.video, &grant, &passphrase, &sheet).await?;
    let enrolled = move_hub(&state.join("agent.json"), &hub)?;
    if !enrolled && secrets.camera_token.is_none() {
        let name = Text::squeeze("Gerätehaus");
        let token = seat::new_agent(&parts.video, &grant, &name).await?;
        secrets.camera_token = Some(token);
        secrets.write(&demo.folder.demo_file())?;
    }
    let unit = demo.unit;
    tokio::spawn(async move {
        for camera in &CAMERAS {
            let place = Place {
                label: camera.label,
                name: camera.name,
                place: camera.place,
                unit,
            };
            for _ in 0..PATIENCE {
                match seat::arm(&parts.video, &grant, &place).await {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => {
                        tracing::debug!(error = %chain(&error), "a demo camera is not armed");
                    }
                }
                parts.store.clock().sleep(Duration::from_millis(300)).await;
            }
        }
    });
    Ok(Some(Start {
        hub,
        token: secrets.camera_token.filter(|_| !enrolled),
        config: folder.join("cameras.toml"),
        state,
    }))
}

/// The brigade's head as the one who sets cameras up.
async fn officer(parts: &Parts, demo: &Demo) -> Result<Grant<VideoConfigure>, DemoError> {
    let operator = Operator::not_from_a_request();
    let manage = operator.grant::<PeopleManage>(demo.org);
    let mut tx = parts.store.read().await?;
    let directory = people::person::directory(&mut tx, &manage).await?;
    let wanted = address(&PEOPLE[0]);
    let entry = directory
        .iter()
        .find(|it| it.member.email.as_str() == wanted);
    let entry = entry.ok_or(DemoError::Secrets("no officer".to_owned()))?;
    let actor = operator.in_the_name_of(demo.org, entry.member.person, entry.member.id);
    Ok(operator.grant_as(&actor))
}

/// Whether the agent is enrolled. The demo's port may be another one each time; its agent then follows.
fn move_hub(file: &Path, hub: &str) -> Result<bool, DemoError> {
    let Ok(text) = std::fs::read_to_string(file) else {
        return Ok(false);
    };
    let mut known: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| DemoError::Secrets(error.to_string()))?;
    if known["hub"] != hub {
        known["hub"] = hub.into();
        std::fs::write(file, known.to_string()).map_err(DemoError::File)?;
    }
    Ok(true)
}

/// Six words that can be said: two syllables each, 12 bits a word.
pub(super) fn six_words(rng: &dyn Rng) -> String {
    const BEGIN: &[u8; 16] = b"bdfghklmnprstvwz";
    const VOWEL: &[u8; 4] = b"aeio";
    let word = || {
        let mut word = String::new();
        for byte in base::array::<2>(rng) {
            word.push(char::from(BEGIN[usize::from(byte & 15)]));
            word.push(char::from(VOWEL[usize::from(byte >> 4 & 3)]));
        }
        word
    };
    let words: [String; 6] = std::array::from_fn(|_| word());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_six_and_not_always_the_same() {
        let words = six_words(&base::SeededRng::new(1));
        assert_eq!(words.split(' ').count(), 6);
        assert!(words.len() >= 16);
        assert_ne!(words, six_words(&base::SeededRng::new(2)));
    }
}

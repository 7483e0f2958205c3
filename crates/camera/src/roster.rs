//! Which cameras the agent serves: `cameras.toml`, or one address on the command line.
//!
//! ```toml
//! [[camera]]
//! label = "yard"                            # the camera's key within this agent; stays when the address changes
//! name = "Yard, east"                       # how it is called on the pages at first
//! source = "rtsp://192.0.2.7:554/stream1"
//! user = "viewer"                           # or in the address, percent-encoded
//! password = "…"
//! ```

use std::collections::BTreeSet;

use media::rtsp::{Password, Source, SourceError};
use serde::Deserialize;

/// The most cameras of one agent.
pub const MOST: usize = 64;

/// The label of the one camera that was named on the command line.
pub const SHORT_LABEL: &str = "camera";

/// One camera as the operator described it. `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its key within the agent.
    pub label: String,
    /// What to call it at first.
    pub name: Option<String>,
    /// Where it is.
    pub source: Source,
}

/// What is wrong with the description. Never quotes it: it holds passwords.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Not the TOML that is wanted.
    #[error("line {line}: {message}")]
    Toml {
        /// Counted from 1.
        line: usize,
        /// Says what is wrong without quoting a value.
        message: String,
    },
    /// No camera at all.
    #[error("it names no camera; add a [[camera]] with label and source")]
    Empty,
    /// More than one agent serves.
    #[error("it names more than {MOST} cameras; start a second agent")]
    TooMany,
    /// A label that can't be one.
    #[error("camera {number}: a label has 1 to 60 letters, digits, '.', '_' or '-'")]
    Label {
        /// Counted from 1.
        number: usize,
    },
    /// Two cameras with one label.
    #[error("camera {number}: another camera has the same label")]
    Twice {
        /// Counted from 1.
        number: usize,
    },
    /// The address.
    #[error("camera {number}: {source}")]
    Source {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        source: SourceError,
    },
    /// A password without a user.
    #[error("camera {number}: a password needs a user")]
    User {
        /// Counted from 1.
        number: usize,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    camera: Vec<Camera>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Camera {
    label: String,
    source: String,
    name: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

/// Reads `cameras.toml`.
pub fn read(text: &str) -> Result<Vec<Entry>, RosterError> {
    let file: File = toml::from_str(text).map_err(|error| quiet(text, &error))?;
    if file.camera.is_empty() {
        return Err(RosterError::Empty);
    }
    if file.camera.len() > MOST {
        return Err(RosterError::TooMany);
    }
    let mut labels = BTreeSet::new();
    file.camera
        .into_iter()
        .enumerate()
        .map(|(n, camera)| {
            let number = n + 1;
            if !is_label(&camera.label) {
                return Err(RosterError::Label { number });
            }
            if !labels.insert(camera.label.clone()) {
                return Err(RosterError::Twice { number });
            }
            entry(camera, number)
        })
        .collect()
}

/// The one camera of the short form.
pub fn single(source: &str, name: Option<&str>) -> Result<Vec<Entry>, RosterError> {
    let camera = Camera {
        label: SHORT_LABEL.to_owned(),
        source: source.to_owned(),
        name: name.map(str::to_owned),
        user: None,
        password: None,
    };
    Ok(vec![entry(camera, 1)?])
}

fn entry(camera: Camera, number: usize) -> Result<Entry, RosterError> {
    let mut source = Source::parse(camera.source.trim())
        .map_err(|source| RosterError::Source { number, source })?;
    match (camera.user, camera.password) {
        (None, None) => {}
        (None, Some(_)) => return Err(RosterError::User { number }),
        (Some(user), password) => {
            source = source.with_credentials(user, Password::new(password.unwrap_or_default()));
        }
    }
    let name = camera
        .name
        .map(|it| it.trim().chars().take(100).collect::<String>())
        .filter(|it| !it.is_empty());
    Ok(Entry {
        label: camera.label,
        name,
        source,
    })
}

fn is_label(text: &str) -> bool {
    (1..=60).contains(&text.len())
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it))
}

/// The library quotes the line, which may hold a password; only its own words and the place are passed on, and those
/// only when they don't quote either.
fn quiet(text: &str, error: &toml::de::Error) -> RosterError {
    let at = error.span().map_or(0, |it| it.start);
    let line = 1 + text.bytes().take(at).filter(|it| *it == b'\n').count();
    let message = error.message();
    let known = [
        "missing field `label`",
        "missing field `source`",
        "unknown field",
    ];
    let message = known
        .iter()
        .find(|it| message.starts_with(**it))
        .map_or("not as described in the handbook", |it| it);
    RosterError::Toml {
        line,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_the_handbook_says() {
        let text = r#"
            [[camera]]
            label = "yard"
            name = " Yard, east "
            source = "rtsp://192.0.2.7:554/stream1"
            user = "viewer"
            password = "p@ss"
            [[camera]]
            label = "gate-2.old"
            source = "rtsp://a:b%40@192.0.2.8/"
        "#;
        let cameras = read(text).unwrap();
        assert_eq!(cameras[0].name.as_deref(), Some("Yard, east"));
        let (user, password) = cameras[0].source.credentials().unwrap();
        assert_eq!((user, password.expose()), ("viewer", "p@ss"));
        assert_eq!(cameras[1].source.credentials().unwrap().1.expose(), "b@");
        assert!(!format!("{cameras:?}").contains("ss"), "{cameras:?}");
    }

    #[track_caller]
    fn check(text: &str, want: &RosterError) {
        assert_eq!(&read(text).unwrap_err(), want);
    }

    #[test]
    fn says_what_is_wrong_without_quoting() {
        check("", &RosterError::Empty);
        let camera = |label: &str, source: &str| {
            format!("[[camera]]\nlabel = '{label}'\nsource = '{source}'\n")
        };
        let good = camera("a", "rtsp://h/");
        check(
            &camera("a b", "rtsp://h/"),
            &RosterError::Label { number: 1 },
        );
        check(&format!("{good}{good}"), &RosterError::Twice { number: 2 });
        let source = SourceError::Scheme;
        check(
            &camera("a", "http://u:secret@h/"),
            &RosterError::Source { number: 1, source },
        );
        check(
            &format!("{good}password = 'secret'\n"),
            &RosterError::User { number: 1 },
        );
        for wrong in ["pasword = 'secret'", "password = 'secret", "password = [1]"] {
            let error = read(&format!("{good}{wrong}\n")).unwrap_err();
            assert!(!error.to_string().contains("secret"), "{error}");
            assert!(error.to_string().starts_with("line 4"), "{error}");
        }
    }

    #[test]
    fn one_camera_needs_no_file() {
        let cameras = single("rtsp://u:p@h/x", Some("Yard")).unwrap();
        assert_eq!(cameras[0].label, SHORT_LABEL);
        assert!(single("h", None).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text: String) {
            let _ = read(&text);
        }
    }
}

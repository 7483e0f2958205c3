//! Configuration: none is needed. One TOML file, overrides from the environment, defaults for the rest.
//!
//! `OBHUT_DATA_DIR` and `OBHUT_PORT` are short forms; any setting can be given as `OBHUT__SECTION__KEY`.
//! Secrets are read from files (`…_file`), so that they stand in no process list.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

/// Everything that can be set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub struct Config {
    /// Addresses.
    pub server: Server,
    /// Where data lie.
    pub data: Data,
    /// Which database.
    pub database: Database,
    /// Recordings.
    pub video: Video,
    /// Mail out.
    pub mail: Mail,
    /// Web Push.
    pub push: Push,
    /// The outbound client.
    pub outbound: Outbound,
    /// What the log says.
    pub log: Log,
}

/// Addresses.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where to listen. Loopback unless set; before set-up always loopback.
    pub listen: IpAddr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Where health, readiness and counters are; the port behind the main one unless set.
    pub health_port: Option<u16>,
    /// What people type, for example `https://alarm.example.org` behind a proxy that does TLS.
    pub origin: Option<String>,
    /// Addresses of proxies, `10.0.0.0/8` or one, whose `X-Forwarded-For` says who really asks.
    pub trusted_proxies: Vec<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            health_port: None,
            origin: None,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Where data lie.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// The folder; made with rights 0700.
    pub folder: PathBuf,
    /// The root key; keep it outside every backup of the folder. `FOLDER/secrets/root.key` unless set.
    pub root_key_file: Option<PathBuf>,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("data"),
            root_key_file: None,
        }
    }
}

/// Which database.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// A PostgreSQL address without password, `postgres://user@host/name`. SQLite unless set.
    pub url: Option<String>,
    /// A file that holds the whole address instead.
    pub url_file: Option<PathBuf>,
}

/// Recordings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Video {
    /// Where they lie; `FOLDER/blobs` unless set.
    pub folder: Option<PathBuf>,
    /// MiB of the disk that recordings leave free, so that the database beside them never meets a full one.
    pub reserve_mib: u64,
    /// The most MiB that recordings may take; no limit unless set.
    pub most_mib: Option<u64>,
}

impl Default for Video {
    fn default() -> Self {
        Self {
            folder: None,
            reserve_mib: 512,
            most_mib: None,
        }
    }
}

/// Mail out.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The mail server; without it invitations wait and the page says so.
    pub host: Option<String>,
    /// Its port: 587 for `starttls`, 465 for `tls`, 25 for `none`.
    pub port: Option<u16>,
    /// `starttls`, `tls` or `none` (loopback only).
    pub tls: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// The address mails come from, such as `obhut@example.org`.
    pub from: Option<String>,
}

/// Web Push.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// Whom push services write to when something is wrong: `mailto:` or `https:`.
    pub contact: Option<String>,
    /// Origins of push services of your own, such as a UnifiedPush distributor.
    pub own_services: Vec<String>,
}

/// The outbound client.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Outbound {
    /// Origins in private networks that may be reached all the same, `https://host:port`.
    pub allow: Vec<String>,
}

/// What the log says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, or a list such as `info,store=debug`.
    pub level: String,
    /// One JSON object a line.
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            json: false,
        }
    }
}

/// Why the configuration can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path} can't be read")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, an unknown key or a wrong type.
    #[error("{origin}: {message}")]
    Wrong {
        /// File or variable.
        origin: String,
        /// What is wrong, with the place.
        message: String,
    },
}

/// The configuration, and where each set value came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// Key to origin, for `obhut config check`.
    pub origins: BTreeMap<String, String>,
}

/// The file that is read when none is named, if it is there.
pub const DEFAULT_FILE: &str = "obhut.toml";

/// Reads the file and the overrides.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Loaded, ConfigError> {
    let mut origins = BTreeMap::new();
    let named = file.is_some();
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let mut table = match std::fs::read_to_string(path) {
        Ok(text) => {
            let table: Table =
                text.parse()
                    .map_err(|error: toml::de::Error| ConfigError::Wrong {
                        origin: path.display().to_string(),
                        message: error.to_string(),
                    })?;
            note(&table, "", &path.display().to_string(), &mut origins);
            table
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => Table::new(),
        Err(source) => {
            let path = path.to_owned();
            return Err(ConfigError::Read { path, source });
        }
    };
    let mut variables: Vec<(String, String)> = environment.collect();
    variables.sort();
    for (name, text) in variables {
        let path = match name.as_str() {
            "OBHUT_DATA_DIR" => vec!["data".to_owned(), "folder".to_owned()],
            "OBHUT_PORT" => vec!["server".to_owned(), "port".to_owned()],
            _ => match name.strip_prefix("OBHUT__") {
                Some(rest) => rest.split("__").map(str::to_lowercase).collect(),
                None => continue,
            },
        };
        let [section, key] = path.as_slice() else {
            let message = "write it as OBHUT__SECTION__KEY".to_owned();
            return Err(ConfigError::Wrong {
                origin: name,
                message,
            });
        };
        let entry = table
            .entry(section.clone())
            .or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(inner) = entry else {
            let message = format!("{section} is not a section");
            return Err(ConfigError::Wrong {
                origin: name,
                message,
            });
        };
        inner.insert(key.clone(), fitting(section, key, &text));
        origins.insert(format!("{section}.{key}"), name);
    }
    let config = Config::deserialize(Value::Table(table)).map_err(|error| ConfigError::Wrong {
        origin: "configuration".to_owned(),
        message: error.to_string().trim().to_owned(),
    })?;
    Ok(Loaded { config, origins })
}

fn note(table: &Table, prefix: &str, origin: &str, origins: &mut BTreeMap<String, String>) {
    for (key, value) in table {
        let key = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match value {
            Value::Table(inner) => note(inner, &key, origin, origins),
            _ => {
                origins.insert(key, origin.to_owned());
            }
        }
    }
}

/// A variable's text as it fits its setting: as it stands where that takes text, so that a password of digits
/// stays one, else read as what it looks like.
fn fitting(section: &str, key: &str, text: &str) -> Value {
    let as_text = Value::String(text.to_owned());
    let inner = Table::from_iter([(key.to_owned(), as_text.clone())]);
    let alone = Table::from_iter([(section.to_owned(), Value::Table(inner))]);
    match Config::deserialize(Value::Table(alone)) {
        Ok(_) => as_text,
        Err(_) => typed(text),
    }
}

/// A variable's text as number, truth, list (separated by commas, in brackets) or text.
fn typed(text: &str) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        return Value::Integer(number);
    }
    match text {
        "true" => Value::Boolean(true),
        "false" => Value::Boolean(false),
        _ => match text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            Some(list) => Value::Array(
                list.split(',')
                    .map(|item| Value::String(item.trim().trim_matches('"').to_owned()))
                    .filter(|item| item.as_str() != Some(""))
                    .collect(),
            ),
            None => Value::String(text.to_owned()),
        },
    }
}

impl Config {
    /// Where recordings lie, and how many.
    pub fn blobs(&self) -> store::BlobSettings {
        let mib = |mib: u64| mib.saturating_mul(1 << 20);
        let folder = self.video.folder.clone();
        store::BlobSettings {
            folder: folder.unwrap_or_else(|| self.data.folder.join("blobs")),
            reserve: mib(self.video.reserve_mib),
            most: self.video.most_mib.map(mib),
        }
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.server.listen, self.server.port)
    }

    /// Reads the database address, from the file if one is named.
    pub fn database_url(&self) -> Result<Option<String>, ConfigError> {
        match &self.database.url_file {
            Some(path) => Ok(Some(secret(path)?)),
            None => Ok(self.database.url.clone()),
        }
    }

    /// Reads the mail password, if there is one.
    pub fn mail_password(&self) -> Result<Option<String>, ConfigError> {
        self.mail.password_file.as_deref().map(secret).transpose()
    }

    /// What is questionable, in words for the operator. Empty when all is well.
    pub fn findings(&self) -> Vec<String> {
        let mut findings = Vec::new();
        if let Some(origin) = &self.server.origin
            && !origin.starts_with("https://")
            && !origin.contains("localhost")
            && !origin.contains("127.0.0.1")
        {
            findings.push(
                "server.origin: browsers allow notifications and cameras on https only".to_owned(),
            );
        }
        if !self.server.listen.is_loopback() && self.server.origin.is_none() {
            findings.push(
                "server.listen: reachable from outside without server.origin; links in mails would \
                 point to localhost"
                    .to_owned(),
            );
        }
        if let Err(wrong) = web::Proxies::parse(&self.server.trusted_proxies) {
            findings.push(format!(
                "server.trusted_proxies: {wrong} is no address or range like 10.0.0.0/8"
            ));
        }
        if self.mail.host.is_none() {
            findings.push("mail.host: not set, so invitations can't be sent".to_owned());
        }
        if let Some(tls) = &self.mail.tls
            && !["starttls", "tls", "none"].contains(&tls.as_str())
        {
            findings.push(format!("mail.tls: {tls} is none of starttls, tls, none"));
        }
        if let (Some("none"), Some(host)) = (self.mail.tls.as_deref(), &self.mail.host)
            && !crate::mailer::is_loopback(host)
        {
            findings.push(format!(
                "mail.tls: none is for servers on this machine; {host} needs starttls or tls"
            ));
        }
        if let Some(from) = &self.mail.from
            && base::Email::parse(from).is_err()
        {
            findings.push(format!(
                "mail.from: {from} is not an address like obhut@example.org"
            ));
        }
        if self.data.root_key_file.is_none() {
            findings.push(
                "data.root_key_file: not set, so the root key lies in the data folder; keep \
                 secrets/ out of backups"
                    .to_owned(),
            );
        }
        findings
    }
}

fn secret(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map(|text| text.trim().to_owned())
        .map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(vars: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
        let vars = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        load(None, vars)
    }

    #[test]
    fn nothing_is_needed() {
        let loaded = with(&[]).unwrap();
        assert_eq!(loaded.config.address().to_string(), "127.0.0.1:8080");
        assert!(loaded.origins.is_empty());
    }

    #[test]
    fn the_environment_overrides() {
        let loaded = with(&[
            ("OBHUT_PORT", "9000"),
            ("OBHUT_DATA_DIR", "/tmp/x"),
            ("OBHUT__PUSH__OWN_SERVICES", "[http://127.0.0.1:9]"),
            ("OBHUT__LOG__JSON", "true"),
            ("PATH", "ignored"),
        ])
        .unwrap();
        assert_eq!(loaded.config.server.port, 9000);
        assert_eq!(loaded.config.push.own_services, ["http://127.0.0.1:9"]);
        assert!(loaded.config.log.json);
        assert_eq!(loaded.origins["server.port"], "OBHUT_PORT");
    }

    #[test]
    fn what_takes_text_gets_text_whatever_it_looks_like() {
        let loaded = with(&[
            ("OBHUT__MAIL__USERNAME", "0815"),
            ("OBHUT__MAIL__HOST", "true"),
            ("OBHUT__MAIL__PORT", "2525"),
            ("OBHUT__MAIL__PASSWORD_FILE", "42"),
            ("OBHUT__DATABASE__URL", "[x]"),
        ])
        .unwrap();
        let mail = &loaded.config.mail;
        assert_eq!(mail.username.as_deref(), Some("0815"));
        assert_eq!(mail.host.as_deref(), Some("true"));
        assert_eq!(mail.port, Some(2525));
        assert_eq!(mail.password_file.as_deref(), Some(Path::new("42")));
        assert_eq!(loaded.config.database.url.as_deref(), Some("[x]"));
    }

    #[track_caller]
    fn finds(vars: &[(&str, &str)], key: &str) {
        let findings = with(vars).unwrap().config.findings();
        let found = findings.iter().any(|it| it.starts_with(key));
        assert!(found, "{key}: {findings:?}");
    }

    #[test]
    fn what_the_start_would_refuse_is_found() {
        let range = [("OBHUT__SERVER__TRUSTED_PROXIES", "[127.0.0.1, 10/8]")];
        finds(&range, "server.trusted_proxies: 10/8");
        let bare = [
            ("OBHUT__MAIL__HOST", "mail.example.org"),
            ("OBHUT__MAIL__TLS", "none"),
        ];
        finds(&bare, "mail.tls: none");
        finds(&[("OBHUT__MAIL__FROM", "Obhut <a@b.example>")], "mail.from");
        let good = [
            ("OBHUT__SERVER__TRUSTED_PROXIES", "[127.0.0.1, ::1]"),
            ("OBHUT__MAIL__HOST", "localhost"),
            ("OBHUT__MAIL__TLS", "none"),
            ("OBHUT__DATA__ROOT_KEY_FILE", "/etc/obhut/root.key"),
        ];
        assert!(with(&good).unwrap().config.findings().is_empty());
    }

    #[test]
    fn a_wrong_key_or_value_is_named() {
        let error = with(&[("OBHUT__SERVER__PROT", "1")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("prot"), "{error}");
        let error = with(&[("OBHUT_PORT", "eighty")]).unwrap_err().to_string();
        assert!(error.contains("eighty") || error.contains("u16"), "{error}");
        assert!(with(&[("OBHUT__X", "1")]).is_err());
    }
}

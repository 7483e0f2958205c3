//! The sender of mails, out of the configuration; in the demo into the catcher.

use base::Email;
use mail::{Sender, Settings, Smtp, Tls};
use seal::Zeroizing;
use store::Store;

use crate::config::Config;
use crate::demo::Demo;
use crate::start::StartError;

/// Prepares the sender. `host` stands in addresses where none is configured.
pub(crate) fn open(
    config: &Config,
    store: &Store,
    host: &str,
    demo: Option<&Demo>,
) -> Result<Sender, StartError> {
    let mail = &config.mail;
    let tls = match mail.tls.as_deref() {
        None | Some("starttls") => Tls::Starttls,
        Some("tls") => Tls::Tls,
        Some("none") => Tls::None,
        Some(other) => {
            return Err(StartError::Other(format!(
                "mail.tls: {other} is none of starttls, tls, none"
            )));
        }
    };
    let usual = match tls {
        Tls::Starttls => 587,
        Tls::Tls => 465,
        Tls::None => 25,
    };
    let smtp = match demo {
        Some(demo) => Some(Smtp {
            host: demo.mail_address.ip().to_string(),
            port: demo.mail_address.port(),
            tls: Tls::None,
            username: None,
            password: None,
        }),
        None => match &mail.host {
            Some(host) if tls == Tls::None && !is_loopback(host) => {
                return Err(StartError::Other(format!(
                    "mail.tls: none is for servers on this machine; {host} needs starttls or tls"
                )));
            }
            Some(host) => Some(Smtp {
                host: host.clone(),
                port: mail.port.unwrap_or(usual),
                tls,
                username: mail.username.clone(),
                password: config.mail_password()?.map(Zeroizing::new),
            }),
            None => None,
        },
    };
    let name = host.split(':').next().unwrap_or("localhost");
    let name = if name.contains('.') {
        name
    } else {
        "obhut.invalid"
    };
    let from = match &mail.from {
        Some(from) => from.clone(),
        None => format!("obhut@{name}"),
    };
    let from =
        Email::parse(&from).map_err(|error| StartError::Other(format!("mail.from: {error}")))?;
    let settings = Settings {
        smtp,
        from,
        host: name.to_owned(),
    };
    Sender::new(store.clone(), &settings)
        .map_err(|error| StartError::Other(format!("mail: {}", base::chain(&error))))
}

/// Whether a mail server is on this machine, where nobody listens in.
pub(crate) fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

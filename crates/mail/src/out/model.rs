//! What a mail needs, and how it is written from its template. No I/O.

use std::sync::LazyLock;

use base::{Email, Lang, OrgId};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use seal::Zeroizing;

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Not at all: for a server on this machine, and for tests.
    None,
    /// Upgraded before anything is said (RFC 3207); without that nothing is sent.
    #[default]
    Starttls,
    /// From the first byte (RFC 8314).
    Tls,
}

/// A mail server to hand mails to.
#[derive(Clone)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port; 587 with STARTTLS, 465 with TLS.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Whom to sign in as.
    pub username: Option<String>,
    /// The password for it.
    pub password: Option<Zeroizing<String>>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Smtp({}:{} {:?})", self.host, self.port, self.tls)
    }
}

/// How mails leave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The mail server; without one mails wait, and the state says so.
    pub smtp: Option<Smtp>,
    /// The address mails come from.
    pub from: Email,
    /// The host that stands in every Message-ID.
    pub host: String,
}

/// A mail to write.
pub struct Outgoing<'a> {
    /// The organisation in whose name.
    pub org: OrgId,
    /// To whom.
    pub to: &'a Email,
    /// In which language.
    pub lang: Lang,
    /// Which template.
    pub template: &'a str,
    /// What the template needs.
    pub context: Value,
}

/// A mail as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) body: String,
}

macro_rules! templates {
    ($($name:literal),*) => {
        /// Each template in each language; the first line is the subject.
        const TEMPLATES: &[(&str, &str)] = &[$(
            (concat!($name, ".de"), include_str!(concat!("../../../../templates/mail/", $name, ".de.txt"))),
            (concat!($name, ".en"), include_str!(concat!("../../../../templates/mail/", $name, ".en.txt"))),
        )*];
    };
}

templates!("invitation");

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> =
    LazyLock::new(|| {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        for (name, source) in TEMPLATES {
            environment.add_template(name, source)?;
        }
        Ok(environment)
    });

/// Writes a mail from its template.
pub(crate) fn render(
    template: &str,
    lang: Lang,
    context: Value,
) -> Result<Rendered, minijinja::Error> {
    let environment = ENVIRONMENT.as_ref().map_err(|error| {
        minijinja::Error::new(minijinja::ErrorKind::SyntaxError, error.to_string())
    })?;
    let name = format!("{template}.{}", lang.code());
    let text = environment.get_template(&name)?.render(context)?;
    let (subject, body) = text.split_once('\n').unwrap_or((&text, ""));
    // A name with a line break in it must not become a header.
    let subject: String = subject.chars().filter(|c| !c.is_control()).collect();
    Ok(Rendered {
        subject: subject.trim().to_owned(),
        body: format!("{}\n", body.trim()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn sample(familiar: bool) -> Value {
        context! {
            organisation => "Feuerwehr Musterstadt",
            familiar,
            name => "Jörg <Özdemir>",
            link => "http://localhost:8080/invitation?code=abc",
            until => "25.11.2026 13:00",
            origin => "http://localhost:8080",
        }
    }

    #[test]
    fn every_template_renders_in_both_languages() {
        for lang in Lang::ALL {
            for familiar in [true, false] {
                let mail = render("invitation", lang, sample(familiar)).unwrap();
                assert!(mail.subject.contains("Feuerwehr Musterstadt"), "{mail:?}");
                assert!(mail.body.contains("code=abc"));
                assert!(mail.body.contains("Jörg <Özdemir>"), "text is not escaped");
                assert!(mail.body.lines().all(|line| line.chars().count() <= 78));
                assert!(!mail.body.contains("\n\n\n"), "{}", mail.body);
            }
        }
        assert!(
            render("invitation", Lang::De, sample(true))
                .unwrap()
                .body
                .contains(" dich ")
        );
        assert!(
            render("invitation", Lang::De, sample(false))
                .unwrap()
                .body
                .contains(" Sie ")
        );
    }

    #[test]
    fn a_missing_value_is_an_error() {
        assert!(render("invitation", Lang::De, context! { name => "x" }).is_err());
        assert!(render("nothing", Lang::De, sample(true)).is_err());
    }

    #[test]
    fn names_do_not_become_headers() {
        let values = context! { ..context! { organisation => "A\r\nBcc: x@y.de" }, ..sample(true) };
        let mail = render("invitation", Lang::En, values).unwrap();
        assert!(!mail.subject.contains(['\r', '\n']));
    }
}

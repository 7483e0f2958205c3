//! Forms of pages: fields with what was typed and what is wrong, errors summed up on top.
//!
//! What was typed is never lost, except passwords.

use base::{FieldProblem, Lang, Text, TextError};
use people::signin::PasswordError;
use seal::Zeroizing;
use serde::Deserialize;
use web::Ctx;

/// A password as it was typed; wiped when dropped.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Hidden(pub(crate) Zeroizing<String>);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(|text| Self(Zeroizing::new(text)))
    }
}

/// A field as the templates show it.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    name: &'static str,
    label: String,
    kind: &'static str,
    value: String,
    help: Option<String>,
    error: Option<String>,
    autocomplete: &'static str,
    required: bool,
    checked: bool,
}

impl From<Field> for minijinja::Value {
    fn from(field: Field) -> Self {
        minijinja::context! {
            name => field.name,
            label => field.label,
            kind => field.kind,
            value => field.value,
            help => field.help,
            error => field.error,
            autocomplete => field.autocomplete,
            required => field.required,
            checked => field.checked,
        }
    }
}

/// A form that is being filled in.
pub(crate) struct Form<'a> {
    ctx: &'a Ctx,
    lang: Lang,
    familiar: bool,
    area: &'static str,
    fields: Vec<Field>,
    /// What is wrong with the form as a whole.
    general: Option<String>,
}

impl<'a> Form<'a> {
    /// An empty form; its texts are below `area` in the text files, in the familiar form where that is wanted.
    pub(crate) fn new(ctx: &'a Ctx, lang: Lang, familiar: bool, area: &'static str) -> Self {
        Self {
            ctx,
            lang,
            familiar,
            area,
            fields: Vec::new(),
            general: None,
        }
    }

    fn text(&self, key: &str) -> Option<String> {
        let key = format!("{}.{key}", self.area);
        self.familiar
            .then(|| said(self.ctx, self.lang, &format!("{key}_du")))
            .flatten()
            .or_else(|| said(self.ctx, self.lang, &key))
    }

    /// Adds a field of a line of text.
    pub(crate) fn line(
        &mut self,
        name: &'static str,
        kind: &'static str,
        autocomplete: &'static str,
        required: bool,
        value: &str,
    ) {
        let field = Field {
            name,
            label: self.text(name).unwrap_or_default(),
            kind,
            value: if kind == "password" {
                String::new()
            } else {
                value.to_owned()
            },
            help: self.text(&format!("{name}_help")),
            error: None,
            autocomplete,
            required,
            checked: false,
        };
        self.fields.push(field);
    }

    /// Adds a box to tick.
    pub(crate) fn tick(&mut self, name: &'static str, checked: bool) {
        self.line(name, "checkbox", "off", false, "1");
        if let Some(field) = self.fields.last_mut() {
            field.checked = checked;
        }
    }

    /// Says what is wrong with a field.
    pub(crate) fn wrong(&mut self, name: &'static str, code: &str) {
        let key = format!("field.{code}");
        let text = self.ctx.pages().text(self.lang, &key).to_owned();
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.error.get_or_insert(text);
        }
    }

    /// Says what is wrong with the form as a whole: the key of a text below the form's area.
    pub(crate) fn wrong_at_all(&mut self, key: &str) {
        self.general = self.text(key);
    }

    /// Takes a text in, or notes what is wrong with it.
    pub(crate) fn take<const MIN: usize, const MAX: usize>(
        &mut self,
        name: &'static str,
        typed: &str,
    ) -> Option<Text<MIN, MAX>> {
        match Text::parse(typed) {
            Ok(text) => Some(text),
            Err(error) => {
                self.wrong(name, text_code(error));
                None
            }
        }
    }

    /// Notes what is wrong with a password.
    pub(crate) fn wrong_password(&mut self, error: PasswordError) {
        let name = if error == PasswordError::Different {
            "password_again"
        } else {
            "password"
        };
        self.wrong(name, error.code());
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_fine(&self) -> bool {
        self.general.is_none() && self.fields.iter().all(|field| field.error.is_none())
    }

    /// For the template.
    pub(crate) fn show(self) -> minijinja::Value {
        let wrong = !self.is_fine();
        minijinja::context! { fields => self.fields, general => self.general, wrong }
    }
}

/// A text, if there is one.
fn said(ctx: &Ctx, lang: Lang, key: &str) -> Option<String> {
    let text = ctx.pages().text(lang, key);
    (text != key).then(|| text.to_owned())
}

/// An empty field says so, whatever the least length is.
fn text_code(error: TextError) -> &'static str {
    match error {
        TextError::TooShort(1) => "missing",
        error => error.code(),
    }
}

/// A problem of one field, for the API.
pub(crate) fn field(field: &'static str) -> impl FnOnce(TextError) -> web::Failure {
    move |error| problem(field, error.code(), &error)
}

/// A problem of one field with any cause.
pub(crate) fn problem(
    field: &'static str,
    code: &'static str,
    error: &dyn std::fmt::Display,
) -> web::Failure {
    web::Failure::fields(vec![FieldProblem {
        field,
        code,
        detail: error.to_string(),
    }])
}

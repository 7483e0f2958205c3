//! Pages that the server writes: strict templates, texts in two languages, the error page.
//!
//! Templates escape everything, and a name that is not there is an error, never an empty place. They have
//! `t("key", name=value)` for texts, in the familiar form where the page says `familiar` and there is one, and
//! `asset("look.css")` for files. Dates come ready.

use std::collections::{BTreeMap, HashMap};

use axum::response::{Html, IntoResponse as _, Response};
use base::{Kind, Lang, Problem};
use http::Uri;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, State, UndefinedBehavior, context};

use crate::auth::Visitor;
use crate::ctx::CtxError;
use crate::{Ctx, Failure, assets, problem};

/// Templates and texts, read once.
pub struct Pages {
    environment: Environment<'static>,
    texts: &'static Texts,
}

/// What is said differently to those one is familiar with has a second key with this ending.
const DU: &str = "_du";

/// Texts by language and dotted key.
pub(crate) struct Texts {
    by_lang: HashMap<&'static str, HashMap<String, String>>,
}

impl Pages {
    pub(crate) fn load() -> Result<Self, CtxError> {
        static TEXTS: std::sync::OnceLock<Result<Texts, String>> = std::sync::OnceLock::new();
        let texts = TEXTS
            .get_or_init(Texts::load)
            .as_ref()
            .map_err(|error| CtxError::Pages(error.clone()))?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, state, value| match value.as_str() {
            Some(text) if !value.is_safe() => out.write_str(&escape(text)).map_err(Into::into),
            _ => minijinja::escape_formatter(out, state, value),
        });
        environment.add_function("t", |state: &State<'_, '_>, key: &str, names: Kwargs| {
            let lang = state.lookup("lang").unwrap_or_default();
            let familiar = state.lookup("familiar").is_some_and(|it| it.is_true());
            let text = texts.spoken(lang.as_str().unwrap_or("de"), familiar, key);
            let text = text.ok_or_else(|| {
                minijinja::Error::new(ErrorKind::UndefinedError, format!("no text {key}"))
            })?;
            fill(text, &names)
        });
        environment.add_function("asset", |name: &str| assets::address(name));
        environment.add_function("has_text", |key: &str| texts.text("de", key).is_some());
        for (name, source) in assets::TEMPLATES {
            if let Some(name) = page_name(name) {
                environment
                    .add_template(name, source)
                    .map_err(|error| CtxError::Pages(error.to_string()))?;
            }
        }
        Ok(Self { environment, texts })
    }

    /// One text; the key itself when there is none, which a test prevents.
    pub fn text<'a>(&'a self, lang: Lang, key: &'a str) -> &'a str {
        self.texts.text(lang.code(), key).unwrap_or(key)
    }

    /// Renders a template.
    pub fn render(&self, name: &str, values: Value) -> Result<String, Problem> {
        let rendered = self
            .environment
            .get_template(name)
            .and_then(|template| template.render(values));
        rendered.map_err(|error| {
            let mut problem = Problem::new(Kind::Internal, "internal", "");
            problem.source = Some(Box::new(error));
            problem
        })
    }
}

/// Text for a place between tags or inside a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Mails have templates too, in a folder of their own and with another reader.
fn page_name(path: &'static str) -> Option<&'static str> {
    let (_, kind) = path.rsplit_once('.')?;
    (kind == "html" && !path.contains('/')).then_some(path)
}

/// Puts values into the `{name}` places of a text. Unknown places and values left over are errors.
fn fill(text: &str, names: &Kwargs) -> Result<String, minijinja::Error> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or_else(|| {
            minijinja::Error::new(ErrorKind::BadSerialization, "a text has { without }")
        })?;
        let value: Value = names.get(name)?;
        out.push_str(before);
        out.push_str(&value.to_string());
        rest = after;
    }
    out.push_str(rest);
    names.assert_all_used()?;
    Ok(out)
}

impl Texts {
    fn load() -> Result<Self, String> {
        let mut by_lang = HashMap::new();
        for lang in Lang::ALL {
            let file = format!("{}.json", lang.code());
            let source = assets::TEXTS.iter().find(|(name, _)| *name == file);
            let (_, source) = source.ok_or_else(|| format!("i18n/{file} is missing"))?;
            let parsed: serde_json::Value =
                serde_json::from_str(source).map_err(|error| format!("i18n/{file}: {error}"))?;
            let mut texts = HashMap::new();
            flatten("", &parsed, &mut texts);
            by_lang.insert(lang.code(), texts);
        }
        Ok(Self { by_lang })
    }

    /// The text as the organisation speaks: `key_du` where that is said differently.
    fn spoken(&self, lang: &str, familiar: bool, key: &str) -> Option<&str> {
        let du = familiar.then(|| self.text(lang, &format!("{key}{DU}")));
        du.flatten().or_else(|| self.text(lang, key))
    }

    fn text(&self, lang: &str, key: &str) -> Option<&str> {
        self.by_lang.get(lang)?.get(key).map(String::as_str)
    }
}

fn flatten(inside: &str, value: &serde_json::Value, texts: &mut HashMap<String, String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (key, value) in members {
                let key = if inside.is_empty() {
                    key.clone()
                } else {
                    format!("{inside}.{key}")
                };
                flatten(&key, value, texts);
            }
        }
        serde_json::Value::String(text) => {
            texts.insert(inside.to_owned(), text.clone());
        }
        _ => {}
    }
}

/// Anything that can be JSON as a value for a template.
pub fn value(of: impl serde::Serialize) -> Value {
    fn of_json(json: serde_json::Value) -> Value {
        match json {
            serde_json::Value::Null => Value::from(()),
            serde_json::Value::Bool(it) => Value::from(it),
            serde_json::Value::Number(it) => it
                .as_i64()
                .map(Value::from)
                .or_else(|| it.as_f64().map(Value::from))
                .unwrap_or_default(),
            serde_json::Value::String(it) => Value::from(it),
            serde_json::Value::Array(items) => items.into_iter().map(of_json).collect(),
            serde_json::Value::Object(members) => {
                let members = members.into_iter().map(|(key, it)| (key, of_json(it)));
                Value::from(members.collect::<BTreeMap<String, Value>>())
            }
        }
    }
    serde_json::to_value(of).map(of_json).unwrap_or_default()
}

/// Renders a page for a visitor. The template gets `lang`, `here`, `signed_in`, `demo` and the given values.
pub fn page(
    ctx: &Ctx,
    visitor: &Visitor,
    name: &str,
    values: Value,
) -> Result<Html<String>, Failure> {
    let all = context! { ..values, ..frame_values(ctx, visitor) };
    Ok(Html(ctx.pages().render(name, all)?))
}

/// What the frame of every page needs.
fn frame_values(ctx: &Ctx, visitor: &Visitor) -> Value {
    let (path, query) = visitor.path.split_once('?').unwrap_or((&visitor.path, ""));
    let switch = |lang: Lang| {
        let and = if query.is_empty() { "" } else { "&" };
        format!("{path}?{query}{and}lang={}", lang.code())
    };
    context! {
        lang => visitor.lang.code(),
        switch => context! { de => switch(Lang::De), en => switch(Lang::En) },
        signed_in => visitor.actor.is_some(),
        demo => ctx.demo(),
    }
}

/// The page that says what went wrong, what is safe and what to do.
pub(crate) fn error_page(
    ctx: &Ctx,
    visitor: &Visitor,
    problem: &Problem,
    reference: &str,
) -> Response {
    let status = problem::status(problem);
    let text = match problem.kind {
        Kind::NotFound | Kind::Hidden => "not_found",
        Kind::Denied | Kind::Unauthenticated => "denied",
        Kind::Gone => "gone",
        Kind::RateLimited => "too_often",
        Kind::Unavailable | Kind::Full => "unavailable",
        Kind::Internal => "internal",
        Kind::TooLarge => "too_large",
        Kind::Invalid | Kind::Conflict | Kind::Precondition => "invalid",
    };
    let values = context! { text, code => problem.code, reference };
    let mut response = match page(ctx, visitor, "error.html", values) {
        Ok(page) => page.into_response(),
        Err(failure) => {
            tracing::error!(reference, error = ?failure, "The error page can't be written");
            problem::write(problem, problem::Shape::Own, Some(reference))
        }
    };
    *response.status_mut() = status;
    response
}

/// The language asked for in the query string.
pub(crate) fn chosen_lang(query: Option<&str>) -> Option<Lang> {
    query?
        .split('&')
        .find_map(|pair| pair.strip_prefix("lang="))
        .and_then(Lang::parse)
}

/// Path and query without the language, for links back to the same page.
pub(crate) fn path_without_lang(uri: &Uri) -> String {
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
        .collect();
    if kept.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), kept.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_take_values() {
        let names = || Kwargs::from_iter([("name", Value::from("<b>")), ("n", Value::from(3))]);
        assert_eq!(fill("{name}: {n} mal", &names()).unwrap(), "<b>: 3 mal");
        assert!(fill("{name}", &names()).is_err(), "one is left over");
        assert!(fill("{other}", &names()).is_err());
        assert!(fill("{name", &names()).is_err());
    }

    #[test]
    fn both_languages_have_the_same_keys_and_places() {
        let texts = Texts::load().unwrap();
        let places = |text: &str| {
            let mut all: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|it| it.split_once('}').map(|it| it.0.to_owned()))
                .collect();
            all.sort();
            all
        };
        let keys = |lang: &str| {
            let formal = |key: &str| match key.strip_suffix(DU) {
                Some(formal) => {
                    assert!(texts.text(lang, formal).is_some(), "{key} stands alone");
                    false
                }
                None => true,
            };
            let mut keys: Vec<_> = texts.by_lang[lang]
                .iter()
                .filter(|(key, _)| formal(key))
                .map(|(key, text)| (key.clone(), places(text)))
                .collect();
            keys.sort();
            keys
        };
        assert_eq!(keys("de"), keys("en"));
    }

    #[test]
    fn familiar_texts_are_taken_where_there_are_some() {
        let de = [("a", "Sie"), ("a_du", "du"), ("b", "beide")];
        let de = de.map(|(key, text)| (key.to_owned(), text.to_owned()));
        let by_lang = HashMap::from([("de", HashMap::from(de))]);
        let texts = Texts { by_lang };
        assert_eq!(texts.spoken("de", true, "a"), Some("du"));
        assert_eq!(texts.spoken("de", false, "a"), Some("Sie"));
        assert_eq!(texts.spoken("de", true, "b"), Some("beide"));
        assert_eq!(texts.spoken("de", true, "c"), None);
    }

    #[test]
    fn rows_become_values() {
        let rows = [serde_json::json!({ "a": "<b>", "n": 3, "none": null, "list": [1.5, true] })];
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let text = "{% for r in rows %}{{ r.a }} {{ r.n + 1 }} {{ r.none is none }} {{ r.list[0] }}{% endfor %}";
        environment.add_template("rows", text).unwrap();
        let shown = environment.get_template("rows").unwrap();
        let shown = shown.render(context! { rows => value(rows) }).unwrap();
        assert_eq!(shown.to_lowercase(), "<b> 4 true 1.5");
    }

    #[test]
    fn the_way_back_keeps_the_query() {
        let cut = |text: &str| path_without_lang(&text.parse().unwrap());
        assert_eq!(cut("/help?lang=en"), "/help");
        assert_eq!(
            cut("/invitation?token=a&lang=en&x=1"),
            "/invitation?token=a&x=1"
        );
        assert_eq!(chosen_lang(Some("a=1&lang=en")), Some(Lang::En));
        assert_eq!(chosen_lang(Some("lang=fr")), None);
    }

    /// The keys that a template asks for literally.
    fn keys_in(source: &str) -> Vec<&str> {
        let calls = source.split("t('").zip(source.split("t('").skip(1));
        calls
            .filter(|(before, _)| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            .filter_map(|(_, after)| after.split_once('\''))
            .filter(|(_, rest)| rest.starts_with([')', ',']))
            .map(|(key, _)| key)
            .collect()
    }

    #[test]
    fn templates_ask_for_texts_that_are_there() {
        let texts = Texts::load().unwrap();
        let source = "{{ t('a.b') }} {{ t('c.' ~ d) }} {{ assert('x') }} {{ t('e', n=1) }}";
        assert_eq!(keys_in(source), ["a.b", "e"]);
        for (name, source) in assets::TEMPLATES {
            if page_name(name).is_none() {
                continue;
            }
            for key in keys_in(source) {
                for lang in Lang::ALL {
                    let text = texts.text(lang.code(), key);
                    assert!(text.is_some(), "{name}: no text {key} in {lang:?}");
                }
            }
        }
    }
}

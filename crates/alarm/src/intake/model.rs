//! Reading a call of the widely spoken v1 interface: key in query, body or header, form or JSON, all its
//! spellings. Total: any bytes give a [`Call`] or a [`CallError`].
//!
//! Senders are machines that do not read refusals. So what can be understood is taken, what is too long is
//! cut, a place that is none is dropped; only a call without any content or in broken encoding is refused.

use std::collections::BTreeMap;

use base::{FieldProblem, HasKind, Kind, Text};

/// The most a call may hold.
pub const MAX_BODY: usize = 256 * 1024;
const MAX_FIELDS: usize = 400;

/// What a sender wants to tell, in our words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// The sender's own number of the event.
    pub number: Option<String>,
    /// Keyword (Stichwort).
    pub title: String,
    /// Further text.
    pub text: String,
    /// Address of the event.
    pub address: String,
    /// Latitude and longitude, WGS 84.
    pub place: Option<(f64, f64)>,
    /// Object at the scene.
    pub scene_object: String,
    /// Who called.
    pub caller: String,
    /// Patient.
    pub patient: String,
    /// Remark.
    pub remark: String,
    /// Units that were sent, as the sender writes them.
    pub units: String,
    /// Destination of a transport.
    pub destination: String,
    /// Its address.
    pub destination_address: String,
    /// Its place.
    pub destination_place: Option<(f64, f64)>,
    /// Three further texts, joined by line breaks.
    pub additional_text: String,
    /// Urgent.
    pub priority: bool,
    /// Seconds since the event became known to the sender.
    pub delay_s: u32,
    /// The call wants to be a notice, not an alarm.
    pub news: bool,
    /// Radio addresses of groups.
    pub rics: Vec<String>,
    /// Radio addresses of vehicles.
    pub vehicle_rics: Vec<String>,
    /// Groups by number.
    pub groups: Vec<i64>,
    /// Vehicles by number.
    pub vehicles: Vec<i64>,
    /// Memberships by number.
    pub memberships: Vec<i64>,
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Bytes that are not UTF-8.
    #[error("the request is not UTF-8; send text and form fields in UTF-8")]
    Encoding,
    /// JSON that can't be read.
    #[error("the body is not a JSON object of texts and numbers")]
    Json,
    /// A content type we do not know.
    #[error("send application/x-www-form-urlencoded or application/json")]
    ContentType,
    /// More fields than any sender has.
    #[error("the request has more than 400 fields")]
    TooMany,
    /// Neither keyword nor text.
    #[error("the call holds neither title nor text")]
    Empty,
}

impl HasKind for CallError {
    fn kind(&self) -> Kind {
        match self {
            Self::TooMany => Kind::TooLarge,
            _ => Kind::Invalid,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Encoding => "not_utf8",
            Self::Json => "bad_json",
            Self::ContentType => "bad_content_type",
            Self::TooMany => "too_many_fields",
            Self::Empty => "title_missing",
        }
    }

    fn fields(&self) -> Vec<FieldProblem> {
        match self {
            Self::Empty => vec![FieldProblem {
                field: "title",
                code: "too_short",
                detail: "needs a keyword".to_owned(),
            }],
            _ => Vec::new(),
        }
    }
}

/// The fields of a request by name; a field may come several times.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// Reads query and body together; the body wins where both name a field.
    pub fn read(query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Self, CallError> {
        let mut fields = Self::default();
        let kind = content_type
            .and_then(|t| t.split(';').next())
            .map(|t| t.trim().to_ascii_lowercase());
        let is_json = body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        match kind.as_deref() {
            _ if body.iter().all(u8::is_ascii_whitespace) => {}
            Some("application/json") => fields.json(body)?,
            // Some senders name no type, or the form's, and send JSON all the same.
            None | Some("application/x-www-form-urlencoded" | "text/plain") if is_json => {
                fields.json(body)?;
            }
            None | Some("application/x-www-form-urlencoded" | "text/plain") => fields.form(body)?,
            Some(_) => return Err(CallError::ContentType),
        }
        let mut outer = Self::default();
        outer.form(query.as_bytes())?;
        for (name, values) in outer.0 {
            fields.0.entry(name).or_insert(values);
        }
        Ok(fields)
    }

    fn add(&mut self, name: &str, value: String) -> Result<(), CallError> {
        let name = name.strip_suffix("[]").unwrap_or(name).to_owned();
        if self.0.values().map(Vec::len).sum::<usize>() >= MAX_FIELDS {
            return Err(CallError::TooMany);
        }
        self.0.entry(name).or_default().push(value);
        Ok(())
    }

    fn form(&mut self, bytes: &[u8]) -> Result<(), CallError> {
        for pair in bytes.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |b| *b == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            self.add(&name, value)?;
        }
        Ok(())
    }

    fn json(&mut self, bytes: &[u8]) -> Result<(), CallError> {
        let text = str::from_utf8(bytes).map_err(|_| CallError::Encoding)?;
        let value: serde_json::Value = serde_json::from_str(text).map_err(|_| CallError::Json)?;
        let serde_json::Value::Object(object) = value else {
            return Err(CallError::Json);
        };
        for (name, value) in object {
            match value {
                serde_json::Value::Array(items) => {
                    for item in items {
                        self.add(&name, scalar(&item)?)?;
                    }
                }
                serde_json::Value::Null => {}
                value => self.add(&name, scalar(&value)?)?,
            }
        }
        Ok(())
    }

    /// The first value of a field that is not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)?
            .iter()
            .map(|v| v.trim())
            .find(|v| !v.is_empty())
    }

    /// The access key, in any of its spellings.
    pub fn access_key(&self) -> Option<&str> {
        self.get("accesskey")
            .or_else(|| self.get("access_key"))
            .or_else(|| self.get("accessKey"))
    }

    /// Values of a field that is a list, or a text separated by commas.
    fn list(&self, name: &str) -> Vec<String> {
        let values = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut list: Vec<String> = values
            .iter()
            .flat_map(|value| value.split([',', ';']))
            .map(|item| Text::<0, 64>::squeeze(item).into())
            .filter(|item: &String| !item.is_empty())
            .take(200)
            .collect();
        list.sort();
        list.dedup();
        list
    }

    fn numbers(&self, name: &str) -> Vec<i64> {
        self.list(name)
            .iter()
            .filter_map(|n| n.parse().ok())
            .collect()
    }

    fn text<const MAX: usize>(&self, name: &str) -> String {
        Text::<0, MAX>::squeeze(self.get(name).unwrap_or_default()).into()
    }

    fn yes(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| {
            ["1", "true", "yes", "on", "ja"]
                .iter()
                .any(|yes| v.eq_ignore_ascii_case(yes))
        })
    }

    fn place(&self, lat: &str, lng: &[&str]) -> Option<(f64, f64)> {
        let lng = lng.iter().find_map(|name| self.get(name))?;
        place(self.get(lat)?, lng)
    }
}

impl Call {
    /// Understands the fields of a call.
    pub fn from_fields(fields: &Fields) -> Result<Self, CallError> {
        let text = fields.text::<4000>("text");
        let mut title = fields.text::<200>("title");
        if title.is_empty() {
            title = fields.text::<200>("type");
        }
        if title.is_empty() {
            // A call that names no keyword still has to ring.
            title = Text::<0, 50>::squeeze(text.lines().next().unwrap_or_default()).into();
        }
        if title.is_empty() {
            return Err(CallError::Empty);
        }
        let place = fields
            .place("lat", &["lng", "lon"])
            .or_else(|| {
                let (lat, lng) = fields.get("coordinates")?.split_once([',', ';'])?;
                place(lat, lng)
            })
            .or_else(|| fields.place("coordinates-y", &["coordinates-x"]));
        let additional: Vec<String> = [
            "additional_text_1",
            "additional_text_2",
            "additional_text_3",
        ]
        .iter()
        .map(|name| fields.text::<1000>(name))
        .filter(|text| !text.is_empty())
        .collect();
        Ok(Self {
            number: fields
                .get("number")
                .or_else(|| fields.get("foreign_id"))
                .map(|number| Text::<0, 64>::squeeze(number).into()),
            title,
            text,
            address: fields.text::<255>("address"),
            place,
            scene_object: fields.text::<255>("scene_object"),
            caller: fields.text::<255>("caller"),
            patient: fields.text::<255>("patient"),
            remark: fields.text::<2000>("remark"),
            units: fields.text::<4000>("units"),
            destination: fields.text::<255>("destination"),
            destination_address: fields.text::<255>("destination_address"),
            destination_place: fields
                .place("destination_lat", &["destination_lng", "destination_lon"]),
            additional_text: additional.join("\n"),
            priority: fields.yes("priority"),
            delay_s: fields
                .get("delay")
                .and_then(|d| d.parse().ok())
                .unwrap_or(0)
                .min(86_400),
            news: fields.yes("news"),
            rics: fields.list("ric"),
            vehicle_rics: fields.list("vehicle"),
            groups: fields.numbers("group_ids"),
            vehicles: fields.numbers("vehicle_ids"),
            memberships: fields.numbers("user_cluster_relation_ids"),
        })
    }
}

/// Two numbers, with point or comma, that are a place on earth; 0/0 is what broken senders say.
fn place(lat: &str, lng: &str) -> Option<(f64, f64)> {
    let number = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
    let (lat, lng) = (number(lat)?, number(lng)?);
    let real = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lng);
    (real && (lat, lng) != (0.0, 0.0)).then_some((lat, lng))
}

fn scalar(value: &serde_json::Value) -> Result<String, CallError> {
    match value {
        serde_json::Value::String(text) => Ok(text.clone()),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Bool(yes) => Ok(if *yes { "1" } else { "0" }.to_owned()),
        serde_json::Value::Null => Ok(String::new()),
        serde_json::Value::Array(_) | serde_json::Value::Object(_) => Err(CallError::Json),
    }
}

/// Decodes one part of a form (`+` and `%XX`); a stray `%` stands for itself, as browsers have it.
fn decode(bytes: &[u8]) -> Result<String, CallError> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        match bytes[i] {
            b'+' => out.push(b' '),
            b'%' => {
                if let (Some(high), Some(low)) = (hex(i + 1), hex(i + 2)) {
                    out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    i += 2;
                } else {
                    out.push(b'%');
                }
            }
            byte => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8(out).map_err(|_| CallError::Encoding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn call(query: &str, kind: Option<&str>, body: &str) -> Result<Call, CallError> {
        Call::from_fields(&Fields::read(query, kind, body.as_bytes())?)
    }

    #[test]
    fn the_usual_query_call() {
        let call = call(
            "accesskey=K&title=B3&text=Dachstuhlbrand&address=Hauptstr.%201,%20Musterstadt&lat=48.1&lng=11.5\
             &ric=4711,4712&vehicle=40-1&number=E-123&priority=1",
            None,
            "",
        )
        .unwrap();
        assert_eq!(call.title, "B3");
        assert_eq!(call.address, "Hauptstr. 1, Musterstadt");
        assert_eq!(call.place, Some((48.1, 11.5)));
        assert_eq!(call.rics, ["4711", "4712"]);
        assert_eq!(call.vehicle_rics, ["40-1"]);
        assert_eq!(call.number.as_deref(), Some("E-123"));
        assert!(call.priority);
    }

    #[test]
    fn the_spellings_that_senders_use() {
        let form = "application/x-www-form-urlencoded";
        let a = call(
            "",
            Some(form),
            "type=H1&lat=48,1&lon=11,5&group_ids[]=3&group_ids[]=4",
        )
        .unwrap();
        assert_eq!((a.title.as_str(), a.place), ("H1", Some((48.1, 11.5))));
        assert_eq!(a.groups, [3, 4]);
        let json =
            r#"{"title":"H1","lat":48.1,"lng":"11.5","priority":true,"vehicle_ids":[1,"2"]}"#;
        let b = call("accesskey=K", Some("application/json; charset=utf-8"), json).unwrap();
        assert_eq!((b.place, b.priority), (Some((48.1, 11.5)), true));
        assert_eq!(b.vehicles, [1, 2]);
        let c = call("title=query", None, r#"{"title":"body"}"#).unwrap();
        assert_eq!(c.title, "body", "the body wins");
    }

    #[test]
    fn keys_in_every_place() {
        for (query, body) in [
            ("accesskey=K", ""),
            ("", "accesskey=K"),
            ("", r#"{"access_key":"K"}"#),
        ] {
            let fields = Fields::read(query, None, body.as_bytes()).unwrap();
            assert_eq!(fields.access_key(), Some("K"), "{query} {body}");
        }
    }

    #[test]
    fn a_call_without_keyword_rings_with_its_text() {
        assert_eq!(
            call("text=Rauch+im+Keller", None, "").unwrap().title,
            "Rauch im Keller"
        );
        assert_eq!(call("address=x", None, "").unwrap_err(), CallError::Empty);
    }

    #[test]
    fn what_is_broken_is_named() {
        assert_eq!(
            call("title=%FF", None, "").unwrap_err(),
            CallError::Encoding
        );
        assert_eq!(
            call("", Some("application/json"), "{").unwrap_err(),
            CallError::Json
        );
        assert_eq!(
            call("", Some("application/json"), "[1]").unwrap_err(),
            CallError::Json
        );
        assert_eq!(
            call("", Some("image/png"), "x").unwrap_err(),
            CallError::ContentType
        );
        assert_eq!(
            call(&"a=1&".repeat(401), None, "").unwrap_err(),
            CallError::TooMany
        );
    }

    #[test]
    fn long_texts_are_cut_and_impossible_places_dropped() {
        let a = call(
            &format!("title={}&lat=91&lng=11", "ä".repeat(500)),
            None,
            "",
        )
        .unwrap();
        assert_eq!(a.title.chars().count(), 200);
        assert_eq!(a.place, None);
        assert_eq!(call("title=x&lat=0&lng=0", None, "").unwrap().place, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(query: String, kind in proptest::option::of("\\PC{0,40}"), body: Vec<u8>) {
            if let Ok(fields) = Fields::read(&query, kind.as_deref(), &body) {
                let _ = Call::from_fields(&fields);
            }
        }

        #[test]
        fn texts_come_through_a_form_unchanged(text in "[a-zA-Z0-9äöüß€ ]{1,50}") {
            let encoded = text.bytes().fold(String::new(), |mut encoded, byte| {
                use std::fmt::Write as _;
                let _ = write!(encoded, "%{byte:02X}");
                encoded
            });
            let call = call(&format!("title={encoded}"), None, "");
            let trimmed = text.trim();
            prop_assert_eq!(call.map(|c| c.title).unwrap_or_default(), trimmed);
        }
    }
}

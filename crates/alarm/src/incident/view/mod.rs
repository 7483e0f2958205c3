//! How an alarm looks on the wire: one shape for pages, monitors and devices.

pub(crate) mod store;

use base::{AlarmId, AnswerId, MembershipId};
use serde::Serialize;
use utoipa::ToSchema;

use super::model::AnswerOption;

pub(crate) use store::{answers_of, full_text, mine, view};

/// An alarm as everybody sees it who may.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlarmView {
    /// Its id.
    #[schema(value_type = String, example = "alm_01kan4k0m0000000000000000a")]
    pub id: AlarmId,
    /// Grows with each change; ignore what is older than what you have.
    pub version: i64,
    /// Its number in the compatible API.
    pub number: i64,
    /// The sender's own number.
    pub foreign_number: Option<String>,
    /// The unit it was raised for.
    pub unit: Named,
    /// Keyword.
    pub title: String,
    /// Everything else that was said, one part a line.
    pub text: String,
    /// Address of the event.
    pub address: String,
    /// Latitude, WGS 84.
    pub lat: Option<f64>,
    /// Longitude, WGS 84.
    pub lng: Option<f64>,
    /// Urgent.
    pub priority: bool,
    /// `open` or `closed`.
    pub state: String,
    /// When it came in, RFC 3339.
    pub created_at: String,
    /// When it closes by itself.
    pub closes_at: Option<String>,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// When it is deleted.
    pub delete_at: String,
    /// Who raised it.
    pub source: SourceView,
    /// Groups that were alarmed; empty for the whole unit.
    pub groups: Vec<Named>,
    /// Vehicles that are meant.
    pub vehicles: Vec<VehicleView>,
    /// The answers the unit offers.
    pub answers: Vec<AnswerView>,
    /// What concerns whoever asks.
    pub my: MyView,
    /// Who answered what.
    pub people: Vec<ResponderView>,
    /// Numbers.
    pub counts: CountsView,
    /// Who is coming by qualification, against what is needed.
    pub strength: Vec<StrengthView>,
}

/// Something with an id and a name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Who raised an alarm.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceView {
    /// `machine` or `person`.
    pub kind: String,
    /// The name of the key or member, if it still is there.
    pub name: String,
}

/// A vehicle.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VehicleView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Radio call sign.
    pub call_sign: String,
    /// Radio address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ric: Option<String>,
    /// Its number in the v1 interface; in the list of units alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
}

/// An answer a unit offers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AnswerView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: AnswerId,
    /// `coming`, `later`, `not_coming` or `other`.
    pub meaning: String,
    /// What it says.
    pub label: String,
    /// Minutes until arrival.
    pub minutes: Option<i64>,
}

/// What concerns whoever asks.
#[derive(Debug, Clone, Serialize, ToSchema, Default)]
pub struct MyView {
    /// Whether this person was alarmed.
    pub addressed: bool,
    /// The answer this person gave.
    pub answer_id: Option<String>,
    /// When.
    pub answered_at: Option<String>,
}

/// Somebody who answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponderView {
    /// The membership.
    #[schema(value_type = String)]
    pub membership_id: MembershipId,
    /// Given and family name.
    pub name: String,
    /// The answer.
    pub answer_id: String,
    /// What it means.
    pub meaning: String,
    /// What it says.
    pub label: String,
    /// Minutes until arrival.
    pub minutes: Option<i64>,
    /// When it was given.
    pub answered_at: String,
    /// Short names of qualifications.
    pub qualifications: Vec<String>,
}

/// Numbers of an alarm.
#[derive(Debug, Clone, Serialize, ToSchema, Default)]
pub struct CountsView {
    /// People alarmed.
    pub addressed: i64,
    /// People at whom it arrived.
    pub reached: i64,
    /// Coming.
    pub coming: i64,
    /// Coming later.
    pub later: i64,
    /// Not coming.
    pub not_coming: i64,
    /// No answer yet.
    pub unanswered: i64,
}

/// One qualification on the strength bar.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StrengthView {
    /// Short name.
    pub short: String,
    /// Full name.
    pub name: String,
    /// People coming who have it.
    pub coming: i64,
    /// People needed.
    pub needed: i64,
}

impl From<&AnswerOption> for AnswerView {
    fn from(option: &AnswerOption) -> Self {
        Self {
            id: option.id,
            meaning: option.meaning.word().to_owned(),
            label: option.label.clone(),
            minutes: option.minutes,
        }
    }
}

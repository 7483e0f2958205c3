//! Vehicles, answers and needs, as they are taken in.

use base::{QualificationId, ShortText, Text, UnitId};

use crate::incident::model::Meaning;

/// A vehicle to be.
#[derive(Debug, Clone)]
pub struct NewVehicle {
    /// Of which unit.
    pub unit: UnitId,
    /// Its name (HLF 20).
    pub name: ShortText,
    /// Radio call sign (Florian Musterstadt 40-1).
    pub call_sign: ShortText,
    /// Radio address.
    pub ric: Option<Text<1, 32>>,
}

/// An answer to offer.
#[derive(Debug, Clone)]
pub struct NewAnswer {
    /// What it means.
    pub meaning: Meaning,
    /// What it says.
    pub label: Text<1, 40>,
    /// Minutes until arrival, at most a day.
    pub minutes: Option<u16>,
}

/// How many people of a qualification an alarm needs.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// The qualification.
    pub qualification: QualificationId,
    /// How many; 0 takes it off the bar.
    pub needed: u16,
}

/// The most answers a unit can offer.
pub const MOST_ANSWERS: usize = 12;
/// The most minutes an answer can name: a day.
pub const MOST_MINUTES: u16 = 24 * 60;
/// The most qualifications a unit can need.
pub const MOST_NEEDS: usize = 20;

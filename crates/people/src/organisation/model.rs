//! Words of organisations. No I/O.

use base::{GroupId, HasKind, Kind, Lang, OrgId, QualificationId, ShortText, Text, UnitId};

/// An address in a radio paging network, as control rooms write it.
pub type Ric = Text<1, 32>;

/// A time zone that the program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(String);

/// Not a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone like Europe/Berlin")]
pub struct ZoneError;

impl HasKind for ZoneError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn code(&self) -> &'static str {
        "unknown_zone"
    }
}

impl Zone {
    /// A zone by its IANA name.
    pub fn parse(name: &str) -> Result<Self, ZoneError> {
        let zone = jiff::tz::TimeZone::get(name.trim()).map_err(|_| ZoneError)?;
        zone.iana_name()
            .map(|name| Self(name.to_owned()))
            .ok_or(ZoneError)
    }

    /// The IANA name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone itself; UTC should a later program no longer know it.
    pub fn rules(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.0).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self("Europe/Berlin".to_owned())
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        Self::parse(name)
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// Where its days begin.
    pub zone: Zone,
    /// The language for those who set none.
    pub language: Lang,
    /// German pages say "du".
    pub familiar: bool,
    /// What stands in imprint and privacy notice.
    pub details: Details,
}

/// What stands in imprint and privacy notice; empty where nobody filled it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// Postal address, several lines.
    pub address: Text<0, 500>,
    /// How to reach the organisation.
    pub contact: Text<0, 300>,
    /// How to reach the data protection officer.
    pub protection_officer: Text<0, 300>,
}

/// What is needed to make an organisation.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Its name.
    pub name: ShortText,
    /// Its first unit.
    pub unit: ShortText,
    /// Where its days begin.
    pub zone: Zone,
    /// Its language.
    pub language: Lang,
    /// German pages say "du".
    pub familiar: bool,
}

/// A station or site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
}

/// People of a unit who are alarmed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// The unit it belongs to.
    pub unit: UnitId,
    /// Its name.
    pub name: String,
    /// Its address in radio paging networks.
    pub ric: Option<String>,
    /// How many active members it has.
    pub members: i64,
}

/// Something people are trained for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualification {
    /// Its id.
    pub id: QualificationId,
    /// As on the strength bar.
    pub short: String,
    /// In full.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_zones() {
        assert_eq!(
            Zone::parse(" Europe/Vienna ").unwrap().as_str(),
            "Europe/Vienna"
        );
        assert_eq!(Zone::parse("Europe/Nowhere"), Err(ZoneError));
        assert!(Zone::parse(Zone::default().as_str()).is_ok());
    }
}

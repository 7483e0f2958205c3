//! The demo's town: a fire brigade that does not exist, with people who do not exist.

/// Name of the organisation.
pub(super) const ORGANISATION: &str = "Freiwillige Feuerwehr Tannenbrück";
/// Name of its station.
pub(super) const UNIT: &str = "Löschzug Tannenbrück";

/// Groups with their radio address.
pub(super) const GROUPS: [(&str, &str); 3] = [
    ("Löschgruppe 1", "4711"),
    ("Löschgruppe 2", "4712"),
    ("Führung", "4700"),
];

/// Vehicles: name, call sign, radio address.
pub(super) const VEHICLES: [(&str, &str, &str); 4] = [
    ("HLF 20", "Florian Tannenbrück 1-46-1", "40-1"),
    ("LF 10", "Florian Tannenbrück 1-43-1", "43-1"),
    ("DLK 23", "Florian Tannenbrück 1-33-1", "33-1"),
    ("MTF", "Florian Tannenbrück 1-19-1", "19-1"),
];

/// Qualifications: short, full name, needed for an alarm.
pub(super) const QUALIFICATIONS: [(&str, &str, u16); 4] = [
    ("GF", "Gruppenführung", 1),
    ("MA", "Maschinist", 2),
    ("AGT", "Atemschutz", 4),
    ("SAN", "Sanitätsdienst", 1),
];

/// Somebody in the brigade.
pub(super) struct DemoPerson {
    /// Given name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Index into [`GROUPS`].
    pub groups: &'static [usize],
    /// Index into [`QUALIFICATIONS`].
    pub skills: &'static [usize],
    /// Whether a phone rings there.
    pub phone: bool,
}

const fn person(
    given: &'static str,
    family: &'static str,
    groups: &'static [usize],
    skills: &'static [usize],
    phone: bool,
) -> DemoPerson {
    DemoPerson {
        given,
        family,
        groups,
        skills,
        phone,
    }
}

/// The brigade. The first leads it, the second and third are crew who can be signed in as.
pub(super) const PEOPLE: [DemoPerson; 24] = [
    person("Katrin", "Hollmann", &[2, 0], &[0, 2], false),
    person("Jonas", "Wiesner", &[0], &[1, 2], false),
    person("Aylin", "Demir", &[1], &[2, 3], false),
    person("Bernd", "Achterberg", &[2, 1], &[0], true),
    person("Carla", "Nettelbeck", &[0], &[2], true),
    person("Deniz", "Kaplan", &[0], &[1], true),
    person("Edda", "Siemers", &[0], &[3], true),
    person("Falk", "Brüning", &[0], &[2], true),
    person("Greta", "Lindqvist", &[0], &[2], true),
    person("Hannes", "Odenthal", &[0], &[1, 0], true),
    person("Ines", "Pröll", &[0], &[2, 3], true),
    person("Jannik", "Rohde", &[0], &[], true),
    person("Kira", "Steinhoff", &[1], &[2], true),
    person("Lars", "Tiedemann", &[1], &[1], true),
    person("Mona", "Ullrich", &[1], &[3], true),
    person("Nils", "Vahrenholt", &[1], &[2], true),
    person("Olena", "Kovalenko", &[1], &[2], true),
    person("Paul", "Wagenknecht", &[1], &[1, 2], true),
    person("Ragna", "Ziegenhals", &[1], &[0, 2], true),
    person("Sven", "Altenkirch", &[1], &[2], true),
    person("Tilda", "Bergander", &[0], &[], true),
    person("Uwe", "Claasen", &[2], &[0], true),
    person("Vera", "Dornseif", &[1], &[2], false),
    person("Wim", "Eekhoff", &[0], &[1], true),
];

/// What the button sends, one after the other.
pub(super) const ALARMS: [(&str, &str, &str); 4] = [
    (
        "B3 Wohnungsbrand",
        "Rauch aus dem zweiten Obergeschoss, Personen im Gebäude",
        "Mühlenweg 14, Tannenbrück",
    ),
    (
        "H1 Verkehrsunfall",
        "Zwei Fahrzeuge, eine Person eingeklemmt",
        "L 512, Abzweig Kiesgrube",
    ),
    (
        "B1 Mülltonne",
        "Brennende Mülltonne an Hauswand",
        "Am Anger 3, Tannenbrück",
    ),
    (
        "H2 Wasser im Keller",
        "Starkregen, Heizungsraum unter Wasser",
        "Brunnenstraße 27, Tannenbrück",
    ),
];

/// The local part of an address: given and family name without umlauts.
pub(super) fn address(person: &DemoPerson) -> String {
    let plain: String = format!("{}.{}", person.given, person.family)
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'ä' => "ae".to_owned(),
            'ö' => "oe".to_owned(),
            'ü' => "ue".to_owned(),
            'ß' => "ss".to_owned(),
            c => c.to_string(),
        })
        .collect();
    format!("{plain}@tannenbrueck.example")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_an_address_of_their_own() {
        let mut all: Vec<String> = PEOPLE.iter().map(address).collect();
        assert!(all.iter().all(|a| base::Email::parse(a).is_ok()), "{all:?}");
        all.sort();
        all.dedup();
        assert_eq!(all.len(), PEOPLE.len());
    }
}

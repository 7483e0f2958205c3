//! Words of machine keys. No I/O.

use base::{KeyId, ShortText, Timestamp, UnitId};

use crate::access::MachineKind;

/// A machine key as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineKey {
    /// Its id.
    pub id: KeyId,
    /// The unit it is for.
    pub unit: UnitId,
    /// What it is for.
    pub kind: MachineKind,
    /// Who has it.
    pub name: String,
    /// The last characters of the key.
    pub hint: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub last_used: Option<Timestamp>,
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Who will have it.
    pub name: ShortText,
    /// What it is for.
    pub kind: MachineKind,
    /// The unit it is for.
    pub unit: UnitId,
}

/// A key at the one moment when it is shown.
pub struct ShownKey {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub kind: MachineKind,
    /// The key itself.
    pub key: String,
}

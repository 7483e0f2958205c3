//! What the tables of this feature keep.

use privacy::Table;

/// The tables.
pub(crate) const TABLES: &[Table] = &[];

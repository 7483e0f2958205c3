//! Organisation, unit, person, membership, role, machine key, device, session; may() and Grant.

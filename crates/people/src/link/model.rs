//! How long links work. No I/O.

use base::SignedDuration;

/// How long a set-up link works.
pub const SETUP_VALID: SignedDuration = SignedDuration::from_hours(24);
/// How long an invitation link works.
pub const INVITATION_VALID: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How long a link that ended is kept, to tell "ended" from "never was" in support.
pub const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

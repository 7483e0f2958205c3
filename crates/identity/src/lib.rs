//! Identity: set-up, sign-in, invitations, the people of an organisation.

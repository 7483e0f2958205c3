//! Mail out over SMTP, templates.

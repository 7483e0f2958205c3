//! SQLite and PostgreSQL behind one SQL: migrations, acts, outbox, jobs, key store.

//! Whether others can read what we write, and whether what is stored holds.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a test's preparation fails the test"
)]

mod second_reader;
mod stored;

//! Data protection on both databases.

#![expect(
    clippy::unwrap_used,
    reason = "what fails in a test's preparation fails the test"
)]

mod log_details;
